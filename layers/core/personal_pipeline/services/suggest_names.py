"""Completes what a person types with the titles and alert names that they may see.

Asked at every key, so neither cache nor table is read: one round trip to the index, behind the breaker of searching.
"""

from personal_pipeline.domain.errors import IndexUnavailableError
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.domain.suggestions import Suggestion, suggestions, typed
from personal_pipeline.domain.typed_text import canonical_text
from personal_pipeline.ports import SearchIndex
from personal_pipeline.services.breaker import Breaker

MAX_TYPED_CHARACTERS = 200


class SuggestNames:
    def __init__(self, index: SearchIndex, breaker: Breaker) -> None:
        self._index = index
        self._breaker = breaker

    def __call__(self, text: str, limit: int, scope: CallerScope) -> list[Suggestion]:
        """Best first. Raises InvalidQueryError, IndexUnavailableError."""
        wanted = typed(canonical_text(text, MAX_TYPED_CHARACTERS))
        if wanted is None:
            return []
        if self._breaker.is_open():
            raise IndexUnavailableError("the index failed several times in a row and is left alone for a moment")
        try:
            documents = self._index.named(wanted, scope)
        except IndexUnavailableError:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return suggestions(wanted, documents, limit)
