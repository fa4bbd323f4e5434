"""Issues of New Relic, by the webhook of a workflow.

The title tells threshold and entity of one incident; the condition has the name that a runbook knows. A correlated
issue has several conditions, of which the first is taken. The default body has no address of a runbook: the
line to add to it is in docs/alert-sources.md. Booleans come as text, and states and priorities in capitals.
"""

from collections.abc import Mapping
from typing import Any

from personal_pipeline.domain.alert_sources.reading import (
    SERVICE_NAMES,
    fingerprint,
    first,
    listed,
    named,
    runbook_link,
    severity,
    strings,
    text,
    time,
)
from personal_pipeline.domain.alerts import Alert, ReadAlerts
from personal_pipeline.domain.errors import InvalidAlertError

_FIRING = frozenset({"", "created", "activated"})
_RESOLVED = frozenset({"closed", "deactivated", "resolved"})


def read(payload: Mapping[str, Any]) -> ReadAlerts:
    """One issue, or none when it was only acknowledged. Raises InvalidAlertError when it has neither id nor title."""
    if not first(payload.get("id"), payload.get("issueId"), payload.get("title"), *_names(payload)):
        raise InvalidAlertError("new_relic: there is neither id nor title: send the default payload of a workflow")
    state = text(payload.get("state")).casefold()
    if state not in _FIRING | _RESOLVED:
        return ReadAlerts(())
    return ReadAlerts((_alert(payload, firing=state in _FIRING),))


def _names(payload: Mapping[str, Any]) -> list[str]:
    return [said for said in map(text, listed(payload.get("alertConditionNames"))) if said]


def _alert(payload: Mapping[str, Any], *, firing: bool) -> Alert:
    title, said = text(payload.get("title")), payload.get("conditionDescription")
    description = first(said, *listed(said))
    entities = [said for said in map(text, listed(payload.get("impactedEntities"))) if said][:10]
    tags = strings(payload.get("tags")) | strings(payload.get("labels"))
    labels = strings({
        "policy": first(*listed(payload.get("alertPolicyNames"))),
        "workflow": payload.get("workflowName"),
        "product": first(*listed(payload.get("sources"))),
        **{f"entity_{place}": entity for place, entity in enumerate(entities, 1)},
    }) | tags  # fmt: skip
    return Alert(
        source="new_relic",
        name=first(*_names(payload), title, payload.get("id")),
        status="firing" if firing else "resolved",
        fingerprint=first(payload.get("id"), payload.get("issueId")) or fingerprint((*entities, title)),
        severity=severity(payload.get("priority")),
        service=named(tags, *SERVICE_NAMES) or first(*entities),
        summary=title,
        description=description,
        runbook_url=first(payload.get("runbookUrl"), payload.get("runbook_url")) or runbook_link(description),
        starts_at=time(payload.get("createdAt")),
        labels=labels,
        annotations=strings({
            "description": description,
            "conditions": ", ".join(_names(payload)),
            "trigger": payload.get("trigger"),
        }),
        generator_url=text(payload.get("issueUrl")),
    )  # fmt: skip
