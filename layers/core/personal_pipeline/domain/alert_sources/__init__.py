"""One module per alert source, each with ``read(payload) -> ReadAlerts``; which one is said by the route.

Readers leave the payload as they found it. Unknown fields pass, missing ones degrade, and a wrong type in one alert
of a batch does not lose the others.
"""

from collections.abc import Callable, Mapping
from typing import Any

from personal_pipeline.domain.alert_sources import (
    alertmanager,
    aws_backup,
    aws_health,
    azure_monitor,
    cloudwatch,
    datadog,
    gcp_monitoring,
    grafana,
    guardduty,
    new_relic,
    opsgenie,
    pagerduty,
    sentry,
    splunk_on_call,
)
from personal_pipeline.domain.alerts import ReadAlerts

SOURCES: Mapping[str, Callable[[Mapping[str, Any]], ReadAlerts]] = {
    "alertmanager": alertmanager.read,
    "aws_backup": aws_backup.read,
    "aws_health": aws_health.read,
    "azure_monitor": azure_monitor.read,
    "cloudwatch": cloudwatch.read,
    "datadog": datadog.read,
    "gcp_monitoring": gcp_monitoring.read,
    "grafana": grafana.read,
    "guardduty": guardduty.read,
    "new_relic": new_relic.read,
    "opsgenie": opsgenie.read,
    "pagerduty": pagerduty.read,
    "sentry": sentry.read,
    "splunk_on_call": splunk_on_call.read,
}
