"""Publishes a notice to an SNS topic: text for e-mail and SMS, attributes for filters of subscriptions."""

from collections.abc import Callable
from typing import Any

from personal_pipeline.adapters.aws_clients import aws_errors
from personal_pipeline.domain.errors import TargetUnavailableError
from personal_pipeline.domain.notice_text import headline, notice_lines
from personal_pipeline.domain.notices import Notice
from personal_pipeline.domain.safe_text import ascii_line, visible

MAX_SUBJECT = 100  # SNS: ASCII, and beginning with a letter, a number or a mark
MAX_MESSAGE = 20_000  # characters; SNS takes 256 KB
MAX_ATTRIBUTE = 200


class SnsTarget:
    """What was published stays: an update is published too, and says that it is one."""

    def __init__(self, name: str, client: Callable[[], Any], topic_arn: str) -> None:
        self._name = name
        self._client = client
        self._topic_arn = topic_arn

    def send(self, notice: Notice, delivery_id: str, handle: str) -> str:  # noqa: ARG002  # as the port has it
        request: dict[str, Any] = {
            "TopicArn": self._topic_arn,
            "Subject": _subject(notice),
            "Message": "\n".join(notice_lines(notice))[:MAX_MESSAGE],
            "MessageAttributes": {
                key: {"DataType": "String", "StringValue": value}
                for key, value in _attributes(notice, delivery_id).items()
                if value  # SNS refuses empty ones
            },
        }
        if self._topic_arn.endswith(".fifo"):
            request |= {"MessageGroupId": notice.notice_id[:128], "MessageDeduplicationId": delivery_id}
        with aws_errors(f"target {self._name}: SNS topic {self._topic_arn}", TargetUnavailableError):
            return str(self._client().publish(**request)["MessageId"])


def _subject(notice: Notice) -> str:
    state = "Resolved: " if notice.status == "resolved" else "Update: " if notice.is_update else ""
    return ascii_line(f"{state}{headline(notice)}", MAX_SUBJECT).lstrip() or "Alert"


def _attributes(notice: Notice, delivery_id: str) -> dict[str, str]:
    """``decision`` is the best of its sections: filters ask whether there is a runbook at all."""
    decisions = {section.decision for section in notice.sections}
    return {
        "service": visible(notice.service, MAX_ATTRIBUTE),
        "severity": notice.severity.value,
        "decision": next((one for one in ("attach", "suggest") if one in decisions), "none"),
        "status": notice.status,
        "delivery_id": delivery_id,
    }
