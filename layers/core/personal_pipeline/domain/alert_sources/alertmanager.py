"""Prometheus Alertmanager, webhook version 4.

A group's own ``status`` is ``firing`` while any member fires, so each alert's status is read. Alertmanager
repeats what is answered with a 5xx and drops what is answered with a 4xx.
"""

from collections.abc import Mapping
from typing import Any

from personal_pipeline.domain.alert_sources.reading import first, labels_fingerprint, mapping, severity, text, time
from personal_pipeline.domain.alerts import Alert, ReadAlerts
from personal_pipeline.domain.errors import InvalidAlertError


def read(payload: Mapping[str, Any]) -> ReadAlerts:
    """Every alert that can be read, resolved ones too. Raises InvalidAlertError when there is no list of alerts."""
    listed = payload.get("alerts")
    if not isinstance(listed, list):
        raise InvalidAlertError("alertmanager: 'alerts' is not a list: send the webhook body of version 4 unchanged")
    return ReadAlerts.of("alertmanager", listed, _alert)


def _alert(item: Mapping[str, Any]) -> Alert:
    labels, annotations = _as_written(item.get("labels")), _as_written(item.get("annotations"))
    return Alert(
        source="alertmanager",
        name=labels.get("alertname", ""),
        status="resolved" if item.get("status") == "resolved" else "firing",
        fingerprint=text(item.get("fingerprint")) or labels_fingerprint(labels),
        severity=severity(labels.get("severity")),
        service=labels.get("service") or labels.get("job") or labels.get("namespace", ""),
        summary=annotations.get("summary") or annotations.get("message", ""),
        description=annotations.get("description", ""),
        runbook_url=annotations.get("runbook_url") or annotations.get("runbook", ""),
        starts_at=time(item.get("startsAt")),
        labels=labels,
        annotations=annotations,
        generator_url=text(item.get("generatorURL")),
        arn=first(labels.get("alarm_arn"), annotations.get("alarm_arn")),
    )


def _as_written(value: object) -> dict[str, str]:
    """To the last blank: the search weighs these texts, and the embedding of a text depends on all of it."""
    return {str(name): said for name, said in mapping(value).items() if isinstance(said, str)}
