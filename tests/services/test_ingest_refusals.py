"""What ingest does when a part says no for good, or not now."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from personal_pipeline.adapters.directory_document_store import DirectoryDocumentStore
from personal_pipeline.adapters.parsing_process import InlineParser
from personal_pipeline.adapters.sqlite.cache import SQLiteCache
from personal_pipeline.adapters.sqlite.catalog import SQLiteCatalog
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.adapters.sqlite.queue import SQLiteQueue
from personal_pipeline.adapters.tantivy_index import TantivyIndex
from personal_pipeline.domain.errors import IndexUnavailableError
from personal_pipeline.domain.ids import doc_id_of
from personal_pipeline.domain.search import ChangeOutcome, PassageChange
from personal_pipeline.messages import IngestMessage
from personal_pipeline.services.ingest_documents import IngestDocuments, Result


class World:
    def __init__(self, folder: Path) -> None:
        database = Database(folder / "pipeline.db")
        self.catalog = SQLiteCatalog(database)
        self.cache = SQLiteCache(database)
        self.index = TantivyIndex(folder / "index", writer=True)
        self.store = DirectoryDocumentStore(folder / "documents")
        queue = SQLiteQueue(database, "ingest")
        self.ingest = IngestDocuments(
            self.catalog, self.store, self.index, self.cache, InlineParser(), queue, lambda: 1_000.0
        )

    def put(self, key: str, sequencer: str = "01") -> IngestMessage:
        self.store.put(key, b"# Disk full\n\nRun df.\n")
        return IngestMessage(bucket="documents", key=key, kind="put", sequencer=sequencer)

    def results(self, *messages: IngestMessage) -> list[Result]:
        return [outcome.result for outcome in self.ingest(messages)]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def refuse(world: World, monkeypatch: pytest.MonkeyPatch, key: str, is_retryable: bool) -> None:
    """The index takes everything but the passages of one document."""
    apply = world.index.apply

    def apply_but_one(changes: Sequence[PassageChange]) -> list[ChangeOutcome]:
        wanted = [change for change in changes if change.doc_id != doc_id_of(key)]
        refused = [
            ChangeOutcome(change, False, "mapper says no", is_retryable) for change in changes if change not in wanted
        ]
        return apply(wanted) + refused

    monkeypatch.setattr(world.index, "apply", apply_but_one)


def test_what_the_index_refuses_for_good_is_noted_and_not_swept_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(world, monkeypatch, "ops/bad.md", is_retryable=False)
    before = world.cache.generations().acl

    assert world.results(world.put("ops/bad.md"), world.put("ops/good.md")) == [Result.FAILED, Result.INDEXED]

    entry = world.catalog.entry(doc_id_of("ops/bad.md"))
    assert entry is not None
    assert "mapper says no" in entry.error
    assert world.catalog.pending(before=2_000.0) == []
    assert world.cache.generations().acl > before


def test_what_the_index_refuses_for_now_stays_pending_and_is_done_by_a_retry(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(world, monkeypatch, "ops/busy.md", is_retryable=True)
    message = world.put("ops/busy.md")
    assert world.results(message) == [Result.FAILED]
    assert [entry.key for entry in world.catalog.pending(before=2_000.0)] == ["ops/busy.md"]
    monkeypatch.undo()

    assert world.results(message) == [Result.INDEXED]


def test_an_index_that_is_down_fails_every_record_and_loses_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_: Sequence[PassageChange]) -> list[ChangeOutcome]:
        raise IndexUnavailableError("down")

    monkeypatch.setattr(world.index, "apply", down)
    messages = [world.put(f"ops/{n}.md") for n in range(3)]
    assert world.results(*messages) == [Result.FAILED] * 3
    monkeypatch.undo()

    assert world.results(*messages) == [Result.INDEXED] * 3


def test_a_superseded_record_of_a_batch_is_not_written(world: World) -> None:
    first, second = world.put("ops/disk.md", "01"), world.put("ops/disk.md", "02")

    assert world.results(first, second) == [Result.SUPERSEDED, Result.INDEXED]
