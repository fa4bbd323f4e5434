"""A write that is sent again under its key: what it is answered, and when the work is done again."""

from pathlib import Path
from typing import Any

import pytest

from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.adapters.sqlite.records import SQLiteRecords
from personal_pipeline.domain.errors import DocumentMissingError, ReusedKeyError, TableUnavailableError
from personal_pipeline.services.once_by_key import KEPT_SECONDS, OnceByKey
from tests.contract.conftest import Clock


class Work:
    """Counts how often it was done; ``error`` is raised instead of an answer."""

    def __init__(self) -> None:
        self.done = 0
        self.error: Exception | None = None

    def __call__(self) -> dict[str, Any]:
        if self.error:
            raise self.error
        self.done += 1
        return {"number": self.done}


class Bench:
    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.records = SQLiteRecords(Database(folder / "pipeline.db"), self.clock)
        self.once = OnceByKey(self.records, self.clock)
        self.work = Work()

    def ask(self, key: str = "k", request: bytes = b"{}", caller: str = "jwt a") -> dict[str, Any]:
        return self.once(caller, key, request, self.work)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_the_work_is_done_once_and_its_answer_given_again(bench: Bench) -> None:
    assert [bench.ask(), bench.ask(), bench.ask()] == 3 * [{"number": 1}]
    assert bench.work.done == 1


def test_another_key_or_another_caller_is_another_write(bench: Bench) -> None:
    assert [bench.ask(), bench.ask(key="l"), bench.ask(caller="jwt b")] == [{"number": n} for n in (1, 2, 3)]


def test_the_same_key_with_another_request_is_refused_and_does_nothing(bench: Bench) -> None:
    bench.ask()

    with pytest.raises(ReusedKeyError, match="choose a new key"):
        bench.ask(request=b"{} ")

    assert bench.work.done == 1


def test_a_key_is_free_again_after_a_day(bench: Bench) -> None:
    bench.ask()
    bench.clock.forward(KEPT_SECONDS + 1)

    assert bench.ask(request=b"other") == {"number": 2}


def test_what_failed_may_be_tried_again_but_not_as_something_else(bench: Bench) -> None:
    bench.work.error = DocumentMissingError("none")
    with pytest.raises(DocumentMissingError):
        bench.ask()
    bench.work.error = None

    with pytest.raises(ReusedKeyError):
        bench.ask(request=b"other")
    assert [bench.ask(), bench.ask()] == 2 * [{"number": 1}]


def test_who_comes_after_a_process_that_died_does_the_work_again(bench: Bench) -> None:
    bench.work.error = KeyboardInterrupt()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        bench.ask()
    bench.work.error = None

    assert [bench.ask(), bench.ask()] == 2 * [{"number": 1}]


def test_without_the_table_nothing_is_done(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise TableUnavailableError("down")

    monkeypatch.setattr(bench.records, "put", broken)

    with pytest.raises(TableUnavailableError):
        bench.ask()
    assert bench.work.done == 0


def test_neither_key_nor_caller_lies_in_the_table_as_it_came(bench: Bench, tmp_path: Path) -> None:
    bench.ask(key="a-very-secret-key", caller="jwt somebody@example.com")

    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"a-very-secret-key" not in kept
    assert b"somebody@example.com" not in kept
