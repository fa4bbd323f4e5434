"""A queue in SQS. Limits and order are the queue's own, set in ``template.yaml``.

A batch answer says 200 although entries failed: the failures in it decide. What SQS calls the sender's fault
will not heal by itself and is refused, the rest is unavailable.
"""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from personal_pipeline.adapters.aws_clients import aws_errors
from personal_pipeline.domain.errors import InvalidMessageError, QueueUnavailableError
from personal_pipeline.ports import OutgoingMessage, ReceivedMessage

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

MAX_WAIT_SECONDS = 20  # one long poll; the client's timeout must exceed it
MAX_BODY_BYTES = 1024 * 1024
_BATCH = 10
_COUNTED: "tuple[QueueAttributeNameType, ...]" = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
_GONE = {"ReceiptHandleIsInvalid", "InvalidParameterValue", "MessageNotInflight"}


class SqsQueue:
    def __init__(
        self, client: "Callable[[], SQSClient]", url: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.url = url
        self.name = url.rpartition("/")[2]
        self._client = client
        self._clock = clock

    def send(self, messages: Sequence[OutgoingMessage]) -> None:
        """In batches that are as full as SQS allows: ten messages, and one mebibyte together."""
        batch: list[Any] = []
        size = 0
        for message in messages:
            length = len(message.body.encode())
            if length > MAX_BODY_BYTES:
                raise InvalidMessageError(
                    f"queue {self.name}: a message of {length} bytes, at most {MAX_BODY_BYTES} are taken"
                )
            if len(batch) == _BATCH or size + length > MAX_BODY_BYTES:
                self._send(batch)
                batch, size = [], 0
            batch.append(_entry(str(len(batch)), message))
            size += length
        if batch:
            self._send(batch)

    def receive(self, limit: int = 10, wait_seconds: float = 0) -> list[ReceivedMessage]:
        with self._errors():
            answer = self._client().receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=min(limit, _BATCH),
                WaitTimeSeconds=min(round(wait_seconds), MAX_WAIT_SECONDS),
                MessageSystemAttributeNames=["All"],
            )
        return [_received(message) for message in answer.get("Messages", [])]

    def delete(self, receipt_handles: Sequence[str]) -> None:
        for start in range(0, len(receipt_handles), _BATCH):
            handles = receipt_handles[start : start + _BATCH]
            entries: Any = [{"Id": str(place), "ReceiptHandle": handle} for place, handle in enumerate(handles)]
            with self._errors():
                answer = self._client().delete_message_batch(QueueUrl=self.url, Entries=entries)
            self._raise_for([one for one in answer.get("Failed", []) if one["Code"] not in _GONE])

    def delay(self, receipt_handle: str, seconds: int) -> None:
        with self._errors():
            try:
                self._client().change_message_visibility(
                    QueueUrl=self.url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
                )
            except ClientError as error:
                if error.response["Error"].get("Code", "").rpartition(".")[2] not in _GONE:
                    raise

    def depth(self) -> int:
        with self._errors():
            answer = self._client().get_queue_attributes(QueueUrl=self.url, AttributeNames=_COUNTED)
        return sum(int(count) for count in answer["Attributes"].values())

    def _send(self, entries: list[Any]) -> None:
        with self._errors():
            answer = self._client().send_message_batch(QueueUrl=self.url, Entries=entries)
        self._raise_for(answer.get("Failed", []))

    def _raise_for(self, failed: Sequence[Any]) -> None:
        if not failed:
            return
        told = f"queue {self.name}: {len(failed)} messages failed: {failed[0]['Code']}: {failed[0].get('Message', '')}"
        if all(one.get("SenderFault") for one in failed):
            raise InvalidMessageError(f"{told}; mend the message")
        raise QueueUnavailableError(f"{told}; try again")

    def _errors(self) -> Any:
        return aws_errors(f"queue {self.name}", QueueUnavailableError)


def _entry(entry_id: str, message: OutgoingMessage) -> Any:
    entry: dict[str, Any] = {"Id": entry_id, "MessageBody": message.body}
    if message.group:
        entry["MessageGroupId"] = message.group
    if message.deduplication_id:
        entry["MessageDeduplicationId"] = message.deduplication_id
    if message.delay_seconds:
        entry["DelaySeconds"] = message.delay_seconds
    return entry


def _received(message: Any) -> ReceivedMessage:
    attributes = message.get("Attributes", {})
    return ReceivedMessage(
        message["MessageId"],
        message["Body"],
        message["ReceiptHandle"],
        int(attributes.get("ApproximateReceiveCount", 1)),
        int(attributes.get("SentTimestamp", 0)) / 1000,
        attributes,
    )
