"""What the search index tests share: passages that state only what matters, and one index of each kind."""

from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from opensearchpy import OpenSearch, Urllib3HttpConnection

from personal_pipeline.adapters.opensearch_index import OpenSearchIndex
from personal_pipeline.domain.analysis import normalise
from personal_pipeline.domain.questions import typed_question
from personal_pipeline.domain.search import (
    CallerScope,
    Candidate,
    Candidates,
    ChangeOutcome,
    IndexedPassage,
    PassageChange,
    SearchFilters,
    SearchRequest,
)
from personal_pipeline.domain.vectors import EmbeddingSpace
from personal_pipeline.ports import SearchIndex

SPACE = EmbeddingSpace("Test Model/1", 3)
UPDATED = datetime(2026, 3, 1, 12, 30, 15, 250000, tzinfo=UTC)


def a_passage(text: str = "Free some space on the disk.", **changes: Any) -> IndexedPassage:
    fields: dict[str, Any] = {
        "title": "",
        "url": "",
        "source": "runbooks",
        "path": "page.md",
        "type": "runbook",
        "services": (),
        "severity": "",
        "groups": ("public",),
        "alert_names": (),
        "heading": (),
        "content_hash": "0",
        "updated": UPDATED,
    }
    return IndexedPassage(text=text, **(fields | changes))


def live(doc_id: str, ordinal: int = 0, rev: int = 1, **passage: Any) -> PassageChange:
    return PassageChange(doc_id, ordinal, rev, a_passage(**passage))


def dead(doc_id: str, ordinal: int = 0, rev: int = 1) -> PassageChange:
    return PassageChange(doc_id, ordinal, rev, None)


def find(
    index: SearchIndex, words: str, *, groups: tuple[str, ...] = ("public",), limit: int = 100, **filters: str
) -> list[Candidate]:
    """By text alone."""
    return list(ask(index, words, None, groups=groups, limit=limit, **filters).passages)


def ask(
    index: SearchIndex,
    words: str,
    vector: Sequence[float] | None,
    *,
    groups: tuple[str, ...] = ("public",),
    limit: int = 100,
    **filters: str,
) -> Candidates:
    wanted = typed_question(normalise(words)).terms
    scope, meaning = CallerScope(groups), array("f", vector) if vector else None
    return index.search(SearchRequest(wanted, SearchFilters(**filters), scope, limit, meaning))


def found(index: SearchIndex, words: str, **asked: Any) -> list[tuple[str, int]]:
    return [(candidate.doc_id, candidate.ordinal) for candidate in find(index, words, **asked)]


class NullIndex:
    """Accepts everything and knows nothing: a contract that it passes promises nothing."""

    def apply(self, changes: Sequence[PassageChange]) -> list[ChangeOutcome]:
        return [ChangeOutcome(change, applied=True) for change in changes]

    def search(self, request: SearchRequest) -> Candidates:
        return Candidates()

    def revisions(self, doc_id: str) -> dict[int, int]:
        return {}

    def count(self) -> int:
        return 0

    def prepare(self) -> None:
        pass


@contextmanager
def an_opensearch_index(url: str, **settings: Any) -> Iterator[OpenSearchIndex]:
    """An index of its own on a shared node, gone afterwards. It refreshes often: a write waits for that."""
    alias = f"test-{uuid4().hex}"
    yield OpenSearchIndex(
        url,
        alias,
        **(
            {"space": SPACE, "timeout_seconds": 5.0, "write_timeout_seconds": 20.0, "refresh_interval": "20ms"}
            | settings
        ),
    )
    with OpenSearch([url], connection_class=Urllib3HttpConnection, timeout=20) as client:
        client.indices.delete(index=f"{alias}-v*", ignore_unavailable=True)
