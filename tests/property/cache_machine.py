"""Searches, changes, refreshes and failures, a step at a time, over the real services and the real cache table."""

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from personal_pipeline.adapters.sqlite.cache import SQLiteCache
from personal_pipeline.adapters.sqlite.catalog import SQLiteCatalog
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.domain.caching import CacheEntry
from personal_pipeline.domain.errors import (
    IndexUnavailableError,
    QueueUnavailableError,
    StoreUnavailableError,
    TableUnavailableError,
    UnavailableError,
)
from personal_pipeline.domain.ids import doc_id_of
from personal_pipeline.domain.search import CallerScope, SearchFilters, SearchQuery
from personal_pipeline.messages import IngestMessage, RefreshMessage
from personal_pipeline.ports import OutgoingMessage
from personal_pipeline.services.breaker import Breaker
from personal_pipeline.services.find_documents import FindDocuments
from personal_pipeline.services.ingest_documents import IngestDocuments
from personal_pipeline.services.memory_cache import MemoryCache
from personal_pipeline.services.search_runbooks import CachePolicy, SearchRunbooks
from tests.histories.bucket import Content, ContentParser, MemoryBucket
from tests.histories.processes import Call, Fate, Stepped, Worker
from tests.property.cache_model import Asked, Judge, ModelIndex, Notice, Time

KEYS = ("ops/disk.md", "ops/net.md", "db/etcd.md", "db/lag.md")
GROUPS = (("public",), ("sre",), ("public", "sre"))
TEXTS = ("content", "content 2")
SOURCES = ("", "ops")
PROCESSES = 2
L1_SECONDS = 60.0
MOST_CHANGES = 2  # at work at once


class SwitchedOff:
    """A port whose part does not answer while the switch is off."""

    def __init__(self, port: Any, is_down: Callable[[], bool], error: type[UnavailableError]) -> None:
        self._port = port
        self._is_down = is_down
        self._error = error

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            if self._is_down():
                raise self._error("switched off")
            return method(*args, **kwargs)

        setattr(self, name, call)
        return call


class NotCounted:
    def count(self, query: SearchQuery) -> None:
        pass


class RefreshQueue:
    """FIFO with deduplication, as far as refreshing needs it."""

    def __init__(self) -> None:
        self.waiting: list[RefreshMessage] = []
        self._known: set[str] = set()

    def send(self, messages: Sequence[OutgoingMessage]) -> None:
        for message in messages:
            if message.deduplication_id not in self._known:
                self._known.add(message.deduplication_id)
                self.waiting.append(RefreshMessage.model_validate_json(message.body))


class CacheMachine:
    """Two processes that search and one that refreshes; each search is its process's only one, as in Lambda.

    ``make_search``, ``make_ingest``, ``make_query`` and ``wrap_cache`` are where known-bad variants come in.
    """

    def __init__(
        self,
        seed: str,
        folder: Path,
        policy: CachePolicy,
        make_search: type[SearchRunbooks] = SearchRunbooks,
        make_ingest: type[IngestDocuments] = IngestDocuments,
        make_query: type[SearchQuery] = SearchQuery,
        wrap_cache: Callable[[Any], Any] = lambda cache: cache,
    ) -> None:
        self.random = Random(seed)
        self.time = Time()
        self.index = ModelIndex(self.time)
        self.judge = Judge(self.index, self.time, policy)
        self.log: list[str] = []
        self._make_query = make_query
        self._is_table_down = False
        database = Database(folder / "pipeline.db")
        table = SwitchedOff(
            wrap_cache(SQLiteCache(database, lambda: self.time.clock)),
            lambda: self._is_table_down,
            TableUnavailableError,
        )
        self._rendered = SQLiteCache(database)
        cache = Stepped(table, TableUnavailableError)
        catalog = Stepped(
            SwitchedOff(SQLiteCatalog(database), lambda: self._is_table_down, TableUnavailableError),
            TableUnavailableError,
        )
        index = Stepped(self.index, IndexUnavailableError)
        self._queue = RefreshQueue()
        self._bucket = MemoryBucket(is_versioned=False)
        self._ingest = make_ingest(
            catalog,
            Stepped(self._bucket, StoreUnavailableError),
            index,
            cache,
            ContentParser(),
            Stepped(self._queue, QueueUnavailableError),
            lambda: self.time.clock,
        )
        self._searches = [
            make_search(
                find=FindDocuments(
                    index,
                    Breaker(3, 2.0, lambda: self.time.clock),
                    None,
                    Breaker(3, 2.0, lambda: self.time.clock),
                    lambda: self.time.clock,
                ),
                cache=cache,
                catalog=catalog,
                refresh_queue=Stepped(self._queue, QueueUnavailableError),
                popularity=NotCounted(),
                memory=MemoryCache[CacheEntry](20_000, L1_SECONDS, lambda entry: len(entry.body)),
                policy=policy,
                clock=lambda: self.time.clock,
            )
            for _ in range(PROCESSES + 1)  # the last one warms
        ]
        self._asking: dict[int, tuple[Worker, Asked]] = {}
        self._changing: dict[Worker, IngestMessage] = {}
        self._again: list[IngestMessage] = []
        self._written: dict[str, tuple[int, bool]] = {}  # newest revision, and whether it is no delete
        self._applied: dict[tuple[str, int], int] = {}
        self._sequence = 0

    def run(self, steps: int) -> list[str]:
        """Stops at the first wrong answer."""
        for _ in range(steps):
            self.time.moment += 1
            self._one_step()
            if self.judge.wrong:
                break
        return self.judge.wrong

    def _one_step(self) -> None:
        idle = [process for process in range(PROCESSES) if process not in self._asking]
        choices: list[tuple[Callable[[], None], float]] = [
            (self._step_a_search, 6.0 * bool(self._asking)),
            (self._step_a_change, 6.0 * bool(self._changing)),
            (lambda: self._begin_search(self.random.choice(idle)), 4.0 * bool(idle)),
            (self._begin_change, 0.4 * (len(self._changing) < MOST_CHANGES)),
            (self._begin_refresh, 2.0 * (bool(self._queue.waiting) and PROCESSES not in self._asking)),
            (self._pass_time, 0.7 * (not self._asking)),
            (self._switch_index, 1.0 if self.index.is_down else 0.06),
            (self._switch_table, 1.0 if self._is_table_down else 0.06),
            (self._read_a_document, 0.5),
        ]
        self.random.choices([act for act, _ in choices], [weight for _, weight in choices])[0]()

    # ── Searches ─────────────────────────────────────────────────────────────

    def _begin_search(self, process: int) -> None:
        filters = SearchFilters(source=self.random.choice(SOURCES))
        query = self._make_query(
            self.random.choices(TEXTS, (3, 1))[0],
            filters,
            scope=CallerScope(self.random.choices(GROUPS, (2, 1, 1))[0]),
        )
        asked = Asked(process, query, self.time.moment, self.time.clock)
        self._tell(f"process {process} asks {query.text!r} in {filters.source!r} as {query.scope.groups}")
        search = self._searches[process]
        self._go(Worker(lambda: self._answered(search, query)), asked)

    def _answered(self, search: SearchRunbooks, query: SearchQuery) -> Any:
        try:
            return search(query)
        except UnavailableError as error:
            return error

    def _begin_refresh(self) -> None:
        message = self._queue.waiting.pop(0)
        query = self._make_query(
            message.text, SearchFilters(source=message.source), scope=CallerScope(tuple(message.groups))
        )
        self._tell(f"refresh {query.text!r} in {message.source!r} as {message.groups}")
        asked = Asked(PROCESSES, query, self.time.moment, self.time.clock)
        self._go(Worker(lambda: self._warmed(query)), asked)

    def _warmed(self, query: SearchQuery) -> None:
        try:
            self._searches[PROCESSES].warm(query)
        except UnavailableError:
            return

    def _go(self, worker: Worker, asked: Asked) -> None:
        self._asking[asked.process] = (worker, asked)
        self._see(asked.process)

    def _step_a_search(self) -> None:
        process = self.random.choice(list(self._asking))
        worker, _ = self._asking[process]
        self._tell(f"  process {process}: {worker.call and worker.call.name}")
        worker.step(Fate.GO)
        self._see(process)

    def _see(self, process: int) -> None:
        worker, asked = self._asking[process]
        if worker.call is not None:
            return
        del self._asking[process]
        answer = worker.result
        if process == PROCESSES or isinstance(answer, UnavailableError):
            return
        self._tell(f"  process {process}: answered by {answer.answered_by} {answer.degraded}")
        self.judge.hear(asked, answer)

    # ── Changes ──────────────────────────────────────────────────────────────

    def _begin_change(self) -> None:
        is_retry = self._again and self.random.random() < 0.6
        message = self._again.pop(0) if is_retry else self._changed_object()
        self._tell(f"ingest {message.kind} {message.key}")
        worker = Worker(lambda: self._ingest([message]))
        self._changing[worker] = message

    def _changed_object(self) -> IngestMessage:
        """A new text, the same text again, other groups, or a delete."""
        key = self.random.choice(KEYS)
        self._sequence += 1
        sequencer = f"{self._sequence:06X}"
        if self.random.random() < 0.15:
            self._bucket.delete(key)
            return IngestMessage(bucket="documents", key=key, kind="delete", sequencer=sequencer)
        content = Content(self.random.randint(1, 3), 1, self.random.choices(GROUPS, (8, 1, 1))[0])
        self._bucket.put(key, content.body)
        return IngestMessage(bucket="documents", key=key, kind="put", sequencer=sequencer)

    def _step_a_change(self) -> None:
        worker = self.random.choice(list(self._changing))
        call = worker.call
        assert call is not None
        fate = Fate.GO if self.random.random() < 0.98 else self.random.choice(list(Fate))
        self._tell(f"  {self._changing[worker].key}: {call.name} [{fate.value}]")
        worker.step(fate)
        if call.is_done:
            self._note(call, self._changing[worker].key.partition("/")[0])
        if worker.call is None:
            message = self._changing.pop(worker)
            if worker.died or worker.result[0].error is not None:
                self._again.append(message)

    def _note(self, call: Call, source: str) -> None:
        """What was done, and when it was done."""
        moment, clock = self.time.moment, self.time.clock
        if call.name == "bump":
            sources, _, acl = call.args
            self.judge.notices.append(Notice(moment, clock, moment, tuple(sources), acl))
        elif call.name == "apply":
            self._applied |= {(change.doc_id, change.rev): moment for change in call.args[0]}
        elif call.name == "commit":
            commit = call.args[0]
            self.judge.commits[commit.doc_id] = moment
            if shown_at := self._applied.get((commit.doc_id, commit.rev)):
                self.judge.notices.append(Notice(moment, clock, shown_at, (source,), acl=False))
        elif call.name == "write_document":
            self._note_written(call.args[0].doc_id, call.args[0].rev, is_live=True)
        elif call.name == "delete_document":
            self._note_written(*call.args, is_live=False)

    def _note_written(self, doc_id: str, rev: int, is_live: bool) -> None:
        if rev >= self._written.get(doc_id, (0, False))[0]:
            self._written[doc_id] = (rev, is_live)

    # ── The world ────────────────────────────────────────────────────────────

    def _pass_time(self) -> None:
        """Mostly a little; sometimes beyond an age that matters."""
        self.time.clock += self.random.choices((0.5, 1.9, 2.0, 30.0, 61.0, 301.0, 3700.0), (9, 6, 6, 3, 2, 1, 0.5))[0]
        self._tell(f"clock {self.time.clock}")

    def _switch_index(self) -> None:
        self.index.is_down = not self.index.is_down
        self._tell(f"index is {'down' if self.index.is_down else 'up'}")

    def _switch_table(self) -> None:
        self._is_table_down = not self._is_table_down
        self._tell(f"table is {'down' if self._is_table_down else 'up'}")

    def _read_a_document(self) -> None:
        """Always the newest revision that was written through, whatever is stale around it."""
        doc_id = doc_id_of(self.random.choice(KEYS))
        document = self._rendered.document(doc_id)
        rev, is_live = self._written.get(doc_id, (0, False))
        if (document.rev if document else None) != (rev if is_live else None):
            self.judge.wrong.append(f"document {doc_id} is read as {document}, wanted {self._written.get(doc_id)}")

    def _tell(self, what: str) -> None:
        self.log.append(f"{self.time.moment}: {what}")
