"""From a question to ranked documents: embed it, ask the index, rank. What search and alerts have in common.

Without an embedder, or when it does not answer, the words alone decide. One attempt at each, behind a breaker of its
own: whoever asks has a next rung.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from personal_pipeline.domain.errors import EmbedderUnavailableError, IndexUnavailableError
from personal_pipeline.domain.questions import Question
from personal_pipeline.domain.ranking import RankedDocument, rank
from personal_pipeline.domain.search import CallerScope, Candidates, SearchFilters, SearchRequest
from personal_pipeline.domain.vectors import Vector
from personal_pipeline.ports import SearchIndex
from personal_pipeline.services.breaker import Breaker
from personal_pipeline.services.embed_texts import EmbedTexts


@dataclass(frozen=True, slots=True)
class FoundDocuments:
    """Best first. ``is_semantic``: meaning counted too. ``degraded`` names what should have answered and did not."""

    ranked: tuple[RankedDocument, ...]
    is_semantic: bool
    degraded: tuple[str, ...] = ()


class FindDocuments:
    def __init__(
        self,
        index: SearchIndex,
        breaker: Breaker,
        embed: EmbedTexts | None,
        embed_breaker: Breaker,
        clock: Callable[[], float],
    ) -> None:
        self._index = index
        self._breaker = breaker
        self._embed = embed
        self._embed_breaker = embed_breaker
        self._clock = clock

    @property
    def embedding_model(self) -> str:
        return self._embed.model if self._embed else ""

    def __call__(
        self,
        question: Question,
        filters: SearchFilters,
        scope: CallerScope,
        feedback: Mapping[str, float] = MappingProxyType({}),
    ) -> FoundDocuments:
        """Raises IndexUnavailableError."""
        if not question.terms:
            return FoundDocuments((), is_semantic=False)
        vector, degraded = self._vector(question)
        candidates = self._ask_index(SearchRequest(question.terms, filters, scope, vector=vector))
        ranked = rank(question, candidates, datetime.fromtimestamp(self._clock(), UTC), feedback)
        return FoundDocuments(tuple(ranked), vector is not None, degraded)

    def _vector(self, question: Question) -> tuple["Vector | None", tuple[str, ...]]:
        if self._embed is None:
            return None, ()
        if self._embed_breaker.is_open():
            return None, ("semantic",)
        try:
            vector = self._embed([question.text])[0]
        except EmbedderUnavailableError:
            self._embed_breaker.failed()
            return None, ("semantic",)
        self._embed_breaker.succeeded()
        return vector, ()

    def _ask_index(self, request: SearchRequest) -> Candidates:
        if self._breaker.is_open():
            raise IndexUnavailableError("the index failed several times in a row and is left alone for a moment")
        try:
            candidates = self._index.search(request)
        except IndexUnavailableError:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return candidates
