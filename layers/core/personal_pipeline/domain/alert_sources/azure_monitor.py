"""Azure Monitor, common alert schema: metric, log search and activity log alerts.

``alertId`` is another one for each time an alert fires, with one notice each of the end; ``originAlertId`` may be
the same for many targets of a rule, so the target belongs to the fingerprint. A log alert is resolved only where the
rule resolves itself, an activity log alert never: it has no end.
"""

from collections.abc import Mapping
from typing import Any

from personal_pipeline.domain.alert_sources.reading import (
    MAX_LABELS,
    fingerprint,
    first,
    link,
    listed,
    mapping,
    strings,
    text,
    time,
)
from personal_pipeline.domain.alerts import Alert, ReadAlerts, Severity
from personal_pipeline.domain.errors import InvalidAlertError

_SEVERITIES = {
    "sev0": Severity.CRITICAL,
    "sev1": Severity.CRITICAL,
    "sev2": Severity.WARNING,
    "sev3": Severity.INFO,
    "sev4": Severity.INFO,
}
_MOST_CONDITIONS = 20


def read(payload: Mapping[str, Any]) -> ReadAlerts:
    data = mapping(payload.get("data"))
    essentials = mapping(data.get("essentials"))
    if not essentials:
        raise InvalidAlertError(
            "azure_monitor: 'data.essentials' is missing: turn on the common alert schema in the action group"
        )
    context, custom = mapping(data.get("alertContext")), _custom(data)
    target = first(*listed(essentials.get("alertTargetIDs"))[:1])
    rule = first(essentials.get("alertRule"), essentials.get("alertRuleId"))
    origin = first(essentials.get("originAlertId"), essentials.get("alertRuleId"), rule)
    dimensions = _dimensions(context)
    alert = Alert(
        source="azure_monitor",
        name=first(custom.get("alertname"), essentials.get("alertRule")),
        status="resolved" if text(essentials.get("monitorCondition")).casefold() == "resolved" else "firing",
        fingerprint=fingerprint((origin, target.casefold(), *(part for pair in dimensions.items() for part in pair))),
        severity=_SEVERITIES.get(text(essentials.get("severity")).casefold(), Severity.UNKNOWN),
        service=first(
            custom.get("service"), target.rpartition("/")[2], *listed(essentials.get("configurationItems"))[:1]
        ),
        summary=first(custom.get("summary"), rule),
        description=first(essentials.get("description"), _condition(context)),
        runbook_url=first(
            custom.get("runbook_url"),
            custom.get("runbookurl"),
            custom.get("runbook"),
            link(essentials.get("description")),
        ),
        starts_at=time(essentials.get("firedDateTime")),
        labels=_labels(essentials, context) | dimensions | custom,
        annotations=strings({"condition": _condition(context)}),
        generator_url=text(essentials.get("investigationLink")),
    )
    return ReadAlerts((alert,))


def _custom(data: Mapping[str, Any]) -> dict[str, str]:
    """Under ``data`` or, in the samples of older pages, among the context; names as people write them."""
    told = mapping(data.get("customProperties")) or mapping(mapping(data.get("alertContext")).get("properties"))
    return {name.casefold(): said for name, said in strings(told).items()}


def _conditions(context: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [mapping(each) for each in listed(mapping(context.get("condition")).get("allOf"))[:_MOST_CONDITIONS]]


def _dimensions(context: Mapping[str, Any]) -> dict[str, str]:
    """Sorted, because firing and resolved notices need not agree on an order."""
    told = {
        text(mapping(pair).get("name")): mapping(pair).get("value")
        for condition in _conditions(context)
        for pair in listed(condition.get("dimensions"))[:MAX_LABELS]
    }
    return strings({name: told[name] for name in sorted(told) if name})


def _labels(essentials: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, str]:
    named = ("signalType", "monitoringService", "targetResourceGroup", "targetResourceType")
    metric = {"metricName": first(*(each.get("metricName") for each in _conditions(context)))}
    return strings(
        {name: essentials.get(name) for name in named} | {"operation": context.get("operationName")} | metric
    )


def _condition(context: Mapping[str, Any]) -> str:
    """What was exceeded; of an activity log alert, which operation ended how."""
    parts = ("metricName", "timeAggregation", "operator", "threshold", "searchQuery")
    told = [" ".join(filter(None, (text(each.get(part)) for part in parts))) for each in _conditions(context)]
    event = " ".join(filter(None, (text(context.get(name)) for name in ("operationName", "status"))))
    return text("; ".join(filter(None, [*told, event])))
