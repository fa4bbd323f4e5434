"""Whatever is sent, a reader answers with alerts or with an InvalidAlertError, in time that its size explains."""

import copy
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personal_pipeline.domain.alerts import Alert, ReadAlerts, Severity
from personal_pipeline.domain.errors import InvalidAlertError
from tests.unit.alert_sources.alert_samples import EVENTS, MAPPED, READERS, VALUES, damaged, payload, read

FILES = [(source, file.stem) for source in (*READERS, *MAPPED) for file in sorted((EVENTS / source).glob("*.json"))]


def assert_sound(found: ReadAlerts) -> None:
    for alert in found.alerts:
        assert isinstance(alert, Alert)
        assert alert.status in ("firing", "resolved")
        assert isinstance(alert.severity, Severity)
        assert 0 < len(alert.fingerprint) <= 200
        assert alert.starts_at is None or alert.starts_at.tzinfo
        for field in ("name", "service", "summary", "description", "runbook_url", "generator_url", "arn"):
            assert isinstance(getattr(alert, field), str), field
        for texts in (alert.labels, alert.annotations):
            assert all(isinstance(part, str) for pair in texts.items() for part in pair)
    assert all(isinstance(line, str) for line in found.unreadable)


def assert_read_or_refused(source: str, sent: Any) -> None:
    said = ""
    try:
        assert_sound(read(source, sent))
    except InvalidAlertError as error:
        said = str(error)
    assert not said or said.count(": ") > 1, "it names the source, and says what to do next"


@pytest.mark.parametrize(("source", "name"), FILES)
@given(data=st.data())
def test_a_damaged_sample_gives_alerts_or_is_refused(source: str, name: str, data: st.DataObject) -> None:
    assert_read_or_refused(source, data.draw(damaged(payload(source, name))))


@pytest.mark.parametrize("source", [*READERS, *MAPPED])
@given(sent=VALUES)
def test_what_is_no_alert_at_all_gives_alerts_or_is_refused(source: str, sent: Any) -> None:
    assert_read_or_refused(source, sent)


@pytest.mark.parametrize("source", [*READERS, *MAPPED])
def test_a_hostile_sample_is_read_and_nothing_of_it_is_lost_with_it(source: str) -> None:
    found = read(source, payload(source, "hostile"))

    assert_sound(found)
    assert found.alerts


@pytest.mark.parametrize(("source", "name"), FILES)
def test_the_payload_is_left_as_it_was(source: str, name: str) -> None:
    sent = payload(source, name)
    before = copy.deepcopy(sent)

    read(source, sent)

    assert sent == before


def calls(work: Callable[[], object]) -> int:
    """Functions called, in Python and in C: the same on every machine."""
    count = 0

    def counting(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    previous = sys.getprofile()
    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(previous)
    return count


GROWING: dict[str, Callable[[int], Any]] = {
    "sentry": lambda n: {"data": {"event": {"title": "x", "tags": [[f"k{i}", "v"] for i in range(n)]}}},
    "splunk_on_call": lambda n: {"entity_id": "x", **{f"ALERT.k{i}": "v" for i in range(n)}},
    "azure_monitor": lambda n: {
        "data": {
            "essentials": {"alertRule": "x", "alertTargetIDs": ["y"] * n},
            "alertContext": {
                "condition": {"allOf": [{"dimensions": [{"name": f"k{i}", "value": "v"}]} for i in range(n)]}
            },
        }
    },
    "gcp_monitoring": lambda n: {
        "incident": {"policy_name": "x", "resource": {"labels": {f"k{i}": "v" for i in range(n)}}}
    },
    "splunk": lambda n: {"search_name": "x", "result": {f"k{i}": "v" for i in range(n)}},
    "zabbix": lambda n: {"event_name": "x", "tags": [{"tag": f"k{i}", "value": "v"} for i in range(n)]},
    "generic": lambda n: {"region": "eu", "checks": [{"id": f"c{i}", "what": {"name": "x"}} for i in range(n)]},
}


@pytest.mark.parametrize("source", GROWING)
def test_twice_the_payload_is_at_most_twice_the_work(source: str) -> None:
    small, large = (GROWING[source](size) for size in (200, 400))
    read(source, small)  # what is made once is made now

    assert calls(lambda: read(source, large)) <= 2.1 * calls(lambda: read(source, small))


def test_what_stands_once_in_the_payload_is_looked_up_once_for_all_its_alerts() -> None:
    few, many = ({"region": list(range(5_000)), "checks": [{"id": str(i)} for i in range(size)]} for size in (1, 2))

    extra = calls(lambda: read("generic", many)) - calls(lambda: read("generic", few))

    assert extra < 1_000
