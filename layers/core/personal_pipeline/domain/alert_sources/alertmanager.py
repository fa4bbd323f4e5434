"""Prometheus Alertmanager, webhook version 4.

A group's own ``status`` is ``firing`` while any member fires, so each alert's status is read. Alertmanager
repeats what is answered with a 5xx and drops what is answered with a 4xx.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

from personal_pipeline.domain.alerts import Alert, Severity
from personal_pipeline.domain.errors import InvalidAlertError

SEVERITIES = {
    "critical": Severity.CRITICAL,
    "page": Severity.CRITICAL,
    "error": Severity.CRITICAL,
    "warning": Severity.WARNING,
    "warn": Severity.WARNING,
    "info": Severity.INFO,
    "none": Severity.INFO,
}


def normalise(payload: Mapping[str, Any]) -> list[Alert]:
    """Every alert that can be read, resolved ones too. Raises InvalidAlertError when there is no list of alerts."""
    listed = payload.get("alerts")
    if not isinstance(listed, list):
        raise InvalidAlertError("alertmanager: 'alerts' is not a list: send the webhook body of version 4 unchanged")
    return [_alert(item) for item in listed if isinstance(item, Mapping)]


def _alert(item: Mapping[str, Any]) -> Alert:
    labels = _strings(item.get("labels"))
    annotations = _strings(item.get("annotations"))
    fingerprint = item.get("fingerprint")
    return Alert(
        source="alertmanager",
        name=labels.get("alertname", ""),
        status="resolved" if item.get("status") == "resolved" else "firing",
        fingerprint=fingerprint if isinstance(fingerprint, str) and fingerprint else _fingerprint(labels),
        severity=SEVERITIES.get(labels.get("severity", "").lower(), Severity.UNKNOWN),
        service=labels.get("service") or labels.get("job") or labels.get("namespace", ""),
        summary=annotations.get("summary") or annotations.get("message", ""),
        description=annotations.get("description", ""),
        runbook_url=annotations.get("runbook_url") or annotations.get("runbook", ""),
        starts_at=_time(item.get("startsAt")),
        labels=labels,
        annotations=annotations,
        generator_url=str(item.get("generatorURL") or ""),
    )


def _strings(value: object) -> dict[str, str]:
    """A wrong type in one label does not lose the others."""
    if not isinstance(value, Mapping):
        return {}
    return {str(name): text for name, text in value.items() if isinstance(text, str)}


def _fingerprint(labels: Mapping[str, str]) -> str:
    listed = "\0".join(f"{name}\0{value}" for name, value in sorted(labels.items()))
    return blake2b(listed.encode(errors="replace"), digest_size=8).hexdigest()


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
