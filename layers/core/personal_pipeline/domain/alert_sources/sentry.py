"""Sentry's integration platform: issue alerts, metric alerts, and changes of issues.

Which resource a body belongs to is said in a header that is not here, so the shape of ``data`` tells. An issue alert
(``event``) never resolves; the ``issue`` resource says that, for the same issue id. Where a rule sends its alerts and
the integration subscribes to issues too, one issue is told of twice: both have one fingerprint and one name, which
is the issue's title: rules have names like "Send a notification for high priority issues".
"""

from collections.abc import Mapping
from typing import Any, Literal

from personal_pipeline.domain.alert_sources.reading import (
    SEVERITIES,
    as_key,
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

_ISSUE_STATUS: Mapping[str, Literal["firing", "resolved"]] = {
    "created": "firing",
    "unresolved": "firing",
    "triggered": "firing",
    "resolved": "resolved",
    "archived": "resolved",
    "ignored": "resolved",  # what "archived" was called before
}
_LEVELS = {**SEVERITIES, "debug": Severity.INFO, "sample": Severity.INFO}


def read(payload: Mapping[str, Any]) -> ReadAlerts:
    """Comments, assignments and installations are no alerts. Raises InvalidAlertError for what is none of Sentry's."""
    data, action = mapping(payload.get("data")), text(payload.get("action"))
    if (found := mapping(data.get("metric_alert"))) or "metric_alert" in data:
        return ReadAlerts((_metric_alert(action, data, found),))
    if event := mapping(data.get("event")):
        return ReadAlerts((_event(data, event),))
    if issue := mapping(data.get("issue")):
        status = _ISSUE_STATUS.get(action)
        return ReadAlerts((_issue(status, issue),) if status else ())
    if action and data.keys() & {"installation", "comment", "comment_id", "error"}:
        return ReadAlerts(())
    raise InvalidAlertError(
        "sentry: 'data' has no 'event', 'issue' or 'metric_alert': send the webhooks of an internal integration, "
        "not those of the legacy WebHooks plugin"
    )


def _event(data: Mapping[str, Any], event: Mapping[str, Any]) -> Alert:
    tags = _tags(event.get("tags"))
    issue = first(event.get("issue_id"), link(event.get("issue_url")).rstrip("/").rpartition("/")[2])
    project = first(event.get("project_slug"), event.get("project_name"), tags.get("project"))
    title = first(event.get("title"), mapping(event.get("metadata")).get("title"))
    rule = first(data.get("triggered_rule"), mapping(data.get("issue_alert")).get("title"))
    return Alert(
        source="sentry",
        name=title,
        status="firing",
        fingerprint=as_key(f"issue:{issue or title}"),
        severity=severity(first(event.get("level"), tags.get("level")), _LEVELS),
        service=first(tags.get("service"), project, event.get("project"), tags.get("server_name")),
        summary=title,
        description=first(mapping(event.get("metadata")).get("value"), event.get("culprit")),
        runbook_url=first(tags.get("runbook_url"), tags.get("runbook")),
        starts_at=time(event.get("datetime")) or time(event.get("timestamp")),
        labels=tags | strings({"environment": event.get("environment"), "project": project}),
        annotations=strings({"culprit": event.get("culprit"), "rule": rule}),
        generator_url=first(event.get("web_url"), event.get("url")),
    )


def _issue(status: Literal["firing", "resolved"], issue: Mapping[str, Any]) -> Alert:
    title, metadata, project = text(issue.get("title")), mapping(issue.get("metadata")), mapping(issue.get("project"))
    return Alert(
        source="sentry",
        name=title,
        status=status,
        fingerprint=as_key(f"issue:{first(issue.get('id'), title)}"),
        severity=severity(issue.get("level"), _LEVELS),
        service=first(project.get("slug"), project.get("name")),
        summary=title,
        description=first(metadata.get("value"), issue.get("culprit")),
        runbook_url="",
        starts_at=time(issue.get("firstSeen")),
        labels=strings({"platform": issue.get("platform"), "short_id": issue.get("shortId")}),
        annotations=strings({"culprit": issue.get("culprit"), "substatus": issue.get("substatus")}),
        generator_url=first(issue.get("web_url"), issue.get("permalink")),
    )


def _metric_alert(action: str, data: Mapping[str, Any], alert: Mapping[str, Any]) -> Alert:
    """``title`` and ``description_title`` differ from notice to notice; the rule's name does not."""
    rule = mapping(alert.get("alert_rule"))
    projects = listed(alert.get("projects")) or listed(rule.get("projects"))
    name = first(rule.get("name"), alert.get("title"), data.get("description_title"))
    return Alert(
        source="sentry",
        name=name,
        status="resolved" if action == "resolved" else "firing",
        fingerprint=as_key(f"metric_alert:{first(alert.get('id'), alert.get('identifier'), rule.get('id'), name)}"),
        severity=severity(action),
        service=first(*projects[:1]),
        summary=first(data.get("description_title"), alert.get("title")),
        description=text(data.get("description_text")),
        runbook_url="",
        starts_at=time(alert.get("date_started")) or time(alert.get("date_detected")),
        labels=strings({"environment": rule.get("environment"), "dataset": rule.get("dataset")}),
        annotations=strings({"query": rule.get("query"), "aggregate": rule.get("aggregate")}),
        generator_url=text(data.get("web_url")),
    )


def _tags(pairs: object) -> dict[str, str]:
    """A list of pairs, or of objects with ``key`` and ``value``, as Sentry's newer bodies have it."""
    told: dict[str, object] = {}
    for pair in listed(pairs):
        if isinstance(pair, list) and len(pair) == 2:
            told[text(pair[0])] = pair[1]
        elif isinstance(pair, Mapping):
            told[text(pair.get("key"))] = pair.get("value")
    return strings({name: value for name, value in told.items() if name})
