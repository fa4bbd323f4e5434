"""The one writer: everything that happens without a caller runs in this process.

Event source mappings, schedules, the watched folder, and the index writer behind the ingest function. It tells
the first process what it does, and is started again by it when it dies; what it was doing then is on the queues.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event

from infra.local.event_sources import BatchOutcome, QueueEventSource
from infra.local.failures import refusal
from infra.local.folder import Changes, FolderSource
from infra.local.functions import FunctionTimeoutError, LocalFunction
from infra.local.journal import Journal
from infra.local.logs import send_output_to_log
from infra.local.parts import EmbeddedParts
from infra.local.plan import Plan, end_with_parent
from infra.local.scheduler import Scheduler
from infra.local.topology import Schedule
from infra.local.watcher import watch_folder
from personal_pipeline.domain.errors import PipelineError, RejectedError, UnavailableError

POLL_SECONDS = 1.0
RETRY_SECONDS = 1.0
STOP_SECONDS = 3.0
PROGRESS_SECONDS = 0.1
PREPARE_SECONDS = 5.0
CANNOT_START = 2
TIMED_OUT = 70

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """Everything that happens without a caller can happen now."""


@dataclass(frozen=True, slots=True)
class Putting:
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Synchronised:
    changes: Changes
    waiting: int  # documents on the ingest queue


@dataclass(frozen=True, slots=True)
class Handled:
    function: str
    outcome: BatchOutcome
    left: int  # about how many messages are still on the queue


@dataclass(frozen=True, slots=True)
class Problem:
    text: str


@dataclass(frozen=True, slots=True)
class CannotStart:
    text: str


Report = Ready | Putting | Synchronised | Handled | Problem | CannotStart


class Reports:
    """To the first process. When it is gone there is nobody to tell, and this process ends too."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def __call__(self, report: Report) -> None:
        with self._lock, suppress(OSError):
            self._connection.send(report)


def run_events(plan: Plan, connection: Connection, prepared: Event) -> None:
    end_with_parent()
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal: the first one decides
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    os.environ.update(plan.process_environment())
    send_output_to_log(plan.data_dir, "events", shows_lines=True)
    report = Reports(connection)
    try:
        process = EventsProcess(plan, report, stop)
        process.start(prepared.set)
    except (RejectedError, UnavailableError) as error:
        logger.exception("cannot start")
        report(CannotStart(str(error)))
        os._exit(CANNOT_START)
    while not stop.wait(3600):
        pass
    process.join(STOP_SECONDS)
    sys.stdout.flush()
    os._exit(0)  # a handler that hangs must not hold the process; what it works on comes back


class EventsProcess:
    def __init__(self, plan: Plan, report: Reports, stop: threading.Event) -> None:
        self._plan = plan
        self._report = report
        self._stop = stop
        self._parts = plan.parts()
        self._journal = Journal(plan.data_dir / "server.db")
        self._threads: list[threading.Thread] = []
        used = {mapping.function for mapping in plan.topology.mappings}
        used |= {schedule.function for schedule in plan.topology.schedules}
        self._functions = {
            id_: LocalFunction(function, plan.environment)
            for id_, function in plan.topology.functions.items()
            if id_ in used
        }

    def start(self, on_prepared: Callable[[], None]) -> None:
        self._prepare()
        on_prepared()
        loading = [function.start() for function in self._functions.values()]
        folder = self._folder()
        if folder:
            self._run("folder", lambda: watch_folder(folder, self._stop, self._synchronise, self._tell))
        for loaded in loading:
            loaded.result()
        for mapping in self._plan.topology.mappings:
            spec = self._plan.topology.queues[mapping.queue]
            source = QueueEventSource(
                mapping,
                spec,
                self._parts.queue(mapping.queue),
                self._functions[mapping.function],
                partial(self._parts.note_error, mapping.queue),
                lambda message: refusal(self._parts.catalog, message.body),
            )
            self._run(spec.name, partial(self._poll, source))
        self._run("schedules", self._run_schedules)
        self._report(Ready())

    def join(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _prepare(self) -> None:
        """The index exists, and what a crashed process had in its hands is back on the queues.

        An index that does not answer keeps nobody from starting: what is cached is answered, documents wait on
        their queue, and the first that is ingested prepares it.
        """
        from personal_pipeline import bootstrap

        if isinstance(self._parts, EmbeddedParts):
            for queue in self._parts.queues.values():
                queue.return_in_flight()
        deadline = time.monotonic() + PREPARE_SECONDS
        while True:
            try:
                passages = bootstrap.prepare_index()
                break
            except UnavailableError as error:  # the writer of a server that was killed just now may still hold it
                if time.monotonic() > deadline:
                    self._report(Problem(f"The index cannot be prepared: {error}"))
                    return
                time.sleep(0.1)
        if passages == 0:  # lost, or restored from a backup, which has none
            bootstrap.reindex_documents()()

    def _folder(self) -> FolderSource | None:
        if self._plan.options.runbooks is None:
            return None

        told = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal told
            if time.monotonic() - told >= PROGRESS_SECONDS:
                told = time.monotonic()
                self._report(Putting(done, total))

        return FolderSource(self._plan.options.runbooks, self._parts.store, self._journal, progress)

    def _synchronise(self, folder: FolderSource) -> None:
        changes = folder.synchronise()
        self._report(Synchronised(changes, self._waiting_documents()))

    def _tell(self, problem: str) -> None:
        self._report(Problem(problem))

    def _waiting_documents(self) -> int:
        (bucket,) = self._plan.topology.buckets.values()
        return sum(self._parts.queue(id_).depth() for id_ in {rule.queue for rule in bucket.notifications})

    def _poll(self, source: QueueEventSource) -> None:
        queue = self._parts.queue(source.mapping.queue)
        while not self._stop.is_set():
            outcome = source.poll(POLL_SECONDS)
            if outcome.received:
                self._report(Handled(source.mapping.function, outcome, queue.depth()))

    def _run_schedules(self) -> None:
        scheduler = Scheduler(self._plan.topology.schedules, self._journal, self._start_scheduled, time.time)
        while not self._stop.is_set():
            due = scheduler.run_due()
            self._stop.wait(min(30.0, max(0.2, due - time.time())))

    def _start_scheduled(self, schedule: Schedule, event: dict[str, object]) -> None:
        try:
            self._functions[schedule.function].invoke(event)
        except FunctionTimeoutError:
            raise
        except Exception:  # Lambda's border: the next tick tries again
            logger.exception("schedule %s failed", schedule.name)

    def _run(self, name: str, work: Callable[[], None]) -> None:
        def run() -> None:
            while not self._stop.is_set():
                with self._survived(name):
                    work()
                    return
                self._stop.wait(RETRY_SECONDS)

        thread = threading.Thread(target=run, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    @contextmanager
    def _survived(self, name: str) -> Iterator[None]:
        """A store that does not answer is waited for; a handler that hangs takes the process with it."""
        try:
            yield
        except FunctionTimeoutError as error:
            self._report(Problem(f"{error}; its process starts again"))
            os._exit(TIMED_OUT)
        except PipelineError as error:
            logger.warning("%s: %s", name, error)
