"""``pp alert send`` proves itself as the source's own sender would; the real intake is asked whether it did."""

import time
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from infra.cli.senders import source_of
from personal_pipeline.domain.senders import SENDERS, SHARED
from personal_pipeline.edge.webhooks import received
from personal_pipeline.sender_choices import senders
from tests.unit.cli.conftest import Pp
from tests.unit.cli.stand_in import SECRET, Answer, StandIn, problem

SAMPLES = Path(__file__).parents[3] / "events" / "alerts"
QUEUED = Answer({"status": "queued"}, 202)
SOURCES = sorted(path.name for path in SAMPLES.iterdir() if (path / "firing.json").is_file())


def proof(system: StandIn, source: str, secret: str = SECRET, ways: Any = None) -> object:
    """What the intake makes of the last request, as the gateway hands it over."""
    asked = system.asked[-1]
    event = {
        "rawPath": asked.path,
        "queryStringParameters": {name: ",".join(values) for name, values in asked.query.items()},
        "headers": {"x-forwarded-proto": "http", **asked.headers},
        "requestContext": {},
        "body": asked.body.decode(),
    }
    request = received(APIGatewayProxyEventV2(event))
    proofs = [way.proof(request, [secret], time.time()) for way in ways or SENDERS.get(source, SHARED)]
    return next(filter(None, proofs), None)


@pytest.mark.parametrize("source", SOURCES)
def test_a_sample_is_signed_as_its_source_demands(system: StandIn, pp: Pp, source: str) -> None:
    system.answers[f"POST /v1/alerts/{source}"] = QUEUED

    ran = pp("alert", "send", str(SAMPLES / source / "firing.json"))

    assert (ran.code, ran.out.startswith("Queued.")) == (0, True), ran.err
    assert system.asked[-1].path == f"/v1/alerts/{source}"
    assert proof(system, source)
    assert not proof(system, source, secret="another")


def test_a_form_is_signed_over_the_address_and_its_fields(system: StandIn, pp: Pp, tmp_path: Path) -> None:
    system.answers["POST /v1/alerts/splunk_on_call"] = QUEUED
    form = tmp_path / "body.txt"
    form.write_bytes(b"message_type=CRITICAL&entity_id=disk%2Fnode-17")

    ran = pp("alert", "send", str(form), "--source", "splunk_on_call")

    assert ran.code == 0
    assert system.asked[-1].headers["content-type"] == "application/x-www-form-urlencoded"
    assert "x-victorops-signature" in system.asked[-1].headers
    assert proof(system, "splunk_on_call")


def test_a_body_that_was_sent_before_is_named_as_a_copy(system: StandIn, pp: Pp) -> None:
    system.answers["POST /v1/alerts/pagerduty"] = problem(409, "")

    ran = pp("alert", "send", str(SAMPLES / "pagerduty" / "firing.json"))

    assert ran.code == 1
    assert "taken before and counts as a copy: change the body" in ran.err


def test_the_secret_of_the_source_goes_before_that_of_all(system: StandIn, pp: Pp, data: Path) -> None:
    system.answers["POST /v1/alerts/sentry"] = QUEUED
    (data / "webhook-secret-sentry").write_text("newest-of-sentry\nolder\n")

    pp("alert", "send", str(SAMPLES / "sentry" / "firing.json"))

    assert proof(system, "sentry", secret="newest-of-sentry")


def test_the_choice_of_the_operator_is_kept_to(
    system: StandIn, pp: Pp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.answers["POST /v1/alerts/zabbix"] = QUEUED
    file = tmp_path / "senders.yaml"
    file.write_text("zabbix: { by: hmac, header: X-Zabbix, prefix: 'sha256=', remembered_seconds: 0 }\n")
    monkeypatch.setenv("SENDERS_FILE", str(file))

    pp("alert", "send", str(SAMPLES / "zabbix" / "firing.json"))

    assert system.asked[-1].headers["x-zabbix"].startswith("sha256=")
    assert proof(system, "zabbix", ways=senders(str(file), {"zabbix"})["zabbix"])


@pytest.mark.parametrize("chosen", ["{ by: token }", "{ by: certificate, subjects: [CN=a], header: X-Subject }"])
def test_a_token_in_the_url_and_the_header_of_a_proxy_are_sent(
    system: StandIn, pp: Pp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    system.answers["POST /v1/alerts/zabbix"] = QUEUED
    file = tmp_path / "senders.yaml"
    file.write_text(f"zabbix: {chosen}\n")
    monkeypatch.setenv("SENDERS_FILE", str(file))

    assert pp("alert", "send", str(SAMPLES / "zabbix" / "firing.json")).code == 0
    assert proof(system, "zabbix", ways=senders(str(file), {"zabbix"})["zabbix"])


def test_a_client_certificate_is_not_sent_by_hand(
    system: StandIn, pp: Pp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "senders.yaml"
    file.write_text("zabbix: { by: certificate, subjects: [CN=a] }\n")
    monkeypatch.setenv("SENDERS_FILE", str(file))

    ran = pp("alert", "send", str(SAMPLES / "zabbix" / "firing.json"))

    assert ran.code == 1
    assert "zabbix proves itself in a way that nobody can by hand" in ran.err
    assert not system.asked


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("events/alerts/grafana/firing.json", "grafana"),
        ("alerts/pagerduty/mine.json", "pagerduty"),
        ("elsewhere/grafana/firing.json", "alertmanager"),
        ("body.json", "alertmanager"),
        ("-", "alertmanager"),
    ],
)
def test_the_folder_of_a_sample_says_its_source(file: str, source: str) -> None:
    assert source_of(Path(file)) == source
