"""What is said to OpenSearch and how its words are read: mapping, query, bulk lines, outcomes. No I/O."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from personal_pipeline.domain.ids import passage_id
from personal_pipeline.domain.index_fields import (
    FIELD_BOOSTS,
    TIE_BREAKER,
    encodable,
    encodable_all,
    searched_text,
    stored_passage,
)
from personal_pipeline.domain.search import ChangeOutcome, PassageChange, SearchRequest

MAX_BULK_BYTES = 5_000_000

_KEYWORD = {"type": "keyword", "ignore_above": 1024}  # a longer value is shown, but no filter finds it
_SHOWN_ONLY = {"type": "keyword", "index": False, "doc_values": False}
_TERMS = {"type": "text", "analyzer": "whitespace"}  # analysed already, before it is sent
MAPPINGS: Mapping[str, Any] = {
    "dynamic": "strict",
    "_source": {"excludes": list(FIELD_BOOSTS)},  # an index is rebuilt from the documents, never from itself
    "properties": {
        **dict.fromkeys(("doc_id", "source", "type", "services", "groups", "alert_names"), _KEYWORD),
        **dict.fromkeys(("path", "content_hash", "severity"), _KEYWORD),
        "ordinal": {"type": "short"},
        "rev": {"type": "long"},
        "deleted": {"type": "boolean"},
        "updated": {"type": "date"},
        "deleted_at": {"type": "date"},
        **{field: _TERMS | {"index_options": "freqs"} for field in FIELD_BOOSTS},
        "body_t": _TERMS | {"index_options": "positions"},
        **dict.fromkeys(("title", "url", "heading", "text"), _SHOWN_ONLY),
    },
}


def index_settings(refresh_interval: str) -> dict[str, Any]:
    return {
        "number_of_shards": 1,
        "auto_expand_replicas": "0-1",
        # Unset, a shard that nobody searched for 30 s stops refreshing, and the next search waits for it.
        "refresh_interval": refresh_interval,
    }


def search_body(request: SearchRequest) -> dict[str, Any]:
    """Every branch is under the filters: what the caller's groups may not see is not even scored."""
    filters = request.filters
    exact = {
        "source": filters.source,
        "services": filters.service,
        "type": filters.type,
        "severity": filters.severity,
    }
    must_match: list[dict[str, Any]] = [
        {"term": {"deleted": False}},
        {"terms": {"groups": encodable_all(request.scope.groups)}},
        *({"term": {field: encodable(value)}} for field, value in exact.items() if value),
    ]
    wanted = [_in_best_field(encodable(term)) for term in request.terms]
    return {
        "size": request.limit,
        "query": {"bool": {"filter": must_match, "should": wanted, "minimum_should_match": 1}},
        "sort": [{"_score": "desc"}, {"doc_id": "asc"}, {"ordinal": "asc"}],
        "_source": {"excludes": ["deleted", "content_hash"]},
    }


def _in_best_field(term: str) -> dict[str, Any]:
    queries = [{"term": {field: {"value": term, "boost": boost}}} for field, boost in FIELD_BOOSTS.items()]
    return {"dis_max": {"queries": queries, "tie_breaker": TIE_BREAKER}}


def bulks(changes: Sequence[PassageChange], now: datetime) -> Iterator[tuple[list[PassageChange], bytes]]:
    """The changes with the body that writes them, cut before a body grows too large."""
    batch: list[PassageChange] = []
    body = bytearray()
    for change in changes:
        lines = _lines(change, now)
        if batch and len(body) + len(lines) > MAX_BULK_BYTES:
            yield batch, bytes(body)
            batch, body = [], bytearray()
        batch.append(change)
        body += lines
    if batch:
        yield batch, bytes(body)


def _lines(change: PassageChange, now: datetime) -> bytes:
    action = {
        "_id": passage_id(change.doc_id, change.ordinal),
        "version": change.rev,
        "version_type": "external_gte",
    }
    if change.passage is None:
        source = {"doc_id": change.doc_id, "ordinal": change.ordinal, "rev": change.rev}
        source |= {"deleted": True, "deleted_at": now.isoformat()}
    else:
        source = stored_passage(change, change.passage) | searched_text(change.passage)
        source |= {"deleted": False, "content_hash": encodable(change.passage.content_hash)}
    return "".join(
        json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n" for line in ({"index": action}, source)
    ).encode()


def outcome(change: PassageChange, item: Mapping[str, Any]) -> ChangeOutcome:
    """A version conflict says that a newer revision is there already: nothing is left to do."""
    status = item["status"]
    if status < 300 or status == 409:
        return ChangeOutcome(change, applied=True)
    error = item.get("error", {})
    reason = f"OpenSearch refused {item['_id']}: {status} {error.get('type')}: {error.get('reason')}"
    # 404: the index is missing, which preparing it mends.
    return ChangeOutcome(change, applied=False, error=reason, is_retryable=status in {404, 429} or status >= 500)
