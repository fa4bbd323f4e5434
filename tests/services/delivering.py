"""The delivery side in one process: real queue and records over SQLite, targets that do as they are told, a clock."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.adapters.sqlite.queue import SQLiteQueue
from personal_pipeline.adapters.sqlite.records import SQLiteRecords
from personal_pipeline.domain.errors import PipelineError, TargetUnavailableError
from personal_pipeline.domain.notices import Notice
from personal_pipeline.domain.routing import TargetSettings
from personal_pipeline.edge.deliveries import delivery_messages
from personal_pipeline.edge.sqs import SqsBatch
from personal_pipeline.ports import ReceivedMessage
from personal_pipeline.services.breaker import Breaker
from personal_pipeline.services.deliver_notice import DeliverNotice
from personal_pipeline.services.queue_deliveries import DeliveryQueues
from personal_pipeline.settings import DeliverSettings

START = 1_795_921_500.0
SCHEDULE = DeliverSettings().delivery_delays
MAX_RECEIVES = 12  # as in the template, which a test compares
VISIBILITY_SECONDS = 180.0
Result = TypeVar("Result")


class KilledError(BaseException):
    """The worker is gone, in the middle of something."""


@dataclass
class Clock:
    now: float = START

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Arrival:
    target: str
    notice_id: str
    revision: int
    delivery_id: str
    handle: str
    at: float
    notice: Notice = field(repr=False)


@dataclass
class Calls:
    """Counts the calls of ports, and kills the worker at one of them: before it is done, or after."""

    kill_at: int = 0
    after: bool = False
    count: int = 0

    def __call__(self, work: Callable[..., Result], *given: Any) -> Result:
        self.count += 1
        if self.count == self.kill_at and not self.after:
            raise KilledError
        result = work(*given)
        if self.count == self.kill_at:
            raise KilledError
        return result


class Wrapped:
    """A port, each call of which is counted."""

    def __init__(self, port: Any, calls: Calls) -> None:
        self._port = port
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        return lambda *given: self._calls(method, *given)


@dataclass
class FakeTarget:
    name: str
    clock: Clock
    arrived: list[Arrival]
    down_until: float = 0.0
    retry_after: float = 0.0
    attempts: list[float] = field(default_factory=list)

    def send(self, notice: Notice, delivery_id: str, handle: str) -> str:
        self.attempts.append(self.clock.now)
        if self.clock.now < self.down_until:
            raise TargetUnavailableError(f"target {self.name}: down", self.retry_after)
        self.arrived.append(
            Arrival(self.name, notice.notice_id, notice.revision, delivery_id, handle, self.clock.now, notice)
        )
        return handle or f"message-{len(self.arrived)}"


class World:
    """One queue for all targets, all of kind webhook: the worst case for those that are healthy."""

    def __init__(self, folder: Path, *names: str, batch_size: int = 1, breaker_failures: int = 1_000_000) -> None:
        self.clock = Clock()
        self.database = Database(folder / "pipeline.db")
        self.queue = self._queue("webhook.fifo", MAX_RECEIVES, "dead.fifo")
        self.dead = self._queue("dead.fifo")
        self.records: Any = SQLiteRecords(self.database, self.clock)
        self.arrived: list[Arrival] = []
        self.targets = {name: FakeTarget(name, self.clock, self.arrived) for name in names}
        self.settings = tuple(TargetSettings(name, "webhook") for name in names)
        self.calls = Calls()
        self._batch_size = batch_size
        self._breaker_failures = breaker_failures
        self.start_worker()

    def _queue(self, name: str, most: int | None = None, dead: str | None = None) -> SQLiteQueue:
        return SQLiteQueue(
            self.database,
            name,
            visibility_timeout_seconds=VISIBILITY_SECONDS,
            max_receive_count=most,
            dead_letter_queue=dead,
            fifo=True,
            clock=self.clock,
        )

    def start_worker(self) -> None:
        """A new process: its breakers know nothing."""
        breakers: dict[str, Breaker] = {}

        def breaker_of(name: str) -> Breaker:
            return breakers.setdefault(name, Breaker(self._breaker_failures, 30.0, self.clock))

        self.deliver = DeliverNotice(
            lambda name: Wrapped(self.targets[name], self.calls),
            Wrapped(self.records, self.calls),
            breaker_of,
            self.clock,
            sleep=lambda _: None,
        )

    def send(self, *notices: Notice) -> None:
        for notice in notices:
            DeliveryQueues({"webhook": self.queue}).send(notice, self.settings)

    def work(self) -> bool:
        """One batch, as the function does; False when there was none."""
        received = self.queue.receive(self._batch_size)
        if not received:
            return False
        batch = SqsBatch.of({"Records": [_record(message) for message in received]})
        for record, message in batch.in_order(delivery_messages):
            try:
                self.deliver(message, record.receive_count)
            except PipelineError as error:
                batch.fail(record, error)
        batch.retry_later(self.queue, SCHEDULE)
        done = [message.receipt_handle for message in received if message.message_id not in batch.failures]
        self.calls(self.queue.delete, done)
        return True

    def work_until(self, end: float, step: float = 1.0) -> None:
        while self.clock.now <= end:
            while self.work():
                pass
            self.clock.now += step

    def of(self, target: str) -> list[Arrival]:
        return [arrival for arrival in self.arrived if arrival.target == target]


def _record(message: ReceivedMessage) -> dict[str, Any]:
    return {
        "messageId": message.message_id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {**message.attributes, "ApproximateReceiveCount": str(message.receive_count)},
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:webhook.fifo",
    }


def in_order(arrivals: Iterable[Arrival]) -> bool:
    """Each notice's revisions first arrive in their order."""
    newest: dict[tuple[str, str], int] = {}
    seen: set[tuple[str, str, int]] = set()
    for one in arrivals:
        key = (one.target, one.notice_id)
        if (*key, one.revision) in seen:
            continue
        seen.add((*key, one.revision))
        if one.revision < newest.get(key, 0):
            return False
        newest[key] = one.revision
    return True
