"""`pp routes`: what is wrong with the file, and who would be told."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Pp

FILE = """
targets:
  - {name: all, kind: eventbridge}
  - {name: chat, kind: slack, channel: C0123456789, secret: slack-token}
  - {name: phones, kind: pagerduty, routing_secret: pagerduty-key}
routes:
  - {service: checkout-*, severity: [critical, warning], team: payments, targets: [chat]}
  - service: checkout-*
    severity: critical
    during: {days: [sat, sun], from: "18:00", to: "09:00", timezone: Europe/Berlin}
    targets: [phones, chat]
default: [all]
"""


@pytest.fixture
def routes_file(tmp_path: Path) -> Path:
    path = tmp_path / "routes.yaml"
    path.write_text(FILE)
    return path


def test_a_file_that_is_right_is_counted(pp: Pp, routes_file: Path) -> None:
    ran = pp("routes", "check", routes_file)

    assert (ran.code, ran.text) == (0, "3 targets, 2 routes, by default: all.")


def test_without_a_file_the_packaged_one_is_checked(pp: Pp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROUTES_FILE", raising=False)

    assert pp("routes", "check").text == "1 target, 0 routes, by default: events."


def test_all_that_is_wrong_is_named_at_once(pp: Pp, routes_file: Path) -> None:
    routes_file.write_text(FILE.replace("Europe/Berlin", "Berlin").replace("kind: eventbridge", "kind: smoke"))

    ran = pp("routes", "check", routes_file)

    assert ran.code == 1
    assert "route 2: during.timezone: 'Berlin' is no timezone: write a name as Europe/Berlin or UTC" in ran.err
    assert "target 1 (all): kind: is unknown: write one of eventbridge, sns" in ran.err


def test_json_has_what_is_wrong_or_what_there_is(pp: Pp, routes_file: Path) -> None:
    ran = pp("routes", "check", routes_file, "--json")
    assert json.loads(ran.out) == {
        "problems": [],
        "targets": {"all": "eventbridge", "chat": "slack", "phones": "pagerduty"},
        "routes": 2,
        "default": ["all"],
    }

    routes_file.write_text("targets: []")
    ran = pp("routes", "check", routes_file, "--json")
    assert (ran.code, ran.err) == (1, "")
    assert "default: is missing" in json.loads(ran.out)["problems"][0]


def test_targets_are_told_with_the_routes_that_name_them(pp: Pp, routes_file: Path) -> None:
    words = ["--service", "checkout-web", "--team", "payments", "--at", "2026-11-28T20:00+01:00"]

    ran = pp("routes", "test", "--file", routes_file, *words)

    chat, phones = ran.out.splitlines()
    assert chat.startswith("chat  slack  route 1: service checkout-*, severity critical or warning, team payments; ro")
    assert phones == (
        "phones  pagerduty  route 2: service checkout-*, severity critical, during sat sun 18:00-09:00 Europe/Berlin"
    )


def test_the_default_says_that_it_is_one(pp: Pp, routes_file: Path) -> None:
    ran = pp("routes", "test", "--file", routes_file, "--service", "other", "--json")

    assert json.loads(ran.out) == [{"target": "all", "kind": "eventbridge", "because": "default"}]


def test_a_file_in_the_environment_is_read(pp: Pp, routes_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUTES_FILE", str(routes_file))

    assert pp("routes", "check").text == "3 targets, 2 routes, by default: all."


def test_nobody_is_said_plainly(pp: Pp, routes_file: Path) -> None:
    routes_file.write_text(FILE.replace("default: [all]", "default: []"))

    assert pp("routes", "test", "--file", routes_file).text == "Nobody: no route matches, default is empty."


def test_a_time_that_is_none_is_named(pp: Pp, routes_file: Path) -> None:
    ran = pp("routes", "test", "--file", routes_file, "--at", "yesterday")

    assert (ran.code, ran.err) == (1, "pp: --at yesterday is no time: write it like 2026-11-29T03:00+01:00\n")
