"""What histories share: the real tables and a real index, and rounds in which they all write at once."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personal_pipeline.adapters.sqlite.cache import SQLiteCache
from personal_pipeline.adapters.sqlite.catalog import SQLiteCatalog
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.domain.errors import (
    IndexUnavailableError,
    QueueUnavailableError,
    StoreUnavailableError,
    TableUnavailableError,
)
from personal_pipeline.domain.search import PassageChange
from personal_pipeline.messages import IngestMessage
from personal_pipeline.ports import OutgoingMessage, SearchIndex
from personal_pipeline.services.finish_pending import GRACE_SECONDS, FinishPending
from personal_pipeline.services.ingest_documents import IngestDocuments
from personal_pipeline.services.reindex_documents import ReindexDocuments
from tests.histories.bucket import ContentParser, MemoryBucket
from tests.histories.processes import Stepped

if TYPE_CHECKING:
    from tests.histories.history import History, Writes

BUCKET = "documents"
MOST_SWEEPS = 40  # one takes a hundred documents


class Router:
    """The ingest queue of all histories: each message goes to the history whose source it names."""

    def __init__(self) -> None:
        self.histories: dict[str, History] = {}

    def send(self, messages: Sequence[OutgoingMessage]) -> None:
        for message in messages:
            event = IngestMessage.model_validate_json(message.body)
            self.histories[event.key.partition("/")[0]].send(event)


class World:
    def __init__(
        self,
        folder: Path,
        index: SearchIndex,
        wrap_catalog: Callable[[Any], Any] = lambda catalog: catalog,
        make_ingest: type[IngestDocuments] = IngestDocuments,
    ) -> None:
        self._make_ingest = make_ingest
        self.now = 1_000_000.0
        database = Database(folder / "pipeline.db")
        self.index = index
        self.catalog = wrap_catalog(SQLiteCatalog(database))
        self.cache = SQLiteCache(database, clock=lambda: self.now)
        self.queue = Router()
        self._stepped_catalog = Stepped(self.catalog, TableUnavailableError)
        self._stepped_cache = Stepped(self.cache, TableUnavailableError)
        self._stepped_index = Stepped(index, IndexUnavailableError)
        self._stepped_queue = Stepped(self.queue, QueueUnavailableError)
        self.sweep = FinishPending(self.catalog, self.queue, BUCKET, lambda: self.now)
        self._reindex = ReindexDocuments(self.catalog, self.cache, self.queue, BUCKET)

    def ingest(self, bucket: MemoryBucket) -> IngestDocuments:
        return self._make_ingest(
            self._stepped_catalog,
            Stepped(bucket, StoreUnavailableError),
            self._stepped_index,
            self._stepped_cache,
            ContentParser(),
            self._stepped_queue,
            lambda: self.now,
        )

    def reindex(self, history: "History") -> None:
        self._reindex([history.source])

    def play(self, histories: Sequence["History"]) -> None:
        """To the end: storm, sweep and redrive in either order, sweep again until nothing is open."""
        self.queue.histories = {history.source: history for history in histories}
        self._together(history.storm() for history in histories)
        for history in histories[::2]:
            history.redrive()
        self._together(history.calm() for history in histories)
        self._finish(histories)
        for history in histories:
            history.redrive()
        self._together(history.calm() for history in histories)
        self._finish(histories)

    def check(self, histories: Sequence["History"]) -> None:
        for history in histories:
            history.check()
        shown = sum(len(doc.visible) for history in histories for doc in history.docs)
        if self.index.count() != shown:
            histories[0].wrong.append(f"the index counts {self.index.count()} passages, not {shown}")

    def _finish(self, histories: Sequence["History"]) -> None:
        for _ in range(MOST_SWEEPS):
            self.now += GRACE_SECONDS + 1
            if not self.sweep():
                break
            self._together(history.calm() for history in histories if history.messages)

    def _together(self, running: "Iterable[Writes]") -> None:
        """In lock-step: every history goes on until it writes, then all writes are one bulk."""
        waiting: list[tuple[Writes, Sequence[PassageChange]]] = []
        for history in running:
            if (changes := next(history, None)) is not None:
                waiting.append((history, changes))
        while waiting:
            outcomes = iter(self.index.apply([change for _, changes in waiting for change in changes]))
            written, waiting = waiting, []
            answers = [[next(outcomes) for _ in changes] for _, changes in written]
            for (history, _), answer in zip(written, answers, strict=True):
                try:
                    waiting.append((history, history.send(answer)))
                except StopIteration:
                    continue
