"""Each kind of target with what stands behind it, so that one suite can ask all of them the same."""

import io
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from moto import mock_aws

from personal_pipeline.adapters.aws_clients import AwsClients
from personal_pipeline.adapters.targets.eventbridge import EventBridgeTarget
from personal_pipeline.adapters.targets.http_client import HttpClient
from personal_pipeline.adapters.targets.pagerduty import PagerDutyTarget
from personal_pipeline.adapters.targets.slack import SlackTarget
from personal_pipeline.adapters.targets.sns import SnsTarget
from personal_pipeline.adapters.targets.teams import TeamsTarget
from personal_pipeline.adapters.targets.terminal import TerminalTarget
from personal_pipeline.adapters.targets.webhook import WebhookTarget
from personal_pipeline.domain.routing import TargetSettings
from personal_pipeline.ports import Target
from tests.contract.chat_server import ChatServer, chat_server

NOW = 1_795_921_500.0
WEBHOOK_SECRET = "whsec_" + b64encode(b"k" * 32).decode()
OLD_WEBHOOK_SECRET = "whsec_" + b64encode(b"o" * 24).decode()
ROUTING_KEY = "0123456789abcdef0123456789abcdef"
TOKEN = "u+secret-token-of-pd"
OVER_HTTP = ("slack", "teams", "pagerduty", "note", "webhook")
KINDS = ("eventbridge", "sns", "terminal", *OVER_HTTP)


class FixedSecrets:
    def __init__(self, **values: tuple[str, ...]) -> None:
        self._values = values

    def values(self, name: str) -> tuple[str, ...]:
        return self._values[name]


SECRETS = FixedSecrets(
    hook=(WEBHOOK_SECRET,), hooks=(WEBHOOK_SECRET, OLD_WEBHOOK_SECRET), routing=(ROUTING_KEY,), rest=(TOKEN,)
)


@dataclass
class Rig:
    """``sent`` is what has arrived so far, one text each; JSON texts where the target speaks JSON."""

    kind: str
    target: Target
    sent: Callable[[], list[str]]
    server: ChatServer | None = None


@contextmanager
def rig(kind: str, http: HttpClient | None = None) -> Iterator[Rig]:
    if kind == "terminal":
        shown = io.StringIO()
        yield Rig(kind, TerminalTarget(shown), lambda: [shown.getvalue()] if shown.getvalue() else [])
    elif kind in {"eventbridge", "sns"}:
        with mock_aws():
            yield _on_moto(kind)
    else:
        with chat_server() as server:
            target = over_http(kind, server.url, http or HttpClient("the-target", clock=lambda: NOW))
            yield Rig(kind, target, lambda: [request.body.decode() for request in server.requests], server)


def over_http(kind: str, url: str, http: HttpClient) -> Target:
    match kind:
        case "slack":
            return SlackTarget(http, lambda: (TOKEN,), "C0123456789", f"{url}/api", "the-target")
        case "teams":
            return TeamsTarget(http, lambda: (f"{url}/workflows/1?sig=s3cret-sig",), "the-target", allow_http=True)
        case "webhook":
            return WebhookTarget("the-target", http, f"{url}/hook?key=in-url", SECRETS, "hook", lambda: NOW)
    options = {
        "base_url": url,
        "events_url": url,
        "secret": "rest",
        "routing_secret": "routing",
        "from": "ops@example.com",
    }
    return PagerDutyTarget(TargetSettings("the-target", "pagerduty", options), http, SECRETS)


def _on_moto(kind: str) -> Rig:
    """A bus, or a topic, that hands all it gets to a queue."""
    clients = AwsClients()
    sqs, sns, events = (clients.factory(service)() for service in ("sqs", "sns", "events"))
    queue = sqs.create_queue(QueueName="seen")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    seen: list[str] = []

    def sent() -> list[str]:
        while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                seen.append(_detail(json.loads(message["Body"])))
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return seen

    if kind == "sns":
        topic = sns.create_topic(Name="notices")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return Rig(kind, SnsTarget("the-target", clients.factory("sns"), topic), sent)
    pattern = json.dumps({"source": ["personal-pipeline"], "detail-type": ["RunbookMatched"]})
    events.put_rule(Name="seen", EventPattern=pattern)
    events.put_targets(Rule="seen", Targets=[{"Id": "queue", "Arn": arn}])
    return Rig(kind, EventBridgeTarget("the-target", clients.factory("events"), "default"), sent)


def _detail(said: dict[str, Any]) -> str:
    return json.dumps(said.get("detail", said))


def words(text: str) -> Iterator[str]:
    """Every text in a JSON text, or its lines where it is none."""
    try:
        yield from _texts(json.loads(text))
    except ValueError:
        yield from text.split("\n")


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
