"""What only a real engine shows: writers that truly race, and expiry that truly deletes."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.local.topology import read_topology
from personal_pipeline.adapters.aws_clients import AwsClients
from personal_pipeline.adapters.dynamodb.cache import DynamoDBCache
from personal_pipeline.adapters.dynamodb.catalog import DynamoDBCatalog
from personal_pipeline.adapters.sqlite.cache import SQLiteCache
from personal_pipeline.adapters.sqlite.catalog import SQLiteCatalog
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.adapters.sqlite.records import SQLiteRecords
from personal_pipeline.domain.caching import CacheEntry, Stamp
from personal_pipeline.domain.catalog import AlertKey, Card, Claim, Commit, padded
from personal_pipeline.domain.errors import TableUnavailableError
from personal_pipeline.domain.ids import doc_id_of
from personal_pipeline.ports import Record
from tests.contract.conftest import Tables, dynamodb_tables
from tests.real_parts import ROOT

WRITERS = 16
KEY = "runbooks/disk.md"
DOC = doc_id_of(KEY)


@pytest.fixture(params=["sqlite", pytest.param("dynamodb-local", marks=pytest.mark.real)])
def tables(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tables]:
    if request.param == "sqlite":
        database = Database(tmp_path / "pipeline.db", busy_timeout_seconds=60)
        yield Tables(SQLiteCatalog(database), SQLiteCache(database), None, records=SQLiteRecords(database))
        database.close()
    else:
        url = request.getfixturevalue("dynamodb_local_url")
        yield dynamodb_tables(url, read_topology(ROOT / "template.yaml"), time.time)


def all_at_once(work: Any) -> None:
    """Run ``work(number)`` in as many threads as there are writers; the first error is raised."""
    errors: list[BaseException] = []
    gate = threading.Barrier(WRITERS)

    def run(number: int) -> None:
        gate.wait()
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - raised below, in the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_racing_claims_give_each_sequencer_one_winner_and_revisions_without_gaps(tables: Tables) -> None:
    claims: list[tuple[str, Claim]] = []

    def claim(number: int) -> None:
        for step in range(6):
            sequencer = f"{(number + step) % 12:02X}"  # every sequencer is offered by several writers
            claims.append((sequencer, tables.catalog.claim(KEY, sequencer, sequencer, 1.0)))

    all_at_once(claim)

    accepted = [(claim.rev, sequencer) for sequencer, claim in claims if claim.outcome == "accepted"]
    revisions = sorted(rev for rev, _ in accepted)
    assert revisions == list(range(1, len(accepted) + 1))
    assert len({sequencer for _, sequencer in accepted}) == len(accepted)
    assert [sequencer for _, sequencer in sorted(accepted)] == sorted(sequencer for _, sequencer in accepted)
    entry = tables.catalog.entry(DOC)
    assert (entry.rev, entry.sequencer) == (len(accepted), padded("0B"))


def test_racing_claims_without_a_sequencer_all_get_a_revision_of_their_own(tables: Tables) -> None:
    revisions: list[int] = []

    all_at_once(lambda _: revisions.append(tables.catalog.claim(KEY, None, None, 1.0).rev))

    assert sorted(revisions) == list(range(1, WRITERS + 1))


def test_racing_commits_that_share_an_alert_key_all_arrive(tables: Tables) -> None:
    shared = AlertKey("alert", "diskfull")

    def commit(number: int) -> None:
        key = f"runbooks/{number}.md"
        rev = tables.catalog.claim(key, "0A", None, 1.0).rev
        card = Card(doc_id_of(key), f"{number:02}", "", "runbooks", key, "", "", ("public",), rev)
        commit = Commit(doc_id_of(key), rev, rev, "h", False, card.title, ("public",), (shared,), card)
        for _ in range(20):  # as a queue would: what met another writer too often comes again
            try:
                return tables.catalog.commit(commit)
            except TableUnavailableError:
                continue
        raise AssertionError(f"{key} was never committed")

    all_at_once(commit)

    assert [card.title for card in tables.catalog.cards([shared])[shared]] == [f"{n:02}" for n in range(WRITERS)]


def test_racing_bumps_are_all_counted(tables: Tables) -> None:
    all_at_once(lambda number: tables.cache.bump(["runbooks", f"s{number}"], groups=[f"g{number}"], acl=True))

    generations = tables.cache.generations()
    assert (generations.sources["runbooks"], generations.acl) == (WRITERS, WRITERS)
    assert len(generations.groups) == WRITERS


def test_racing_writers_of_a_record_lose_nothing_and_exactly_one_creates_it(tables: Tables) -> None:
    created: list[int] = []

    def write(number: int) -> None:
        if tables.records.put(Record("I#1", "M", f"{number}", time.time() + 100)):
            created.append(number)
        while True:
            read = tables.records.get([("I#1", "M")])[("I#1", "M")]
            if tables.records.put(replace(read, body=f"{read.body} {number}")):
                return

    all_at_once(write)

    record = tables.records.get([("I#1", "M")])[("I#1", "M")]
    first, *rest = map(int, record.body.split())
    assert created == [first]
    assert sorted(rest) == list(range(WRITERS))
    assert record.version == WRITERS + 1


@pytest.mark.real
def test_expired_answers_are_deleted_by_the_table_itself(dynamodb_local_url: str) -> None:
    tables = dynamodb_tables(dynamodb_local_url, read_topology(ROOT / "template.yaml"), time.time)
    name = tables.names["CacheTable"]
    tables.client.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"AttributeName": "expires_at", "Enabled": True}
    )
    now = time.time()
    tables.cache.write("short", CacheEntry(b"{}", Stamp("c", 0), now, now, now - 1))
    tables.cache.write("long", CacheEntry(b"{}", Stamp("c", 0), now, now, now + 3600))

    deadline = time.monotonic() + 60
    while len(kept := tables.client.scan(TableName=name)["Items"]) > 1 and time.monotonic() < deadline:
        time.sleep(0.2)

    assert [item["pk"]["S"] for item in kept] == ["Q#long"]


def test_a_table_that_hangs_costs_one_short_attempt() -> None:
    """Against a port that accepts and never answers, the client of the search path gives up by itself."""
    with socket.socket() as black_hole:
        black_hole.bind(("127.0.0.1", 0))
        black_hole.listen(16)
        url = f"http://127.0.0.1:{black_hole.getsockname()[1]}"
        factory = AwsClients(url).factory("dynamodb", connect_timeout_seconds=0.2, timeout_seconds=0.25, attempts=1)

        with pytest.raises(TableUnavailableError, match="does not answer"):
            DynamoDBCache(factory, "CacheTable").read("k")
        with pytest.raises(TableUnavailableError, match="does not answer"):
            DynamoDBCatalog(factory, "CatalogTable").entry(DOC)
