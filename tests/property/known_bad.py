"""Ways to cache that look right and are not. The property must find each of them, or it proves nothing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from personal_pipeline.domain.caching import CacheEntry, Generations
from personal_pipeline.domain.search import SearchQuery
from personal_pipeline.services import ingest_documents
from personal_pipeline.services.ingest_documents import IngestDocuments
from personal_pipeline.services.search_runbooks import SearchRunbooks


class StampedLateSearch(SearchRunbooks):
    """The generations of the stamp are read when the index has answered."""

    def _compute(self, query: SearchQuery, generations: Generations) -> tuple[CacheEntry, tuple[str, ...]]:
        entry, degraded = super()._compute(query, generations)
        return replace(entry, stamp=self._cache.generations().stamp(query.filters.source)), degraded


class BumpedEarlyIngest(IngestDocuments):
    """The generations move before the index does."""

    def _write(self, works: Iterable[Any], is_time_left: Callable[[], bool]) -> None:
        going = ingest_documents._attempt(self._bump, list(works))
        going = ingest_documents._attempt(self._apply, going)
        for work in going:
            if ingest_documents._attempt(self._write_through, [work]):
                ingest_documents._attempt(self._commit, [work])


@dataclass(frozen=True, slots=True)
class ScopelessQuery(SearchQuery):
    """The key of an answer leaves out who asked."""

    def cache_key(self, embedding_model: str = "") -> str:
        return SearchQuery(self.text, self.filters, self.limit, self.offset).cache_key(embedding_model)


class OneGenerationCache:
    """A delete or another group counts as a change like any other."""

    def __init__(self, cache: Any) -> None:
        self._cache = cache

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)

    def bump(self, sources: Sequence[str], groups: Sequence[str] = (), acl: bool = False) -> None:
        self._cache.bump(sources, groups, acl=False)
