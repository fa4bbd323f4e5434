"""What holds for every reader, whatever the payload looks like."""

import copy
import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personal_pipeline.domain.alert_sources import SOURCES
from personal_pipeline.domain.alerts import Alert, ReadAlerts, Severity
from personal_pipeline.domain.errors import InvalidAlertError
from tests.unit.alert_sources.samples import FILES, FOLDER, named, only, payload

SURPRISES: list[Any] = [
    None,
    [],
    {},
    "",
    "text",
    0,
    -1,
    7,
    1.5,
    10**40,
    float("nan"),
    True,
    [None],
    {"a": [1]},
    "\ud800",
]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(SURPRISES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def assert_declared_types(alert: Alert) -> None:
    for field in fields(alert):
        value = getattr(alert, field.name)
        if field.name in {"labels", "annotations"}:
            assert isinstance(value, dict)
            assert all(type(name) is str and type(said) is str for name, said in value.items())
        elif field.name == "starts_at":
            assert value is None or (isinstance(value, datetime) and value.tzinfo)
        elif field.name == "severity":
            assert type(value) is Severity
        else:
            assert type(value) is str, field.name
    assert alert.status in {"firing", "resolved"}
    assert alert.fingerprint


def assert_read(source: str, given_payload: Any) -> None:
    try:
        found = SOURCES[source](given_payload)
    except InvalidAlertError:
        return
    assert type(found) is ReadAlerts
    assert all(type(line) is str for line in found.unreadable)
    for alert in found.alerts:
        assert alert.source == source
        assert_declared_types(alert)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield (*path, key)
        yield from places(item, (*path, key))


def changed(value: Any, path: tuple[Any, ...], new: Any, *, drop: bool) -> Any:
    value = copy.deepcopy(value)
    *way, last = path
    inside = value
    for key in way:
        inside = inside[key]
    if drop:
        del inside[last]
    else:
        inside[last] = new
    return value


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_every_source_has_a_sample_of_each_kind(source: str) -> None:
    names = {file.stem for file in (FOLDER / source).glob("*.json")}

    assert names >= {"firing", "resolved", "batch", "hostile"}


def test_every_sample_belongs_to_a_source() -> None:
    assert {file.parent.name for file in FILES} == set(SOURCES)


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_a_resolved_alert_has_the_fingerprint_and_the_name_of_the_one_that_fired(source: str) -> None:
    fired, resolved = only(source, "firing"), only(source, "resolved")

    assert (fired.status, resolved.status) == ("firing", "resolved")
    assert fired.fingerprint == resolved.fingerprint
    assert (fired.name, fired.service) == (resolved.name, resolved.service)


@pytest.mark.parametrize("file", FILES, ids=named)
def test_a_reader_leaves_the_payload_as_it_found_it(file: Path) -> None:
    given_payload = json.loads(file.read_text())
    before = copy.deepcopy(given_payload)

    assert_read(file.parent.name, given_payload)

    assert given_payload == before


@pytest.mark.parametrize("file", FILES, ids=named)
def test_unknown_fields_pass(file: Path) -> None:
    source, given_payload = file.parent.name, json.loads(file.read_text())

    assert SOURCES[source](given_payload | {"of_next_year": {"a": [1]}}) == SOURCES[source](given_payload)


@pytest.mark.parametrize("file", FILES, ids=named)
def test_no_wrong_or_missing_field_is_more_than_an_invalid_alert(file: Path) -> None:
    source, given_payload = file.parent.name, json.loads(file.read_text())

    for path in places(given_payload):
        assert_read(source, changed(given_payload, path, None, drop=True))
        for surprise in SURPRISES[:: 1 if len(path) < 4 else 3]:
            assert_read(source, changed(given_payload, path, surprise, drop=False))


@pytest.mark.parametrize("source", sorted(SOURCES))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_number_of_changes_gives_alerts_or_an_invalid_alert(source: str, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([file.stem for file in FILES if file.parent.name == source]))
    given_payload = payload(source, name)
    for _ in range(data.draw(st.integers(1, 4))):
        if found := list(places(given_payload)):
            path = data.draw(st.sampled_from(found))
            given_payload = changed(given_payload, path, data.draw(values), drop=data.draw(st.booleans()))

    assert_read(source, given_payload)


@pytest.mark.parametrize("source", sorted(SOURCES))
@settings(max_examples=40, deadline=None)
@given(given_payload=st.dictionaries(st.text(max_size=8), values, max_size=5))
def test_any_object_gives_alerts_or_an_invalid_alert(source: str, given_payload: dict[str, Any]) -> None:
    assert_read(source, given_payload)


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_what_is_no_alert_at_all_says_what_to_do_next(source: str) -> None:
    with pytest.raises(InvalidAlertError, match=rf"\A{source}: .+: .+"):
        SOURCES[source]({})
