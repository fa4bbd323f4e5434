"""Votes that truly race, on engines whose transactions are true: moto checks and writes in two steps."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from infra.local.topology import read_topology
from personal_pipeline.adapters.sqlite.activity import SQLiteActivity
from personal_pipeline.adapters.sqlite.database import Database
from tests.contract.conftest import dynamodb_tables
from tests.real_parts import ROOT

KIND = "diskfull#storage"
VOTERS = 12


@pytest.fixture(params=["sqlite", pytest.param("dynamodb-local", marks=pytest.mark.real)])
def activity(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param == "sqlite":
        database = Database(tmp_path / "pipeline.db", busy_timeout_seconds=60)
        yield SQLiteActivity(database)
        database.close()
    else:
        url = request.getfixturevalue("dynamodb_local_url")
        yield dynamodb_tables(url, read_topology(ROOT / "template.yaml"), time.time).activity


def at_once(vote: Any) -> None:
    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(vote, number) for number in range(VOTERS)]:
            done.result()


def test_votes_of_many_at_once_are_all_counted(activity: Any) -> None:
    at_once(lambda n: activity.vote(KIND, "a", f"u{n}", n % 2 == 0, time.time() + 100))

    assert activity.feedback(KIND) == {"a": (pytest.approx(VOTERS / 2), pytest.approx(VOTERS / 2))}


def test_the_same_vote_sent_many_times_at_once_counts_once(activity: Any) -> None:
    at_once(lambda _: activity.vote(KIND, "a", "u", True, time.time() + 100))

    assert activity.feedback(KIND) == {"a": (pytest.approx(1), 0)}


def test_a_vote_that_is_cast_and_taken_back_at_once_leaves_all_of_it_or_nothing(activity: Any) -> None:
    at_once(lambda n: activity.vote(KIND, "a", "u", True if n % 2 else None, time.time() + 100))

    assert activity.feedback(KIND) in ({"a": (pytest.approx(1), 0)}, {})
    activity.vote(KIND, "a", "u", None, time.time() + 100)
    assert activity.feedback(KIND) == {}
