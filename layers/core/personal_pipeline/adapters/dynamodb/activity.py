"""What is asked how often and what helped, in DynamoDB.

Questions: one counter per day and query, spread over four partitions. Feedback: an item with the counts of each
document under a signature, and one for each vote; both are read, then written in one transaction that insists on what
was read.
"""

import math
import random
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from personal_pipeline.adapters.dynamodb import keys
from personal_pipeline.adapters.dynamodb.table import Item, Table, number, text
from personal_pipeline.adapters.serialisation import query_from_json, query_to_json
from personal_pipeline.domain.errors import TableUnavailableError
from personal_pipeline.domain.feedback import changed_counts
from personal_pipeline.ports import AskedQuery

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

VOTE_ATTEMPTS = 6
_CONFLICTS = {"None", "ConditionalCheckFailed", "TransactionConflict"}


class DynamoDBActivity:
    def __init__(
        self,
        client: "Callable[[], DynamoDBClient]",
        table: str,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._table = Table(client, table)
        self._clock = clock
        self._sleep = sleep

    def add(self, day: str, asked: Sequence[AskedQuery], expires_at: float) -> None:
        """One write per query, since a batch cannot add: when it raises, those before were counted."""
        for one in asked:
            query = query_to_json(one.query)
            hashed = keys.query(query)
            self._table.update(
                {"pk": text(keys.popularity(day, keys.shard(hashed))), "sk": text(hashed)},
                "SET #query = :query, #expires_at = :expires_at ADD #count :count",
                {"#query": "query", "#expires_at": "expires_at", "#count": "count"},
                {":query": text(query), ":expires_at": number(math.ceil(expires_at)), ":count": number(one.count)},
            )

    def most_asked(self, day: str, limit: int) -> list[AskedQuery]:
        now = self._clock()
        asked = [
            AskedQuery(query_from_json(item["query"]["S"]), int(item["count"]["N"]))
            for shard in keys.SHARDS
            for item in self._table.query(
                KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": text(keys.popularity(day, shard))}
            )
            if float(item["expires_at"]["N"]) > now
        ]
        return sorted(asked, key=lambda one: (-one.count, one.query.text, one.query.cache_key()))[:limit]

    def vote(self, signature: str, doc_id: str, user: str, helpful: bool, expires_at: float) -> None:
        count_key = {"pk": text(keys.feedback(signature)), "sk": text(doc_id)}
        vote_key = {"pk": text(keys.votes(signature)), "sk": text(keys.vote(doc_id, user))}
        for attempt in range(VOTE_ATTEMPTS):
            found = {item["pk"]["S"]: item for item in self._table.batch_get([count_key, vote_key], is_consistent=True)}
            counted, voted = (found.get(key["pk"]["S"], {}) for key in (count_key, vote_key))
            before = voted["helpful"]["BOOL"] if self._is_alive(voted) else None
            up, down = changed_counts(_counts(counted) if self._is_alive(counted) else (0, 0), before, helpful)
            until = number(math.ceil(expires_at))
            last = max(until, counted.get("expires_at", until), key=lambda value: float(value["N"]))
            count = {**count_key, "up": number(max(0, up)), "down": number(max(0, down)), "expires_at": last}
            vote = {**vote_key, "helpful": {"BOOL": helpful}, "expires_at": until}
            if self._put_both([(count, counted), (vote, voted)]):
                return
            self._sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - jitter
        raise TableUnavailableError(
            f"table {self._table.name}: a vote was not counted in {VOTE_ATTEMPTS} attempts against others: try again"
        )

    def feedback(self, signature: str) -> dict[str, tuple[int, int]]:
        return {
            item["sk"]["S"]: _counts(item)
            for item in self._table.query(
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": text(keys.feedback(signature))},
            )
            if self._is_alive(item)
        }

    def _is_alive(self, item: Item) -> bool:
        return bool(item) and float(item["expires_at"]["N"]) > self._clock()

    def _put_both(self, changes: Sequence[tuple[Item, Item]]) -> bool:
        """Each item in place of the one that was read; False when another vote was faster."""
        with self._table.errors():
            try:
                self._table.client().transact_write_items(
                    TransactItems=[{"Put": self._unless_changed(item, was)} for item, was in changes]
                )
            except ClientError as error:
                response: Any = error.response
                reasons = {reason.get("Code", "None") for reason in response.get("CancellationReasons", [])}
                if not reasons or not reasons <= _CONFLICTS:
                    raise
                return False
        return True

    def _unless_changed(self, item: Item, was: Item) -> Any:
        put: dict[str, Any] = {"TableName": self._table.name, "Item": item}
        same = [name for name in was if name not in {"pk", "sk"}]
        if not same:
            return put | {"ConditionExpression": "attribute_not_exists(pk)"}
        return put | {
            "ConditionExpression": " AND ".join(f"#{name} = :{name}" for name in same),
            "ExpressionAttributeNames": {f"#{name}": name for name in same},
            "ExpressionAttributeValues": {f":{name}": was[name] for name in same},
        }


def _counts(item: Item) -> tuple[int, int]:
    return int(item["up"]["N"]), int(item["down"]["N"])
