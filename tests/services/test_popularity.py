"""Counting what is asked, off the request path."""

from collections.abc import Sequence

from personal_pipeline.domain.errors import TableUnavailableError
from personal_pipeline.domain.search import SearchQuery
from personal_pipeline.ports import AskedQuery
from personal_pipeline.services import popularity
from personal_pipeline.services.popularity import Popularity, day_of


class Table:
    def __init__(self, is_down: bool = False) -> None:
        self.is_down = is_down
        self.written: list[tuple[str, Sequence[AskedQuery]]] = []

    def add(self, day: str, asked: Sequence[AskedQuery], expires_at: float) -> None:
        if self.is_down:
            raise TableUnavailableError("down")
        self.written.append((day, asked))

    def most_asked(self, day: str, limit: int) -> list[AskedQuery]:
        return []


def test_many_questions_are_one_write() -> None:
    table = Table()
    counted = Popularity(table, lambda: 1_790_000_000.0)
    for _ in range(3):
        counted.count(SearchQuery("disk full"))
    counted.count(SearchQuery("tls"))

    counted.close()

    ((day, asked),) = table.written
    assert day == day_of(1_790_000_000.0) == "2026-09-21"
    assert {(item.query.text, item.count) for item in asked} == {("disk full", 3), ("tls", 1)}


def test_what_the_table_refuses_is_lost_and_said_so() -> None:
    counted = Popularity(Table(is_down=True), lambda: 0.0)
    counted.count(SearchQuery("disk full"))

    counted.close()

    assert counted.lost == 1


def test_one_off_questions_do_not_fill_the_memory(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(popularity, "MAX_DISTINCT", 2)
    table = Table()
    counted = Popularity(table, lambda: 0.0)
    for number in range(10):
        counted.count(SearchQuery(f"question {number}"))

    counted.close()

    assert len(table.written[0][1]) == 2
