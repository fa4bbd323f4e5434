"""The read ladder: which rung answers when a part fails, and what may be stale."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from personal_pipeline.domain.caching import CacheEntry, CacheLookup, Generations
from personal_pipeline.domain.catalog import AlertKey, Card
from personal_pipeline.domain.errors import (
    IndexUnavailableError,
    QueueUnavailableError,
    TableUnavailableError,
)
from personal_pipeline.domain.search import Candidate, Candidates, SearchFilters, SearchQuery, SearchRequest
from personal_pipeline.ports import AskedQuery, OutgoingMessage
from personal_pipeline.services.breaker import Breaker
from personal_pipeline.services.find_documents import FindDocuments
from personal_pipeline.services.memory_cache import MemoryCache
from personal_pipeline.services.popularity import Popularity
from personal_pipeline.services.search_runbooks import CachePolicy, SearchRunbooks

QUERY = SearchQuery("disk full")
CLOUD = CachePolicy(
    generation_max_age_seconds=2,
    fresh_seconds=3600,
    empty_fresh_seconds=60,
    stale_seconds=86400,
    stale_list_seconds=300,
)
ONE_MACHINE = replace(CLOUD, generation_max_age_seconds=0, stale_list_seconds=0)


class Parts:
    """Every port of the service, each of which can be switched off."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.titles = ["Disk full"]
        self.index_down = self.table_down = self.queue_down = False
        self.asked = 0
        self.sent: list[OutgoingMessage] = []
        self.entries: dict[str, CacheEntry] = {}
        self.known = Generations({"ops": 1})
        self.keys: dict[AlertKey, list[Card]] = {}

    def clock(self) -> float:
        return self.now

    def search(self, request: SearchRequest) -> Candidates:
        self.asked += 1
        if self.index_down:
            raise IndexUnavailableError("down")
        return Candidates(tuple(_candidate(title, n) for n, title in enumerate(self.titles)))

    def read(self, key: str) -> CacheLookup:
        self._table()
        return CacheLookup(self.entries.get(key), self.known)

    def generations(self) -> Generations:
        self._table()
        return self.known

    def write(self, key: str, entry: CacheEntry) -> None:
        self._table()
        self.entries[key] = entry

    def cards(self, keys: Sequence[AlertKey]) -> dict[AlertKey, list[Card]]:
        self._table()
        return {key: self.keys[key] for key in keys if key in self.keys}

    def send(self, messages: Sequence[OutgoingMessage]) -> None:
        if self.queue_down:
            raise QueueUnavailableError("down")
        self.sent += messages

    def add(self, day: str, asked: Sequence[AskedQuery], expires_at: float) -> None:
        self._table()

    def _table(self) -> None:
        if self.table_down:
            raise TableUnavailableError("down")

    # What an ingest does to the parts.
    def change(self, *titles: str) -> None:
        self.titles = list(titles)
        self.known = replace(self.known, sources={"ops": self.known.sources["ops"] + 1})

    def delete(self) -> None:
        self.change()
        self.known = replace(self.known, acl=self.known.acl + 1)


def _candidate(title: str, number: int) -> Candidate:
    return Candidate(
        doc_id=f"d{number}",
        ordinal=0,
        rev=1,
        score=9.0 - number,
        title=title,
        url="",
        source="ops",
        path=f"{number}.md",
        type="runbook",
        services=(),
        severity="",
        groups=("public",),
        alert_names=(),
        heading=(),
        text=title,
        updated=datetime(2026, 1, 1, tzinfo=UTC),
    )


def find_in(parts: Parts) -> FindDocuments:
    index_breaker, embed_breaker = Breaker(3, 2, parts.clock), Breaker(3, 2, parts.clock)
    return FindDocuments(parts, index_breaker, None, embed_breaker, parts.clock)  # type: ignore[arg-type]


def service(parts: Parts, policy: CachePolicy = CLOUD) -> SearchRunbooks:
    return SearchRunbooks(
        find=find_in(parts),
        cache=parts,  # type: ignore[arg-type]
        catalog=parts,  # type: ignore[arg-type]
        refresh_queue=parts,  # type: ignore[arg-type]
        popularity=Popularity(parts, parts.clock),  # type: ignore[arg-type]
        memory=MemoryCache(1 << 20, 60, lambda entry: len(entry.body)),
        policy=policy,
        clock=parts.clock,
    )


@pytest.fixture
def parts() -> Parts:
    return Parts()


def test_the_first_answer_is_computed_the_next_ones_are_kept(parts: Parts) -> None:
    search = service(parts)

    rungs = [search(QUERY).answered_by for _ in range(3)]

    assert (rungs, parts.asked) == (["index", "l1", "l1"], 1)


def test_within_the_generations_age_nothing_is_read_at_all(parts: Parts) -> None:
    search = service(parts)
    search(QUERY)
    parts.table_down = True

    assert search(QUERY).answered_by == "l1"
    parts.now += 2
    assert search(QUERY).degraded == ("cache",)


def test_on_one_machine_a_change_shows_in_the_very_next_answer(parts: Parts) -> None:
    search = service(parts, ONE_MACHINE)
    search(QUERY)
    parts.change("Disk really full")

    answer = search(QUERY)

    assert answer.answered_by == "index"
    assert b"really" in answer.body


def test_after_a_content_change_a_list_is_served_once_more_while_it_is_refreshed(parts: Parts) -> None:
    search = service(parts)
    search(QUERY)
    parts.change("Disk really full")
    parts.now += 2

    answers = [search(QUERY) for _ in range(2)]

    assert [(answer.answered_by, answer.degraded) for answer in answers] == [("stale", ("refreshing",)), ("index", ())]
    assert len(parts.sent) == 1
    assert parts.sent[0].group == QUERY.cache_key()


def test_without_a_queue_to_refresh_it_nothing_stale_is_served(parts: Parts) -> None:
    search = service(parts)
    search(QUERY)
    parts.change("Disk really full")
    parts.now += 2
    parts.queue_down = True

    assert search(QUERY).answered_by == "index"


def test_a_list_older_than_five_minutes_is_not_served_while_the_index_answers(parts: Parts) -> None:
    search = service(parts)
    search(QUERY)
    parts.now += 301
    parts.change("Disk really full")

    assert search(QUERY).answered_by == "index"


def test_nothing_from_before_a_delete_is_served_even_when_the_index_is_down(parts: Parts) -> None:
    search = service(parts)
    search(QUERY)
    parts.delete()
    parts.now += 2
    parts.index_down = True

    with pytest.raises(IndexUnavailableError):
        search(QUERY)


def test_while_the_index_is_down_an_older_answer_serves(parts: Parts) -> None:
    search = service(parts, ONE_MACHINE)
    search(QUERY)
    parts.change("Disk really full")
    parts.now += 3600
    parts.index_down = True

    answer = search(QUERY)

    assert (answer.answered_by, answer.degraded) == ("stale", ("index",))


def test_without_any_answer_the_exact_keys_are_the_last_rung(parts: Parts) -> None:
    parts.index_down = True
    card = Card("d9", "DiskFull", "", "ops", "disk.md", "1. Run df", "", ("public",), 1)
    parts.keys[AlertKey("alert", "diskfull")] = [card]

    answer = service(parts)(QUERY)

    assert answer.answered_by == "keys"
    assert b"1. Run df" in answer.body


def test_the_exact_keys_tell_nobody_of_other_groups_documents(parts: Parts) -> None:
    parts.index_down = True
    card = Card("d9", "DiskFull", "", "ops", "disk.md", "1. Run df", "", ("finance",), 1)
    parts.keys[AlertKey("alert", "diskfull")] = [card]

    with pytest.raises(IndexUnavailableError):
        service(parts)(QUERY)


def test_a_failing_table_is_a_miss_and_nothing_is_kept(parts: Parts) -> None:
    search = service(parts)
    parts.table_down = True

    answers = [search(QUERY) for _ in range(2)]

    assert [(answer.answered_by, answer.degraded) for answer in answers] == [("index", ("cache",))] * 2
    parts.table_down = False
    assert parts.entries == {}


def test_a_failing_index_is_asked_three_times_and_then_left_alone(parts: Parts) -> None:
    search = service(parts)
    parts.index_down = True
    for number in range(20):
        with pytest.raises(IndexUnavailableError):
            search(replace(QUERY, text=f"question {number}"))

    assert parts.asked == 3
    parts.now += 2
    parts.index_down = False
    assert search(QUERY).answered_by == "index"


def test_a_fill_that_races_an_ingest_is_born_stale(parts: Parts) -> None:
    search = service(parts, ONE_MACHINE)
    ask = parts.search

    def while_ingesting(request: SearchRequest) -> list[Candidate]:
        found = ask(request)
        parts.change("Disk really full")
        return found

    parts.search = while_ingesting  # type: ignore[method-assign]
    search(QUERY)
    parts.search = ask  # type: ignore[method-assign]

    assert b"really" in search(QUERY).body


def test_a_filtered_answer_outlives_changes_of_other_sources(parts: Parts) -> None:
    parts.known = Generations({"ops": 1, "web": 1})
    search = service(parts, ONE_MACHINE)
    filtered = replace(QUERY, filters=SearchFilters(source="web"))
    search(filtered)
    parts.known = Generations({"ops": 2, "web": 1})

    assert search(filtered).answered_by == "l1"


def test_an_empty_answer_is_fresh_for_a_minute_only(parts: Parts) -> None:
    parts.titles = []
    search = service(parts)
    search(QUERY)
    parts.now += 59
    assert search(QUERY).answered_by in {"l1", "l2"}
    parts.now += 2
    assert search(QUERY).answered_by == "index"
