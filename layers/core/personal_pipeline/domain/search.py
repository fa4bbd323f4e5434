"""The vocabulary of search: what is asked, what an index proposes, what is answered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from personal_pipeline.domain.documents import PUBLIC
from personal_pipeline.domain.questions import QueryTerm
from personal_pipeline.domain.vectors import Vector

RANKER_VERSION = 2  # part of every cache key: raise it when the same query should be answered differently


@dataclass(frozen=True, slots=True)
class CallerScope:
    """Who asks: the groups they belong to, cut to the groups that documents really carry."""

    groups: tuple[str, ...] = (PUBLIC,)

    def may_see(self, groups: tuple[str, ...]) -> bool:
        return not set(self.groups).isdisjoint(groups)


@dataclass(frozen=True, slots=True)
class SearchFilters:
    source: str = ""
    service: str = ""
    type: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A canonical query: ``text`` is what ``analysis.normalise`` makes of what was typed."""

    text: str
    filters: SearchFilters = field(default_factory=SearchFilters)
    limit: int = 10
    offset: int = 0
    scope: CallerScope = field(default_factory=CallerScope)

    def canonical(self) -> dict[str, Any]:
        """Everything of the query that the answer depends on, and nothing else."""
        return {
            "route": "search",
            "text": self.text,
            "filters": [self.filters.source, self.filters.service, self.filters.type, self.filters.severity],
            "page": [self.offset, self.limit],
            "groups": sorted(self.scope.groups),
            "ranker": RANKER_VERSION,
        }

    def cache_key(self, embedding_model: str = "") -> str:
        depends_on = self.canonical() | {"embedding": embedding_model}
        return sha256(json.dumps(depends_on, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What an index is asked: weighed terms, filters, and how many passages at most of each kind, by text and,
    with a vector of unit length, by meaning."""

    terms: tuple[QueryTerm, ...]
    filters: SearchFilters
    scope: CallerScope
    limit: int = 50
    vector: "Vector | None" = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One passage that an index proposes. ``score`` is comparable only within one answer of one index, and 0 for
    what only the vector found; ``similarity`` is the cosine, None for what only the text found.

    ``placed``, ``sequence``, ``names`` and ``exact_names`` are ``index_fields``' term statistics.
    """

    doc_id: str
    ordinal: int
    rev: int
    score: float
    title: str
    url: str
    source: str
    path: str
    type: str
    services: tuple[str, ...]
    severity: str
    groups: tuple[str, ...]
    alert_names: tuple[str, ...]
    heading: tuple[str, ...]
    text: str
    updated: datetime
    placed: tuple[tuple[int, str], ...] = ()
    sequence: str = ""
    names: tuple[str, ...] = ()
    exact_names: tuple[str, ...] = ()
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """What an index proposes for one request: passages, the best by text first, then those by meaning alone.

    ``frequencies`` says for each term of the request and each synonym in how many of all ``total`` passages it
    stands: whoever asks, whatever the filters. What was deleted lately may still be counted.
    """

    passages: tuple[Candidate, ...] = ()
    frequencies: Mapping[str, int] = field(default_factory=dict)
    total: int = 0


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """A live passage as the index stores it: the fields to filter by, to search and to show."""

    title: str
    url: str
    source: str
    path: str
    type: str
    services: tuple[str, ...]
    severity: str
    groups: tuple[str, ...]
    alert_names: tuple[str, ...]
    heading: tuple[str, ...]
    text: str
    content_hash: str
    updated: datetime
    vector: "Vector | None" = None


@dataclass(frozen=True, slots=True)
class PassageChange:
    """Write one passage under one revision; ``passage`` None is a tombstone."""

    doc_id: str
    ordinal: int
    rev: int
    passage: IndexedPassage | None


@dataclass(frozen=True, slots=True)
class ChangeOutcome:
    """``applied``: the index now holds this or a newer revision. Otherwise ``error`` says why, and whether a
    second attempt may help (``is_retryable``)."""

    change: PassageChange
    applied: bool
    error: str = ""
    is_retryable: bool = True
