import io
import json
import sys
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Pp

EVENTS = Path(__file__).parents[3] / "events" / "alerts"
MAPPING = EVENTS / "generic" / "mapping.yaml"


def test_every_field_has_its_line_the_empty_ones_too(pp: Pp) -> None:
    ran = pp("alert", "try", "zabbix", EVENTS / "zabbix" / "firing.json")

    lines = ran.out.splitlines()
    assert ran.code == 0
    assert "1\tfingerprint\ttrigger:24512" in lines
    assert "1\tstarts_at\t2026-11-20T02:47:12+00:00" in lines
    assert "1\tlabels.service\tplatform" in lines
    assert "1\tarn\t" in lines


def test_a_built_in_source_can_be_tried_too(pp: Pp) -> None:
    ran = pp("alert", "try", "alertmanager", EVENTS / "alertmanager" / "batch.json")

    assert ran.code == 0
    assert {line.split("\t")[0] for line in ran.out.splitlines()} == {"1", "2", "3", "4"}


def test_what_cannot_be_read_is_named_and_is_an_exit_code(pp: Pp) -> None:
    ran = pp("alert", "try", "beacon", EVENTS / "generic" / "batch.json", "--mappings", MAPPING)

    assert ran.code == 1
    assert "1\tname\tCoreDNSDown" in ran.out
    assert "beacon: alert 5 of 5 is no object" in ran.err


def test_json_has_all_of_it(pp: Pp) -> None:
    ran = pp("alert", "try", "beacon", EVENTS / "generic" / "batch.json", "--mappings", MAPPING, "--json")

    said = json.loads(ran.out)
    assert [alert["fingerprint"] for alert in said["alerts"]] == ["c-71", "c-80", "c-82"]
    assert said["alerts"][0]["labels"]["probe"] == "udp/53"
    assert said["alerts"][0]["starts_at"] == "2026-11-20T02:57:40.123000+00:00"
    assert said["unreadable"] == ["beacon: alert 5 of 5 is no object"]


def test_the_variable_names_the_mappings_as_it_does_for_the_system(pp: Pp, monkeypatch: pytest.MonkeyPatch) -> None:
    body = EVENTS / "generic" / "firing.json"
    assert "no alert source 'beacon': there are alertmanager, " in pp("alert", "try", "beacon", body).err
    monkeypatch.setenv("ALERT_MAPPINGS_FILE", str(MAPPING))

    assert pp("alert", "try", "beacon", body).code == 0


def test_a_body_may_come_from_a_pipe(pp: Pp, monkeypatch: pytest.MonkeyPatch) -> None:
    body = io.BytesIO((EVENTS / "nagios" / "firing.json").read_bytes())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(body))

    assert "1\tname\tPostgresReplicationLagHigh" in pp("alert", "try", "nagios", "-").out


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("not json", "the body is not JSON"),
        ("[]", "sentry: the body is JSON, but no object"),
        ("{}", "sentry: 'data' has no 'event', 'issue' or 'metric_alert'"),
    ],
)
def test_a_body_that_says_nothing_is_an_error(pp: Pp, tmp_path: Path, body: str, said: str) -> None:
    file = tmp_path / "body.json"
    file.write_text(body)

    ran = pp("alert", "try", "sentry", file)

    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err


def test_files_that_are_missing_or_wrong_are_named(pp: Pp, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("mine: {name: a..b, fingerprint: c}\n")
    body = EVENTS / "nagios" / "firing.json"

    assert "gone.json cannot be read" in pp("alert", "try", "nagios", tmp_path / "gone.json").err
    assert (
        "mapping 'mine': name.path: 'a..b' is no JMESPath" in pp("alert", "try", "mine", body, "--mappings", wrong).err
    )


def test_an_alert_that_is_ignored_is_said_to_be_none(pp: Pp, tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_text('{"type": "ACKNOWLEDGEMENT", "host": "a", "check": "b"}')

    ran = pp("alert", "try", "nagios", file)

    assert (ran.code, ran.out) == (0, "")
    assert "no alert in it" in ran.err


@pytest.mark.parametrize("source", ["beacon", "icinga", "sentry", "splunk", "zabbix"])
def test_hostile_text_cannot_steer_the_terminal(pp: Pp, source: str) -> None:
    folder = "generic" if source == "beacon" else source

    ran = pp("alert", "try", source, EVENTS / folder / "hostile.json", "--mappings", MAPPING)

    assert ran.out
    assert not any(char in ran.out + ran.err for char in "\x1b\u202e\x07\u200b")
    assert all(line.count("\t") == 2 for line in ran.out.splitlines())


def test_on_a_terminal_it_is_a_table(pp: Pp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "160")

    ran = pp("alert", "try", "nagios", EVENTS / "nagios" / "firing.json")

    assert "field value" in ran.text
    assert "1 name PostgresReplicationLagHigh" in ran.text
    assert "1 arn nothing" in ran.text
