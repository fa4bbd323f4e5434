"""What an index searches in a passage, what each field weighs, and what it keeps: alike in every engine.

An engine only proposes. What ranking computes with is kept beside each passage: ``placed``, its distinct terms by
the fields they stand in, ``sequence``, its terms in reading order, and ``names``, those of each name the document
goes by.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from personal_pipeline.domain.analysis import INDEX_VERSION, joined, terms
from personal_pipeline.domain.metadata import fallback_title
from personal_pipeline.domain.search import Candidate, IndexedPassage, PassageChange
from personal_pipeline.domain.suggestions import NamedDocument
from personal_pipeline.domain.vectors import EmbeddingSpace

# A term counts in the field where it scores best, plus a fifth of what it scores in the others. The boosts are
# small because BM25 favours short fields by itself: titles at 3 put the wrong page first in 4 % more queries.
FIELD_BOOSTS: Mapping[str, float] = {"title_t": 1.5, "keys_t": 1.3, "heads_t": 1.1, "body_t": 1.0}
TIE_BREAKER = 0.2
ALL_TERMS = "all_t"  # every term of a passage, whatever the field: how rare a term is is counted here
PLACES: Mapping[str, int] = {"title_t": 1, "keys_t": 2, "heads_t": 4, "body_t": 8}  # bits of a place
MOST_NAMES = 20
_READ_IN_ORDER = ("title_t", "heads_t", "body_t")
NAME_FIELDS: Mapping[str, float] = {"title_t": 2.0, "keys_t": 1.0}  # where names begin, and how good that is


def index_name(base: str, space: EmbeddingSpace | None) -> str:
    """Terms of two analysers never meet in one index, and neither do vectors of two models."""
    model = re.sub(r"[^a-z0-9]+", "-", space.model.lower()).strip("-") if space else ""
    return f"{base}-v{INDEX_VERSION}" + (f"-{model}-{space.dimensions}" if space else "")


def searched_text(passage: IndexedPassage) -> dict[str, str]:
    """The searched fields as terms joined by spaces; the engines split them there and do nothing else."""
    texts = {
        "title_t": [passage.title],
        "keys_t": [*passage.alert_names, *passage.services, passage.path],
        "heads_t": passage.heading,
        "body_t": [passage.text],
    }
    return {field: " ".join(term for text in parts for term in terms(text)) for field, parts in texts.items()}


def term_statistics(passage: IndexedPassage, searched: Mapping[str, str]) -> dict[str, Any]:
    """``placed``: bits of places → the distinct terms that stand in exactly those; ``names``: title, file name and
    alert names, the terms of each; ``exact_names``: the same, joined; ``sequence``: title, headings and text, each term
    between spaces."""
    places: dict[str, int] = {}
    for field, text in searched.items():
        for term in text.split():
            places[term] = places.get(term, 0) | PLACES[field]
    placed: dict[str, list[str]] = {}
    for term, bits in places.items():
        placed.setdefault(str(bits), []).append(term)
    named = document_names(passage)
    names = dict.fromkeys(" ".join(terms(name)) for name in named)
    exact = dict.fromkeys(map(joined, named))
    return {
        "placed": {bits: encodable(" ".join(found)) for bits, found in placed.items()},
        "sequence": encodable(f" {' | '.join(searched[field] for field in _READ_IN_ORDER)} "),
        "names": encodable_all(name for name in names if name),
        "exact_names": encodable_all(name for name in exact if name),
    }


def document_names(passage: IndexedPassage) -> list[str]:
    """What a document goes by: its title, the name of its file or section, the alerts it names."""
    return [passage.title, fallback_title(passage.path), *passage.alert_names][:MOST_NAMES]


def all_terms(statistics: Mapping[str, Any]) -> str:
    return " ".join(statistics["placed"].values())


def stored_passage(change: PassageChange, passage: IndexedPassage) -> dict[str, Any]:
    """What ``candidate`` needs to show the passage later; JSON can hold it and UTF-8 can encode it."""
    return {
        "doc_id": change.doc_id,
        "ordinal": change.ordinal,
        "rev": change.rev,
        "title": encodable(passage.title),
        "url": encodable(passage.url),
        "source": encodable(passage.source),
        "path": encodable(passage.path),
        "type": encodable(passage.type),
        "services": encodable_all(passage.services),
        "severity": encodable(passage.severity),
        "groups": encodable_all(passage.groups),
        "alert_names": encodable_all(passage.alert_names),
        "heading": encodable_all(passage.heading),
        "text": encodable(passage.text),
        "updated": passage.updated.isoformat(),
    }


def candidate(stored: Mapping[str, Any], score: float, similarity: float | None = None) -> Candidate:
    """What version 1 stored has no statistics: they are made here, until its documents are indexed again."""
    if "placed" not in stored:
        stored = {**stored, **_statistics_of(stored)}
    return Candidate(
        doc_id=stored["doc_id"],
        ordinal=stored["ordinal"],
        rev=stored["rev"],
        score=score,
        title=stored["title"],
        url=stored["url"],
        source=stored["source"],
        path=stored["path"],
        type=stored["type"],
        services=tuple(stored["services"]),
        severity=stored["severity"],
        groups=tuple(stored["groups"]),
        alert_names=tuple(stored["alert_names"]),
        heading=tuple(stored["heading"]),
        text=stored["text"],
        updated=datetime.fromisoformat(stored["updated"]),
        placed=tuple((int(bits), found) for bits, found in stored["placed"].items()),
        sequence=stored["sequence"],
        names=tuple(stored["names"]),
        exact_names=tuple(stored["exact_names"]),
        similarity=similarity,
    )


def named_document(stored: Mapping[str, Any]) -> NamedDocument:
    return NamedDocument(stored["doc_id"], stored["title"], stored["type"], tuple(stored["alert_names"]))


def _statistics_of(stored: Mapping[str, Any]) -> dict[str, Any]:
    named = {name: stored[name] for name in IndexedPassage.__slots__ if name not in {"content_hash", "vector"}}
    passage = IndexedPassage(**(named | {"content_hash": ""}))
    return term_statistics(passage, searched_text(passage))


def newest_only(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Drop passages of a revision below the newest one that the same answer holds of their document.

    Between the tombstones and the live passages of one bulk a reader may meet both.
    """
    found = list(candidates)
    newest: dict[str, int] = {}
    for each in found:
        newest[each.doc_id] = max(each.rev, newest.get(each.doc_id, each.rev))
    return [each for each in found if each.rev == newest[each.doc_id]]


def encodable(text: str) -> str:
    """A lone surrogate, which a JSON escape can smuggle in, becomes a question mark: no engine takes it."""
    return text.encode("utf-8", "replace").decode()


def encodable_all(texts: Iterable[str]) -> list[str]:
    return [encodable(text) for text in texts]
