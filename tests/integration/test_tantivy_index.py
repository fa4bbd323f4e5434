"""The index on this machine, between processes: one writes, others read, and any of them may die."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from personal_pipeline.adapters.tantivy_index import TantivyIndex
from personal_pipeline.domain import index_fields
from personal_pipeline.domain.errors import IndexUnavailableError
from tests.contract.indexes import dead, found, live

ROOT = Path(__file__).parents[2]


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[TantivyIndex]:
    index = TantivyIndex(tmp_path, writer=True)
    index.prepare()
    yield index
    index.close()


class Peer:
    """A second process that runs a few lines of Python and answers one line for each it is sent."""

    def __init__(self, code: str, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, os.fspath(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": os.fspath(ROOT)},
        )

    def hears(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip() or self.process.communicate()[1]

    def says(self, line: str) -> str:
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.hears()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


READER = """
import sys
from pathlib import Path
from personal_pipeline.adapters.tantivy_index import TantivyIndex
from tests.contract.indexes import found
index = TantivyIndex(Path(sys.argv[1]))
for line in sys.stdin:
    print(found(index, line), flush=True)
"""

WRITER = """
import sys
from pathlib import Path
from personal_pipeline.adapters.tantivy_index import TantivyIndex
from tests.contract.indexes import live
index = TantivyIndex(Path(sys.argv[1]), writer=True)
index.prepare()
print("ready", flush=True)
for rev in range(1, 100_000):
    index.apply([live("doc", ordinal, rev, text="alpha") for ordinal in range(5)])
    print(rev, flush=True)
"""


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Callable[[str], Peer]]:
    peers: list[Peer] = []

    def start(code: str) -> Peer:
        peers.append(Peer(code, tmp_path))
        return peers[-1]

    yield start
    for each in peers:
        each.kill()


def test_a_reader_in_another_process_sees_a_commit_at_its_next_search(
    writer: TantivyIndex, peer: Callable[[str], Peer]
) -> None:
    reader = peer(READER)
    assert reader.says("alpha") == "[]"

    for rev in range(1, 30):  # often enough for segments to be merged and old ones to be deleted
        writer.apply([live("doc", rev % 4, rev, text="alpha"), dead("doc", (rev + 1) % 4, rev)])
        assert reader.says("alpha") == str(found(writer, "alpha"))


def test_a_second_writer_is_told_who_is_in_the_way(writer: TantivyIndex, tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailableError, match=r"another process is writing.*stop the other"):
        TantivyIndex(tmp_path, writer=True).prepare()


def test_a_closed_writer_lets_the_next_one_in(writer: TantivyIndex, tmp_path: Path) -> None:
    writer.apply([live("doc", text="alpha")])
    writer.close()

    other = TantivyIndex(tmp_path, writer=True)
    other.prepare()

    other.apply([live("other", text="alpha")])
    assert found(writer, "alpha") == [("doc", 0), ("other", 0)]
    other.close()


def test_a_killed_writer_loses_nothing_that_it_acknowledged_and_leaves_no_lock(
    tmp_path: Path, peer: Callable[[str], Peer]
) -> None:
    for _ in range(3):
        writing = peer(WRITER)
        assert writing.hears() == "ready"
        while int(acknowledged := writing.hears()) < 7:
            pass
        writing.kill()

        index = TantivyIndex(tmp_path, writer=True)
        index.prepare()
        revisions = index.revisions("doc")
        assert set(revisions) == set(range(5))
        assert len(set(revisions.values())) == 1, "half a bulk"
        assert min(revisions.values()) >= int(acknowledged)
        index.apply([dead("doc", ordinal, rev=0) for ordinal in range(5)])
        assert len(found(index, "alpha")) == 5
        index.close()
        for each in sorted((tmp_path / "passages-v2").iterdir()):
            each.unlink()


FULL_DISK = """
import resource, sys
from pathlib import Path
from personal_pipeline.adapters.tantivy_index import TantivyIndex
from personal_pipeline.domain.errors import IndexUnavailableError
from tests.contract.indexes import found, live
index = TantivyIndex(Path(sys.argv[1]), writer=True)
index.prepare()
index.apply([live("before", text="alpha")])
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
try:
    index.apply([live("large", n, text="alpha " + " ".join(f"word{n}x{m}" for m in range(500))) for n in range(200)])
except IndexUnavailableError:
    print("unavailable", found(index, "alpha"), flush=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
index.apply([live("after", text="alpha")])
print(found(index, "alpha"), flush=True)
"""


def test_a_full_disk_fails_the_bulk_and_nothing_else(peer: Callable[[str], Peer]) -> None:
    writing = peer(FULL_DISK)

    assert writing.hears() == "unavailable [('before', 0)]"
    assert writing.hears() == "[('after', 0), ('before', 0)]"


def test_a_folder_that_cannot_be_made_is_an_unavailable_index(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(IndexUnavailableError, match="check the disk"):
        TantivyIndex(tmp_path / "file", writer=True).prepare()


def test_only_a_writer_writes(writer: TantivyIndex, tmp_path: Path) -> None:
    reader = TantivyIndex(tmp_path)
    reader.prepare()

    with pytest.raises(IndexUnavailableError, match="only the writer process"):
        reader.apply([live("doc")])


@pytest.mark.parametrize("damage", ["meta.json is junk", "a segment is cut", "a segment is gone"])
def test_damaged_files_are_reported_with_what_to_do_and_a_writer_starts_afresh(tmp_path: Path, damage: str) -> None:
    index = TantivyIndex(tmp_path, writer=True)
    index.prepare()
    index.apply([live("doc", text="alpha")])
    index.close()
    folder = tmp_path / "passages-v2"
    segment = next(folder.glob("*.idx"))
    if damage == "meta.json is junk":
        (folder / "meta.json").write_text('{"segments": [')
    elif damage == "a segment is cut":
        segment.write_bytes(segment.read_bytes()[:-9])
    else:
        segment.unlink()

    reader = TantivyIndex(tmp_path)
    with pytest.raises(IndexUnavailableError, match="pp reindex"):
        found(reader, "alpha")

    writer = TantivyIndex(tmp_path, writer=True)
    writer.prepare()
    assert writer.count() == 0
    writer.apply([live("doc", text="alpha again")])
    assert found(reader, "again") == [("doc", 0)]
    assert (tmp_path / "passages-v2.unreadable-1" / "meta.json").exists(), "moved aside, not deleted"
    writer.close()


def test_a_flipped_bit_never_gets_further_than_an_unavailable_index(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path, writer=True)
    index.prepare()
    index.apply([live("doc", ordinal, text="alpha beta") for ordinal in range(50)])
    index.close()
    original = next((tmp_path / "passages-v2").glob("*.store"))
    size = original.stat().st_size
    outcomes = set()
    for number, position in enumerate(range(0, size, max(1, size // 60))):
        copy = tmp_path / f"copy-{number}"  # never the same file twice: writing to one that is mapped kills a process
        shutil.copytree(tmp_path / "passages-v2", copy / "passages-v2")
        store = copy / "passages-v2" / original.name
        flipped = bytearray(store.read_bytes())
        flipped[position] ^= 0x40
        store.write_bytes(flipped)
        try:
            found(TantivyIndex(copy), "alpha")
            outcomes.add("answered")
        except IndexUnavailableError:
            outcomes.add("unavailable")
    assert "unavailable" in outcomes


def test_another_version_of_the_analyser_begins_an_empty_index_beside_the_old_one(
    writer: TantivyIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.apply([live("doc", text="alpha")])
    monkeypatch.setattr(index_fields, "INDEX_VERSION", 3)

    newer = TantivyIndex(tmp_path, writer=True)
    newer.prepare()

    assert newer.count() == 0
    assert found(writer, "alpha") == [("doc", 0)]
    newer.close()


def test_an_index_restored_from_a_backup_is_read_without_a_restart(writer: TantivyIndex, tmp_path: Path) -> None:
    reader = TantivyIndex(tmp_path)
    writer.apply([live("doc", text="alpha")])
    assert found(reader, "alpha") == [("doc", 0)]
    writer.close()
    other = tmp_path / "backup"
    backup = TantivyIndex(other, writer=True)
    backup.prepare()
    backup.apply([live("restored", text="alpha")])
    backup.close()

    (tmp_path / "passages-v2").rename(tmp_path / "gone")
    (other / "passages-v2").rename(tmp_path / "passages-v2")

    assert found(reader, "alpha") == [("restored", 0)]


def test_threads_may_search_while_one_writes(writer: TantivyIndex) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def search(_: int) -> int:
        return len(found(writer, "alpha"))

    with ThreadPoolExecutor(4) as pool:
        for rev in range(1, 15):
            counts = pool.map(search, range(20))
            writer.apply([live("doc", ordinal, rev, text="alpha") for ordinal in range(7 if rev % 2 else 12)])
            writer.apply([dead("doc", ordinal, rev) for ordinal in range(7 if rev % 2 else 12, 12)])
            assert set(counts) <= {0, 7, 12}
