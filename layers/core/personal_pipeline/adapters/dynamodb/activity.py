"""What is asked how often, in DynamoDB: one counter per day and query, spread over four partitions."""

import math
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from personal_pipeline.adapters.dynamodb import keys
from personal_pipeline.adapters.dynamodb.table import Table, number, text
from personal_pipeline.adapters.serialisation import query_from_json, query_to_json
from personal_pipeline.ports import AskedQuery

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDBActivity:
    def __init__(
        self, client: "Callable[[], DynamoDBClient]", table: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._table = Table(client, table)
        self._clock = clock

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
