"""What stands before the index passes everything on, unless it is told to be slow, to fail or to be gone."""

import http.client
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus

import pytest

from tests.performance.answering import Answering, answering
from tests.performance.faults import Fault, Faulty, faulty
from tests.performance.scenario import Event
from tests.performance.system import LocalSystem


@pytest.fixture
def index() -> Iterator[Answering]:
    with answering() as told:
        yield told


@pytest.fixture
def before(index: Answering) -> Iterator[Faulty]:
    with faulty(index.url) as told:
        yield told


def ask(before: Faulty, path: str = "/x", body: str | None = None) -> int:
    """0 where no answer came."""
    connection = http.client.HTTPConnection(before.url.removeprefix("http://"), timeout=10)
    try:
        with suppress(http.client.HTTPException, OSError):
            connection.request("POST" if body else "GET", path, body)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        return 0
    finally:
        connection.close()


def test_while_all_is_well_everything_is_passed_on(index: Answering, before: Faulty) -> None:
    assert ask(before, "/a") == HTTPStatus.OK
    assert ask(before, "/404", '{"query": 1}') == HTTPStatus.NOT_FOUND
    assert [(method, path, body) for method, path, body, _ in index.asked] == [
        ("GET", "/a", ""), ("POST", "/404", '{"query": 1}'),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [("index_slow", [200] * 4), ("index_errors", [503, 200, 503, 200]), ("index_down", [0] * 4)],
)
def test_a_fault_is_what_it_is_called(before: Faulty, fault: Fault, statuses: list[int]) -> None:
    before.fault = fault

    assert [ask(before) for _ in range(4)] == statuses
    assert before.calls == 4


def test_a_fault_of_an_index_that_is_none_of_its_own_is_refused() -> None:
    local = LocalSystem(None, None, None)  # type: ignore[arg-type]

    with pytest.raises(RuntimeError, match="index_down: only an index of its own process"):
        local.do(Event(at=0, does="index_down"))
