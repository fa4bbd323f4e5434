"""Records of alerts, incidents and deliveries, in DynamoDB.

A write is one conditional update on the version. It leaves a mark of its own: when its answer is lost and the client
asks again, the condition fails against what this same write left, and that is a success. Whoever writes in the place
of an expired record goes on counting its versions, so that a writer who read it in time and comes late is refused.
A listing is spread over four partitions of a sparse index.
"""

import math
import time
import zlib
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from personal_pipeline.adapters.dynamodb import keys
from personal_pipeline.adapters.dynamodb.table import ConditionFailedError, Item, Table, number, text
from personal_pipeline.adapters.records import checked_body, refuse_too_many
from personal_pipeline.ports import Record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

COMPRESSED_FROM_BYTES = 4096  # a write is paid by the kilobyte, twice when the record is listed
_SETS = "#body = :body, #expires_at = :expires_at, #written_by = :written_by"


class DynamoDBRecords:
    def __init__(
        self, client: "Callable[[], DynamoDBClient]", table: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._table = Table(client, table)
        self._clock = clock

    def get(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Record]:
        unique = list(dict.fromkeys(wanted))
        refuse_too_many(len(unique))
        items = self._table.batch_get([_key(*key) for key in unique], is_consistent=True)
        records = [_record(item) for item in items if float(item["expires_at"]["N"]) > self._clock()]
        return {(record.partition, record.sort): record for record in records}

    def put(self, record: Record) -> bool:
        body = checked_body(record)
        mark = text(uuid4().hex)
        values: Item = {
            ":body": {"B": zlib.compress(body)} if len(body) >= COMPRESSED_FROM_BYTES else text(record.body),
            ":expires_at": number(math.ceil(record.expires_at)),
            ":written_by": mark,
            ":one": number(1),
            ":now": number(self._clock()),
        }
        if record.listing:
            listed = f"SET {_SETS}, #gsi1pk = :listing, #gsi1sk = :place"
            values |= {":listing": text(keys.listing(record)), ":place": text(record.place)}
        else:
            listed = f"SET {_SETS} REMOVE #gsi1pk, #gsi1sk"
        condition = "attribute_not_exists(#version) OR #expires_at <= :now"
        if record.version:
            condition = "#version = :version AND #expires_at > :now"
            values[":version"] = number(record.version)
        names = {f"#{name}": name for name in ("body", "expires_at", "written_by", "gsi1pk", "gsi1sk", "version")}
        try:
            self._table.update(
                _key(record.partition, record.sort), f"{listed} ADD #version :one", names, values, condition
            )
        except ConditionFailedError as failed:
            return failed.item.get("written_by") == mark
        return True

    def under(self, partition: str, limit: int = 1000) -> list[Record]:
        found = self._table.query(
            KeyConditionExpression="pk = :pk", ConsistentRead=True, Limit=limit, **self._alive({":pk": text(partition)})
        )
        return [_record(item) for item in islice(found, limit)]

    def listed(self, listing: str, limit: int, before: str = "") -> list[Record]:
        found: list[Record] = []
        for shard in keys.SHARDS:
            values = {":pk": text(keys.listing_shard(listing, shard))}
            if before:
                values[":before"] = text(before)
            items = self._table.query(
                IndexName="gsi1",
                KeyConditionExpression="gsi1pk = :pk" + (" AND gsi1sk < :before" if before else ""),
                ScanIndexForward=False,
                Limit=limit,
                **self._alive(values),
            )
            found += [_record(item) for item in islice(items, limit)]
        return sorted(found, key=lambda record: (record.place, record.partition, record.sort), reverse=True)[:limit]

    def _alive(self, values: Item) -> dict[str, Any]:
        return {
            "FilterExpression": "expires_at > :now",
            "ExpressionAttributeValues": {**values, ":now": number(self._clock())},
        }


def _key(partition: str, sort: str) -> Item:
    return {"pk": text(partition), "sk": text(sort)}


def _record(item: Item) -> Record:
    body = item["body"]
    return Record(
        partition=item["pk"]["S"],
        sort=item["sk"]["S"],
        body=zlib.decompress(body["B"]).decode() if "B" in body else body["S"],
        expires_at=float(item["expires_at"]["N"]),
        version=int(item["version"]["N"]),
        listing=item["gsi1pk"]["S"].rpartition("#")[0] if "gsi1pk" in item else "",
        place=item["gsi1sk"]["S"] if "gsi1sk" in item else "",
    )
