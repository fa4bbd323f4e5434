"""SQS batches: records in, the failed ones out, each retried soon and then ever later.

Lambda reads the answer strictly: an empty one deletes the whole batch, an unknown id or a raised error
returns the whole batch. So only failures are listed, by the ids that came.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from personal_pipeline.domain.errors import InvalidMessageError, PipelineError, UnavailableError
from personal_pipeline.ports import Queue

Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class Record:
    message_id: str
    receipt_handle: str
    receive_count: int
    body: str
    sent_at: float = 0.0  # seconds of the epoch; 0 when the record does not say it


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

    def fail(self, record: Record, error: PipelineError) -> None:
        self.failures.setdefault(record.message_id, (record, error))

    def retry_later(self, queue: Queue, delays_seconds: Sequence[int]) -> None:
        """Make failed records visible by attempt, long before the visibility timeout; best effort."""
        for record, _ in self.failures.values():
            attempt = min(record.receive_count, len(delays_seconds)) - 1
            try:
                queue.delay(record.receipt_handle, delays_seconds[attempt])
            except UnavailableError:
                return

    def response(self) -> dict[str, list[dict[str, str]]]:
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in self.failures]}


def _seconds(milliseconds: object) -> float:
    """A record is not lost for the sake of its time."""
    return int(milliseconds) / 1000 if isinstance(milliseconds, str) and milliseconds.isdecimal() else 0.0
