"""The bodies that are answered and cached: plain JSON, made once, kept as bytes.

What differs from one answer to the next (which tier answered, what was degraded, how long it took) is
put in front of the cached bytes without parsing them.
"""

import json
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from personal_pipeline.domain.catalog import Card
from personal_pipeline.domain.questions import Question
from personal_pipeline.domain.ranking import EXACT_CONFIDENCE, RankedDocument
from personal_pipeline.domain.reasons import reasons
from personal_pipeline.domain.search import Candidate, SearchQuery
from personal_pipeline.domain.snippets import matches, snippet
from personal_pipeline.domain.suggestions import Suggestion


def encode(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")


def etag(body: bytes) -> str:
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def search_body(query: SearchQuery, question: Question, ranked: Sequence[RankedDocument], is_semantic: bool) -> bytes:
    """``question`` is the one that was answered, its slips corrected. Facets count the documents among the index's
    candidates, not only those on this page."""
    page = ranked[query.offset : query.offset + query.limit]
    after = query.offset + len(page)
    return encode(
        {
            "query": query.text,
            "did_you_mean": question.text if question.read_as else None,
            "semantic": is_semantic,
            "hits": [_hit(document, question) for document in page],
            "next_cursor": str(after) if page and after < len(ranked) else None,
            "facets": _facets([document.best for document in ranked]),
        }
    )


def keys_body(query: SearchQuery, cards: Sequence[Card]) -> bytes:
    """What the exact keys alone can say, in the shape of a search answer."""
    page = cards[query.offset : query.offset + query.limit]
    return encode(
        {
            "query": query.text,
            "did_you_mean": None,
            "semantic": False,
            "hits": [
                {
                    "id": card.doc_id,
                    "title": card.title,
                    "url": card.url,
                    "source": card.source,
                    "path": card.path,
                    "type": "",
                    "services": [],
                    "severity": "",
                    "heading": [],
                    "snippet": {"text": card.first_step, "highlights": []},
                    "score": 1.0,
                    "confidence": EXACT_CONFIDENCE,
                    "reasons": ["exact key"],
                    "also_at": [],
                }
                for card in page
            ],
            "next_cursor": None,
            "facets": {"service": [], "source": [], "type": []},
        }
    )


def suggestions_body(found: Sequence[Suggestion]) -> bytes:
    return encode(
        {
            "suggestions": [
                {
                    "id": each.doc_id,
                    "title": each.title,
                    "kind": each.kind,
                    "text": each.text,
                    "matched": [list(pair) for pair in each.matched],
                }
                for each in found
            ]
        }
    )


def with_preamble(body: bytes, answered_by: str, degraded: Sequence[str], took_ms: float) -> bytes:
    preamble = {"answered_by": answered_by, "degraded": list(degraded), "took_ms": round(took_ms, 2)}
    return encode(preamble)[:-1] + b"," + body[1:]


def _hit(document: RankedDocument, question: Question) -> dict[str, Any]:
    best = document.best
    found = matches(best.text, question.words)
    shown = snippet(best.text, found)
    return {
        "id": best.doc_id,
        "title": best.title,
        "url": best.url,
        "source": best.source,
        "path": best.path,
        "type": best.type,
        "services": list(best.services),
        "severity": best.severity,
        "heading": list(best.heading),
        "snippet": {"text": shown.text, "highlights": [list(pair) for pair in shown.highlights]},
        "score": round(document.score, 4),
        "confidence": round(document.confidence, 3),
        "reasons": list(reasons(question, document, found)),
        "also_at": [
            {"id": twin.doc_id, "source": twin.source, "path": twin.path, "url": twin.url} for twin in document.also_at
        ],
    }


def _facets(ranked: Sequence[Candidate]) -> dict[str, list[dict[str, Any]]]:
    counts = {
        "service": Counter(service for candidate in ranked for service in candidate.services),
        "source": Counter(candidate.source for candidate in ranked),
        "type": Counter(candidate.type for candidate in ranked if candidate.type),
    }
    return {
        facet: [
            {"value": value, "count": n} for value, n in sorted(found.items(), key=lambda item: (-item[1], item[0]))
        ]
        for facet, found in counts.items()
    }
