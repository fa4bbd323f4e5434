"""Google Cloud Monitoring, webhook version 1.2, and the test of a channel.

The test has another shape: version ``test``, a state in upper case, documentation as plain text. A severity that the
policy does not set arrives as ``No severity``. Times are epochs in seconds; ``ended_at`` is null until the end.
"""

from collections.abc import Mapping
from typing import Any

from personal_pipeline.domain.alert_sources.reading import (
    as_key,
    fingerprint,
    first,
    link,
    listed,
    mapping,
    severity,
    strings,
    text,
    time,
)
from personal_pipeline.domain.alerts import Alert, ReadAlerts, Severity
from personal_pipeline.domain.errors import InvalidAlertError

_MOST_LINKS = 20


def read(payload: Mapping[str, Any]) -> ReadAlerts:
    incident = mapping(payload.get("incident"))
    if not incident:
        raise InvalidAlertError("gcp_monitoring: 'incident' is missing: send the webhook channel's body unchanged")
    return ReadAlerts((_alert(incident),))


def _alert(incident: Mapping[str, Any]) -> Alert:
    policy, condition = text(incident.get("policy_name")), text(incident.get("condition_name"))
    user_labels = strings(incident.get("policy_user_labels"))
    resource, metric = mapping(incident.get("resource")), mapping(incident.get("metric"))
    metadata = mapping(incident.get("metadata"))
    written = _documentation(incident.get("documentation"))
    resource_labels = strings(resource.get("labels"))
    known = text(incident.get("incident_id"))
    return Alert(
        source="gcp_monitoring",
        name=first(policy, condition),
        status=_status(incident),
        fingerprint=as_key(known) or fingerprint((policy, condition, text(incident.get("resource_id")))),
        severity=_severity(incident.get("severity"), user_labels.get("severity")),
        service=_service(incident, user_labels, resource_labels),
        summary=first(written["subject"], incident.get("summary"), condition),
        description=first(incident.get("summary"), written["content"]),
        runbook_url=first(user_labels.get("runbook_url"), written["runbook"]),
        starts_at=time(incident.get("started_at")),
        labels=strings(metadata.get("user_labels"))
        | resource_labels
        | strings(metric.get("labels"))
        | user_labels
        | strings({"resource_type": resource.get("type"), "metric": metric.get("type")}),
        annotations=strings({"documentation": written["content"], "condition": condition}),
        generator_url=text(incident.get("url")),
    )


def _severity(*words: object) -> Severity:
    return next((found for word in words if (found := severity(word)) is not Severity.UNKNOWN), Severity.UNKNOWN)


def _status(incident: Mapping[str, Any]) -> Any:
    state = text(incident.get("state")).casefold()
    return "resolved" if state == "closed" or (not state and time(incident.get("ended_at"))) else "firing"


def _service(incident: Mapping[str, Any], user_labels: Mapping[str, str], resource: Mapping[str, str]) -> str:
    """What the policy says, else what the resource is: a service of Cloud Run, a container, an instance."""
    named = ("service_name", "service", "container_name", "database_id", "namespace_name")
    return first(
        user_labels.get("service"),
        *(resource.get(name) for name in named),
        incident.get("resource_display_name"),
        incident.get("resource_name"),
    )


def _documentation(value: object) -> dict[str, str]:
    """A link called runbook counts more than the first one, and that more than one in the text, which is Markdown."""
    told = mapping(value)
    content = text(value) or text(told.get("content"))
    links = [mapping(each) for each in listed(told.get("links"))[:_MOST_LINKS]]
    said = [each for each in links if "runbook" in text(each.get("displayName")).casefold()]
    urls = [each.get("url") for each in (*said, *links)]
    return {
        "content": content,
        "subject": text(told.get("subject")),
        "runbook": first(*urls, link(content.replace("](", " "))),
    }
