"""What the embedded tables do when the file, the disk or another process misbehaves."""

import multiprocessing
import sqlite3
import subprocess
import sys
import threading
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest

from personal_pipeline.adapters.sqlite import schema
from personal_pipeline.adapters.sqlite.activity import SQLiteActivity
from personal_pipeline.adapters.sqlite.cache import MAX_BODY_BYTES, SQLiteCache
from personal_pipeline.adapters.sqlite.catalog import SQLiteCatalog
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.adapters.sqlite.queue import SQLiteQueue
from personal_pipeline.domain.caching import CacheEntry, RenderedDocument, Stamp
from personal_pipeline.domain.errors import QueueUnavailableError, RejectedError, TableUnavailableError
from personal_pipeline.domain.feedback import HALF_LIFE_SECONDS, VOTE_SECONDS
from personal_pipeline.domain.ids import doc_id_of
from personal_pipeline.ports import OutgoingMessage


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pipeline.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    database = Database(path, busy_timeout_seconds=0.05)
    yield database
    database.close()


def test_what_was_written_is_there_after_a_restart(path: Path) -> None:
    first = Database(path)
    SQLiteCatalog(first).claim("runbooks/a.md", "0A", None, 1.0)
    first.close()

    second = Database(path)
    entry = SQLiteCatalog(second).entry(doc_id_of("runbooks/a.md"))
    second.close()

    assert entry is not None
    assert entry.rev == 1


def test_a_locked_file_is_unavailable_and_says_who_holds_it(path: Path, database: Database) -> None:
    queue, cache = SQLiteQueue(database, "work"), SQLiteCache(database)
    cache.bump(["runbooks"])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(TableUnavailableError, match="another process holds the write lock"):
        cache.bump(["runbooks"])
    with pytest.raises(QueueUnavailableError, match=r"pipeline\.db"):
        queue.send([OutgoingMessage("a")])
    assert cache.generations().sources == {"runbooks": 1}, "readers wait for no writer"
    other.close()
    cache.bump(["runbooks"])
    assert cache.generations().sources == {"runbooks": 2}


def test_a_damaged_file_says_what_to_do(path: Path, database: Database) -> None:
    path.write_bytes(b"this is no database, whatever its name says" * 100)

    with pytest.raises(TableUnavailableError, match=r"pipeline\.db.*damaged: stop, move it away"):
        SQLiteCache(database).generations()


def test_a_full_disk_is_unavailable_and_loses_nothing_that_was_there(database: Database) -> None:
    queue = SQLiteQueue(database, "work")
    queue.send([OutgoingMessage("first")])
    with database.snapshot() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(QueueUnavailableError, match="the disk is full: free some space"):
        queue.send([OutgoingMessage("x" * 100_000)])

    assert [message.body for message in queue.receive()] == ["first"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableUnavailableError, match="check that its folder exists"):
        SQLiteCache(Database(tmp_path / "nowhere" / "pipeline.db")).generations()


def test_a_file_of_a_newer_release_is_left_alone(path: Path) -> None:
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 999")
    newer.close()

    with pytest.raises(TableUnavailableError, match="newer release"):
        SQLiteCache(Database(path)).generations()


def test_an_older_file_takes_only_the_steps_it_lacks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = Database(path)
    SQLiteCache(before).bump(["runbooks"])
    before.close()
    steps = (*schema.MIGRATIONS, ("CREATE TABLE later (a TEXT)", "INSERT INTO later VALUES ('x')"))
    monkeypatch.setattr("personal_pipeline.adapters.sqlite.database.MIGRATIONS", steps)

    for _ in range(2):
        after = Database(path)
        with after.snapshot() as connection:
            assert connection.execute("SELECT a FROM later").fetchall() == [("x",)]
        assert SQLiteCache(after).generations().sources == {"runbooks": 1}
        after.close()


def test_a_file_of_the_first_release_keeps_what_it_has_and_takes_vectors(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("personal_pipeline.adapters.sqlite.database.MIGRATIONS", schema.MIGRATIONS[:1])
        before = Database(path)
        SQLiteCache(before).write("k", an_entry())
        before.close()

    after = Database(path)
    SQLiteCache(after).write_vectors({"model#a": array("f", [1.0])}, 4e9)

    assert SQLiteCache(after).read("k").entry == an_entry()
    assert SQLiteCache(after).vectors(["model#a"]) == {"model#a": array("f", [1.0])}
    after.close()


def test_a_step_that_fails_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = Database(path)
    SQLiteCache(before).bump(["runbooks"])
    before.close()
    steps = (*schema.MIGRATIONS, ("CREATE TABLE later (a TEXT)", "INSERT INTO nowhere VALUES (1)"))
    with monkeypatch.context() as patch:
        patch.setattr("personal_pipeline.adapters.sqlite.database.MIGRATIONS", steps)
        with pytest.raises(TableUnavailableError):
            SQLiteCache(Database(path)).generations()

    after = Database(path)
    assert SQLiteCache(after).generations().sources == {"runbooks": 1}
    after.close()


def test_an_error_inside_a_transaction_undoes_all_of_it(database: Database) -> None:
    cache = SQLiteCache(database)
    cache.bump(["runbooks"])

    def interrupted() -> None:
        with database.transaction() as connection:
            connection.execute("UPDATE generations SET count = 99")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert cache.generations().sources == {"runbooks": 1}


def test_text_that_is_no_unicode_is_refused_not_retried(database: Database) -> None:
    with pytest.raises(RejectedError, match="Unicode"):
        SQLiteQueue(database, "work").send([OutgoingMessage("\ud800")])


def test_every_thread_has_its_own_connection(database: Database) -> None:
    cache = SQLiteCache(database)

    def bump() -> None:
        for _ in range(20):
            cache.bump(["runbooks"])

    database._busy_timeout_seconds = 10
    threads = [threading.Thread(target=bump) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert cache.generations().sources == {"runbooks": 160}


def _bump_in_child(database: Database) -> None:
    SQLiteCache(database).bump(["runbooks"])


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # from Python 3.12 on, where threads run
def test_a_forked_child_opens_its_own_connection(path: Path) -> None:
    database = Database(path)
    cache = SQLiteCache(database)
    cache.bump(["runbooks"])

    child = multiprocessing.get_context("fork").Process(target=_bump_in_child, args=(database,))
    child.start()
    child.join(30)

    assert child.exitcode == 0
    cache.bump(["runbooks"])
    assert cache.generations().sources == {"runbooks": 3}
    database.close()


def test_many_processes_may_open_a_new_file_at_once(path: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from personal_pipeline.adapters.sqlite.cache import SQLiteCache\n"
        "from personal_pipeline.adapters.sqlite.database import Database\n"
        "sys.stdin.read()\n"
        "SQLiteCache(Database(pathlib.Path(sys.argv[1]), 30)).bump(['runbooks'])\n"
    )
    command = [sys.executable, "-W", "error", "-c", script, str(path)]
    children = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(4)]
    for child in children:
        assert child.stdin
        child.stdin.close()

    assert [child.wait(60) for child in children] == [0, 0, 0, 0]
    database = Database(path)
    assert SQLiteCache(database).generations().sources == {"runbooks": 4}
    database.close()


def an_entry(body: bytes = b"{}") -> CacheEntry:
    return CacheEntry(body, Stamp("c", 0), 0, 1, 4e9)


def test_only_the_newest_answers_are_kept(database: Database) -> None:
    cache = SQLiteCache(database, max_answers=10)
    for number in range(30):
        cache.write(f"k{number}", an_entry())
    cache.write("k20", an_entry(b"again"))

    kept = [number for number in range(30) if cache.read(f"k{number}").entry]

    assert kept == list(range(20, 30))


def test_only_the_newest_vectors_are_kept(database: Database) -> None:
    cache = SQLiteCache(database, max_vectors=10)
    for number in range(30):
        cache.write_vectors({f"model#{number}": array("f", [number])}, 4e9)

    kept = cache.vectors([f"model#{number}" for number in range(30)])

    assert sorted(kept) == [f"model#{number}" for number in range(20, 30)]


def test_a_vector_that_was_cut_is_a_miss(database: Database) -> None:
    cache = SQLiteCache(database)
    cache.write_vectors({"model#a": array("f", [1.0]), "model#b": array("f", [2.0])}, 4e9)
    with database.transaction() as connection:
        connection.execute("UPDATE vectors SET vector = x'000102' WHERE key = 'model#a'")

    assert cache.vectors(["model#a", "model#b"]) == {"model#b": array("f", [2.0])}


def test_an_answer_over_the_limit_does_not_replace_what_is_there(database: Database) -> None:
    cache = SQLiteCache(database)
    cache.write("k", an_entry(b"x" * MAX_BODY_BYTES))

    cache.write("k", an_entry(b"x" * (MAX_BODY_BYTES + 1)))

    entry = cache.read("k").entry
    assert entry is not None
    assert len(entry.body) == MAX_BODY_BYTES


def test_expired_activity_is_deleted_as_new_is_added(database: Database) -> None:
    from personal_pipeline.adapters.sqlite.activity import SQLiteActivity
    from personal_pipeline.domain.search import SearchQuery
    from personal_pipeline.ports import AskedQuery

    now = 1000.0
    activity = SQLiteActivity(database, lambda: now)
    activity.add("2026-11-23", [AskedQuery(SearchQuery("old"), 1)], 1100.0)
    now = 1200.0
    activity.add("2026-11-23", [AskedQuery(SearchQuery("new"), 1)], 1300.0)

    with database.snapshot() as connection:
        assert connection.execute("SELECT count(*) FROM asked").fetchone() == (1,)


def test_votes_from_before_they_faded_are_as_old_as_the_last_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_800_000_000.0
    with monkeypatch.context() as patch:
        patch.setattr("personal_pipeline.adapters.sqlite.database.MIGRATIONS", schema.MIGRATIONS[:3])
        before = Database(tmp_path / "pipeline.db")
        with before.transaction() as connection:
            until = now + VOTE_SECONDS - HALF_LIFE_SECONDS
            connection.execute("INSERT INTO feedback VALUES ('disk#', 'a', 3, 1, ?)", (until,))
            connection.execute("INSERT INTO votes VALUES ('disk#', 'a', 'u', 1, ?)", (until,))
        before.close()
    database = Database(tmp_path / "pipeline.db")
    activity = SQLiteActivity(database, lambda: now)

    assert activity.feedback("disk#") == {"a": (1.5, 0.5)}
    activity.vote("disk#", "a", "u", False, now + VOTE_SECONDS)
    assert activity.feedback("disk#") == {"a": (1.0, 1.5)}
    database.close()


def test_a_rendered_document_from_before_has_no_structure_until_it_is_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("personal_pipeline.adapters.sqlite.database.MIGRATIONS", schema.MIGRATIONS[:6])
        before = Database(tmp_path / "pipeline.db")
        with before.transaction() as connection:
            connection.execute("INSERT INTO rendered VALUES ('d1', 3, '[\"public\"]', ?)", (b"{}",))
        before.close()
    database = Database(tmp_path / "pipeline.db")
    cache = SQLiteCache(database)

    assert cache.document("d1") == RenderedDocument("d1", 3, ("public",), b"{}", b"", form=0)
    cache.write_document(RenderedDocument("d1", 3, ("public",), b"{}", b"[]"))
    assert cache.document("d1") == RenderedDocument("d1", 3, ("public",), b"{}", b"[]")
    database.close()
