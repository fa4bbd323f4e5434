"""Passages read back from the embedded index."""

import json
from typing import Any

import tantivy
from tantivy import Query

from personal_pipeline.domain.index_fields import candidate
from personal_pipeline.domain.search import Candidate

_JSON = json.JSONDecoder()  # its methods cost half of what json.loads does on so small a text


def best(searcher: tantivy.Searcher, query: Query, limit: int) -> list[Candidate]:
    """Equal scores come out in no useful order, so all that share the last one are fetched before they are cut."""
    wanted = limit + 32  # mostly enough, and cheaper than searching twice
    while True:
        hits = searcher.search(query, limit=wanted, count=False).hits
        if len(hits) < wanted or hits[-1][0] < hits[limit - 1][0]:
            break
        wanted *= 4
    contenders = [(score, address) for score, address in hits if score >= hits[min(limit, len(hits)) - 1][0]]
    found = [one_candidate(searcher.doc(address), score) for score, address in contenders]
    found.sort(key=lambda each: (-each.score, each.doc_id, each.ordinal))
    return found[:limit]


def one_candidate(document: tantivy.Document, score: float, similarity: float | None = None) -> Candidate:
    return candidate({**shown(document), "text": document["text"][0].decode()}, score, similarity)


def shown(document: tantivy.Document) -> dict[str, Any]:
    """What is stored beside the text."""
    stored: dict[str, Any] = _JSON.raw_decode(document["shown"][0].decode())[0]
    return stored
