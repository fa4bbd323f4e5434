"""How domain values lie in a table: one JSON form for SQLite and DynamoDB.

ASCII only, so that half a surrogate pair from a hostile document can be stored and read back.
"""

import json
from array import array
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from personal_pipeline.domain.catalog import AlertKey, Card
from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.overview import Overview
from personal_pipeline.domain.search import CallerScope, SearchFilters, SearchQuery
from personal_pipeline.domain.service_map import Service
from personal_pipeline.domain.vectors import Vector

MAX_SERVICES_BYTES = 300 * 1024  # an item of DynamoDB ends at 400 KB


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def names_to_json(names: tuple[str, ...]) -> str:
    return _json(names)


def names_from_json(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def keys_to_json(keys: tuple[AlertKey, ...]) -> str:
    return _json([(key.kind, key.value) for key in keys])


def keys_from_json(text: str) -> tuple[AlertKey, ...]:
    return tuple(AlertKey(kind, value) for kind, value in json.loads(text))


def card_to_json(card: Card) -> str:
    fields = asdict(card)
    if not card.links:  # a document's card is read by releases that know no links, too
        del fields["links"]
    return _json(fields)


def card_from_json(text: str) -> Card:
    fields = json.loads(text)
    return Card(**{**fields, "groups": tuple(fields["groups"]), "links": tuple(fields.get("links", ()))})


def overview_to_json(overview: Overview | None) -> str:
    return _json(asdict(overview)) if overview else ""


def overview_from_json(text: str) -> Overview | None:
    if not text:
        return None
    fields = json.loads(text)
    links = fields.get("links")
    known = {"services": tuple(fields["services"]), "links": None if links is None else tuple(links)}
    return Overview(**{**fields, **known})


def services_to_json(source: str, services: Sequence[Service]) -> str:
    """Raises InvalidDocumentError, which names the source, for more than an item holds: some 2,000 services."""
    found = _json([asdict(service) for service in services])
    if len(found) > MAX_SERVICES_BYTES:
        raise InvalidDocumentError(
            f"source {source!r}: the {len(services)} services of _services.yaml have {len(found):,} bytes, "
            f"at most {MAX_SERVICES_BYTES:,} are kept: give some of them a source of their own"
        )
    return found


def services_from_json(text: str) -> list[Service]:
    def service(fields: dict[str, Any]) -> Service:
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
        }
        return Service(**values)

    return [service(fields) for fields in json.loads(text)]


def query_to_json(query: SearchQuery) -> str:
    """The same query gives the same text: it is a key."""
    return _json([query.text, asdict(query.filters), query.limit, query.offset, sorted(query.scope.groups)])


def query_from_json(text: str) -> SearchQuery:
    words, filters, limit, offset, groups = json.loads(text)
    return SearchQuery(words, SearchFilters(**filters), limit, offset, CallerScope(tuple(groups)))


def vector_from_bytes(packed: bytes) -> Vector:
    """What ``tobytes`` gave, on a little-endian processor as all of ours are; empty for what is cut."""
    return array("f", packed if len(packed) % array("f").itemsize == 0 else b"")
