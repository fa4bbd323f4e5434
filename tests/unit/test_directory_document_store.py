"""What the document folder adds to the contract: notifications in order, crashes, damage."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from personal_pipeline.adapters.directory_document_store import DirectoryDocumentStore
from personal_pipeline.domain.documents import ObjectRef
from personal_pipeline.domain.errors import DocumentMissingError, InvalidDocumentError, StoreUnavailableError
from personal_pipeline.domain.ids import doc_id_of

KEY = "runbooks/disk.md"


def test_every_change_is_told_with_a_greater_sequencer(tmp_path: Path) -> None:
    told: list[tuple[str, str, str]] = []
    store = DirectoryDocumentStore(tmp_path, lambda *change: told.append(change), clock_ns=lambda: 5)

    store.put(KEY, b"one")
    store.put(KEY, b"two")
    store.delete(KEY)
    store.delete(KEY)

    assert [(kind, key) for kind, key, _ in told] == [("put", KEY), ("put", KEY), ("delete", KEY), ("delete", KEY)]
    assert [int(sequencer, 16) for _, _, sequencer in told] == [5, 6, 7, 8]


def test_sequencers_grow_even_when_the_clock_goes_back_over_a_restart(tmp_path: Path) -> None:
    told: list[str] = []
    for now in (1_800_000_000_000_000_000, 1_700_000_000_000_000_000, 1_900_000_000_000_000_000):
        DirectoryDocumentStore(tmp_path, lambda *change: told.append(change[2]), clock_ns=lambda n=now: n).put(
            KEY, b"x"
        )

    assert told == sorted(set(told))
    assert {len(sequencer) for sequencer in told} == {16}


def test_sequencers_of_several_processes_never_meet(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from personal_pipeline.adapters.directory_document_store import DirectoryDocumentStore\n"
        "store = DirectoryDocumentStore(pathlib.Path(sys.argv[1]), lambda *change: print(change[2]), clock_ns=int)\n"
        "sys.stdin.read()\n"
        "for number in range(30):\n"
        "    store.put(f'runbooks/{sys.argv[2]}.md', str(number).encode())\n"
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    for child in children:
        assert child.stdin
        child.stdin.close()
        child.stdin = None
    told = [child.communicate(timeout=60)[0].split() for child in children]

    assert sorted(int(one, 16) for of_one in told for one in of_one) == list(range(1, 91))
    assert all(of_one == sorted(of_one) for of_one in told)


def test_a_change_that_nobody_was_told_of_raises(tmp_path: Path) -> None:
    """The queue is down: the caller hears of it and makes the change again."""

    def fail(*_: str) -> None:
        raise StoreUnavailableError("queue is down")

    with pytest.raises(StoreUnavailableError, match="queue is down"):
        DirectoryDocumentStore(tmp_path, fail).put(KEY, b"text")


def test_an_unfinished_write_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    store = DirectoryDocumentStore(tmp_path, lambda *change: told.append(change[0]))
    store.put(KEY, b"old", {"a": "1"})

    def no_space(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_space)
        with pytest.raises(StoreUnavailableError, match=f"{KEY}.*No space left on device; check the space"):
            store.put(KEY, b"new", {"a": "2"})

    found = store.read(ObjectRef(KEY))
    assert (found.body, found.metadata, told) == (b"old", {"a": "1"}, ["put"])
    assert list((tmp_path / "unfinished").iterdir()) == []


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    store = DirectoryDocumentStore(tmp_path / "documents")
    store.put("runbooks/other.md", b"text")
    secret = tmp_path / "secret"
    secret.write_text('{"key": "runbooks/disk.md", "metadata": {}}\nsecret')
    (tmp_path / "documents" / "objects" / doc_id_of(KEY)).symlink_to(secret)

    with pytest.raises(StoreUnavailableError, match=KEY):
        store.read(ObjectRef(KEY))


def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    store = DirectoryDocumentStore(tmp_path)
    store.put(KEY, b"text")
    (tmp_path / "objects" / doc_id_of(KEY)).write_bytes(b"\x00\xff" * 100)

    with pytest.raises(StoreUnavailableError, match="damaged: remove it, then put the document again"):
        store.read(ObjectRef(KEY))
    with pytest.raises(StoreUnavailableError, match="damaged"):
        store.keys()


def test_a_large_document_is_refused_without_reading_it(tmp_path: Path) -> None:
    store = DirectoryDocumentStore(tmp_path)
    store.put(KEY, b"")
    with (tmp_path / "objects" / doc_id_of(KEY)).open("ab") as file:
        file.truncate(1 << 40)  # a sparse terabyte: reading it would end the test

    with pytest.raises(InvalidDocumentError, match=KEY):
        store.read(ObjectRef(KEY))


def test_metadata_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidDocumentError, match=KEY):
        DirectoryDocumentStore(tmp_path).put(KEY, b"text", {"title": "x" * 100_000})


def test_an_empty_store_has_no_keys_and_misses_everything(tmp_path: Path) -> None:
    store = DirectoryDocumentStore(tmp_path / "not" / "yet")

    assert list(store.keys()) == []
    with pytest.raises(DocumentMissingError):
        store.read(ObjectRef(KEY))
    store.delete(KEY)
