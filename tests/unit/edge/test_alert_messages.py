"""What may arrive on the alert queue, and which reader gets it."""

import json
from base64 import b64decode, b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personal_pipeline.domain.errors import InvalidMessageError
from personal_pipeline.edge.alerts import alert_messages
from personal_pipeline.edge.sqs import SqsBatch
from personal_pipeline.messages import AlertMessage
from tests.unit.alert_sources.samples import FOLDER

AT_SQS = 1_795_176_000.25


def raw(source: str, sample: str) -> str:
    return (FOLDER / source / f"{sample}.json").read_text()


def envelope(message: Any, **more: Any) -> str:
    """As SNS wraps it when raw delivery is off."""
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": "e5e65c71-6077-55ad-1562-033f42f81567",
            "TopicArn": "arn:aws:sns:eu-central-1:123456789012:alarms",
            "Subject": 'ALARM: "checkout-5xx-critical" in EU (Frankfurt)',
            "Message": message,
            "Timestamp": "2026-11-20T11:03:41.200Z",
            "SignatureVersion": "1",
        }
        | more
    )


def test_a_message_of_the_intake_is_taken_as_it_is() -> None:
    message = AlertMessage(source="grafana", received_at=5.0, body=b64encode(b"{}").decode())

    assert alert_messages(message.model_dump_json(), AT_SQS) == [message]


@pytest.mark.parametrize(
    ("source", "sample"),
    [
        ("cloudwatch", "firing_sns"),
        ("cloudwatch", "firing_sns_composite"),
        ("cloudwatch", "firing"),
        ("cloudwatch", "contributor"),
        ("cloudwatch", "firing_lambda"),
        ("aws_health", "firing"),
        ("guardduty", "firing"),
        ("aws_backup", "firing"),
        ("aws_backup", "hostile"),
    ],
)
def test_what_aws_puts_on_the_queue_goes_to_its_reader_to_the_byte(source: str, sample: str) -> None:
    body = raw(source, sample)

    for arrived in (body, envelope(body)):
        (message,) = alert_messages(arrived, AT_SQS)
        assert (message.source, message.received_at) == (source, AT_SQS)
        assert b64decode(message.body) == body.encode()


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (envelope("The lift is out of order.", Subject="Hello"), "subject 'Hello' is no alert: send CloudWatch alarms"),
        (envelope('{"hello": "world"}', Subject=None), "subject that is not said is no alert"),
        (envelope({"AlarmName": "x"}), "is no alert"),
        (envelope(envelope(raw("cloudwatch", "firing_sns"))), "is no alert"),
        (envelope("", Type="SubscriptionConfirmation"), "a SubscriptionConfirmation of SNS: subscribe the queue"),
        ('{"source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification", "detail": {}}', "'aws.ec2'"),
        ('{"source": "aws.health"}', "an event of 'aws.health' is no alert"),
        ('{"source": "grafana", "received_at": 1.0}', "body: Field required"),
        ("The lift is out of order.", "Invalid JSON"),
        ("[]", "Input should be an object"),
        ("", "Invalid JSON"),
    ],
)
def test_what_is_no_alert_is_named_with_what_to_do(body: str, named: str) -> None:
    with pytest.raises(InvalidMessageError) as refused:
        alert_messages(body, AT_SQS)

    assert str(refused.value).startswith("alert message: ")
    assert named in str(refused.value)


DEEP = "[" * 100_000
HOSTILE = [
    DEEP,
    '{"a":' * 50_000,
    envelope(DEEP),
    envelope('{"AlarmName":' * 50_000),
    "\ud800",
    '{"source": "\ud800", "received_at": 1, "body": "\ud800"}',
    '{"Type": []}',
    '{"Type": {"a": 1}, "Message": 5}',
    '{"source": ["aws.health"], "detail": {}}',
    '{"source": {}, "detail-type": []}',
    envelope("1" * 10_000),
    envelope(None),
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_body_is_an_invalid_message_and_nothing_else(body: str) -> None:
    with pytest.raises(InvalidMessageError):
        alert_messages(body, AT_SQS)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("Type", "Message", "source", "detail", "detail-type", "AlarmName", "alarmData", "body", "received_at")
WORDS = ("Notification", "aws.cloudwatch", "aws.health", "grafana", "{}", '{"AlarmName": "x"}', "\ud800")


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), json_values | st.sampled_from(WORDS)) | json_values)
def test_any_json_is_messages_or_an_invalid_message(value: Any) -> None:
    try:
        found = alert_messages(json.dumps(value), AT_SQS)
    except InvalidMessageError:
        return
    assert all(type(message) is AlertMessage for message in found)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=40))
def test_any_text_is_messages_or_an_invalid_message(body: str) -> None:
    with pytest.raises(InvalidMessageError):
        alert_messages(body, AT_SQS)


@pytest.mark.parametrize(
    ("attributes", "sent_at"),
    [
        ({"SentTimestamp": "1795176000250"}, AT_SQS),
        ({}, 0.0),
        ({"SentTimestamp": "soon"}, 0.0),
        ({"SentTimestamp": 1}, 0.0),
    ],
)
def test_a_record_says_when_it_was_sent_if_it_knows(attributes: dict[str, Any], sent_at: float) -> None:
    record = {"messageId": "m", "receiptHandle": "h", "body": raw("cloudwatch", "firing"), "attributes": attributes}
    batch = SqsBatch.of({"Records": [record]})

    ((_, message),) = batch.parsed_with_time(alert_messages)

    assert message.received_at == sent_at
