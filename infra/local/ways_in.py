"""What AWS itself brings to a queue, read from the template: events by rules, and messages of topics.

Nothing puts events on a bus or messages on a topic on one machine; deployment to an endpoint creates both.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Found = Iterable[tuple[str, Mapping[str, Any]]]
"""Names and properties of resources."""


@dataclass(frozen=True, slots=True)
class EventRule:
    """Events of a bus that go to queues, by the template's logical ids."""

    name: str
    bus: str
    pattern: Mapping[str, Any]
    queues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subscription:
    topic_arn: str
    queue: str
    dead_letter_queue: str
    is_raw: bool


def event_rules(found: Found, queues: Mapping[str, str]) -> Iterator[EventRule]:
    """``queues``: logical ids by ARN, here and below."""
    for name, properties in found:
        to = tuple(queues[target["Arn"]] for target in properties.get("Targets", []) if target["Arn"] in queues)
        if to and "EventPattern" in properties and properties.get("State", "ENABLED") == "ENABLED":
            bus = str(properties.get("EventBusName", "default"))
            yield EventRule(properties.get("Name", name), bus, properties["EventPattern"], to)


def subscriptions(found: Found, queues: Mapping[str, str]) -> Iterator[Subscription]:
    for _, properties in found:
        if properties.get("Protocol") == "sqs" and properties["Endpoint"] in queues:
            parked = properties.get("RedrivePolicy", {}).get("deadLetterTargetArn", "")
            is_raw = properties.get("RawMessageDelivery") in {True, "true"}
            yield Subscription(properties["TopicArn"], queues[properties["Endpoint"]], queues.get(parked, ""), is_raw)
