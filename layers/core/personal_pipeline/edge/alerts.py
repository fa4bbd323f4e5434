"""The messages on the alert queue: webhook bodies that the intake verified, and what AWS puts there itself.

An EventBridge rule or an SNS topic may have the queue as its target. SNS wraps its message in an envelope unless raw
delivery is on; the message inside is kept to the byte, because the reader of its source parses it.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from personal_pipeline.domain.errors import InvalidMessageError
from personal_pipeline.messages import AlertMessage, TickMessage

_Message = TypeVar("_Message", AlertMessage, TickMessage)
_EVENT_SOURCES = {
    "aws.cloudwatch": "cloudwatch",
    "aws.monitoring": "cloudwatch",
    "aws.health": "aws_health",
    "aws.guardduty": "guardduty",
    "aws.backup": "aws_backup",
}
_ADVICE = "send CloudWatch alarms, or EventBridge events of CloudWatch alarms, AWS Health, GuardDuty or AWS Backup"


def alert_messages(body: str, sent_at: float = 0.0) -> list[AlertMessage | TickMessage]:
    """``sent_at`` is when SQS got the body, for those that do not say it. Raises InvalidMessageError."""
    parsed = _parsed(body)
    if _text(parsed.get("Type")) in {"Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"}:
        return [_from_sns(parsed, sent_at)]
    if source := _source(parsed):
        return [_message(source, body, sent_at)]
    if "detail-type" in parsed or _text(parsed.get("source")).startswith("aws."):
        raise InvalidMessageError(f"alert message: an event of {_named(parsed.get('source'))} is no alert: {_ADVICE}")
    return [_validated(body, TickMessage) if "lane" in parsed else _validated(body, AlertMessage)]


def _parsed(body: str) -> Mapping[str, Any]:
    """What is no JSON object has no field; the intake's messages are refused by name where they enter."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, Mapping) else {}


def _source(parsed: Mapping[str, Any]) -> str:
    """Which reader takes it; empty for a message of the intake, and for what nobody reads."""
    if "AlarmName" in parsed or "alarmData" in parsed:
        return "cloudwatch"
    return _EVENT_SOURCES.get(_text(parsed.get("source")), "") if "detail" in parsed else ""


def _from_sns(envelope: Mapping[str, Any], sent_at: float) -> AlertMessage:
    kind, message = envelope["Type"], envelope.get("Message")
    if kind != "Notification":
        raise InvalidMessageError(f"alert message: a {kind} of SNS: subscribe the queue with the protocol sqs")
    source = _source(_parsed(message)) if isinstance(message, str) else ""
    if not isinstance(message, str) or not source:
        subject = _named(envelope.get("Subject"))
        raise InvalidMessageError(f"alert message: a message of SNS with subject {subject} is no alert: {_ADVICE}")
    return _message(source, message, sent_at)


def _validated(body: str, kind: type[_Message]) -> _Message:
    """Or from ourselves: only who may send to the queue can send a tick."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidMessageError(f"alert message: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _message(source: str, body: str, sent_at: float) -> AlertMessage:
    raw = body.encode(errors="surrogatepass")  # half a character is JSON, too; the reader of JSON lets it pass
    return AlertMessage(source=source, received_at=sent_at, body=b64encode(raw).decode())


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _named(value: object) -> str:
    return repr(_text(value)[:100]) if _text(value) else "that is not said"
