"""Incidents of PagerDuty, webhook subscription version 3: one event in each request.

Only ``incident.triggered`` and ``incident.reopened`` fire. Acknowledged, annotated, escalated, reassigned and all
other events tell of people who are at work already, and ``pagey.ping`` of a test: no alert. What the monitoring system
sent to PagerDuty is not in the body, so there is a title, and neither labels nor a link to a runbook. A title may wrap
the alert's name, as in ``[FIRING:1] DiskFull node-17``.
"""

from collections.abc import Mapping
from typing import Any

from personal_pipeline.domain.alert_sources.reading import (
    PRIORITIES,
    fingerprint,
    first,
    listed,
    mapping,
    rule_in,
    severity,
    strings,
    text,
    time,
)
from personal_pipeline.domain.alerts import Alert, ReadAlerts, Severity
from personal_pipeline.domain.errors import InvalidAlertError

_FIRING = frozenset({"incident.triggered", "incident.reopened", "triggered"})
_RESOLVED = frozenset({"incident.resolved", "resolved"})
_URGENCIES = {"high": Severity.CRITICAL, "low": Severity.WARNING}  # low still is an incident


def read(payload: Mapping[str, Any]) -> ReadAlerts:
    """One incident, or none. Raises InvalidAlertError when there is no event."""
    event = payload.get("event")
    if not isinstance(event, Mapping):
        raise InvalidAlertError("pagerduty: 'event' is not an object: subscribe to webhooks of version 3")
    incident = mapping(event.get("data"))
    kind = first(event.get("event_type"), incident.get("status"), "triggered")
    if kind not in _FIRING | _RESOLVED:
        return ReadAlerts(())
    return ReadAlerts((_alert(event, incident, firing=kind in _FIRING),))


def _alert(event: Mapping[str, Any], incident: Mapping[str, Any], *, firing: bool) -> Alert:
    service, title = _summary(incident.get("service")), text(incident.get("title"))
    urgency, priority = text(incident.get("urgency")), _summary(incident.get("priority"))
    by_priority = severity(priority, PRIORITIES)  # an account gives its priorities names of its own
    labels = strings({
        "incident_id": incident.get("id"),
        "incident_number": incident.get("number"),
        "service": service,
        "service_id": mapping(incident.get("service")).get("id"),
        "urgency": urgency,
        "priority": priority,
        "escalation_policy": _summary(incident.get("escalation_policy")),
        "client": mapping(event.get("client")).get("name"),
    })  # fmt: skip
    teams = {f"team_{place}": _summary(team) for place, team in enumerate(listed(incident.get("teams"))[:10], 1)}
    return Alert(
        source="pagerduty",
        name=rule_in(title) or title,
        status="firing" if firing else "resolved",
        fingerprint=first(incident.get("incident_key"), incident.get("id")) or fingerprint((service, title)),
        severity=severity(urgency, _URGENCIES) if by_priority is Severity.UNKNOWN else by_priority,
        service=service,
        summary=title,
        description="",
        runbook_url="",
        starts_at=time(incident.get("created_at")),
        labels=labels | strings(teams),
        annotations=strings({"resolve_reason": mapping(incident.get("resolve_reason")).get("type")}),
        generator_url=text(incident.get("html_url")),
    )


def _summary(reference: object) -> str:
    return text(mapping(reference).get("summary"))
