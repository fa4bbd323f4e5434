"""From a question to ranked documents: embed it, ask the index, rank. What search and alerts have in common.

A typed question with a word that no document has is asked again with what that word is a slip of, if anything: two
more round trips, which nobody else pays. One that was pasted is cut to its rarest words first: one round trip.

Without an embedder, or when it does not answer, the words alone decide. One attempt at each, behind a breaker of its
own: whoever asks has a next rung.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TypeVar

from personal_pipeline.domain.errors import EmbedderUnavailableError, IndexUnavailableError
from personal_pipeline.domain.questions import Question, all_words, narrowed
from personal_pipeline.domain.ranking import RankedDocument, rank
from personal_pipeline.domain.search import CallerScope, Candidates, SearchFilters, SearchRequest
from personal_pipeline.domain.slips import Slip, having, read_as, slips, with_options
from personal_pipeline.domain.vectors import Vector
from personal_pipeline.ports import SearchIndex
from personal_pipeline.services.breaker import Breaker
from personal_pipeline.services.embed_texts import EmbedTexts

T = TypeVar("T")
NOTHING_ASKED = Question((), "", "")


@dataclass(frozen=True, slots=True)
class FoundDocuments:
    """Best first. ``question`` is the one that was answered: its slips corrected, if they were.

    ``is_semantic``: meaning counted too. ``degraded`` names what should have answered and did not.
    """

    ranked: tuple[RankedDocument, ...]
    is_semantic: bool
    degraded: tuple[str, ...] = ()
    question: Question = NOTHING_ASKED


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
        *,
        may_correct: bool = False,
    ) -> FoundDocuments:
        """Raises IndexUnavailableError."""
        if not question.terms:
            return FoundDocuments((), is_semantic=False, question=question)
        if question.more:
            words = all_words(question)
            question = narrowed(question, self._ask_index(lambda: self._index.frequencies(words)))
        vector, degraded = self._vector(question)
        request = SearchRequest(question.terms, filters, scope, vector=vector)
        candidates = self._ask_index(lambda: self._index.search(request))
        if may_correct and (found := slips(question, candidates.frequencies)):
            question, candidates, missing = self._without_slips(question, candidates, found, request)
            degraded += missing
        ranked = rank(question, candidates, datetime.fromtimestamp(self._clock(), UTC), feedback)
        return FoundDocuments(tuple(ranked), vector is not None, degraded, question)

    def _without_slips(
        self, question: Question, candidates: Candidates, found: Sequence[Slip], request: SearchRequest
    ) -> tuple[Question, Candidates, tuple[str, ...]]:
        """The question as it was probably meant, and its candidates; as they were when nothing is better.

        A word is only shown as a passage writes it that the caller may see. The vector stays that of what was typed:
        how documents write the words is not known before they are found.
        """
        try:
            terms = [slip.term for slip in found]
            options = self._ask_index(lambda: self._index.corrections(terms, request.filters, request.scope))
            if not options:
                return question, candidates, ()
            asked = replace(request, terms=with_options(question, options))
            better = self._ask_index(lambda: self._index.search(asked))
        except IndexUnavailableError:
            return question, candidates, ("corrections",)
        read = read_as(question, found, options, better.passages)
        if not read.read_as:
            return question, candidates, ()
        return read, replace(better, passages=having(read, better.passages)), ()

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

    def _ask_index(self, ask: Callable[[], T]) -> T:
        if self._breaker.is_open():
            raise IndexUnavailableError("the index failed several times in a row and is left alone for a moment")
        try:
            answer = ask()
        except IndexUnavailableError:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return answer
