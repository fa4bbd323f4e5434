"""What a delivery promises: a match is announced once, whole, and a refusal is never swallowed."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from moto import mock_aws

from personal_pipeline.adapters.aws_clients import AwsClients
from personal_pipeline.adapters.eventbridge_delivery import EventBridgeDelivery
from personal_pipeline.adapters.terminal_delivery import TerminalDelivery
from personal_pipeline.domain.alerts import Alert, RunbookMatch, Severity
from personal_pipeline.domain.catalog import Card
from personal_pipeline.domain.errors import UnavailableError

CARD = Card("d1", "Disk full", "https://wiki.example.com/disk", "ops", "disk.md", "1. Run df", "#ops", ("public",), 3)
ALERT = Alert(
    source="alertmanager",
    name="DiskWillFill",
    status="firing",
    fingerprint="f1",
    severity=Severity.CRITICAL,
    service="storage",
    summary="The disk is nearly full",
    description="",
    runbook_url="",
    starts_at=datetime(2026, 11, 23, 3, tzinfo=UTC),
    labels={"password": "not for the bus"},
)
MATCH = RunbookMatch(ALERT, "alert", CARD, ("it names this alert",))


class Bus:
    """A bus on moto with a rule that puts RunbookMatched events on a queue."""

    def __init__(self) -> None:
        clients = AwsClients()
        self.events = clients.factory("events")
        self._sqs = clients.factory("sqs")
        queue = self._sqs().create_queue(QueueName="matched")["QueueUrl"]
        arn = self._sqs().get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        pattern = json.dumps({"source": ["personal-pipeline"], "detail-type": ["RunbookMatched"]})
        self.events().put_rule(Name="matched", EventPattern=pattern)
        self.events().put_targets(Rule="matched", Targets=[{"Id": "queue", "Arn": arn}])
        self._queue = queue

    def received(self) -> list[dict[str, Any]]:
        messages = self._sqs().receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"])["detail"] for message in messages]


@pytest.fixture
def bus() -> Iterator[Bus]:
    with mock_aws():
        yield Bus()


def test_a_match_arrives_at_whoever_subscribed(bus: Bus) -> None:
    EventBridgeDelivery(bus.events, "default").deliver(MATCH)

    (detail,) = bus.received()
    assert detail["alert"]["name"] == "DiskWillFill"
    assert detail["runbook"]["title"] == "Disk full"
    assert (detail["matched_by"], detail["reasons"]) == ("alert", ["it names this alert"])


def test_no_runbook_is_announced_too(bus: Bus) -> None:
    EventBridgeDelivery(bus.events, "default").deliver(RunbookMatch(ALERT, "none", None, ("nothing fits",)))

    (detail,) = bus.received()
    assert (detail["matched_by"], detail["runbook"]) == ("none", None)


def test_labels_stay_off_the_bus_and_texts_are_bounded(bus: Bus) -> None:
    long = replace(ALERT, name="x" * 100_000, summary="y" * 100_000)

    EventBridgeDelivery(bus.events, "default").deliver(replace(MATCH, alert=long))

    (detail,) = bus.received()
    assert "not for the bus" not in json.dumps(detail)
    assert len(json.dumps(detail)) < 10_000


def test_an_entry_that_the_bus_does_not_take_is_an_error(bus: Bus) -> None:
    class Refusing:
        def put_events(self, **_: Any) -> dict[str, Any]:
            return {
                "FailedEntryCount": 1,
                "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}],
            }

    with pytest.raises(UnavailableError, match="slow down"):
        EventBridgeDelivery(lambda: Refusing(), "default").deliver(MATCH)


def test_a_bus_that_does_not_answer_is_an_error() -> None:
    clients = AwsClients("http://127.0.0.1:9")

    with pytest.raises(UnavailableError, match="default"):
        EventBridgeDelivery(clients.factory("events", attempts=1), "default").deliver(MATCH)


def test_the_terminal_shows_the_runbook_the_reason_and_whom_to_call() -> None:
    shown = io.StringIO()

    TerminalDelivery(shown).deliver(MATCH)

    for said in ("DiskWillFill", "critical", "Disk full", "it names this alert", "1. Run df", "#ops"):
        assert said in shown.getvalue()
