"""Answers a query from the first rung that can: fresh cache, index, stale cache, exact keys.

Reads go L1 → L2 → index and fill the tiers on the way back. A tier that fails is a miss. What may be
stale is decided by ``domain.caching.usability`` alone; generations are read before the index is asked,
and the answer is stamped with those.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from personal_pipeline.domain.answers import etag, keys_body, search_body
from personal_pipeline.domain.caching import CacheEntry, Generations, Usability, usability
from personal_pipeline.domain.catalog import AlertKey
from personal_pipeline.domain.errors import (
    IndexUnavailableError,
    InvalidQueryError,
    TableUnavailableError,
    UnavailableError,
)
from personal_pipeline.domain.questions import typed_question
from personal_pipeline.domain.search import CallerScope, SearchFilters, SearchQuery
from personal_pipeline.domain.typed_text import canonical_text
from personal_pipeline.messages import RefreshMessage
from personal_pipeline.ports import Cache, Catalog, OutgoingMessage, Queue
from personal_pipeline.services.find_documents import FindDocuments
from personal_pipeline.services.memory_cache import MemoryCache
from personal_pipeline.services.popularity import Popularity

AnsweredBy = Literal["l1", "l2", "index", "stale", "keys"]
MAX_OFFSET = 500
MAX_CHARACTERS = 8_000  # of a query, wherever it need not fit an address


@dataclass(frozen=True, slots=True)
class CachePolicy:
    generation_max_age_seconds: float
    fresh_seconds: float
    empty_fresh_seconds: float
    stale_seconds: float
    stale_list_seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """``body`` is serialised JSON; ``degraded`` names the parts that did not answer or are behind."""

    body: bytes
    answered_by: AnsweredBy
    degraded: tuple[str, ...]

    @property
    def etag(self) -> str:
        return etag(self.body)


def canonical_query(
    text: str, filters: SearchFilters, limit: int, cursor: str, scope: CallerScope, max_characters: int
) -> SearchQuery:
    """Raises InvalidQueryError saying what to change."""
    normal = canonical_text(text, max_characters)
    offset = 0
    if cursor:
        if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 4 and int(cursor) <= MAX_OFFSET):
            raise InvalidQueryError("the cursor is none of ours: send 'next_cursor' of the page before, unchanged")
        offset = int(cursor)
    return SearchQuery(normal, filters, limit, offset, scope)


class SearchRunbooks:
    def __init__(
        self,
        find: FindDocuments,
        cache: Cache,
        catalog: Catalog,
        refresh_queue: Queue,
        popularity: Popularity,
        memory: MemoryCache[CacheEntry],
        policy: CachePolicy,
        clock: Callable[[], float],
    ) -> None:
        self._find = find
        self._cache = cache
        self._catalog = catalog
        self._refresh_queue = refresh_queue
        self._popularity = popularity
        self._memory = memory
        self._policy = policy
        self._clock = clock
        self._generations = Generations()
        self._generations_read_at = float("-inf")
        self._served_stale: MemoryCache[bool] = MemoryCache(1 << 20, policy.stale_list_seconds or 1.0, lambda _: 64)

    def __call__(self, query: SearchQuery) -> Answer:
        """Raises UnavailableError when no rung can answer."""
        self._popularity.count(query)
        key = self._key(query)
        held = self._memory.get(key, self._clock())
        try:
            entry, generations, tier = self._look_up(key, held, query)
        except TableUnavailableError:
            return self._without_cache(query)
        state = self._usability(entry, generations, query)
        if entry is not None and state is Usability.FRESH:
            if tier == "l2":
                self._memory.put(key, entry, self._clock())
            return Answer(entry.body, tier, ())
        if entry is not None and state is Usability.REFRESHABLE and self._may_serve_once_more(key, generations, query):
            return Answer(entry.body, "stale", ("refreshing",))
        try:
            fresh, degraded = self._compute(query, generations)
        except IndexUnavailableError:
            if entry is not None and state is not Usability.UNUSABLE:
                return Answer(entry.body, "stale", ("index",))
            return self._from_keys(query, ("index",))
        return Answer(fresh.body, "index", degraded or self._fill(key, fresh))

    def warm(self, query: SearchQuery) -> bool:
        """Compute and keep the answer unless a fresh one is there; says whether there was work to do.

        Raises UnavailableError.
        """
        key = self._key(query)
        lookup = self._cache.read(key)
        if self._usability(lookup.entry, lookup.generations, query) is Usability.FRESH:
            return False
        fresh, degraded = self._compute(query, lookup.generations)
        if not degraded:
            self._cache.write(key, fresh)
        return not degraded

    def _key(self, query: SearchQuery) -> str:
        return query.cache_key(self._find.embedding_model)

    def _look_up(
        self, key: str, held: CacheEntry | None, query: SearchQuery
    ) -> tuple[CacheEntry | None, Generations, Literal["l1", "l2"]]:
        """The newest entry and the generations to judge it by; both read anew unless L1 may still be trusted."""
        if held is not None:
            generations = self._recent_generations()
            if self._usability(held, generations, query) is Usability.FRESH:
                return held, generations, "l1"
        asked_at = self._clock()
        lookup = self._cache.read(key)
        self._generations, self._generations_read_at = lookup.generations, asked_at
        entries = [entry for entry in (lookup.entry, held) if entry is not None]
        return max(entries, key=lambda entry: entry.computed_at, default=None), lookup.generations, "l2"

    def _recent_generations(self) -> Generations:
        asked_at = self._clock()  # before the read: what it says was true then, however long it takes
        if asked_at - self._generations_read_at >= self._policy.generation_max_age_seconds:
            self._generations, self._generations_read_at = self._cache.generations(), asked_at
        return self._generations

    def _usability(self, entry: CacheEntry | None, generations: Generations, query: SearchQuery) -> Usability:
        if entry is None:
            return Usability.UNUSABLE
        current = generations.stamp(query.filters.source)
        return usability(entry, current, self._clock(), self._policy.stale_list_seconds)

    def _may_serve_once_more(self, key: str, generations: Generations, query: SearchQuery) -> bool:
        """Once per process and generation, and only if somebody will refresh it."""
        digest = generations.stamp(query.filters.source).content
        mark = f"{key}.{digest}"
        if self._served_stale.get(mark, self._clock()):
            return False
        message = refresh_message(query, digest)
        try:
            self._refresh_queue.send([OutgoingMessage(message, group=key, deduplication_id=mark)])
        except UnavailableError:
            return False
        self._served_stale.put(mark, True, self._clock())
        return True

    def _compute(self, query: SearchQuery, generations: Generations) -> tuple[CacheEntry, tuple[str, ...]]:
        """Find and render, stamped with generations that were read before; and what did not answer meanwhile.

        An answer that lacks a part is not kept.
        """
        question = typed_question(query.text)
        found = self._find(question, query.filters, query.scope, may_correct=True)
        now = self._clock()
        fresh_seconds = self._policy.fresh_seconds if found.ranked else self._policy.empty_fresh_seconds
        entry = CacheEntry(
            body=search_body(query, found.question, found.ranked, found.is_semantic),
            stamp=generations.stamp(query.filters.source),
            computed_at=now,
            fresh_until=now + fresh_seconds,
            stale_until=now + self._policy.stale_seconds,
        )
        return entry, found.degraded

    def _fill(self, key: str, entry: CacheEntry) -> tuple[str, ...]:
        self._memory.put(key, entry, self._clock())
        try:
            self._cache.write(key, entry)
        except TableUnavailableError:
            return ("cache",)
        return ()

    def _without_cache(self, query: SearchQuery) -> Answer:
        """The table does not answer: nothing can be judged fresh or stamped, so nothing is kept."""
        try:
            entry, degraded = self._compute(query, Generations())
            return Answer(entry.body, "index", ("cache", *degraded))
        except IndexUnavailableError:
            return self._from_keys(query, ("index", "cache"))

    def _from_keys(self, query: SearchQuery, degraded: tuple[str, ...]) -> Answer:
        """The last rung here: the query taken as an alert name, title or path. Raises UnavailableError."""
        keys = [key for kind in ("alert", "title", "path") if (key := AlertKey.of(kind, query.text))]
        cards = self._catalog.cards(keys)
        visible = {
            card.doc_id: card
            for key in keys
            for card in cards.get(key, [])
            if query.scope.may_see(card.groups) and query.filters.source in {"", card.source}
        }
        if not visible:
            raise IndexUnavailableError("the search index does not answer and no cached answer fits: try again shortly")
        return Answer(keys_body(query, list(visible.values())), "keys", degraded)


def refresh_message(query: SearchQuery, digest: str) -> str:
    return RefreshMessage(
        cache_key=query.cache_key(),
        digest=digest,
        text=query.text,
        source=query.filters.source,
        service=query.filters.service,
        type=query.filters.type,
        severity=query.filters.severity,
        limit=query.limit,
        offset=query.offset,
        groups=list(query.scope.groups),
    ).model_dump_json()
