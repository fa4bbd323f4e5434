"""Alerts of Opsgenie and of Jira Service Management, by their outgoing webhook.

``Create`` fires, ``Close`` and ``Delete`` resolve; acknowledged, escalated and noted are no alert. ``message`` is cut
at 130 characters by Opsgenie, so a rule name among the details goes before it. ``alias`` stays the same while the alert
is open. ``updatedAt`` may count nanoseconds where ``createdAt`` counts milliseconds.
"""

from collections.abc import Mapping
from typing import Any

from personal_pipeline.domain.alert_sources.reading import (
    PRIORITIES,
    SERVICE_NAMES,
    fingerprint,
    first,
    mapping,
    named,
    rule_in,
    runbook_link,
    severity,
    strings,
    tag_values,
    text,
    time,
)
from personal_pipeline.domain.alerts import Alert, ReadAlerts
from personal_pipeline.domain.errors import InvalidAlertError

_RESOLVED = frozenset({"close", "delete"})


def read(payload: Mapping[str, Any]) -> ReadAlerts:
    """One alert, or none. Raises InvalidAlertError when there is no alert in it."""
    alert = payload.get("alert")
    if not isinstance(alert, Mapping):
        raise InvalidAlertError(
            "opsgenie: 'alert' is not an object: use an outgoing webhook, and leave its body as it is"
        )
    action = (text(payload.get("action")) or "create").casefold()
    if action != "create" and action not in _RESOLVED:
        return ReadAlerts(())
    return ReadAlerts((_alert(alert, firing=action == "create"),))


def _alert(alert: Mapping[str, Any], *, firing: bool) -> Alert:
    details, tags = strings(alert.get("details")), tag_values(alert.get("tags"))
    message, description, entity = (text(alert.get(field)) for field in ("message", "description", "entity"))
    said = tags | details
    links = details if named(details, "runbook_url", "runbook") else tags
    own = {
        "alert_id": alert.get("alertId"),
        "tiny_id": alert.get("tinyId"),
        "entity": entity,
        "team": alert.get("team"),
    }
    return Alert(
        source="opsgenie",
        name=first(named(details, "alertname"), rule_in(message), message),
        status="firing" if firing else "resolved",
        fingerprint=first(alert.get("alias"), alert.get("alertId")) or fingerprint((entity, message)),
        severity=severity(alert.get("priority"), PRIORITIES),
        service=named(said, *SERVICE_NAMES) or entity,
        summary=message,
        description=description,
        runbook_url=named(links, "runbook_url", "runbook") or runbook_link(description),
        starts_at=time(alert.get("createdAt")),
        labels=strings(own) | said,
        annotations=strings({
            "description": description,
            "source": alert.get("source"),
            "note": alert.get("note"),
            "priority": mapping(alert).get("priority"),
        }),
    )  # fmt: skip
