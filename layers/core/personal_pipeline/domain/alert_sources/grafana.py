"""Grafana Alerting, webhook contact point: Alertmanager's body with version 1 and more fields.

A rule without data, or whose query fails, fires under the name ``DatasourceNoData`` or ``DatasourceError``; its own
name is then the label ``rulename``, and that is the one a runbook knows. The annotations are those of the rule.
"""

from collections.abc import Mapping
from typing import Any

from personal_pipeline.domain.alert_sources.reading import first, labels_fingerprint, severity, strings, text, time
from personal_pipeline.domain.alerts import Alert, ReadAlerts
from personal_pipeline.domain.errors import InvalidAlertError

_STAND_INS = frozenset({"DatasourceNoData", "DatasourceError"})


def read(payload: Mapping[str, Any]) -> ReadAlerts:
    """Every alert that can be read, resolved ones too. Raises InvalidAlertError when there is no list of alerts."""
    listed = payload.get("alerts")
    if not isinstance(listed, list):
        raise InvalidAlertError(
            "grafana: 'alerts' is not a list: use a webhook contact point of Grafana Alerting, without a custom payload"
        )
    group = text(payload.get("status"))
    return ReadAlerts.of("grafana", listed, lambda item: _alert(item, group))


def _alert(item: Mapping[str, Any], group_status: str) -> Alert:
    labels, annotations = strings(item.get("labels")), strings(item.get("annotations"))
    name = labels.get("alertname", "")
    links = strings({"dashboard_url": item.get("dashboardURL"), "panel_url": item.get("panelURL")})
    return Alert(
        source="grafana",
        name=first(labels.get("rulename"), name) if name in _STAND_INS else name,
        status="resolved" if first(item.get("status"), group_status) == "resolved" else "firing",
        fingerprint=text(item.get("fingerprint")) or labels_fingerprint(labels),
        severity=severity(labels.get("severity")),
        service=first(labels.get("service"), labels.get("job"), labels.get("namespace")),
        summary=first(annotations.get("summary"), annotations.get("message")),
        description=annotations.get("description", ""),
        runbook_url=first(annotations.get("runbook_url"), annotations.get("runbook")),
        starts_at=time(item.get("startsAt")),
        labels=labels,
        annotations=links | annotations,
        generator_url=text(item.get("generatorURL")),
    )
