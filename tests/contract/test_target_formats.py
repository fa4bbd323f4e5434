"""What goes over the wire is what each receiver documents, by schemas of ours that name their source."""

import hmac
import json
import random
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from infra import reference
from personal_pipeline.adapters.targets.http_client import HttpClient
from personal_pipeline.adapters.targets.sns import SnsTarget
from personal_pipeline.adapters.targets.webhook import WebhookTarget
from personal_pipeline.domain.alerts import Severity
from personal_pipeline.domain.errors import TargetUnavailableError
from personal_pipeline.domain.routing import TargetSettings
from personal_pipeline.events import RunbookMatched
from tests.contract.notices import a_notice, a_section, an_example, hostile_notice, random_notice
from tests.contract.rigs import NOW, OLD_WEBHOOK_SECRET, SECRETS, TOKEN, WEBHOOK_SECRET, FixedSecrets, Rig, rig

SCHEMAS = Path(__file__).parent / "schemas"


def conforms(name: str, said: object) -> None:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(said)


def published() -> Draft202012Validator:
    return Draft202012Validator(json.loads(reference.SCHEMA.read_text(encoding="utf-8")))


@pytest.fixture
def behind(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with rig(request.param) as made:
        yield made


def of_pagerduty(*incidents: str, **given: Any) -> Any:
    examples = tuple(an_example(source="pagerduty", labels={"incident_id": incident}) for incident in incidents)
    return a_notice(a_section(examples=examples), **given)


def test_the_published_schema_is_that_of_the_code() -> None:
    assert reference.SCHEMA.read_text(encoding="utf-8") == reference.event_schema(), "run python -m infra.reference"


@pytest.mark.parametrize("behind", ["eventbridge"], indirect=True)
def test_events_of_any_notice_keep_to_the_published_schema(behind: Rig) -> None:
    rng = random.Random(5)  # the same notices each time
    for _ in range(10):
        behind.target.send(random_notice(rng), "d-1", "")

    arrived = behind.sent()
    assert len(arrived) == 10
    for text in arrived:
        published().validate(json.loads(text))


def test_labels_stay_out_of_events() -> None:
    notice = a_notice(a_section(examples=(an_example(labels={"password": "not for the bus"}),)))

    assert "not for the bus" not in RunbookMatched.of(notice, "d-1").model_dump_json()


def test_an_event_of_a_very_large_burst_fits_and_counts_all() -> None:
    big = a_section(steps=tuple(a_section().steps[:1]) * 50, reasons=("é" * 5000,) * 10)

    event = RunbookMatched.of(a_notice(*[big] * 400), "d-1")

    assert event.sections_in_all == 400
    assert event.firing == 400
    assert len(json.dumps(event.facts())) < 256 * 1024


@pytest.mark.parametrize("behind", ["webhook"], indirect=True)
def test_a_webhook_is_signed_as_standard_webhooks_has_it(behind: Rig) -> None:
    behind.target.send(a_notice(), "d-1", "")

    assert behind.server
    (request,) = behind.server.requests
    conforms("standard_webhooks_headers", request.headers)
    conforms("standard_webhooks_body", request.json)
    published().validate(request.json["data"])
    key = b64decode(WEBHOOK_SECRET.removeprefix("whsec_"))
    signed = b"d-1." + str(int(NOW)).encode() + b"." + request.body
    expected = b64encode(hmac.new(key, signed, "sha256").digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"


def test_the_signature_of_the_standard_is_the_one_we_make() -> None:
    """The example of the specification's own libraries."""
    from personal_pipeline.adapters.targets.webhook import signature

    key = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    message_id, seconds, body = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}'

    assert signature(key, message_id, seconds, body) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("behind", ["webhook"], indirect=True)
def test_two_live_secrets_sign_both_while_they_are_rotated(behind: Rig) -> None:
    assert behind.server
    target = WebhookTarget("t", HttpClient("t"), f"{behind.server.url}/hook", SECRETS, "hooks", lambda: NOW)

    target.send(a_notice(), "d-1", "")

    request = behind.server.requests[0]
    conforms("standard_webhooks_headers", request.headers)
    new, old = request.headers["webhook-signature"].split()
    for signature, secret in ((new, WEBHOOK_SECRET), (old, OLD_WEBHOOK_SECRET)):
        key = b64decode(secret.removeprefix("whsec_"))
        digest = hmac.new(key, f"d-1.{int(NOW)}.".encode() + request.body, "sha256").digest()
        assert signature == f"v1,{b64encode(digest).decode()}"


@pytest.mark.parametrize("value", ["whsec_short", "whsec_é", "correct-horse", "whsec_" + "A" * 200, "whsec_!!!!"])
def test_a_secret_that_cannot_sign_is_named_and_not_told(value: str) -> None:
    target = WebhookTarget("t", HttpClient("t"), "https://x.example", FixedSecrets(h=(value,)), "h", lambda: NOW)

    with pytest.raises(TargetUnavailableError, match="the secret h is no whsec_") as raised:
        target.send(a_notice(), "d-1", "")
    assert value not in str(raised.value)


@pytest.mark.parametrize("behind", ["pagerduty"], indirect=True)
@pytest.mark.parametrize("severity", list(Severity))
def test_an_event_of_pagerduty_is_one(behind: Rig, severity: Severity) -> None:
    behind.target.send(a_notice(severity=severity), "d-1", "")
    behind.target.send(a_notice(severity=severity, revision=2, status="resolved"), "d-2", "n-1")
    behind.target.send(hostile_notice("x" * 5000 + "\x1b<b>é"), "d-3", "")

    assert behind.server
    for request in behind.server.requests:
        assert request.path == "/v2/enqueue"
        conforms("pagerduty_event", request.json)
    opened, resolved, _ = (request.json for request in behind.server.requests)
    assert (opened["event_action"], resolved["event_action"]) == ("trigger", "resolve")
    assert opened["dedup_key"] == resolved["dedup_key"]
    assert opened["links"] == [{"href": "https://wiki.example.com/disk", "text": "Disk full"}]


@pytest.mark.parametrize("behind", ["note"], indirect=True)
def test_an_alert_of_pagerduty_gets_a_note_on_its_incident(behind: Rig) -> None:
    behind.target.send(of_pagerduty("PABC123", "PABC123", "Q0XYZ"), "d-1", "")

    assert behind.server
    requests = behind.server.requests
    assert [request.path for request in requests] == ["/incidents/PABC123/notes", "/incidents/Q0XYZ/notes"]
    for request in requests:
        conforms("pagerduty_note", request.json)
        assert request.headers["from"] == "ops@example.com"
        assert request.headers["authorization"] == f"Token token={TOKEN}"
        assert request.json["note"]["content"].endswith("(delivery d-1)")


@pytest.mark.parametrize("behind", ["note"], indirect=True)
@pytest.mark.parametrize("incident", ["../users", "P1/../../x", "", "P\nX", "P1?x=1", "é"])
def test_what_is_no_incident_id_is_never_put_into_an_address(behind: Rig, incident: str) -> None:
    behind.target.send(of_pagerduty(incident), "d-1", "")

    assert behind.server
    assert [request.path for request in behind.server.requests] == ["/v2/enqueue"]


@pytest.mark.parametrize(
    ("options", "notice", "said"),
    [
        ({"secret": "rest", "from": "a@example.com"}, a_notice(), "add routing_secret"),
        ({"routing_secret": "routing"}, of_pagerduty("P1"), "add secret and from"),
    ],
)
def test_what_a_pagerduty_target_lacks_is_named(options: dict[str, str], notice: Any, said: str) -> None:
    from personal_pipeline.adapters.targets.pagerduty import PagerDutyTarget

    target = PagerDutyTarget(TargetSettings("pd", "pagerduty", options), HttpClient("pd"), SECRETS)

    with pytest.raises(TargetUnavailableError, match=f"target pd: {said}"):
        target.send(notice, "d-1", "")


@pytest.mark.parametrize("behind", ["sns"], indirect=True)
def test_a_subscription_can_filter_what_is_published(behind: Rig) -> None:
    behind.target.send(a_notice(), "d-1", "")

    (said,) = map(json.loads, behind.sent())
    assert said["Subject"] == "DiskWillFill on storage [critical]"
    given = {name: attribute["Value"] for name, attribute in said["MessageAttributes"].items()}
    assert given == {
        "service": "storage",
        "severity": "critical",
        "decision": "attach",
        "status": "firing",
        "delivery_id": "d-1",
    }


class Publishing:
    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def publish(self, **request: Any) -> dict[str, str]:
        self.requests.append(request)
        return {"MessageId": "m-1"}


@pytest.mark.parametrize("text", ["é" * 300, "磁盘", "", "\x1b[31m\n\nx", "<b>" * 90, "!"])
def test_a_subject_is_ascii_and_short_and_no_attribute_is_empty(text: str) -> None:
    sns = Publishing()

    SnsTarget("t", lambda: sns, "arn:aws:sns:us-east-1:123456789012:t").send(hostile_notice(text), "d-1", "")

    (request,) = sns.requests
    assert request["Subject"].isascii()
    assert request["Subject"].isprintable()
    assert 0 < len(request["Subject"]) <= 100
    assert all(attribute["StringValue"] for attribute in request["MessageAttributes"].values())


def test_a_fifo_topic_folds_what_is_published_twice() -> None:
    sns = Publishing()

    SnsTarget("t", lambda: sns, "arn:aws:sns:us-east-1:123456789012:t.fifo").send(a_notice(), "d-1", "")

    assert sns.requests[0]["MessageDeduplicationId"] == "d-1"
    assert sns.requests[0]["MessageGroupId"] == "n-1"


def test_an_entry_that_the_bus_does_not_take_is_an_error() -> None:
    from personal_pipeline.adapters.targets.eventbridge import EventBridgeTarget

    class Refusing:
        def put_events(self, **_: Any) -> dict[str, Any]:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "Throttling", "ErrorMessage": "slow down"}]}

    with pytest.raises(TargetUnavailableError, match=r"target t: .* did not take the event .*slow down"):
        EventBridgeTarget("t", Refusing, "default").send(a_notice(), "d-1", "")


def test_a_terminal_shows_a_burst_with_counts_and_what_to_type() -> None:
    import io

    from personal_pipeline.adapters.targets.terminal import TerminalTarget
    from tests.contract.notices import a_cause, a_suggestion

    shown = io.StringIO()
    cause = a_cause()
    notice = a_notice(
        a_section(firing=7),
        replace(a_suggestion(), degraded=("index",)),
        revision=2,
        fired=3,
        cause=cause,
        related=(cause, a_cause(service="queue", is_upstream=False)),
    )

    TerminalTarget(shown).send(notice, "d-1", "")

    assert shown.getvalue().splitlines() == [
        "ALERT  DiskWillFill and 7 more on storage [critical] nearly full",
        "  update   revision 2 of notice n-1",
        "  flapping fired 3 times",
        "  cause    likely database: DbDown since 03:05 UTC",
        "           its runbook: Db  (ops/disk.md, id dbdbdbdbdbdbdbdb)",
        "  alerts   7 firing: DiskWillFill",
        "  RUNBOOK  Disk full  (ops/disk.md, id aaaabbbbccccdddd)",
        "  because  it names this alert  (confidence 0.92)",
        "  first    See what is full",
        "           $ df -h",
        "           Delete old logs",
        "           $ cd /var/log",
        "               rm -i *.gz",
        "  contact  #storage",
        "  alerts   1 firing: DiskWillFill",
        "  suggest  none is sure enough (confidence 0.45); the likeliest, to look at:",
        "  nearest  Candidate 1  (ops/disk.md, id candidate0000001)",
        "           because words in common",
        "  nearest  Candidate 2  (ops/disk.md, id candidate0000002)",
        "           because words in common",
        "  nearest  Candidate 3  (ops/disk.md, id candidate0000003)",
        "           because words in common",
        "  without  index, which did not answer",
        "  related  queue: DbDown",
        "  contact  #on-call",
    ]
