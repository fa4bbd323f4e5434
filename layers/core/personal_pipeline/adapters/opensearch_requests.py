"""What is said to OpenSearch and how its words are read: mapping, query, bulk lines, outcomes. No I/O."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from personal_pipeline.domain.ids import passage_id
from personal_pipeline.domain.index_fields import (
    ALL_TERMS,
    FIELD_BOOSTS,
    TIE_BREAKER,
    all_terms,
    encodable,
    encodable_all,
    searched_text,
    stored_passage,
    term_statistics,
)
from personal_pipeline.domain.questions import QueryTerm
from personal_pipeline.domain.search import CallerScope, ChangeOutcome, PassageChange, SearchFilters, SearchRequest
from personal_pipeline.domain.synonyms import SYNONYM_WEIGHT
from personal_pipeline.domain.vectors import EmbeddingSpace

MAX_BULK_BYTES = 5_000_000

_KEYWORD = {"type": "keyword", "ignore_above": 1024}  # a longer value is shown, but no filter finds it
_SHOWN_ONLY = {"type": "keyword", "index": False, "doc_values": False}
_TERMS = {"type": "text", "analyzer": "whitespace"}  # analysed already, before it is sent
_NOT_KEPT = [*FIELD_BOOSTS, ALL_TERMS, "vector"]  # an index is rebuilt from the documents, never from itself
_PROPERTIES: Mapping[str, Any] = {
    **dict.fromkeys(("doc_id", "source", "type", "services", "groups", "alert_names"), _KEYWORD),
    **dict.fromkeys(("path", "content_hash", "severity"), _KEYWORD),
    "ordinal": {"type": "short"},
    "rev": {"type": "long"},
    "deleted": {"type": "boolean"},
    "updated": {"type": "date"},
    "deleted_at": {"type": "date"},
    **{field: _TERMS | {"index_options": "freqs"} for field in FIELD_BOOSTS},
    "body_t": _TERMS | {"index_options": "positions"},
    ALL_TERMS: _TERMS | {"index_options": "docs", "norms": False},
    **dict.fromkeys(("title", "url", "heading", "text", "sequence", "names", "exact_names"), _SHOWN_ONLY),
    "placed": {"type": "object", "enabled": False},
}


def mappings(space: EmbeddingSpace | None) -> dict[str, Any]:
    properties = dict(_PROPERTIES)
    if space:
        # The cosine of unit vectors; Lucene's engine filters while it searches, and needs no native library.
        method = {"name": "hnsw", "engine": "lucene", "space_type": "innerproduct"}
        properties["vector"] = {"type": "knn_vector", "dimension": space.dimensions, "method": method}
    return {"dynamic": "strict", "_source": {"excludes": _NOT_KEPT}, "properties": properties}


def index_settings(refresh_interval: str, space: EmbeddingSpace | None) -> dict[str, Any]:
    return {
        "number_of_shards": 1,
        "auto_expand_replicas": "0-1",
        # Unset, a shard that nobody searched for 30 s stops refreshing, and the next search waits for it.
        "refresh_interval": refresh_interval,
        **({"knn": True} if space else {}),
    }


def search_bodies(request: SearchRequest, has_vectors: bool) -> list[dict[str, Any]]:
    """By text, if there are terms, then by vector, if there is one: what one round trip asks.

    Every branch is under the filters: what the caller's groups may not see is not even scored.
    """
    shown = conditions(request.filters, request.scope)
    bodies = []
    if request.terms:
        wanted = [_in_best_field(term) for term in request.terms]
        text = {"bool": {"filter": shown, "should": wanted, "minimum_should_match": 1}}
        bodies.append(_hits(request, text) | {"aggs": _frequencies(request)})
    if request.vector and has_vectors:
        near = {"vector": list(request.vector), "k": request.limit, "filter": {"bool": {"filter": shown}}}
        bodies.append(_hits(request, {"knn": {"vector": near}}))
    return bodies


def _hits(request: SearchRequest, query: dict[str, Any]) -> dict[str, Any]:
    return {
        "size": request.limit,
        "query": query,
        "sort": [{"_score": "desc"}, {"doc_id": "asc"}, {"ordinal": "asc"}],
        "_source": {"excludes": ["deleted", "content_hash"]},
    }


def conditions(filters: SearchFilters, scope: CallerScope) -> list[dict[str, Any]]:
    """What a passage must fulfil whatever it says."""
    exact = {
        "source": filters.source,
        "services": filters.service,
        "type": filters.type,
        "severity": filters.severity,
    }
    return [
        {"term": {"deleted": False}},
        {"terms": {"groups": encodable_all(scope.groups)}},
        *({"term": {field: encodable(value)}} for field, value in exact.items() if value),
    ]


def _in_best_field(wanted: QueryTerm) -> dict[str, Any]:
    words = [(wanted.term, wanted.weight), *((word, wanted.weight * SYNONYM_WEIGHT) for word in wanted.synonyms)]
    queries = [
        {
            "dis_max": {
                "queries": [
                    {"term": {field: {"value": encodable(word), "boost": weight * boost}}}
                    for field, boost in FIELD_BOOSTS.items()
                ],
                "tie_breaker": TIE_BREAKER,
            }
        }
        for word, weight in words
    ]
    return {"dis_max": {"queries": queries, "tie_breaker": 0.0}} if len(queries) > 1 else queries[0]


def _frequencies(request: SearchRequest) -> dict[str, Any]:
    """Over all passages, not only those that match: how rare a word is must not depend on who asks."""
    words = {word for each in request.terms for word in (each.term, *each.synonyms)}
    return {"everything": {"global": {}, "aggs": counted(words)}}


def counted(words: Iterable[str]) -> dict[str, Any]:
    each = {f"={word}": {"term": {ALL_TERMS: encodable(word)}} for word in sorted(set(words))}
    return {"words": {"filters": {"filters": {"all": {"match_all": {}}, **each}}}}


def frequencies(answer: Mapping[str, Any]) -> tuple[dict[str, int], int]:
    """How many passages have each word, and how many there are."""
    found = answer["aggregations"]
    buckets = found.get("everything", found)["words"]["buckets"]
    counts = {name[1:]: bucket["doc_count"] for name, bucket in buckets.items() if name.startswith("=")}
    return counts, buckets["all"]["doc_count"]


def bulks(
    changes: Sequence[PassageChange], now: datetime, has_vectors: bool
) -> Iterator[tuple[list[PassageChange], bytes]]:
    """The changes with the body that writes them, cut before a body grows too large."""
    batch: list[PassageChange] = []
    body = bytearray()
    for change in changes:
        lines = _lines(change, now, has_vectors)
        if batch and len(body) + len(lines) > MAX_BULK_BYTES:
            yield batch, bytes(body)
            batch, body = [], bytearray()
        batch.append(change)
        body += lines
    if batch:
        yield batch, bytes(body)


def _lines(change: PassageChange, now: datetime, has_vectors: bool) -> bytes:
    action = {
        "_id": passage_id(change.doc_id, change.ordinal),
        "version": change.rev,
        "version_type": "external_gte",
    }
    if change.passage is None:
        source = {"doc_id": change.doc_id, "ordinal": change.ordinal, "rev": change.rev}
        source |= {"deleted": True, "deleted_at": now.isoformat()}
    else:
        searched = searched_text(change.passage)
        statistics = term_statistics(change.passage, searched)
        source = stored_passage(change, change.passage) | searched | statistics
        source[ALL_TERMS] = encodable(all_terms(statistics))
        if has_vectors and change.passage.vector:
            source["vector"] = list(change.passage.vector)
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
