"""Samples of the sources under test, and ways to damage one."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from personal_pipeline.alert_mappings import SHIPPED, load
from personal_pipeline.domain.alert_sources.lookup import AlertSources
from personal_pipeline.domain.alerts import Alert, ReadAlerts

EVENTS = Path(__file__).parents[3] / "events" / "alerts"
MAPPING = EVENTS / "generic" / "mapping.yaml"
READERS = ("azure_monitor", "gcp_monitoring", "sentry", "splunk_on_call")
MAPPED = ("elastic", "generic", "icinga", "nagios", "splunk", "zabbix")
SOURCES = AlertSources(load(SHIPPED) | load(MAPPING))


def payload(source: str, name: str = "firing") -> Any:
    return json.loads((EVENTS / source / f"{name}.json").read_text())


def read(source: str, payload: Any) -> ReadAlerts:
    return SOURCES.read("beacon" if source == "generic" else source, payload)


def sample(source: str, name: str = "firing") -> Alert:
    alert, *others = read(source, payload(source, name)).alerts
    assert not others
    return alert


def with_value(payload: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy in which one value is another one."""
    changed = copy.deepcopy(payload)
    at = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return changed


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", "1e400", "NaN", "0001-01-01T00:00:00Z", "\x1b[2J\u202e", "http://[", "9" * 400])
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


@st.composite
def damaged(draw: st.DrawFn, payload: Any) -> Any:
    """Some of its values are of another type, gone, or there twice."""
    broken = copy.deepcopy(payload)
    for _ in range(draw(st.integers(1, 6))):
        places = list(_places(broken))
        if not places:
            return draw(VALUES)
        holder, key = draw(st.sampled_from(places))
        action = draw(st.sampled_from(["replace", "remove", "repeat"]))
        if action == "replace":
            holder[key] = draw(VALUES)
        elif action == "remove":
            del holder[key]
        elif isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[draw(st.text(max_size=8))] = copy.deepcopy(holder[key])
    return broken


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield value, key
        yield from _places(item)
