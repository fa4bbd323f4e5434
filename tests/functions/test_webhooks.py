"""The intake over HTTP: what its senders see, what is on the queue afterwards, and what the log does not hold."""

import json
import os
import statistics
import time
from base64 import b64decode
from typing import Any

import pytest

from personal_pipeline import parts
from personal_pipeline.domain.errors import QueueUnavailableError, TableUnavailableError
from personal_pipeline.domain.senders import SENDERS, Received
from personal_pipeline.messages import AlertMessage
from tests.functions.world import SECRET, Reply, World
from tests.measured import record

IS_FULL = os.environ.get("FULL_COUNTS") == "1"
MEASURED_CALLS = 5_000 if IS_FULL else 300
BODY = b'{"event": {"id": "01", "event_type": "incident.triggered"}}'


@pytest.fixture(autouse=True)
def _secrets_of_sources(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET_NAME_PREFIX", "webhook-secret-")
    (world.data / "webhook-secret-pagerduty").write_text("of-pagerduty\n")


def signed(source: str, body: bytes = BODY, secret: str = SECRET) -> Received:
    url = f"https://pp.example.com/v1/alerts/{source}"
    return SENDERS[source][0].signed(Received(body, {"host": "pp.example.com"}, url=url), secret, time.time())


def event_of(source: str, request: Received) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": "POST /v1/alerts/{source}",
        "rawPath": f"/v1/alerts/{source}",
        "rawQueryString": request.url.partition("?")[2],
        "queryStringParameters": dict(request.parameters),
        "headers": dict(request.headers),
        "requestContext": {"http": {"method": "POST", "path": f"/v1/alerts/{source}"}, "stage": "$default"},
        "body": request.body.decode("latin-1"),
        "isBase64Encoded": False,
    }


def send(world: World, source: str, request: Received) -> Reply:
    return Reply(world.call("alert_intake", event_of(source, request)))


def messages(world: World) -> list[AlertMessage]:
    return [AlertMessage.model_validate_json(message.body) for message in world.queued("alert")]


@pytest.mark.parametrize("source", sorted(SENDERS.keys() - {"pagerduty"}))
def test_every_source_gets_in_as_its_system_signs(world: World, source: str) -> None:
    assert send(world, source, signed(source)).status == 202

    (message,) = messages(world)
    assert (message.source, b64decode(message.body)) == (source, BODY)


def test_a_source_with_a_secret_of_its_own_takes_no_other(world: World) -> None:
    assert send(world, "pagerduty", signed("pagerduty", secret="of-pagerduty")).status == 202
    assert send(world, "pagerduty", signed("pagerduty", b'{"id": "02"}')).status == 401


def test_a_copy_is_a_conflict_that_tells_nothing(world: World) -> None:
    request = signed("sentry")

    first, second = send(world, "sentry", request), send(world, "sentry", request)

    assert (first.status, second.status, second.json["detail"]) == (202, 409, "")
    assert len(messages(world)) == 1


def test_a_copy_is_known_to_another_process(world: World) -> None:
    request = signed("sentry")
    assert send(world, "sentry", request).status == 202

    world.apps.clear()

    assert send(world, "sentry", request).status == 409


def test_a_copy_is_taken_while_the_table_does_not_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise TableUnavailableError("the table does not answer")

    monkeypatch.setattr(parts.records(), "get", fails)
    monkeypatch.setattr(parts.records(), "put", fails)
    request = signed("sentry")
    assert send(world, "sentry", request).status == 202

    world.apps.clear()

    assert send(world, "sentry", request).status == 202


def test_a_queue_that_does_not_answer_is_a_503_and_the_same_bytes_are_taken_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: object) -> None:
        raise QueueUnavailableError("the queue does not answer")

    request = signed("sentry")
    with monkeypatch.context() as patch:
        patch.setattr(parts.queue("alert"), "send", fails)
        refused = send(world, "sentry", request)

    assert (refused.status, refused.headers["retry-after"]) == (503, "2")
    assert messages(world) == []
    assert send(world, "sentry", request).status == 202


@pytest.mark.parametrize("header", ["é", "\ud800", "v1=\u0661", "\x00", "v1=" + "a" * 100_000])
def test_a_header_of_any_characters_is_refused_and_no_fault(world: World, header: str) -> None:
    request = Received(BODY, {"x-pagerduty-signature": header, "authorization": f"Bearer {header}"})

    for source in ("pagerduty", "alertmanager", "nowhere"):
        reply = send(world, source, request)
        assert (reply.status, reply.json["detail"]) == (401, "")


def test_a_source_that_is_not_there_answers_a_stranger_as_one_that_is(world: World) -> None:
    bad = Received(BODY, {"authorization": "Bearer wrong"})

    there, not_there = send(world, "alertmanager", bad), send(world, "smoke-signals", bad)

    assert (there.status, there.body, there.headers) == (not_there.status, not_there.body, not_there.headers)


@pytest.mark.parametrize(
    ("body", "encoded", "status"),
    [("!" * 10, True, 400), ("x" * 800_000, True, 413), ("x" * 600_000, False, 413), ("\ud800", False, 400)],
)
def test_a_body_that_is_too_large_or_damaged_is_refused(world: World, body: str, encoded: bool, status: int) -> None:
    event = event_of("sentry", signed("sentry")) | {"body": body, "isBase64Encoded": encoded}

    assert Reply(world.call("alert_intake", event)).status == status


def test_a_form_is_queued_as_it_came_and_says_what_it_is(world: World) -> None:
    form = b"entity_id=disk%2F1&note=a+b"
    request = signed("splunk_on_call", form)
    headers = {**request.headers, "content-type": "application/x-www-form-urlencoded"}

    assert send(world, "splunk_on_call", Received(form, headers)).status == 202

    (message,) = messages(world)
    assert b64decode(message.body) == form
    assert message.content_type == "application/x-www-form-urlencoded"


def test_the_choice_of_the_operator_counts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    file = world.data / "senders.yaml"
    file.write_text("sentry: { by: certificate, subjects: [CN=sentry] }\n")
    monkeypatch.setenv("SENDERS_FILE", str(file))
    event = event_of("sentry", Received(BODY))
    checked = {"authentication": {"clientCert": {"subjectDN": "CN=sentry"}}}

    assert send(world, "sentry", signed("sentry")).status == 401
    assert (
        Reply(world.call("alert_intake", event | {"requestContext": event["requestContext"] | checked})).status == 202
    )


def test_no_log_line_holds_a_secret_a_token_or_a_body(
    world: World, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    canary = "c4nary-in-the-url"
    (world.data / "webhook-secret-azure_monitor").write_text(f"{canary}\n")
    requests = {
        "azure_monitor": signed("azure_monitor", b"c4nary-body", canary),
        "pagerduty": signed("pagerduty", b"c4nary-body", "of-pagerduty"),
        "smoke": Received(b"c4nary-body", {"authorization": "Bearer c4nary-guess"}, {"token": "c4nary-guess"}),
    }

    statuses = [send(world, source, request).status for source, request in [*requests.items(), *requests.items()]]

    written = "".join([*capsys.readouterr(), *(str(vars(line)) for line in caplog.records)])
    assert statuses == [202, 202, 401, 202, 409, 401]
    assert "sender refused" in written
    assert "c4nary" not in written
    assert requests["pagerduty"].headers["x-pagerduty-signature"][3:] not in written


class TimedQueue:
    def __init__(self, queue: Any) -> None:
        self._queue = queue
        self.seconds = 0.0

    def send(self, sent: Any) -> None:
        began = time.perf_counter()
        self._queue.send(sent)
        self.seconds = time.perf_counter() - began


@pytest.mark.parametrize(("name", "source"), [("with a shared secret", "datadog"), ("signed", "pagerduty")])
def test_how_long_the_intake_takes_without_the_queue_is_measured(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str, source: str
) -> None:
    """20 KB, an alert group of Alertmanager; the signed ones are looked up in the embedded table, and kept there."""
    queue = TimedQueue(parts.queue("alert"))
    monkeypatch.setattr(parts, "queue", lambda *_, **__: queue)
    filling, took = "x" * 20_000, []
    secret = "of-pagerduty" if source == "pagerduty" else SECRET
    for number in range(MEASURED_CALLS):
        event = event_of(source, signed(source, json.dumps({"id": number, "filling": filling}).encode(), secret))
        began = time.perf_counter()
        assert world.call("alert_intake", event)["statusCode"] == 202
        took.append(1000 * (time.perf_counter() - began - queue.seconds))

    cuts = statistics.quantiles(took[1:], n=100)  # the first call builds what it needs
    record(f"webhook intake, {name}, p99", cuts[98], "ms", p50=cuts[49], calls=MEASURED_CALLS, body_bytes=20_000)
