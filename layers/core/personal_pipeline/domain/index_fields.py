"""What an index searches in a passage, what each field weighs, and what it keeps to show: alike in every engine."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from personal_pipeline.domain.analysis import terms
from personal_pipeline.domain.search import Candidate, IndexedPassage, PassageChange

# A term counts in the field where it scores best, plus a fifth of what it scores in the others. The boosts are
# small because BM25 favours short fields by itself: titles at 3 put the wrong page first in 4 % more queries.
FIELD_BOOSTS: Mapping[str, float] = {"title_t": 1.5, "keys_t": 1.3, "heads_t": 1.1, "body_t": 1.0}
TIE_BREAKER = 0.2


def searched_text(passage: IndexedPassage) -> dict[str, str]:
    """The searched fields as terms joined by spaces; the engines split them there and do nothing else."""
    texts = {
        "title_t": [passage.title],
        "keys_t": [*passage.alert_names, *passage.services, passage.path],
        "heads_t": passage.heading,
        "body_t": [passage.text],
    }
    return {field: " ".join(term for text in parts for term in terms(text)) for field, parts in texts.items()}


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


def candidate(stored: Mapping[str, Any], score: float) -> Candidate:
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
    )


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
