"""Events of AWS Health, from EventBridge: trouble at AWS that meets this account, and what AWS plans to do to it.

Times are written as in an e-mail (``Fri, 20 Nov 2026 02:10:00 GMT``). One event comes once for each account, again in a
backup region, and for many resources in several pages: the fingerprint is that of event and account, and only the
first page is read. The envelope's region is where it was delivered; where the trouble is, the detail says.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from personal_pipeline.domain.alert_sources.reading import (
    SERVICE_NAMES,
    fingerprint,
    first,
    listed,
    mapping,
    named,
    named_values,
    severity,
    strings,
    text,
    time,
)
from personal_pipeline.domain.alerts import Alert, ReadAlerts, Severity
from personal_pipeline.domain.errors import InvalidAlertError

_SEVERITIES = {
    "issue": Severity.CRITICAL,
    "investigation": Severity.WARNING,
    "scheduledchange": Severity.WARNING,
    "plannedchange": Severity.WARNING,
    "accountnotification": Severity.INFO,
}


def read(payload: Mapping[str, Any]) -> ReadAlerts:
    """One event, or none for a further page of it. Raises InvalidAlertError when there is no detail."""
    detail = payload.get("detail")
    if not isinstance(detail, Mapping):
        raise InvalidAlertError("aws_health: 'detail' is not an object: send the EventBridge event as it is")
    if text(detail.get("page")) not in {"", "0", "1"}:
        return ReadAlerts(())
    return ReadAlerts((_alert(payload, detail),))


def _alert(payload: Mapping[str, Any], detail: Mapping[str, Any]) -> Alert:
    code, aws_service, category = (text(detail.get(part)) for part in ("eventTypeCode", "service", "eventTypeCategory"))
    account = first(detail.get("affectedAccount"), payload.get("account"))
    region = first(detail.get("eventRegion"), payload.get("region"))
    entities = [mapping(entity) for entity in listed(detail.get("affectedEntities"))[:10]]
    tags = {name: said for entity in reversed(entities) for name, said in named_values(entity.get("tags")).items()}
    ids = {f"entity_{place}": entity.get("entityValue") for place, entity in enumerate(entities, 1)}
    place = {"account": account, "region": region, "aws_service": aws_service}
    event = text(detail.get("eventArn"))
    return Alert(
        source="aws_health",
        name=code or text(payload.get("detail-type")),
        status="resolved" if text(detail.get("statusCode")).casefold() == "closed" else "firing",
        fingerprint=fingerprint((event or f"{aws_service} {code} {region}", account)),
        severity=severity(category, _SEVERITIES),
        service=named(tags, *SERVICE_NAMES) or aws_service,
        summary=" ".join(filter(None, ("AWS Health:", aws_service, category, "in", region))) if code else "",
        description=_description(detail.get("eventDescription")),
        runbook_url=named(tags, "runbook_url", "runbook"),
        starts_at=_time(detail.get("startTime")) or time(payload.get("time")),
        labels=strings(place) | strings(ids) | tags,
        annotations=strings({"event_arn": event, "category": category, "scope": detail.get("eventScopeCode")}),
    )


def _description(value: object) -> str:
    """The English one, else the first."""
    said = [mapping(item) for item in listed(value)]
    said.sort(key=lambda item: not text(item.get("language")).startswith("en"))
    return first(*(item.get("latestDescription") for item in said))


def _time(value: object) -> datetime | None:
    try:
        found = parsedate_to_datetime(text(value)[:100])
    except (ValueError, TypeError, IndexError, OverflowError):
        return time(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
