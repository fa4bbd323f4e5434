"""The shared cache tier in DynamoDB.

An answer and the generations come in one consistent read: a lagging copy of the generations would serve a list
across a delete. What was compressed is unpacked under a limit, and whatever does not unpack is a miss.
A rendered document and its structure are two compressed streams, one after the other; releases that know no structure
read the first. What exceeds an item is split into parts which its head names by revision; the head is written last, so
that a reader finds all of a revision or an older one.
"""

import math
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from personal_pipeline.adapters.dynamodb import keys
from personal_pipeline.adapters.dynamodb.table import MAX_ITEM_BYTES, ConditionFailedError, Item, Table, number, text
from personal_pipeline.adapters.serialisation import names_from_json, names_to_json, vector_from_bytes
from personal_pipeline.domain.caching import CacheEntry, CacheLookup, Generations, RenderedDocument, Stamp
from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.vectors import Vector

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SCHEMA = 1  # of an answer's item: another release's entries are misses
MAX_ANSWER_BYTES = 1024 * 1024  # unpacked
MAX_DOCUMENT_BYTES = 16 * 1024 * 1024  # unpacked
PART_BYTES = 350 * 1024
MAX_PARTS = 20
TOMBSTONE_SECONDS = 15 * 86400.0  # a message lives 14 days: no older write can come after this
_ITEM_OVERHEAD_BYTES = 1024  # keys, stamps and numbers beside the body
_GENERATIONS_KEY = {"pk": text(keys.GENERATIONS)}


class DynamoDBCache:
    def __init__(
        self, client: "Callable[[], DynamoDBClient]", table: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._table = Table(client, table)
        self._clock = clock

    def read(self, cache_key: str) -> CacheLookup:
        partition = keys.answer(cache_key)
        items = self._table.batch_get([_GENERATIONS_KEY, {"pk": text(partition)}], is_consistent=True)
        by_partition = {item["pk"]["S"]: item for item in items}
        entry = _answer(by_partition.get(partition, {}), self._clock())
        return CacheLookup(entry, _generations(by_partition.get(keys.GENERATIONS, {})))

    def write(self, cache_key: str, entry: CacheEntry) -> None:
        body = zlib.compress(entry.body, 1)
        if len(entry.body) > MAX_ANSWER_BYTES or len(body) > MAX_ITEM_BYTES - _ITEM_OVERHEAD_BYTES:
            return
        self._table.put(
            {
                "pk": text(keys.answer(cache_key)),
                "schema": number(SCHEMA),
                "body": {"B": body},
                "content": text(entry.stamp.content),
                "acl": number(entry.stamp.acl),
                "computed_at": number(entry.computed_at),
                "fresh_until": number(entry.fresh_until),
                "stale_until": number(entry.stale_until),
                "expires_at": number(math.ceil(entry.stale_until)),
            }
        )

    def generations(self) -> Generations:
        return _generations(self._table.get(_GENERATIONS_KEY) or {})

    def bump(self, sources: Sequence[str], groups: Sequence[str] = (), acl: bool = False) -> None:
        attributes = dict.fromkeys([keys.generation(source) for source in sources] + [keys.ACL] * acl)
        names = {f"#g{place}": attribute for place, attribute in enumerate(attributes)}
        adds = [f"{name} :one" for name in names]
        values: Item = {":one": number(1)} if names else {}
        if groups:
            names["#groups"] = keys.GROUPS
            adds.append("#groups :groups")
            values[":groups"] = {"SS": sorted(set(groups))}
        if adds:
            self._table.update(_GENERATIONS_KEY, "ADD " + ", ".join(adds), names, values)

    def document(self, doc_id: str) -> RenderedDocument | None:
        head = self._table.get({"pk": text(keys.rendered(doc_id))})
        if head is None or "body" not in head:
            return None
        rev = int(head["rev"]["N"])
        packed = head["body"]["B"] + self._rest(doc_id, rev, int(head["parts"]["N"]))
        body, rest = _first_unpacked(packed, MAX_DOCUMENT_BYTES)
        form = int(head["form"]["N"]) if "form" in head else 0
        structure = _unpacked(rest, MAX_DOCUMENT_BYTES) if form else b""
        if body is None or structure is None:
            return None
        return RenderedDocument(doc_id, rev, names_from_json(head["groups"]["S"]), body, structure, form)

    def write_document(self, document: RenderedDocument) -> None:
        packed = zlib.compress(document.body, 6) + zlib.compress(document.structure, 6)
        parts = [packed[start : start + PART_BYTES] for start in range(0, len(packed), PART_BYTES)]
        if len(parts) > MAX_PARTS or len(document.body) > MAX_DOCUMENT_BYTES:
            raise InvalidDocumentError(f"document {document.doc_id} is too large to be kept rendered: split it")
        for place, part in enumerate(parts[1:], start=1):
            key = keys.rendered_part(document.doc_id, document.rev, place)
            self._table.put({"pk": text(key), "body": {"B": part}})
        head = {
            "pk": text(keys.rendered(document.doc_id)),
            "rev": number(document.rev),
            "groups": text(names_to_json(document.groups)),
            "body": {"B": parts[0]},
            "parts": number(len(parts)),
            "form": number(document.form),
        }
        if not self._put_head(document.doc_id, head):
            self._drop_parts(document.doc_id, document.rev, len(parts))

    def delete_document(self, doc_id: str, rev: int) -> None:
        expires_at = number(math.ceil(self._clock() + TOMBSTONE_SECONDS))
        self._put_head(doc_id, {"pk": text(keys.rendered(doc_id)), "rev": number(rev), "expires_at": expires_at})

    def vectors(self, vector_keys: Sequence[str]) -> dict[str, Vector]:
        wanted = {keys.vector(key): key for key in vector_keys}
        items = self._table.batch_get([{"pk": text(partition)} for partition in wanted], is_consistent=False)
        now = self._clock()
        live = [item for item in items if float(item["expires_at"]["N"]) > now]
        found = {wanted[item["pk"]["S"]]: vector_from_bytes(item["vector"]["B"]) for item in live}
        return {key: vector for key, vector in found.items() if vector}

    def write_vectors(self, vectors: Mapping[str, Vector], expires_at: float) -> None:
        self._table.batch_put(
            [
                {
                    "pk": text(keys.vector(key)),
                    "vector": {"B": vector.tobytes()},
                    "expires_at": number(math.ceil(expires_at)),
                }
                for key, vector in vectors.items()
            ]
        )

    def _put_head(self, doc_id: str, head: Item) -> bool:
        """False when a newer revision is there. The parts of the revision that it replaces go."""
        condition = "attribute_not_exists(#rev) OR #rev <= :rev"
        try:
            old = self._table.put(head, condition, {"#rev": "rev"}, {":rev": head["rev"]})
        except ConditionFailedError:
            return False
        if "parts" in old:
            first = int(head["parts"]["N"]) if old["rev"] == head["rev"] and "parts" in head else 1
            self._drop_parts(doc_id, int(old["rev"]["N"]), int(old["parts"]["N"]), first)
        return True

    def _drop_parts(self, doc_id: str, rev: int, parts: int, first: int = 1) -> None:
        for place in range(first, parts):
            self._table.delete({"pk": text(keys.rendered_part(doc_id, rev, place))})

    def _rest(self, doc_id: str, rev: int, parts: int) -> bytes:
        wanted = [keys.rendered_part(doc_id, rev, place) for place in range(1, parts)]
        items = self._table.batch_get([{"pk": text(key)} for key in wanted], is_consistent=True)
        found = {item["pk"]["S"]: item["body"]["B"] for item in items}
        return b"".join(found.get(key, b"") for key in wanted)


def _unpacked(packed: bytes, limit: int) -> bytes | None:
    return _first_unpacked(packed, limit)[0]


def _first_unpacked(packed: bytes, limit: int) -> tuple[bytes | None, bytes]:
    """The first stream, and what follows it. None for what is cut, corrupt, or larger than the limit, which is never
    unpacked further than that."""
    unpacking = zlib.decompressobj()
    try:
        body = unpacking.decompress(packed, limit + 1)
    except zlib.error:
        return None, b""
    return (body, unpacking.unused_data) if unpacking.eof and len(body) <= limit else (None, b"")


def _answer(item: Item, now: float) -> CacheEntry | None:
    if item.get("schema") != number(SCHEMA) or float(item["stale_until"]["N"]) <= now:
        return None
    body = _unpacked(item["body"]["B"], MAX_ANSWER_BYTES)
    if body is None:
        return None
    return CacheEntry(
        body,
        Stamp(item["content"]["S"], int(item["acl"]["N"])),
        float(item["computed_at"]["N"]),
        float(item["fresh_until"]["N"]),
        float(item["stale_until"]["N"]),
    )


def _generations(item: Item) -> Generations:
    counters = {name: int(value["N"]) for name, value in item.items() if name.startswith("g_")}
    acl = counters.pop(keys.ACL, 0)
    sources = {keys.source_of(name): count for name, count in counters.items()}
    return Generations(sources, acl, frozenset(item.get(keys.GROUPS, {"SS": []})["SS"]))
