import json
from pathlib import Path
from typing import Any

import pytest

from infra.cli.errors import CommandError
from infra.cli.replays import foreseen, read_lines
from personal_pipeline.domain.alert_sources.lookup import AlertSources
from tests.unit.cli.conftest import Pp
from tests.unit.cli.stand_in import SECRET, StandIn, problem

STORM = Path(__file__).parents[3] / "events" / "alerts" / "storm.jsonl"
NOW = 1_795_921_500.0


def a_line(at: object = 0, name: str = "DiskFull", source: str = "alertmanager", **labels: str) -> dict[str, Any]:
    alert = {"status": "firing", "labels": {"alertname": name, "service": "orders", **labels}, "fingerprint": name}
    return {"at": at, "source": source, "body": {"alerts": [alert]}}


def jsonl(*lines: object) -> str:
    return "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "storm.jsonl"


def test_the_lines_are_sent_in_order_each_signed(system: StandIn, pp: Pp, file: Path) -> None:
    file.write_text(jsonl(a_line(5, "One"), "", a_line(5.01, "Two")))

    ran = pp("alert", "replay", file, "--speed", "100")

    assert (ran.code, ran.text) == (0, "2 webhooks sent in 0 s."), ran.err
    assert [asked.json["alerts"][0]["fingerprint"] for asked in system.asked] == ["One", "Two"]
    assert {asked.headers["authorization"] for asked in system.asked} == {f"Bearer {SECRET}"}


def test_the_pace_is_that_of_the_recording_times_the_speed(pp: Pp, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("infra.cli.alerts.time.monotonic", lambda: 50.0 + sum(slept))
    monkeypatch.setattr("infra.cli.alerts.time.sleep", slept.append)
    file.write_text(jsonl(*(a_line(f"2026-11-20T02:47:{second:02}Z") for second in (10, 20, 50))))

    assert pp("alert", "replay", file, "--speed", "10").code == 0
    assert slept == pytest.approx([0, 1, 3])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2 is not JSON"),
        ("[" * 100_000, "line 2 is not JSON"),
        ("7", "line 2 is no object"),
        ("{}", "line 2: 'at' is None"),
        (a_line(True), "line 2: 'at' is True"),
        (a_line("yesterday"), "line 2: 'at' is 'yesterday'"),
        ('{"at": NaN}', "line 2: 'at' is nan"),
        (a_line("2026-11-20T02:47:12Z"), "line 2: 'at' is seconds in some lines and a time in others"),
        (a_line(-1), "line 2: 'at' is before that of the line above"),
        (a_line(1, source="pigeon"), "line 2: there is no source 'pigeon'"),
        ({"at": 1, "source": ["alertmanager"], "body": {}}, "line 2: there is no source ['alertmanager']"),
        ({"at": 1, "source": "alertmanager"}, "line 2: 'body' is no object"),
    ],
)
def test_a_bad_line_is_named_before_anything_is_sent(
    system: StandIn, pp: Pp, file: Path, line: object, said: str
) -> None:
    file.write_text(jsonl(a_line(), line))

    for options in ([], ["--dry-run"]):
        ran = pp("alert", "replay", file, *options)
        assert (ran.code, said in " ".join(ran.err.split())) == (1, True), ran.err
    assert not system.asked


def test_a_file_without_lines_says_what_a_line_is() -> None:
    with pytest.raises(CommandError, match="there is no line in it: a line is"):
        read_lines("\n\n", AlertSources())


def test_what_the_system_refuses_is_named_with_its_line(system: StandIn, pp: Pp, file: Path) -> None:
    system.answers["POST /v1/alerts/alertmanager"] = problem(503, "The queue is full.")
    file.write_text(jsonl("", a_line()))

    ran = pp("alert", "replay", file)

    assert (ran.code, "line 2: The queue is full." in ran.err) == (1, True)


def test_a_dry_run_says_what_people_would_get_and_sends_nothing(system: StandIn, pp: Pp, file: Path) -> None:
    lines = [a_line(0), a_line(1, instance="b"), a_line(2, "Down", severity="critical"), a_line(900, "Slow")]
    file.write_text(jsonl(*lines))

    ran = pp("alert", "replay", file, "--dry-run")

    assert ran.code == 0, ran.err
    assert not system.asked
    assert "0.0 s line 1, alertmanager: messages 1 DiskFull on orders [unknown] firing" in ran.text
    assert "line 2, alertmanager: messages 0" in ran.text, "it is the same alert"
    assert "2.0 s line 3, alertmanager: messages 1 Down on orders [critical] firing" in ran.text
    assert ran.text.endswith("4 webhooks with 4 alerts: people would get 3 messages, which would change 0 times.")


def test_a_dry_run_names_what_cannot_be_read_and_goes_on(pp: Pp, file: Path) -> None:
    hostile = {
        "at": 1,
        "source": "alertmanager",
        "body": {"alerts": ["text", a_line(name="E\x1b[2J")["body"]["alerts"][0]]},
    }
    file.write_text(jsonl(a_line(), hostile, {"at": 2, "source": "pagerduty", "body": []}, a_line(3, "Slow")))

    ran = pp("alert", "replay", file, "--dry-run")

    assert ran.code == 1
    assert "line 2: alertmanager: alert 1 of 2 is no object" in ran.err
    assert "line 3: pagerduty" in ran.err
    assert "\x1b[2J" not in ran.out
    assert "Slow on orders" in ran.text


def test_json_has_the_lines_and_the_sums(pp: Pp, file: Path) -> None:
    file.write_text(jsonl(a_line(), a_line(1, "Down", severity="critical")))

    foretold = json.loads(pp("alert", "replay", file, "--dry-run", "--json").out)
    sent = json.loads(pp("alert", "replay", file, "--speed", "100", "--json").out)

    assert foretold["lines"][1] == {
        "line": 2,
        "after": 1.0,
        "source": "alertmanager",
        "alerts": [{"name": "Down", "service": "orders", "severity": "critical", "status": "firing"}],
        "unreadable": [],
        "messages": 1,
    }
    assert (foretold["messages"], foretold["changes"], sent["webhooks"]) == (2, 0, 2)


def test_the_storm_that_comes_along_is_a_few_messages() -> None:
    sources = AlertSources()
    lines = read_lines(STORM.read_text(), sources)

    messages = [notice for found in foreseen(lines, sources, NOW) for notice in found.messages]

    assert len(lines) == 37
    assert sum(not one.is_update for one in messages) == 5
    assert len(messages) < 20
