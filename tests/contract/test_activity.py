"""What every record of activity promises."""

from typing import Any

from personal_pipeline.domain.search import CallerScope, SearchFilters, SearchQuery
from personal_pipeline.ports import AskedQuery

DAY = "2026-11-23"


def asked(text: str, count: int = 1, **fields: Any) -> AskedQuery:
    return AskedQuery(SearchQuery(text, **fields), count)


def test_counts_of_one_query_add_up(activity: Any, clock: Any) -> None:
    activity.add(DAY, [asked("disk full", 2), asked("etcd", 1)], clock() + 100)
    activity.add(DAY, [asked("disk full", 3)], clock() + 100)

    assert activity.most_asked(DAY, 10) == [asked("disk full", 5), asked("etcd", 1)]


def test_the_most_asked_come_first_and_ties_by_text(activity: Any, clock: Any) -> None:
    activity.add(DAY, [asked("b", 2), asked("a b", 2), asked("a", 2), asked("é", 2), asked("c", 9)], clock() + 100)

    assert [one.query.text for one in activity.most_asked(DAY, 10)] == ["c", "a", "a b", "b", "é"]
    assert [one.query.text for one in activity.most_asked(DAY, 2)] == ["c", "a"]


def test_days_are_kept_apart(activity: Any, clock: Any) -> None:
    activity.add(DAY, [asked("disk full")], clock() + 100)
    activity.add("2026-11-24", [asked("etcd")], clock() + 100)

    assert activity.most_asked(DAY, 10) == [asked("disk full")]
    assert activity.most_asked("2026-11-25", 10) == []


def test_a_query_comes_back_whole(activity: Any, clock: Any) -> None:
    query = asked(
        'péché "quoted" \\ \ud800',
        4,
        filters=SearchFilters("runbooks", "db", "runbook", "critical"),
        limit=20,
        offset=40,
        scope=CallerScope(("public", "storage")),
    )

    activity.add(DAY, [query, asked("disk")], clock() + 100)

    assert activity.most_asked(DAY, 1) == [query]
    assert activity.most_asked(DAY, 1)[0].query.cache_key() == query.query.cache_key()


def test_what_expired_is_not_told_even_before_it_is_deleted(activity: Any, clock: Any) -> None:
    activity.add(DAY, [asked("disk full", 5)], clock() + 100)
    activity.add(DAY, [asked("etcd")], clock() + 200)

    clock.forward(150)

    assert activity.most_asked(DAY, 10) == [asked("etcd")]


def test_adding_nothing_is_no_error(activity: Any, clock: Any) -> None:
    activity.add(DAY, [asked("etcd")], clock() + 100)
    activity.add(DAY, [], clock() + 100)

    assert activity.most_asked(DAY, 10) == [asked("etcd")]
