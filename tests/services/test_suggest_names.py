"""Suggestions share the breaker of searching: an index that fails is left alone."""

import pytest

from personal_pipeline.domain.errors import IndexUnavailableError, InvalidQueryError
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.domain.suggestions import NamedDocument, Typed
from personal_pipeline.services.breaker import Breaker
from personal_pipeline.services.suggest_names import SuggestNames


class Index:
    def __init__(self) -> None:
        self.is_down = False
        self.asked: list[Typed] = []

    def named(self, typed: Typed, scope: CallerScope) -> list[NamedDocument]:
        self.asked.append(typed)
        if self.is_down:
            raise IndexUnavailableError("down")
        return [NamedDocument("d", "Disk full", "runbook", ())]


def test_an_index_that_failed_several_times_is_not_asked_for_a_moment() -> None:
    index = Index()
    index.is_down = True
    now = 0.0
    suggest = SuggestNames(index, Breaker(3, 2, lambda: now))  # type: ignore[arg-type]

    for _ in range(5):
        with pytest.raises(IndexUnavailableError):
            suggest("disk", 8, CallerScope())
    assert len(index.asked) == 3

    index.is_down, now = False, 3.0
    assert [each.text for each in suggest("disk", 8, CallerScope())] == ["Disk full"]


def test_nothing_is_asked_where_no_word_was_typed() -> None:
    index = Index()
    suggest = SuggestNames(index, Breaker(3, 2, lambda: 0.0))  # type: ignore[arg-type]

    assert suggest("...", 8, CallerScope()) == []
    with pytest.raises(InvalidQueryError):
        suggest("", 8, CallerScope())
    assert index.asked == []
