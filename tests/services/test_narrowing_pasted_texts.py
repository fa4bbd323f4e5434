"""Only what was pasted asks the index twice: first how rare its words are."""

from collections.abc import Sequence
from typing import Any

import pytest

from personal_pipeline.domain.analysis import MAX_QUERY_TERMS
from personal_pipeline.domain.errors import IndexUnavailableError
from personal_pipeline.domain.questions import typed_question
from personal_pipeline.domain.search import CallerScope, Candidates, SearchFilters, SearchRequest
from personal_pipeline.services.breaker import Breaker
from personal_pipeline.services.find_documents import FindDocuments

LONG = " ".join(f"{first}{second}xo" for first in "abcdefgh" for second in "abcdefgh")


class Index:
    def __init__(self) -> None:
        self.counted: list[Sequence[str]] = []
        self.requests: list[SearchRequest] = []
        self.is_down = False

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        self.counted.append(terms)
        if self.is_down:
            raise IndexUnavailableError("down")
        return {term: 1 for term in terms if term.startswith("h")}

    def search(self, request: SearchRequest) -> Candidates:
        self.requests.append(request)
        return Candidates()


def find(index: Index, text: str) -> Any:
    breakers = [Breaker(3, 2, lambda: 0.0) for _ in range(2)]
    ask = FindDocuments(index, breakers[0], None, breakers[1], lambda: 1.8e9)  # type: ignore[arg-type]
    return ask(typed_question(text), SearchFilters(), CallerScope())


def test_a_short_question_is_asked_as_it_is() -> None:
    index = Index()

    find(index, "disk full")

    assert (index.counted, len(index.requests)) == ([], 1)


def test_a_long_one_is_asked_with_its_rarest_words() -> None:
    index = Index()

    found = find(index, LONG)

    (request,) = index.requests
    assert [each.term for each in request.terms] == [f"h{second}xo" for second in "abcdefgh"]
    assert found.question.terms == request.terms
    assert len(index.counted) == 1
    assert len(index.counted[0]) > MAX_QUERY_TERMS


def test_an_index_that_does_not_count_does_not_answer() -> None:
    index = Index()
    index.is_down = True

    with pytest.raises(IndexUnavailableError):
        find(index, LONG)
    assert index.requests == []
