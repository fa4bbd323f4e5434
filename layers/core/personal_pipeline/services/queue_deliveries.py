"""Puts a notice on the queue of each of its targets, so that none waits for another."""

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from personal_pipeline.domain.errors import PipelineError, QueueUnavailableError
from personal_pipeline.domain.notices import Notice
from personal_pipeline.domain.routing import Kind, TargetSettings
from personal_pipeline.messages import DeliveryMessage
from personal_pipeline.ports import OutgoingMessage, Queue


class DeliveryQueues:
    def __init__(self, queues: Mapping[Kind, Queue]) -> None:
        self._queues = queues

    def send(self, notice: Notice, targets: Sequence[TargetSettings]) -> None:
        """Sending the same revision again is harmless: the queue swallows it, or its receipt does.

        Raises QueueUnavailableError when a queue refused, after all the others were tried.
        """
        failed: list[str] = []
        cause: PipelineError | None = None
        for target in targets:
            queue = self._queues.get(target.kind)
            if queue is None:
                failed.append(f"target {target.name}: DELIVERY_QUEUES names no queue for {target.kind}")
                continue
            try:
                queue.send([_message(notice, target.name)])
            except PipelineError as error:
                failed.append(f"target {target.name}: {error}")
                cause = error
        if failed:
            raise QueueUnavailableError(f"notice {notice.notice_id}: {'; '.join(failed)}") from cause


def delivery_id(notice_id: str, revision: int, target: str) -> str:
    """The same for every attempt, wherever it is computed; 128 bits in hex."""
    return blake2b("\0".join((notice_id, str(revision), target)).encode(), digest_size=16).hexdigest()


def _message(notice: Notice, target: str) -> OutgoingMessage:
    """In order within an incident and a target. A group's name has at most 128 letters, digits and marks."""
    key = delivery_id(notice.notice_id, notice.revision, target)
    said = DeliveryMessage(target=target, delivery_id=key, notice=notice).model_dump(mode="json")
    # Alerts may have halves of surrogate pairs, which no queue takes.
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode(errors="replace").decode()
    return OutgoingMessage(body, group=group_of(target, notice.incident_id), deduplication_id=key)


def group_of(target: str, incident_id: str) -> str:
    group = f"{target}#{incident_id}"
    is_fit = len(group) <= 128 and all("!" <= char <= "~" for char in group)
    return group if is_fit else f"{target[:60]}#{blake2b(incident_id.encode(), digest_size=16).hexdigest()}"
