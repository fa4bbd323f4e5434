"""A question with a slip of the keyboard is asked again with what was meant; nobody else pays for it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from personal_pipeline.adapters.tantivy_index import TantivyIndex
from personal_pipeline.domain.analysis import normalise
from personal_pipeline.domain.errors import IndexUnavailableError
from personal_pipeline.domain.questions import typed_question
from personal_pipeline.domain.reasons import reasons
from personal_pipeline.domain.search import CallerScope, SearchFilters
from personal_pipeline.services.breaker import Breaker
from personal_pipeline.services.find_documents import FindDocuments, FoundDocuments
from tests.contract.indexes import live


class CountedIndex:
    """A real index that notes what it is asked, and fails at what it is told to."""

    def __init__(self, index: TantivyIndex) -> None:
        self._index = index
        self.asked: list[str] = []
        self.fails_at = 0

    def search(self, *asked: Any) -> Any:
        return self._noted("search", self._index.search, *asked)

    def corrections(self, *asked: Any) -> Any:
        return self._noted("corrections", self._index.corrections, *asked)

    def _noted(self, name: str, ask: Callable[..., Any], *asked: Any) -> Any:
        self.asked.append(name)
        if len(self.asked) == self.fails_at:
            raise IndexUnavailableError("down")
        return ask(*asked)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[CountedIndex]:
    index = TantivyIndex(tmp_path, writer=True)
    index.prepare()
    index.apply(
        [
            live("node", title="Kubernetes node is not ready", text="Drain the node first."),
            live("disk", title="Disk full", text="The disk of a broker."),
            live("pay", title="Payroll", text="The ledger of salaries.", groups=("finance",)),
        ]
    )
    yield CountedIndex(index)
    index.close()


def find(index: CountedIndex, text: str, groups: tuple[str, ...] = ("public",), **how: Any) -> FoundDocuments:
    breakers = [Breaker(3, 2, lambda: 0.0) for _ in range(2)]
    ask = FindDocuments(index, breakers[0], None, breakers[1], lambda: 1.8e9)  # type: ignore[arg-type]
    question = typed_question(normalise(text))
    return ask(question, SearchFilters(), CallerScope(groups), **{"may_correct": True, **how})


def titles(found: FoundDocuments) -> list[str]:
    return [document.best.title for document in found.ranked]


def test_a_slip_is_read_as_the_word_of_a_document_and_that_is_said(index: CountedIndex) -> None:
    found = find(index, "Kuberntes nod")

    assert titles(found) == ["Kubernetes node is not ready"]
    assert found.question.text == "Kubernetes nod"
    assert "read kuberntes as Kubernetes" in reasons(found.question, found.ranked[0], [])
    assert index.asked == ["search", "corrections", "search"]


def test_a_question_without_slips_is_asked_once(index: CountedIndex) -> None:
    assert not find(index, "kubernetes disk 0xdeadbeef").question.read_as
    assert index.asked == ["search"]


def test_a_corrected_title_counts_as_the_exact_title(index: CountedIndex) -> None:
    assert find(index, "disk fulll").ranked[0].features.exact == 1.0


def test_alerts_are_not_corrected(index: CountedIndex) -> None:
    assert not find(index, "kuberntes", may_correct=False).ranked
    assert index.asked == ["search"]


def test_a_word_that_the_caller_may_not_see_is_neither_told_nor_searched_for(index: CountedIndex) -> None:
    found = find(index, "ledgr")

    assert (found.ranked, found.question.text) == ((), "ledgr")
    assert find(index, "ledgr", groups=("finance",)).question.text == "ledger"


def test_where_nothing_is_like_it_the_first_answer_stays(index: CountedIndex) -> None:
    found = find(index, "disk zookeeper")

    assert titles(found) == ["Disk full"]
    assert (found.question.read_as, index.asked) == ((), ["search", "corrections"])


def test_a_document_that_only_a_refused_option_found_is_not_shown(index: CountedIndex) -> None:
    index._index.apply([live("b", title="Files", text="files"), live("c", title="It failed", text="failed")])

    found = find(index, "fialed")

    assert found.question.text == "failed"
    assert titles(found) == ["It failed"]


@pytest.mark.parametrize("fails_at", [2, 3])
def test_when_the_index_fails_at_the_correction_the_first_answer_stays_and_says_so(
    index: CountedIndex, fails_at: int
) -> None:
    index.fails_at = fails_at

    found = find(index, "disk of kuberntes")

    assert titles(found) == ["Disk full"]
    assert (found.question.read_as, found.degraded) == ((), ("corrections",))


def test_when_the_index_fails_at_once_there_is_no_answer(index: CountedIndex) -> None:
    index.fails_at = 1

    with pytest.raises(IndexUnavailableError):
        find(index, "kuberntes")
