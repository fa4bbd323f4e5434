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
from personal_pipeline.domain.feedback import VOTE_SECONDS, Tally, Vote
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

    def vote(self, signature: str, doc_id: str, user: str, helpful: bool | None, expires_at: float) -> None:
        count_key = {"pk": text(keys.feedback(signature)), "sk": text(doc_id)}
        vote_key = {"pk": text(keys.votes(signature)), "sk": text(keys.vote(doc_id, user))}
        after = Vote(helpful, self._clock()) if helpful is not None else None
        until = number(math.ceil(expires_at))
        for attempt in range(VOTE_ATTEMPTS):
            found = {item["pk"]["S"]: item for item in self._table.batch_get([count_key, vote_key], is_consistent=True)}
            counted, voted = (found.get(key["pk"]["S"], {}) for key in (count_key, vote_key))
            if not (voted or after):
                return
            before = _vote(voted) if self._is_alive(voted) else None
            tally = (_tally(counted) if self._is_alive(counted) else Tally()).changed(before, after)
            last = max(until, counted.get("expires_at", until), key=lambda value: float(value["N"]))
            count = {"up": number(tally.up), "down": number(tally.down), "as_of": number(tally.as_of)}
            changes = [self._put({**count_key, **count, "expires_at": last}, counted)]
            if after:
                vote = {"helpful": {"BOOL": after.helpful}, "cast_at": number(after.cast_at), "expires_at": until}
                changes.append(self._put({**vote_key, **vote}, voted))
            else:
                changes.append({"Delete": {"TableName": self._table.name, "Key": vote_key} | _unchanged(voted)})
            if self._transact(changes):
                return
            self._sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - jitter
        raise TableUnavailableError(
            f"table {self._table.name}: a vote was not counted in {VOTE_ATTEMPTS} attempts against others: try again"
        )

    def feedback(self, signature: str) -> dict[str, tuple[float, float]]:
        now = self._clock()
        tallies = {
            item["sk"]["S"]: _tally(item).at(now)
            for item in self._table.query(
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": text(keys.feedback(signature))},
            )
            if self._is_alive(item)
        }
        return {doc_id: (tally.up, tally.down) for doc_id, tally in tallies.items() if tally.up or tally.down}

    def _is_alive(self, item: Item) -> bool:
        return bool(item) and float(item["expires_at"]["N"]) > self._clock()

    def _transact(self, changes: list[Any]) -> bool:
        """All at once; False when another vote was faster."""
        with self._table.errors():
            try:
                self._table.client().transact_write_items(TransactItems=changes)
            except ClientError as error:
                response: Any = error.response
                reasons = {reason.get("Code", "None") for reason in response.get("CancellationReasons", [])}
                if not reasons or not reasons <= _CONFLICTS:
                    raise
                return False
        return True

    def _put(self, item: Item, was: Item) -> Any:
        return {"Put": {"TableName": self._table.name, "Item": item} | _unchanged(was)}


def _unchanged(was: Item) -> Any:
    """The condition that an item is as it was read, or not there as it was not."""
    same = [name for name in was if name not in {"pk", "sk"}]
    if not same:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": " AND ".join(f"#{name} = :{name}" for name in same),
        "ExpressionAttributeNames": {f"#{name}": name for name in same},
        "ExpressionAttributeValues": {f":{name}": was[name] for name in same},
    }


def _tally(item: Item) -> Tally:
    return Tally(float(item["up"]["N"]), float(item["down"]["N"]), _time(item, "as_of"))


def _vote(item: Item) -> Vote:
    return Vote(item["helpful"]["BOOL"], _time(item, "cast_at"))


def _time(item: Item, name: str) -> float:
    """What was written before votes faded says no time but when it ends."""
    return float(item[name]["N"]) if name in item else float(item["expires_at"]["N"]) - VOTE_SECONDS
