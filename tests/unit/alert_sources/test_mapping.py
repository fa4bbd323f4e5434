"""What a mapping makes of a payload, written as an operator writes it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from personal_pipeline.alert_mappings import load
from personal_pipeline.domain.alert_mapping import MAX_ALERTS
from personal_pipeline.domain.alerts import Alert, ReadAlerts
from personal_pipeline.domain.errors import InvalidAlertError
from tests.unit.alert_sources.alert_samples import payload, read

Given = dict[str, Any]


@pytest.fixture
def mapped(tmp_path: Path) -> Any:
    """Reads a payload by a mapping; JSON is YAML."""

    def reading(fields: Given, sent: Any) -> ReadAlerts:
        file = tmp_path / "mappings.yaml"
        file.write_text(json.dumps({"mine": {"name": "name", "fingerprint": "id"} | fields}))
        return load(file)["mine"].read(sent)

    return reading


@pytest.fixture
def one(mapped: Any) -> Any:
    def reading(fields: Given, sent: Any) -> Alert:
        (alert,) = mapped(fields, sent).alerts
        return alert

    return reading


@pytest.mark.parametrize(
    ("where", "sent", "names"),
    [
        ({}, {"name": "a"}, ["a"]),
        ({}, [{"name": "a"}, {"name": "b"}], ["a", "b"]),
        ({"alerts": "alerts"}, {"alerts": [{"name": "a"}]}, ["a"]),
        ({"alerts": "alerts"}, {"alerts": {"name": "a"}}, ["a"]),
        (
            {"alerts": "groups[].alerts[]"},
            {"groups": [{"alerts": [{"name": "a"}]}, {"alerts": [{"name": "b"}]}]},
            ["a", "b"],
        ),
        ({"alerts": "alerts"}, {"alerts": []}, []),
    ],
)
def test_alerts_are_where_the_mapping_says(mapped: Any, where: Given, sent: Any, names: list[str]) -> None:
    assert [alert.name for alert in mapped(where, sent).alerts] == names


@pytest.mark.parametrize("sent", [{}, {"alerts": None}, {"alerts": "x"}, [], "text", None, 7])
def test_no_alerts_where_the_mapping_says_is_refused_with_what_to_compare(mapped: Any, sent: Any) -> None:
    with pytest.raises(InvalidAlertError, match=r"mine: there is no alert .* \(`pp alert try`\)"):
        mapped({"alerts": "alerts"}, sent)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("deep[1].er", "found"),
        ("nothing.here", ""),
        ('"my-name"', "dashed"),
        ("join('/', [host, id])", "h1/7"),
        ("length(id)", "1"),
        ("length(number)", ""),
        ("number", "3"),
        ("flag", "true"),
        ("deep", ""),
        ({"path": "host"}, "h1"),
        ({"value": " always "}, "always"),
        ({"first": ["nothing", "host", "id"]}, "h1"),
        ({"first": ["nothing", {"value": "else"}]}, "else"),
        ({"template": "{host}: {id}"}, "h1: 7"),
        ({"template": "{{{host}}} {nothing || '-'}"}, "{h1} -"),
        ({"template": "{host}: {nothing}"}, ""),
        ({"first": [{"template": "{nothing}"}, "host"]}, "h1"),
        ({"link": "text"}, "https://x.example.com/a"),
        ({"link": {"first": ["nothing", "text"]}}, "https://x.example.com/a"),
        ({"link": "host"}, ""),
    ],
)
def test_a_field_is_said_by_a_value(one: Any, value: Any, said: str) -> None:
    sent = {
        "id": "7", "name": "n", "host": "h1", "number": 3, "flag": True, "my-name": "dashed",
        "deep": [{}, {"er": "found"}], "text": "see https://x.example.com/a.",
    }  # fmt: skip

    assert one({"summary": value}, sent).summary == said


def test_what_stands_beside_the_alerts_is_said_by_the_payload(mapped: Any) -> None:
    fields = {"alerts": "alerts", "service": {"first": ["service", {"payload": "team.service"}]}}
    sent = {"team": {"service": "shop"}, "alerts": [{"name": "a"}, {"name": "b", "service": "own"}]}

    assert [alert.service for alert in mapped(fields, sent).alerts] == ["shop", "own"]


@pytest.mark.parametrize(
    ("status", "state", "found"),
    [
        ({"path": "state", "when": {"UP": "resolved"}}, "up", ["resolved"]),
        ({"path": "state", "when": {"UP": "resolved"}}, "down", ["firing"]),
        ({"path": "state", "when": {"UP": "resolved"}, "default": "ignored"}, "down", []),
        ({"path": "state", "when": {"1": "firing", "0": "resolved"}}, 0, ["resolved"]),
        ({"path": "state", "when": {"on": "resolved"}}, "on", ["resolved"]),
        ({"path": "state", "when": {"false": "resolved"}}, False, ["resolved"]),
        ({"path": "state", "when": {"": "ignored"}}, None, []),
        ({"path": "state", "when": {"UP": "resolved"}}, ["up"], ["firing"]),
        ("state", "Resolved", ["resolved"]),
        ("state", "acknowledged", []),
        ("state", "anything", ["firing"]),
        ({"value": "firing"}, "resolved", ["firing"]),
    ],
)
def test_a_table_says_what_a_word_means_for_the_status(mapped: Any, status: Any, state: Any, found: list[str]) -> None:
    alerts = mapped({"status": status}, {"name": "a", "id": "1", "state": state}).alerts

    assert [alert.status for alert in alerts] == found


def test_without_a_status_everything_fires(one: Any) -> None:
    assert one({}, {"name": "a", "status": "resolved"}).status == "firing"


@pytest.mark.parametrize(
    ("severity", "level", "found"),
    [
        ({"path": "level", "when": {"5": "critical"}}, 5, "critical"),
        ({"path": "level", "when": {"5": "critical"}, "default": "info"}, 1, "info"),
        ({"path": "level", "when": {"5": "critical"}}, 1, "unknown"),
        ("level", "WARN", "warning"),
        ("level", "p1", "critical"),
        ("level", "odd", "unknown"),
        ({"value": "warning"}, "critical", "warning"),
    ],
)
def test_a_table_says_what_a_word_means_for_the_severity(one: Any, severity: Any, level: Any, found: str) -> None:
    assert one({"severity": severity}, {"name": "a", "level": level}).severity == found


THEN = datetime(2026, 11, 20, 2, 47, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "said", "found"),
    [
        ({}, "2026-11-20T02:47:12Z", THEN),
        ({}, "2026-11-20 03:47:12+01:00", THEN),
        ({}, 1795142832, THEN),
        ({}, "1795142832000", THEN),
        ({"zone": "+01:00"}, "2026-11-20T03:47:12", THEN),
        ({"zone": "+01:00"}, "2026-11-20T02:47:12Z", THEN),
        ({"zone": "+01:00"}, "1795142832", THEN),
        ({"format": "iso"}, "2026-11-20T02:47:12Z", THEN),
        ({"format": "epoch_seconds"}, "1795142832", THEN),
        ({"format": "epoch_milliseconds"}, 1795142832000, THEN),
        ({"format": "epoch_seconds"}, "2026-11-20", None),
        ({"format": "epoch_seconds"}, "inf", None),
        ({"format": "epoch_seconds"}, "0", None),
        ({"format": "%d/%b/%Y:%H:%M:%S"}, "20/Nov/2026:02:47:12", THEN),
        ({"format": "%Y.%m.%d %H:%M:%S", "zone": "-02:30"}, "2026.11.20 00:17:12", THEN),
        ({"format": "%Y-%m-%dT%H:%M:%S%z", "zone": "+05:00"}, "2026-11-20T02:47:12+0000", THEN),
        ({"format": "%Y.%m.%d %H:%M:%S"}, "20.11.2026", None),
        ({}, "yesterday", None),
        ({}, ["2026"], None),
    ],
)
def test_a_time_is_read_by_its_form_and_zone(one: Any, form: Given, said: Any, found: datetime | None) -> None:
    assert one({"starts_at": {"path": "at"} | form}, {"name": "a", "at": said}).starts_at == found


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ("tags", {"a": "1", "b": "x"}),
        ({"objects": ["tags", "more"]}, {"a": "1", "b": "y"}),
        ({"named": {"host": "host", "kind": {"value": "k"}, "gone": "nothing"}}, {"host": "h1", "kind": "k"}),
        ({"objects": ["tags"], "named": {"b": "host"}}, {"a": "1", "b": "h1"}),
        ({"pairs": [{"path": "pairs", "name": "k", "value": "v"}]}, {"p": "q"}),
        ("host", {}),
        ("nothing", {}),
    ],
)
def test_labels_come_from_objects_pairs_and_single_paths(one: Any, labels: Any, found: dict[str, str]) -> None:
    sent = {
        "name": "a", "host": "h1", "tags": {"a": 1, "b": "x", "c": ["no text"]}, "more": {"b": "y"},
        "pairs": [{"k": "p", "v": "q"}, {"k": ["r"], "v": "s"}, "t", {"v": "u"}],
    }  # fmt: skip

    alert = one({"labels": labels, "annotations": labels}, sent)

    assert alert.labels == alert.annotations == found


def test_a_fingerprint_that_is_missing_or_too_long_becomes_a_hash_that_stays_the_same(one: Any) -> None:
    fields = {"service": "service"}
    missing = {"name": "a", "service": "s"}

    assert len(one(fields, missing).fingerprint) == 16
    assert one(fields, missing).fingerprint == one(fields, missing | {"summary": "x"}).fingerprint
    assert one(fields, missing).fingerprint != one(fields, missing | {"service": "t"}).fingerprint
    assert len(one(fields, {"name": "a", "id": "x" * 201}).fingerprint) == 16
    assert one(fields, {"name": "a", "id": "x" * 200}).fingerprint == "x" * 200


def test_a_wrong_alert_of_a_batch_is_named_and_does_not_lose_the_others(mapped: Any) -> None:
    found = mapped({}, [{"name": "a"}, "text", {}, {"name": ["b"]}, {"name": "c"}])

    assert [alert.name for alert in found.alerts] == ["a", "c"]
    assert [line.partition(" of ")[0] for line in found.unreadable] == [
        "mine: alert 2",
        "mine: alert 3",
        "mine: alert 4",
    ]


def test_ignored_alerts_leave_the_others_their_numbers() -> None:
    found = read("generic", payload("generic", "batch"))

    assert [(alert.fingerprint, alert.status) for alert in found.alerts] == [
        ("c-71", "firing"),
        ("c-80", "firing"),
        ("c-82", "resolved"),
    ]
    assert found.unreadable == ("beacon: alert 5 of 5 is no object",)


def test_of_too_many_alerts_the_first_are_read_and_it_is_said(mapped: Any) -> None:
    found = mapped({}, [{"name": str(number)} for number in range(MAX_ALERTS + 5)])

    assert len(found.alerts) == MAX_ALERTS
    assert found.unreadable == ("mine: 1005 alerts, of which the first 1000 are read: send fewer at once",)
