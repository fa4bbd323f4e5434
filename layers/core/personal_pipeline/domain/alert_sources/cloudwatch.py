"""Alarms of Amazon CloudWatch: the message of an SNS topic, the EventBridge event, or what an alarm hands a function.

``INSUFFICIENT_DATA`` neither fires nor resolves: that nothing is known is no reason to wake somebody, and none to call
it over, so such a notice is an empty answer. So is ALARM while a mute rule or another alarm suppresses its actions, and
a change of an alarm's configuration. An alarm that only waits whether another one will suppress it (``WaitPeriod``)
fires, and so does one whose state cannot be read: rather a runbook too many than none.
A metric alarm has its dimensions as a list (SNS) or an object; a composite alarm has a rule instead. There is no
severity and no service unless the alarm's tags are sent along (``AlarmTagsPropagation``) or its name says it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from personal_pipeline.domain.alert_sources.reading import (
    PRIORITIES,
    SERVICE_NAMES,
    fingerprint,
    first,
    listed,
    mapping,
    named,
    named_values,
    runbook_link,
    severity,
    strings,
    text,
    time,
)
from personal_pipeline.domain.alerts import Alert, ReadAlerts
from personal_pipeline.domain.errors import InvalidAlertError

_SERVICE_DIMENSIONS = (
    *("service", "ServiceName", "DBClusterIdentifier", "DBInstanceIdentifier", "FunctionName", "QueueName"),
    *("TableName", "TopicName", "ApiName", "StateMachineArn", "LoadBalancer", "CacheClusterId", "ClusterName"),
)
_IN_A_NAME = re.compile(r"(?<![^\W_])(critical|warning)(?![^\W_])", re.IGNORECASE)


def read(payload: Mapping[str, Any]) -> ReadAlerts:
    """One alarm, or none. Raises InvalidAlertError for what is no alarm."""
    if payload.get("detail-type") == "CloudWatch Alarm Configuration Change":
        return ReadAlerts(())
    body = payload if "AlarmName" in payload or "AlarmArn" in payload else _as_sns(payload)
    name, arn, state = (text(body.get(field)) for field in ("AlarmName", "AlarmArn", "NewStateValue"))
    if not name and not arn:
        raise InvalidAlertError(
            "cloudwatch: neither AlarmName nor detail.alarmName: send the SNS message or EventBridge event of an alarm"
        )
    if state == "INSUFFICIENT_DATA" or (state != "OK" and _is_quiet(body)):
        return ReadAlerts(())
    return ReadAlerts((_alert(body, name or arn.rpartition(":")[2], arn, firing=state != "OK"),))


def _is_quiet(body: Mapping[str, Any]) -> bool:
    """Somebody said that this alarm shall not be acted on now. SNS does not send it then, EventBridge does."""
    muted, at = mapping(body.get("MuteDetail")), time(body.get("StateChangeTime"))
    begin, end = time(muted.get("muteWindowStart")), time(muted.get("muteWindowEnd"))
    is_muted = bool(begin and at and end and begin <= at <= end)
    return is_muted or text(body.get("SuppressedBy")) in {"Alarm", "ExtensionPeriod"}


def _as_sns(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an event, or of an invocation, under the names that they have in an SNS message."""
    detail = mapping(payload.get("detail")) or mapping(payload.get("alarmData"))
    state, before, configured = (mapping(detail.get(part)) for part in ("state", "previousState", "configuration"))
    resources = listed(payload.get("resources"))
    return {
        "AlarmName": detail.get("alarmName"),
        "AlarmArn": first(payload.get("alarmArn"), resources[0] if resources else ""),
        "AlarmDescription": configured.get("description"),
        "AlarmRule": configured.get("alarmRule"),
        "AlarmTags": detail.get("alarmTags") or payload.get("alarmTags"),
        "AWSAccountId": first(payload.get("account"), payload.get("accountId")),
        "NewStateValue": state.get("value"),
        "NewStateReason": state.get("reason"),
        "StateChangeTime": state.get("timestamp") or payload.get("time"),
        "StartedAt": before.get("timestamp") if before.get("value") == "ALARM" else None,
        "SuppressedBy": state.get("actionsSuppressedBy"),
        "MuteDetail": detail.get("muteDetail"),
        "Trigger": {"Metrics": configured.get("metrics")},
        "Contributor": detail.get("alarmContributor"),
    }


def _alert(body: Mapping[str, Any], name: str, arn: str, *, firing: bool) -> Alert:
    tags = named_values(body.get("AlarmTags"))
    dimensions, contributor = _dimensions(body.get("Trigger")), mapping(body.get("Contributor"))
    dimensions = strings(contributor.get("attributes")) | dimensions
    place = {"account": body.get("AWSAccountId"), "region": arn.split(":")[3] if arn.count(":") > 3 else ""}
    parts = (arn or name, text(contributor.get("id")))
    of_name = _IN_A_NAME.search(name)
    description = text(body.get("AlarmDescription"))
    return Alert(
        source="cloudwatch",
        name=name,
        status="firing" if firing else "resolved",
        fingerprint=fingerprint(parts) if parts[1] else parts[0],  # each time series of an alarm fires by itself
        severity=severity(named(tags, "severity", "priority") or (of_name[0] if of_name else ""), PRIORITIES),
        service=named(tags, *SERVICE_NAMES) or named(dimensions, *_SERVICE_DIMENSIONS),
        summary=description,
        description=text(body.get("NewStateReason")),
        runbook_url=named(tags, "runbook_url", "runbook") or runbook_link(description),
        starts_at=time(body.get("StateChangeTime") if firing else body.get("StartedAt")),
        labels=strings(place) | dimensions | tags,
        annotations=strings({
            "description": description,
            "reason": body.get("NewStateReason"),
            "rule": body.get("AlarmRule"),
            "metrics": ", ".join(dict.fromkeys(_metric_names(body.get("Trigger")))),
        }),
        arn=arn,
    )  # fmt: skip


def _metrics(trigger: object) -> Iterator[Mapping[str, Any]]:
    """The alarm's own metric, and those that a formula is made of; an event writes its keys in lower case."""
    yield mapping(trigger)
    for item in listed(mapping(trigger).get("Metrics")):
        stat = mapping(mapping(item).get("MetricStat")) or mapping(mapping(item).get("metricStat"))
        yield mapping(stat.get("Metric")) or mapping(stat.get("metric"))


def _metric_names(trigger: object) -> Iterator[str]:
    return filter(None, (first(metric.get("MetricName"), metric.get("name")) for metric in _metrics(trigger)))


def _dimensions(trigger: object) -> dict[str, str]:
    """Of all metrics together; where they differ the first says it."""
    found: dict[str, str] = {}
    for metric in _metrics(trigger):
        found = named_values(metric.get("Dimensions") or metric.get("dimensions")) | found
    return found
