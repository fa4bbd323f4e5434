"""Findings of Amazon GuardDuty, from EventBridge.

A finding never ends by itself: it comes again, with the same id and a higher count, as long as it is seen. Only one
that was archived counts as resolved. Severity is a number from 1 to 10. Other events of GuardDuty, such as the health
of its agents, are no alert.
"""

from collections.abc import Mapping
from typing import Any

from personal_pipeline.domain.alert_sources.reading import (
    SERVICE_NAMES,
    fingerprint,
    first,
    mapping,
    named,
    named_values,
    strings,
    text,
    time,
)
from personal_pipeline.domain.alerts import Alert, ReadAlerts, Severity
from personal_pipeline.domain.errors import InvalidAlertError

_IDS = {
    "instanceDetails": ("instanceId",),
    "s3BucketDetails": ("name",),
    "eksClusterDetails": ("name",),
    "ecsClusterDetails": ("name",),
    "rdsDbInstanceDetails": ("dbInstanceIdentifier", "dbClusterIdentifier"),
    "lambdaDetails": ("functionName",),
    "containerDetails": ("name",),
    "accessKeyDetails": ("userName",),
}


def read(payload: Mapping[str, Any]) -> ReadAlerts:
    """One finding, or none. Raises InvalidAlertError when there is no detail."""
    detail = payload.get("detail")
    if not isinstance(detail, Mapping):
        raise InvalidAlertError("guardduty: 'detail' is not an object: send the EventBridge event as it is")
    kind = text(payload.get("detail-type"))
    return ReadAlerts((_alert(payload, detail),) if kind in {"", "GuardDuty Finding"} else ())


def _alert(payload: Mapping[str, Any], detail: Mapping[str, Any]) -> Alert:
    resource, seen = mapping(detail.get("resource")), mapping(detail.get("service"))
    ids, tags = _resource(resource)
    account = first(detail.get("accountId"), payload.get("account"))
    kind = text(detail.get("type"))
    place = {
        "account": account,
        "region": first(detail.get("region"), payload.get("region")),
        "resource_type": resource.get("resourceType"),
    }
    return Alert(
        source="guardduty",
        name=kind or text(payload.get("detail-type")),
        status="resolved" if seen.get("archived") is True else "firing",
        fingerprint=first(detail.get("arn"), detail.get("id")) or fingerprint((account, kind, *ids.values())),
        severity=_severity(detail.get("severity")),
        service=named(tags, *SERVICE_NAMES),
        summary=text(detail.get("title")),
        description=text(detail.get("description")),
        runbook_url=named(tags, "runbook_url", "runbook"),
        starts_at=time(seen.get("eventFirstSeen")) or time(detail.get("createdAt")),
        labels=strings(place) | ids | tags,
        annotations=strings({
            "description": detail.get("description"),
            "finding": detail.get("id"),
            "count": seen.get("count"),
            "last_seen": seen.get("eventLastSeen"),
        }),
    )  # fmt: skip


def _resource(resource: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """The ids of what was met, and its tags. Buckets come as a list of one."""
    ids: dict[str, str] = {}
    tags: dict[str, str] = {}
    for part, names in _IDS.items():
        value = resource.get(part)
        details = mapping(value[0] if isinstance(value, list) and value else value)
        ids |= strings({f"{part.removesuffix('Details')}_{name}": details.get(name) for name in names})
        tags = named_values(details.get("tags")) | tags
    return ids, tags


def _severity(value: object) -> Severity:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Severity.UNKNOWN
    return Severity.CRITICAL if value >= 7 else Severity.WARNING if value >= 4 else Severity.INFO
