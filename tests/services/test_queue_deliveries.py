"""A notice goes to the queue of each target's kind, and a queue that refuses stops no other."""

from collections.abc import Sequence

import pytest

from personal_pipeline.domain.errors import InvalidMessageError, PipelineError, QueueUnavailableError
from personal_pipeline.domain.routing import TargetSettings
from personal_pipeline.edge.deliveries import delivery_messages
from personal_pipeline.ports import OutgoingMessage
from personal_pipeline.services.queue_deliveries import DeliveryQueues, delivery_id, group_of
from tests.contract.notices import HOSTILE, a_notice, hostile_notice

CHAT = TargetSettings("chat", "slack")
PHONES = TargetSettings("phones", "pagerduty")


class FakeQueue:
    def __init__(self, error: PipelineError | None = None) -> None:
        self.error = error
        self.sent: list[OutgoingMessage] = []

    def send(self, messages: Sequence[OutgoingMessage]) -> None:
        if self.error:
            raise self.error
        self.sent += messages

    def __getattr__(self, name: str) -> object:
        raise AssertionError(name)


def test_each_target_gets_its_message_on_the_queue_of_its_kind() -> None:
    slack, pagerduty = FakeQueue(), FakeQueue()

    DeliveryQueues({"slack": slack, "pagerduty": pagerduty}).send(a_notice(revision=2), [CHAT, PHONES])

    (sent,) = slack.sent
    (message,) = delivery_messages(sent.body)
    assert (message.target, message.notice) == ("chat", a_notice(revision=2))
    assert message.delivery_id == sent.deduplication_id == delivery_id("n-1", 2, "chat")
    assert sent.group == "chat#i-1"
    assert pagerduty.sent[0].group == "phones#i-1"


def test_a_delivery_id_is_the_same_for_the_same_and_other_for_others() -> None:
    ids = {delivery_id(n, r, t) for n in ("n-1", "n-11") for r in (1, 11) for t in ("a", "1a")}

    assert len(ids) == 8
    assert len(delivery_id("n-1", 1, "a")) == 32


@pytest.mark.parametrize(
    "error", [QueueUnavailableError("queue slack: no answer"), InvalidMessageError("queue slack: too large")]
)
def test_a_queue_that_refuses_is_named_after_the_others_were_tried(error: PipelineError) -> None:
    pagerduty = FakeQueue()

    with pytest.raises(QueueUnavailableError, match="notice n-1: target chat: queue slack"):
        DeliveryQueues({"slack": FakeQueue(error), "pagerduty": pagerduty}).send(a_notice(), [CHAT, PHONES])

    assert len(pagerduty.sent) == 1


def test_a_kind_without_a_queue_is_named() -> None:
    with pytest.raises(QueueUnavailableError, match="target chat: DELIVERY_QUEUES names no queue for slack"):
        DeliveryQueues({}).send(a_notice(), [CHAT])


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_any_text_survives_the_queue(text: str) -> None:
    slack = FakeQueue()
    notice = hostile_notice(text)

    DeliveryQueues({"slack": slack}).send(notice, [CHAT])

    (message,) = delivery_messages(slack.sent[0].body)
    assert message.notice.service == text.encode(errors="replace").decode()


@pytest.mark.parametrize("incident", ["i-1", "x" * 500, "with space", "é", ""])
def test_a_group_is_what_queues_take(incident: str) -> None:
    group = group_of("chat", incident)

    assert 0 < len(group) <= 128
    assert all("!" <= char <= "~" for char in group)


def test_a_message_that_is_none_is_named() -> None:
    with pytest.raises(InvalidMessageError, match="delivery message: notice"):
        delivery_messages('{"target": "a", "delivery_id": "d"}')
