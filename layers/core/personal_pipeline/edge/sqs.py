"""SQS batches: records in, the failed ones out, each retried soon and then ever later.

Lambda reads the answer strictly: an empty one deletes the whole batch, an unknown id or a raised error
returns the whole batch. So only failures are listed, by the ids that came. On a FIFO queue a failure holds back
what comes after it in its group: Lambda deletes what is not reported, and the rest would overtake it.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from personal_pipeline.domain.errors import (
    InvalidMessageError,
    PipelineError,
    TargetUnavailableError,
    UnavailableError,
)
from personal_pipeline.ports import Queue

Parsed = TypeVar("Parsed")
MAX_DELAY_SECONDS = 900


class HeldBackError(PipelineError):
    """Not tried: an earlier message of its group failed."""


@dataclass(frozen=True, slots=True)
class Record:
    message_id: str
    receipt_handle: str
    receive_count: int
    body: str
    sent_at: float = 0.0  # seconds of the epoch; 0 when the record does not say it
    group: str = ""  # of a FIFO queue
    queue_arn: str = ""


@dataclass(slots=True)
class SqsBatch:
    """The records of one invocation, and what failed of them so far."""

    records: tuple[Record, ...]
    failures: dict[str, tuple[Record, PipelineError]] = field(default_factory=dict)

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "SqsBatch":
        return cls(
            tuple(
                Record(
                    message_id=record["messageId"],
                    receipt_handle=record["receiptHandle"],
                    receive_count=int(record.get("attributes", {}).get("ApproximateReceiveCount", 1)),
                    body=record["body"],
                    sent_at=_seconds(record.get("attributes", {}).get("SentTimestamp")),
                    group=record.get("attributes", {}).get("MessageGroupId", ""),
                    queue_arn=record.get("eventSourceARN", ""),
                )
                for record in event.get("Records") or ()
            )
        )

    def parsed(self, parse: Callable[[str], Sequence[Parsed]]) -> list[tuple[Record, Parsed]]:
        """What each body says, record by record; a body that cannot be read fails its record alone."""
        return self.parsed_with_time(lambda body, _: parse(body))

    def parsed_with_time(self, parse: Callable[[str, float], Sequence[Parsed]]) -> list[tuple[Record, Parsed]]:
        """The same, for bodies that do not say when they were sent."""
        found: list[tuple[Record, Parsed]] = []
        for record in self.records:
            try:
                found.extend((record, item) for item in parse(record.body, record.sent_at))
            except InvalidMessageError as error:
                self.fail(record, error)
        return found

    def in_order(self, parse: Callable[[str], Sequence[Parsed]]) -> Iterator[tuple[Record, Parsed]]:
        """The same for a FIFO queue, one by one: once a record was failed, the rest of its group is held back."""
        for record in self.records:
            if any(record.group and record.group == failed.group for failed, _ in self.failures.values()):
                self.fail(record, HeldBackError("waits for the message before it"))
                continue
            try:
                items = parse(record.body)
            except InvalidMessageError as error:
                self.fail(record, error)
                continue
            for item in items:
                yield record, item

    @property
    def queue_arn(self) -> str:
        """A batch comes from one queue."""
        return self.records[0].queue_arn if self.records else ""

    def fail(self, record: Record, error: PipelineError) -> None:
        self.failures.setdefault(record.message_id, (record, error))

    def retry_later(self, queue: Queue, delays_seconds: Sequence[int]) -> None:
        """Make failed records visible by attempt, long before the visibility timeout; best effort.

        A target that asked for more time gets it. What was held back comes with the one that holds it back: a group
        waits until all of it is visible.
        """
        by_group: dict[str, int] = {}
        for record, error in self.failures.values():
            seconds = delays_seconds[min(record.receive_count, len(delays_seconds)) - 1]
            if isinstance(error, TargetUnavailableError):
                seconds = min(MAX_DELAY_SECONDS, max(seconds, math.ceil(error.retry_after)))
            if record.group:
                seconds = by_group.setdefault(record.group, seconds)
            try:
                queue.delay(record.receipt_handle, seconds)
            except UnavailableError:
                return

    def response(self) -> dict[str, list[dict[str, str]]]:
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in self.failures]}


def _seconds(milliseconds: object) -> float:
    """A record is not lost for the sake of its time."""
    return int(milliseconds) / 1000 if isinstance(milliseconds, str) and milliseconds.isdecimal() else 0.0
