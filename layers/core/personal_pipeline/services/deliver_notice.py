"""Sends one revision of a notice to one target, and remembers it by a receipt.

At least once: a worker that dies between the sending and the receipt sends again, with the same ``delivery_id``.
The receipt has the handle by which the target finds what it was sent, so that an update changes it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from personal_pipeline.domain.errors import TableUnavailableError, TargetUnavailableError, UnavailableError
from personal_pipeline.messages import DeliveryMessage
from personal_pipeline.ports import Records, Target
from personal_pipeline.services.breaker import Breaker
from personal_pipeline.services.patience import patiently
from personal_pipeline.services.receipts import Receipt, receipt_key, receipt_of, receipt_record

_Value = TypeVar("_Value")
ASKED_AGAIN, ASKED_FOR_SECONDS = 6, 0.5  # of a throttled table; a third refused is six in a row once in 1,400
PATIENT_ATTEMPTS = 4
"""So often an update waits for its receipt, which is 2.5 minutes by the schedule of deliveries."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """``has_receipt``: it is remembered. Without, the next revision may show as a message of its own."""

    outcome: Literal["sent", "updated", "done before"]
    has_receipt: bool = True


class DeliverNotice:
    """``target_of`` raises a PipelineError for a name that the routes do not have."""

    def __init__(
        self,
        target_of: Callable[[str], Target],
        records: Records,
        breaker_of: Callable[[str], Breaker],
        clock: Callable[[], float],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._target_of = target_of
        self._records = records
        self._breaker_of = breaker_of
        self._clock = clock
        self._sleep = sleep

    def __call__(self, message: DeliveryMessage, attempt: int) -> Delivered:
        """``attempt`` counts from 1. Raises UnavailableError when it is to be tried again.

        Who is not told is worse off than who is told twice, so what is kept of deliveries may fail: a first revision
        is sent without it. An update waits for its receipt at first, because without the handle a second message
        would appear; when the records stay away, it is sent so nevertheless.
        """
        notice, breaker = message.notice, self._breaker_of(message.target)
        target = self._target_of(message.target)
        receipt = self._receipt(message, attempt)
        if receipt.revision >= notice.revision:
            return Delivered("done before")
        if breaker.is_open():
            raise TargetUnavailableError(
                f"target {message.target}: failed several times in a row and is left alone for a while"
            )
        try:
            handle = target.send(notice, message.delivery_id, receipt.handle)
        except UnavailableError:
            breaker.failed()
            raise
        breaker.succeeded()
        is_kept = self._keep(message, handle, receipt.version)
        return Delivered("updated" if receipt.handle else "sent", is_kept)

    def _receipt(self, message: DeliveryMessage, attempt: int) -> Receipt:
        key = receipt_key(message.notice.notice_id, message.target)
        try:
            found = self._patiently(lambda: self._records.get([key])).get(key)
        except TableUnavailableError:
            if message.notice.is_update and attempt < PATIENT_ATTEMPTS:
                raise
            return Receipt()
        return receipt_of(found) if found else Receipt()

    def _keep(self, message: DeliveryMessage, handle: str, version: int) -> bool:
        """The message was sent, so that failing now would only send it twice."""
        key = receipt_key(message.notice.notice_id, message.target)
        kept = receipt_record(key, Receipt(message.notice.revision, handle, self._clock(), version))
        try:
            return self._patiently(lambda: self._records.put(kept))
        except TableUnavailableError:
            return False

    def _patiently(self, call: Callable[[], _Value]) -> _Value:
        return patiently(call, self._clock, self._sleep, ASKED_AGAIN, ASKED_FOR_SECONDS)
