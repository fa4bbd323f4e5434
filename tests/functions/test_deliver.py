"""A message on a delivery queue in, a notice in front of people out."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from personal_pipeline import bootstrap, parts, targets
from personal_pipeline.adapters.targets.terminal import TerminalTarget
from personal_pipeline.domain.notices import Notice
from tests.contract.chat_server import ChatServer, chat_server
from tests.contract.notices import a_notice
from tests.contract.rigs import ROUTING_KEY, TOKEN, WEBHOOK_SECRET
from tests.functions.world import ROOT, World, sqs_record

EVENTS = ROOT / "events" / "deliver"
QUEUES = ",".join(f"{kind}={kind}.fifo" for kind in ("eventbridge", "slack", "pagerduty", "teams", "webhook", "sns"))
ROUTES = """
targets:
  - {{name: shown, kind: terminal}}
  - {{name: chat, kind: slack, channel: C0123456789, secret: slack-token, base_url: "{url}/api"}}
  - {{name: phones, kind: pagerduty, routing_secret: pd-key, events_url: "{url}"}}
  - {{name: hook, kind: webhook, url: "{url}/hook", secret: hook-key, allow_private: true}}
  - {{name: rooms, kind: teams, secret: teams-url}}
  - {{name: topic, kind: sns, topic_arn: "arn:aws:sns:us-east-1:123456789012:personal-pipeline-x"}}
routes: []
default: [shown, chat, phones, hook]
"""


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server() as server:
        yield server


@pytest.fixture
def routed(world: World, server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> World:
    """The functions with a routes file of their own, and the secrets that it names."""
    (world.data / "routes.yaml").write_text(ROUTES.format(url=server.url))
    monkeypatch.setenv("ROUTES_FILE", str(world.data / "routes.yaml"))
    monkeypatch.setenv("DELIVERY_QUEUES", f"{QUEUES},terminal=eventbridge.fifo")
    (world.data / "targets").mkdir()
    secrets = {"slack-token": TOKEN, "pd-key": ROUTING_KEY, "hook-key": WEBHOOK_SECRET, "teams-url": "http://x.example"}
    for name, value in secrets.items():
        (world.data / "targets" / name).write_text(f"{value}\n")
    targets.target.cache_clear()
    return world


@pytest.fixture(autouse=True)
def _no_target_is_kept() -> Iterator[None]:
    yield
    targets.target.cache_clear()


def queue(*names: str, **given: Any) -> Notice:
    notice = a_notice(**given)
    bootstrap.queue_deliveries().send(notice, [one for one in parts.routes().targets if one.name in names])
    return notice


def work(world: World, kind: str, attempt: int = 1) -> dict[str, Any]:
    name = f"{kind}.fifo"
    arn = {"eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{name}"}
    records = []
    for message in parts.queue(name).receive(limit=10):
        record = sqs_record(message.message_id, message.body, attempt) | arn
        record["receiptHandle"] = message.receipt_handle
        record["attributes"] |= message.attributes
        records.append(record)
    response = world.call("deliver", {"Records": records})
    failed = {one["itemIdentifier"] for one in response["batchItemFailures"]}
    parts.queue(name).delete([record["receiptHandle"] for record in records if record["messageId"] not in failed])
    return response


@pytest.mark.parametrize("sample", ["sqs", "update", "resolved"])
def test_a_sample_is_shown_on_the_terminal_in_place_of_the_bus(
    world: World, sample: str, capsys: pytest.CaptureFixture[str]
) -> None:
    targets.target.cache_clear()

    assert world.call("deliver", json.loads((EVENTS / f"{sample}.json").read_text())) == {"batchItemFailures": []}

    shown = capsys.readouterr().out
    assert "RUNBOOK  Disk full  (runbooks/platform/disk-full.md" in shown
    assert {"sqs": "ALERT  ", "update": "  update   rev", "resolved": "RESOLVED  "}[sample] in shown


def test_each_kind_of_target_gets_the_notice_from_its_queue(routed: World, server: ChatServer) -> None:
    queue("chat", "phones", "hook")

    for kind in ("slack", "pagerduty", "webhook"):
        assert work(routed, kind) == {"batchItemFailures": []}

    assert [request.path for request in server.requests] == ["/api/chat.postMessage", "/v2/enqueue", "/hook"]


def test_an_update_changes_the_message_that_is_there(routed: World, server: ChatServer) -> None:
    queue("chat")
    work(routed, "slack")
    queue("chat", revision=2)
    work(routed, "slack")
    work(routed, "slack")

    assert server.methods == ["chat.postMessage", "chat.update"]


def test_a_message_that_comes_twice_is_sent_once(routed: World, server: ChatServer) -> None:
    queue("hook")
    (message,) = parts.queue("webhook.fifo").receive()

    for message_id in ("m-1", "m-2"):
        assert routed.call("deliver", {"Records": [sqs_record(message_id, message.body)]}) == {"batchItemFailures": []}

    assert len(server.requests) == 1


def test_a_refusal_goes_back_to_its_own_queue_for_as_long_as_was_asked(
    routed: World, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    delays: list[tuple[str, int]] = []
    webhooks = parts.queue("webhook.fifo")
    monkeypatch.setattr(webhooks, "delay", lambda handle, seconds: delays.append((handle, seconds)))
    server.answers.append((429, {"Retry-After": "40"}, b""))
    queue("hook")

    response = work(routed, "webhook")

    assert len(response["batchItemFailures"]) == 1
    assert [seconds for _, seconds in delays] == [40]


def test_no_secret_is_logged(routed: World, server: ChatServer, caplog: pytest.LogCaptureFixture) -> None:
    queue("chat", "phones", "hook")
    for kind, secret in (("slack", TOKEN), ("pagerduty", ROUTING_KEY), ("webhook", WEBHOOK_SECRET)):
        server.answers.append((401, {}, f"{secret} is wrong".encode()))
        assert len(work(routed, kind)["batchItemFailures"]) == 1

    lines = [str(vars(record)) for record in caplog.records if record.message == "not delivered"]
    assert len(lines) == 3
    for line in lines:
        assert "check its secret" in line
        assert not any(secret in line for secret in (TOKEN, ROUTING_KEY, WEBHOOK_SECRET))


@pytest.mark.parametrize("body", ["", "{}", "[1]", '{"target": 3}'])
def test_a_body_that_is_no_delivery_is_kept_for_the_dead_letters(routed: World, body: str) -> None:
    response = routed.call("deliver", {"Records": [sqs_record("m-1", body)]})

    assert response == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}


def test_a_target_that_is_gone_from_the_routes_is_named(routed: World, caplog: pytest.LogCaptureFixture) -> None:
    queue("hook")
    (message,) = parts.queue("webhook.fifo").receive()
    body = message.body.replace('"target":"hook"', '"target":"gone"')

    assert routed.call("deliver", {"Records": [sqs_record("m-1", body)]})["batchItemFailures"]

    assert "no target is named 'gone' in the routes file: add it and redrive" in str(vars(caplog.records[-1]))


def test_secrets_of_our_own_are_not_there_for_targets(routed: World, server: ChatServer) -> None:
    """``webhook-secret`` lies in the data folder; a routes file cannot have it sent anywhere."""
    routes = ROUTES.format(url=server.url).replace("pd-key", "webhook-secret")
    (routed.data / "routes.yaml").write_text(routes)
    parts.routes.cache_clear()
    queue("phones")

    assert len(work(routed, "pagerduty")["batchItemFailures"]) == 1
    assert server.requests == []


def test_the_parts_of_every_kind_can_be_built(routed: World) -> None:
    built = {one.name: type(targets.target(one.name)).__name__ for one in parts.routes().targets}

    assert built == {
        "shown": "TerminalTarget",
        "chat": "SlackTarget",
        "phones": "PagerDutyTarget",
        "hook": "WebhookTarget",
        "rooms": "TeamsTarget",
        "topic": "SnsTarget",
    }


def test_the_bus_is_the_terminal_on_one_machine_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    targets.target.cache_clear()
    assert isinstance(targets.target("events"), TerminalTarget)

    monkeypatch.setenv("STORAGE", "aws")
    parts.clients.cache_clear()
    targets.target.cache_clear()
    assert type(targets.target("events")).__name__ == "EventBridgeTarget"


def test_a_terminal_is_refused_in_the_cloud(routed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE", "aws")

    with pytest.raises(targets.UnknownTargetError, match="target shown: a terminal is there on one machine only"):
        targets.target("shown")


def test_the_file_of_samples_says_what_queues_carry() -> None:
    for path in Path(EVENTS).glob("*.json"):
        (record,) = json.loads(path.read_text())["Records"]
        assert record["attributes"]["MessageGroupId"].startswith("events#")
