"""From a question to ranked documents: who is asked for what, and what is said when somebody does not answer."""

from array import array
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import pytest

from personal_pipeline.domain.errors import EmbedderUnavailableError, IndexUnavailableError
from personal_pipeline.domain.questions import typed_question
from personal_pipeline.domain.search import CallerScope, Candidates, SearchFilters, SearchRequest
from personal_pipeline.domain.vectors import Vector
from personal_pipeline.services.breaker import Breaker
from personal_pipeline.services.find_documents import FindDocuments, FoundDocuments
from tests.contract.indexes import UPDATED
from tests.unit.test_ranking import a_candidate

FAILURES, OPEN_SECONDS = 3, 2.0
NORTH = array("f", [0.0, 1.0])


class Index:
    """Proposes the same two passages whatever it is asked, and notes what that was."""

    def __init__(self) -> None:
        self.requests: list[SearchRequest] = []
        self.counted: list[Sequence[str]] = []
        self.is_down = False

    def search(self, request: SearchRequest) -> Candidates:
        self.requests.append(request)
        if self.is_down:
            raise IndexUnavailableError("down")
        passages = tuple(a_candidate(doc_id, title="Disk full", text=f"Only in {doc_id}.") for doc_id in "ab")
        return Candidates(passages, {each.term: 2 for each in request.terms}, 10)

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        self.counted.append(terms)
        return dict.fromkeys(terms, 1)


class Embed:
    model = "north"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.is_down = False

    def __call__(self, texts: Sequence[str]) -> list[Vector]:
        self.asked += texts
        if self.is_down:
            raise EmbedderUnavailableError("down")
        return [NORTH for _ in texts]


class Parts:
    """``FindDocuments`` between an index and an embedder that can both be down, at a time that can be moved."""

    def __init__(self, embed: Embed | None) -> None:
        self.now = UPDATED.timestamp()
        self.index = Index()
        breakers = [Breaker(FAILURES, OPEN_SECONDS, lambda: self.now) for _ in range(2)]
        parts: Any = (self.index, breakers[0], embed, breakers[1], lambda: self.now)
        self.find_documents = FindDocuments(*parts)

    def find(self, text: str = "disk full", **asked: Any) -> FoundDocuments:
        wanted = {"filters": SearchFilters(), "scope": CallerScope(), **asked}
        return self.find_documents(typed_question(text), **wanted)


@pytest.fixture
def embed() -> Embed:
    return Embed()


@pytest.fixture
def parts(embed: Embed) -> Parts:
    return Parts(embed)


def order(found: FoundDocuments) -> list[str]:
    return [document.doc_id for document in found.ranked]


def test_without_an_embedder_words_alone_decide_and_nothing_is_missing() -> None:
    parts = Parts(embed=None)

    found = parts.find()

    assert (order(found), found.is_semantic, found.degraded) == (["a", "b"], False, ())
    assert [request.vector for request in parts.index.requests] == [None]
    assert parts.find_documents.embedding_model == ""


def test_with_an_embedder_the_index_is_asked_for_words_and_meaning_at_once(parts: Parts, embed: Embed) -> None:
    found = parts.find()

    assert (order(found), found.is_semantic, found.degraded) == (["a", "b"], True, ())
    assert [request.vector for request in parts.index.requests] == [NORTH]
    assert embed.asked == ["disk full"]
    assert parts.find_documents.embedding_model == "north"


def test_what_was_pasted_is_embedded_as_the_words_that_are_asked_for(parts: Parts, embed: Embed) -> None:
    pasted = " ".join(f"{first}{second}xo" for first in "abcdefgh" for second in "abcdefgh")

    found = parts.find(pasted)

    assert len(parts.index.counted) == 1
    assert embed.asked == [found.question.text]
    assert len(found.question.text) < len(pasted)


def test_an_embedder_that_fails_leaves_the_words_and_is_named(parts: Parts, embed: Embed) -> None:
    embed.is_down = True

    found = parts.find()

    assert (order(found), found.is_semantic, found.degraded) == (["a", "b"], False, ("semantic",))
    assert [request.vector for request in parts.index.requests] == [None]


def test_an_embedder_that_fails_again_and_again_is_left_alone_for_a_while(parts: Parts, embed: Embed) -> None:
    embed.is_down = True
    for _ in range(FAILURES):
        parts.find()
    embed.is_down = False

    left_alone = [parts.find() for _ in range(5)]
    assert len(embed.asked) == FAILURES
    assert {found.degraded for found in left_alone} == {("semantic",)}
    assert {tuple(order(found)) for found in left_alone} == {("a", "b")}

    parts.now += OPEN_SECONDS
    assert parts.find().is_semantic
    assert len(embed.asked) == FAILURES + 1


def test_an_embedder_that_still_fails_after_its_time_is_left_alone_again(parts: Parts, embed: Embed) -> None:
    embed.is_down = True
    for _ in range(FAILURES):
        parts.find()
    parts.now += OPEN_SECONDS

    for _ in range(5):
        parts.find()

    assert len(embed.asked) == FAILURES + 1


def test_failures_of_the_embedder_count_only_in_a_row(parts: Parts, embed: Embed) -> None:
    for is_down in (True, True, False, True, True):
        embed.is_down = is_down
        parts.find()
    embed.is_down = False

    assert parts.find().is_semantic


def test_an_index_that_fails_is_an_error_and_is_left_alone_after_some(parts: Parts) -> None:
    parts.index.is_down = True
    for _ in range(FAILURES):
        with pytest.raises(IndexUnavailableError, match="down"):
            parts.find()
    parts.index.is_down = False

    with pytest.raises(IndexUnavailableError, match="left alone"):
        parts.find()
    assert len(parts.index.requests) == FAILURES

    parts.now += OPEN_SECONDS
    assert order(parts.find()) == ["a", "b"]


def test_failures_of_the_index_count_only_in_a_row(parts: Parts) -> None:
    for is_down in (True, True, False, True, True):
        parts.index.is_down = is_down
        with pytest.raises(IndexUnavailableError) if is_down else nullcontext():
            parts.find()
    parts.index.is_down = False

    assert order(parts.find()) == ["a", "b"]


def test_the_two_are_left_alone_independently(parts: Parts, embed: Embed) -> None:
    embed.is_down = True
    for _ in range(2 * FAILURES):
        parts.find()
    assert len(parts.index.requests) == 2 * FAILURES
    parts.now += OPEN_SECONDS
    embed.is_down, parts.index.is_down = False, True
    for _ in range(FAILURES):
        with pytest.raises(IndexUnavailableError):
            parts.find()

    parts.index.is_down = False
    parts.now += OPEN_SECONDS

    assert parts.find().is_semantic


@pytest.mark.parametrize("text", ["", "?!", "…"])
def test_a_question_without_words_asks_nobody(parts: Parts, embed: Embed, text: str) -> None:
    found = parts.find(text)

    assert (found.ranked, found.is_semantic, found.degraded) == ((), False, ())
    assert (embed.asked, parts.index.requests, parts.index.counted) == ([], [], [])


def test_filters_and_groups_reach_the_index(parts: Parts) -> None:
    filters, scope = SearchFilters(source="ops", severity="critical"), CallerScope(("finance", "public"))

    parts.find(filters=filters, scope=scope)

    (request,) = parts.index.requests
    assert (request.filters, request.scope) == (filters, scope)
    assert [each.term for each in request.terms] == ["disk", "ful"]


def test_what_people_said_decides_between_equals(parts: Parts) -> None:
    assert order(parts.find(feedback={"b": 1.0})) == ["b", "a"]
    assert order(parts.find(feedback={"b": -1.0})) == ["a", "b"]


def test_how_fresh_a_document_is_depends_on_the_clock_that_was_given(parts: Parts) -> None:
    today = parts.find().ranked[0].features.freshness
    parts.now += 180 * 86400

    in_half_a_year = parts.find().ranked[0].features.freshness

    assert 0 < in_half_a_year < today <= 1
