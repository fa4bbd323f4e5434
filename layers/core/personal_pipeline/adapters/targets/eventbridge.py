"""Announces a notice as an EventBridge event, ``RunbookMatched``; whoever cares subscribes by rule.

``put_events`` answers 200 for entries that it did not take: the count of failures is what says so.
"""

import json
from collections.abc import Callable
from typing import Any

from personal_pipeline.adapters.aws_clients import aws_errors
from personal_pipeline.domain.errors import TargetUnavailableError
from personal_pipeline.domain.notices import Notice
from personal_pipeline.events import RunbookMatched

SOURCE = "personal-pipeline"
DETAIL_TYPE = "RunbookMatched"


class EventBridgeTarget:
    """Each revision is an event of its own; subscribers know it by ``notice_id`` and ``revision``."""

    def __init__(self, name: str, client: Callable[[], Any], bus_name: str) -> None:
        self._name = name
        self._client = client
        self._bus_name = bus_name

    def send(self, notice: Notice, delivery_id: str, handle: str) -> str:  # noqa: ARG002  # as the port has it
        entry = {
            "Source": SOURCE,
            "DetailType": DETAIL_TYPE,
            "Detail": json.dumps(RunbookMatched.of(notice, delivery_id).facts()),
            "EventBusName": self._bus_name,
        }
        with aws_errors(f"target {self._name}: EventBridge bus {self._bus_name!r}", TargetUnavailableError):
            answer = self._client().put_events(Entries=[entry])
        if answer["FailedEntryCount"]:
            failed = answer["Entries"][0]
            reason = f"{failed.get('ErrorCode', '')}: {failed.get('ErrorMessage', 'no reason given')}"
            raise TargetUnavailableError(
                f"target {self._name}: EventBridge bus {self._bus_name!r} did not take the event ({reason})"
            )
        return str(answer["Entries"][0].get("EventId", "sent"))
