"""The sample payloads of all alert sources, by source and name."""

import json
from pathlib import Path
from typing import Any

from personal_pipeline.domain.alert_sources import SOURCES
from personal_pipeline.domain.alerts import Alert, ReadAlerts

FOLDER = Path(__file__).parents[3] / "events" / "alerts"
FILES = sorted(file for file in FOLDER.rglob("*.json") if file.parent.name in SOURCES)  # others have mappings


def named(file: Path) -> str:
    return str(file.relative_to(FOLDER).with_suffix(""))


def payload(source: str, name: str) -> Any:
    return json.loads((FOLDER / source / f"{name}.json").read_text())


def read(source: str, name: str) -> ReadAlerts:
    return SOURCES[source](payload(source, name))


def only(source: str, name: str) -> Alert:
    (alert,) = read(source, name).alerts
    return alert
