"""Plays Lambda's SQS event source mappings: polls a queue, invokes a function, deletes what succeeded.

The answers of a handler mean here exactly what they mean to Lambda ("Handling errors for an SQS event
source", AWS Lambda developer guide): what is not reported as failed is deleted, and a report that makes no
sense fails the whole batch.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from infra.local.functions import FunctionTimeoutError
from infra.local.gateway import Invocable
from infra.local.topology import REGION, Queue, QueueMapping
from personal_pipeline.ports import Queue as QueuePort
from personal_pipeline.ports import ReceivedMessage

MAX_BATCH_BYTES = 6 * 1024 * 1024
MAX_WINDOW_SECONDS = 0.2
"""A batching window saves paid invocations. Here nothing is paid and somebody waits, so it is cut to this."""

logger = logging.getLogger(__name__)

NoteError = Callable[[str, str], None]  # receipt handle, reason
Explain = Callable[[ReceivedMessage], str]  # what is known of a failed message, if anything


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    received: int
    failed: int
    reasons: tuple[str, ...] = ()  # each once


class QueueEventSource:
    """One mapping with one execution environment: a batch at a time, whatever concurrency AWS would allow."""

    def __init__(
        self,
        mapping: QueueMapping,
        spec: Queue,
        queue: QueuePort,
        function: Invocable,
        note_error: NoteError = lambda _receipt, _reason: None,
        explain: Explain = lambda _message: "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.mapping = mapping
        self._spec = spec
        self._queue = queue
        self._function = function
        self._note_error = note_error
        self._explain = explain
        self._clock = clock

    def poll(self, wait_seconds: float) -> BatchOutcome:
        """Receive one batch, waiting that long for its first message, and invoke the function with it."""
        batch = self._collect(wait_seconds)
        if not batch:
            return BatchOutcome(0, 0)
        failed, reason = self._invoke(batch)
        reasons: list[str] = []
        for message in batch:
            if message.message_id in failed:
                reasons.append(self._explain(message) or reason)
                self._note_error(message.receipt_handle, reasons[-1])
        succeeded = [message.receipt_handle for message in batch if message.message_id not in failed]
        if succeeded:
            self._queue.delete(succeeded)
        return BatchOutcome(len(batch), len(failed), tuple(dict.fromkeys(reasons)))

    def _collect(self, wait_seconds: float) -> list[ReceivedMessage]:
        batch = self._queue.receive(min(self.mapping.batch_size, 10), wait_seconds)
        window_ends = self._clock() + min(self.mapping.window_seconds, MAX_WINDOW_SECONDS)
        while batch and len(batch) < self.mapping.batch_size and (left := window_ends - self._clock()) > 0:
            if sum(len(message.body) for message in batch) > MAX_BATCH_BYTES // 2:
                break
            batch += self._queue.receive(min(self.mapping.batch_size - len(batch), 10), left)
        return batch

    def _invoke(self, batch: Sequence[ReceivedMessage]) -> tuple[set[str], str]:
        event = {"Records": [sqs_record(message, self._spec) for message in batch]}
        everything = {message.message_id for message in batch}
        try:
            response = self._function.invoke(event)
        except FunctionTimeoutError as error:
            for message in batch:
                self._note_error(message.receipt_handle, str(error))
            raise
        except Exception as error:  # Lambda's border: any exception fails the batch
            logger.exception("%s failed with a batch of %d", self.mapping.function, len(batch))
            return everything, f"{type(error).__name__}: {error}"
        if not self.mapping.reports_failures:
            return set(), ""
        return reported_failures(response, everything)


def reported_failures(response: Any, sent: set[str]) -> tuple[set[str], str]:
    """The message ids that stay on the queue, and why."""
    if response is None or response in ({}, ""):
        return set(), ""
    if not isinstance(response, dict):
        return sent, "the function's answer is no batch response"
    failures = response.get("batchItemFailures")
    if failures is None and "batchItemFailures" in response:
        return set(), ""
    if not isinstance(failures, list):
        return sent, "the function's answer has no list 'batchItemFailures'"
    ids = {str(item.get("itemIdentifier")) if isinstance(item, dict) else "" for item in failures}
    if not ids <= sent:
        return sent, "the function reported a message that was not in its batch"
    return ids, "reported by the function, whose log has the reason" if ids else ""


def sqs_record(message: ReceivedMessage, queue: Queue) -> dict[str, Any]:
    sent = str(int(message.sent_at * 1000))
    return {
        "messageId": message.message_id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {
            **message.attributes,
            "ApproximateReceiveCount": str(message.receive_count),
            "SentTimestamp": sent,
            "SenderId": "local",
            "ApproximateFirstReceiveTimestamp": str(int(time.time() * 1000)),
        },
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(message.body.encode(errors="replace"), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.arn,
        "awsRegion": REGION,
    }
