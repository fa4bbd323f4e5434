"""What each source's samples say, field by field."""

from datetime import UTC, datetime

import pytest

from personal_pipeline.domain.alert_sources import SOURCES
from personal_pipeline.domain.alerts import Severity
from tests.unit.alert_sources.samples import only, payload, read

RUNBOOKS = "https://runbooks.example.com"
CRITICAL, WARNING, UNKNOWN = Severity.CRITICAL, Severity.WARNING, Severity.UNKNOWN


def alarm(name: str) -> str:
    return f"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:{name}"


def at(day: int, *time: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, *time, tzinfo=UTC)


# source, sample, name, status, fingerprint (None: a hash), severity, service, runbook, start
READ = [
    (
        *("grafana", "firing", "Certificate of the shop runs out", "firing", "6f2c1d9ab0e4735c"),
        *(WARNING, "ingress", "/ingress/tls-certificate-expiring", at(20, 6, 10)),
    ),
    (
        *("cloudwatch", "firing", "orders-replica-lag", "firing", alarm("orders-replica-lag")),
        *(WARNING, "orders-db", "/orders-db/replication-lag", at(20, 9, 14, 7, 412_000)),
    ),
    (
        *("cloudwatch", "resolved", "orders-replica-lag", "resolved", alarm("orders-replica-lag")),
        *(WARNING, "orders-db", "/orders-db/replication-lag", at(20, 9, 14, 7, 412_000)),
    ),
    (
        *("cloudwatch", "batch", "CheckoutHighErrorRate", "firing", alarm("CheckoutHighErrorRate")),
        *(CRITICAL, "checkout", "/checkout/checkout-error-rate", at(20, 11, 3, 42, 100_000)),
    ),
    (
        *("cloudwatch", "contributor", "PaymentWebhookBacklog", "firing", None),
        *(UNKNOWN, "payments-webhooks", "", at(20, 12, 20)),
    ),
    (
        *("cloudwatch", "firing_sns", "checkout-5xx-critical", "firing", alarm("checkout-5xx-critical")),
        *(CRITICAL, "checkout", "/checkout/checkout-error-rate", at(20, 11, 3, 41, 127_000)),
    ),
    (
        *("cloudwatch", "resolved_sns", "checkout-5xx-critical", "resolved", alarm("checkout-5xx-critical")),
        *(CRITICAL, "checkout", "/checkout/checkout-error-rate", None),
    ),
    (
        *("cloudwatch", "firing_sns_metric", "PostgresConnectionsNearLimit", "firing"),
        *(alarm("PostgresConnectionsNearLimit"), UNKNOWN, "orders-db", "", at(20, 11, 5, 16)),
    ),
    (
        *("cloudwatch", "firing_sns_composite", "PostgresPrimaryDown", "firing", alarm("PostgresPrimaryDown")),
        *(UNKNOWN, "", "", at(20, 13, 0, 2)),
    ),
    (
        *("cloudwatch", "firing_lambda", "KubeJobFailed", "firing", alarm("KubeJobFailed")),
        *(UNKNOWN, "batch", "", at(20, 3, 12)),
    ),
    (
        *("aws_health", "firing", "AWS_EC2_OPERATIONAL_ISSUE", "firing", None),
        *(CRITICAL, "platform", "", at(20, 2, 10)),
    ),
    (
        *("aws_health", "batch", "AWS_RDS_MAINTENANCE_SCHEDULED", "firing", None),
        *(WARNING, "orders-db", "", at(5, 3, month=12)),
    ),
    (
        *("guardduty", "firing", "CryptoCurrency:EC2/BitcoinTool.B!DNS", "firing"),
        "arn:aws:guardduty:eu-central-1:123456789012:detector/4ab1c2d3e4f5061728394a5b6c7d8e9f/finding/"
        "16b2f4d8c9a04e7f8d3b51c6a7e09f24",
        *(CRITICAL, "platform", "", at(20, 4, 41, 12)),
    ),
    (
        *("guardduty", "batch", "Policy:S3/BucketAnonymousAccessGranted", "firing"),
        "arn:aws:guardduty:eu-central-1:123456789012:detector/4ab1c2d3e4f5061728394a5b6c7d8e9f/finding/"
        "26c3a5e9d0b15f808e4c62d7b8f1a035",
        *(WARNING, "object-storage", "", at(20, 4, 41, 12)),
    ),
    ("aws_backup", "firing", "BackupFailed", "firing", None, WARNING, "orders-db", "", at(20, 2)),
    ("aws_backup", "resolved", "BackupFailed", "resolved", None, WARNING, "orders-db", "", None),
    ("aws_backup", "batch", "BackupCopyFailed", "firing", None, WARNING, "carts", "", at(20, 2, 50)),
    ("aws_backup", "restore_failed", "BackupRestoreFailed", "firing", None, WARNING, "", "", at(20, 10)),
    (
        *("pagerduty", "firing", "PaymentProviderDown: the payment provider does not answer", "firing"),
        *("5f0c9f1e7b3d4a60a2c4", CRITICAL, "payments", "", at(20, 12, 0, 5)),
    ),
    (
        *("pagerduty", "batch", "Broker has under-replicated partitions", "firing", "Q2XM1C7JZ0V8KD"),
        *(CRITICAL, "broker", "", at(20, 12, 0, 5)),
    ),
    (
        *("opsgenie", "firing", "KafkaConsumerLagHigh", "firing", "kafka-lag/warehouse"),
        *(WARNING, "broker", "/broker/consumer-lag", at(20, 12, 0, 0, 123_000)),
    ),
    (
        *("opsgenie", "batch", "502 and 504 at the edge", "firing", "edge-errors"),
        *(CRITICAL, "ingress", "", at(20, 12, 0, 0, 123_000)),
    ),
    (
        *("datadog", "firing", "Catalogue search is slow", "firing", "1795170412005512345"),
        *(CRITICAL, "catalogue-search", "/search/search-slow", at(20, 10, 26, 52)),
    ),
    (
        *("datadog", "resolved", "Catalogue search is slow", "resolved", "1795170412005512345"),
        *(CRITICAL, "catalogue-search", "/search/search-slow", None),
    ),
    (
        *("datadog", "batch", "NodeFilesystemSpaceFillingUp", "firing", "1795170500000000001"),
        *(WARNING, "platform", "", at(20, 10, 26, 52)),
    ),
    (
        *("datadog", "firing_default", "Catalogue search is slow", "firing", None),
        *(UNKNOWN, "catalogue-search", "/search/search-slow", at(20, 10, 26, 52)),
    ),
    (
        *("new_relic", "firing", "CheckoutLatencyHigh", "firing", "5dada8dc-3ad7-9c8a-4a7c-987177422ee9"),
        *(CRITICAL, "checkout-api", "/checkout/checkout-slow", at(20, 10)),
    ),
    (
        *("new_relic", "batch", "CoreDNSLatencyHigh", "firing", "7be2c910-1d44-4f02-9b57-0a1c5d8e6f33"),
        *(CRITICAL, "dns", "", at(20, 10)),
    ),
]


@pytest.mark.parametrize(
    ("source", "sample", "name", "status", "fingerprint", "severity", "service", "runbook", "starts_at"),
    READ,
    ids=[f"{row[0]}/{row[1]}" for row in READ],
)
def test_a_sample_is_read_field_by_field(
    source: str,
    sample: str,
    name: str,
    status: str,
    fingerprint: str | None,
    severity: Severity,
    service: str,
    runbook: str,
    starts_at: datetime | None,
) -> None:
    alert = only(source, sample)

    assert (alert.name, alert.status, alert.severity, alert.service) == (name, status, severity, service)
    assert alert.fingerprint == fingerprint or (fingerprint is None and len(alert.fingerprint) == 16)
    assert alert.runbook_url == (RUNBOOKS + runbook if runbook else "")
    assert alert.starts_at == starts_at
    assert alert.arn == (alarm(name) if source == "cloudwatch" else "")


@pytest.mark.parametrize(
    ("source", "sample"),
    [
        ("cloudwatch", "insufficient_data"),
        ("cloudwatch", "muted"),
        ("cloudwatch", "suppressed"),
        ("pagerduty", "acknowledged"),
        ("pagerduty", "ping"),
        ("opsgenie", "acknowledged"),
    ],
)
def test_what_neither_fires_nor_resolves_is_no_alert(source: str, sample: str) -> None:
    assert read(source, sample).alerts == ()


def test_a_grafana_rule_without_data_goes_by_its_own_name() -> None:
    by_name, without_data, resolved = read("grafana", "batch").alerts

    assert (by_name.name, without_data.name) == ("RedisMemoryHigh", "CatalogueSearchLatencyHigh")
    assert (by_name.service, resolved.service, resolved.status) == ("session-cache", "shop", "resolved")


def test_what_is_no_object_does_not_lose_the_other_alerts_of_grafana() -> None:
    found = read("grafana", "hostile")

    assert len(found.alerts) == 3
    assert len(found.unreadable) == 3


def test_a_grafana_alert_without_status_has_that_of_its_group() -> None:
    body = payload("grafana", "resolved")
    del body["alerts"][0]["status"]

    assert SOURCES["grafana"](body).alerts[0].status == "resolved"


def test_the_instances_of_an_alarm_are_labels() -> None:
    assert only("cloudwatch", "firing").labels["DBInstanceIdentifier"] == "orders-replica-2"
    assert only("cloudwatch", "firing_sns").labels["LoadBalancer"] == "app/checkout-api/18beb8daac6a2780"
    assert only("cloudwatch", "firing").labels["region"] == "eu-central-1", "not the name that SNS shows"
    assert only("cloudwatch", "firing_sns").annotations["metrics"] == "HTTPCode_Target_5XX_Count, RequestCount"
    assert only("aws_health", "firing").labels["entity_2"] == "i-07be41d9a6c3025f8"
    assert only("guardduty", "firing").labels["instance_instanceId"] == "i-0f3a9c27d1e58b604"
    assert only("aws_backup", "firing").labels["vault"] == "shop-daily"
    assert only("datadog", "batch").labels["host"] == "node-17.eu-1.example.com"


@pytest.mark.parametrize(
    "tags", [{"Service": "cart"}, [{"Key": "service", "Value": "cart"}], [{"key": "APP", "value": "cart"}]]
)
def test_the_tags_of_an_alarm_name_its_service_however_they_are_written(tags: object) -> None:
    body = payload("cloudwatch", "firing_sns") | {"AlarmTags": tags}

    assert SOURCES["cloudwatch"](body).alerts[0].service == "cart"


def test_a_change_of_an_alarm_is_no_alert() -> None:
    body = payload("cloudwatch", "firing") | {"detail-type": "CloudWatch Alarm Configuration Change"}

    assert SOURCES["cloudwatch"](body).alerts == ()


@pytest.mark.parametrize(
    ("by", "count"), [("Alarm", 0), ("ExtensionPeriod", 0), ("WaitPeriod", 1), ("", 1), (["Alarm"], 1)]
)
def test_an_alarm_that_only_waits_to_be_suppressed_fires(by: object, count: int) -> None:
    body = payload("cloudwatch", "suppressed")
    body["detail"]["state"]["actionsSuppressedBy"] = by

    assert len(SOURCES["cloudwatch"](body).alerts) == count


def test_a_mute_rule_silences_only_within_its_window() -> None:
    body = payload("cloudwatch", "muted")
    body["detail"]["state"]["timestamp"] = "2026-11-22T04:00:01.000+0000"

    assert len(SOURCES["cloudwatch"](body).alerts) == 1


def test_a_suppressed_or_muted_alarm_that_is_over_is_resolved() -> None:
    for sample in ("suppressed", "muted"):
        body = payload("cloudwatch", sample)
        body["detail"]["state"]["value"] = "OK"

        assert [alert.status for alert in SOURCES["cloudwatch"](body).alerts] == ["resolved"]


def test_each_time_series_of_an_alarm_fires_by_itself() -> None:
    body = payload("cloudwatch", "contributor")
    body["detail"]["alarmContributor"]["id"] = "another"

    assert SOURCES["cloudwatch"](body).alerts[0].fingerprint != only("cloudwatch", "contributor").fingerprint
    assert only("cloudwatch", "contributor").arn == alarm("PaymentWebhookBacklog")


def test_an_alarm_without_tags_may_say_its_severity_in_its_name() -> None:
    body = payload("cloudwatch", "firing_sns") | {"AlarmTags": None}

    assert SOURCES["cloudwatch"](body).alerts[0].severity is CRITICAL


def test_only_the_first_page_of_a_health_event_is_an_alert() -> None:
    body = payload("aws_health", "firing")
    body["detail"]["page"] = "2"

    assert SOURCES["aws_health"](body).alerts == ()


def test_a_health_event_is_described_in_english() -> None:
    assert only("aws_health", "batch").description == "A maintenance of one of your database instances is scheduled."


@pytest.mark.parametrize("state", ["CREATED", "RUNNING", "PENDING", "ABORTING"])
def test_a_job_that_runs_is_no_alert(state: str) -> None:
    body = payload("aws_backup", "firing")
    body["detail"]["state"] = state

    assert SOURCES["aws_backup"](body).alerts == ()


@pytest.mark.parametrize(
    "kind",
    ["incident.escalated", "incident.reassigned", "incident.annotated", "incident.priority_updated", "pagey.ping"],
)
def test_other_events_of_an_incident_are_no_new_firing(kind: str) -> None:
    body = payload("pagerduty", "firing")
    body["event"]["event_type"] = kind

    assert SOURCES["pagerduty"](body).alerts == ()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("[FIRING:1] RedisMemoryHigh session-cache (session-cache-0 critical)", "RedisMemoryHigh"),
        ("[FIRING:12] (KafkaConsumerLagHigh warning)", "KafkaConsumerLagHigh"),
        ("[FIRING:2] eu-1 (critical)", "[FIRING:2] eu-1 (critical)"),
        ('ALARM: "orders db: lag" in EU (Frankfurt)', "orders db: lag"),
        ('ALARM: ""', 'ALARM: ""'),
        ("PostgreSQL does not answer", "PostgreSQL does not answer"),
    ],
)
def test_a_name_that_another_system_wrapped_into_the_title_is_found(title: str, name: str) -> None:
    incident, alert = payload("pagerduty", "firing"), payload("opsgenie", "firing")
    incident["event"]["data"]["title"] = title
    alert["alert"] |= {"message": title, "details": {}}

    for found in (SOURCES["pagerduty"](incident), SOURCES["opsgenie"](alert)):
        assert (found.alerts[0].name, found.alerts[0].summary) == (name, title)


@pytest.mark.parametrize("action", ["AddNote", "AssignOwnership", "Escalate", "Snooze", "UnAcknowledge"])
def test_other_actions_on_an_opsgenie_alert_are_no_new_firing(action: str) -> None:
    assert SOURCES["opsgenie"](payload("opsgenie", "firing") | {"action": action}).alerts == ()


def test_a_deleted_opsgenie_alert_is_resolved() -> None:
    assert SOURCES["opsgenie"](payload("opsgenie", "firing") | {"action": "Delete"}).alerts[0].status == "resolved"


@pytest.mark.parametrize(
    "transition", ["Triggered", "Re-Triggered", "Warn", "Re-Warn", "No Data", "Re-No Data", "Renotify"]
)
def test_every_datadog_transition_but_recovered_fires(transition: str) -> None:
    (alert,) = SOURCES["datadog"](payload("datadog", "firing") | {"alert_transition": transition}).alerts

    assert alert.status == "firing"
    assert alert.severity is (WARNING if "Warn" in transition else CRITICAL)
    assert (alert.starts_at is None) == (transition.startswith("Re"))


def test_a_muted_datadog_monitor_is_no_alert() -> None:
    assert SOURCES["datadog"](payload("datadog", "firing") | {"alert_transition": "Muted"}).alerts == ()


def test_the_body_that_datadog_proposes_is_read_by_its_title() -> None:
    fired, recovered = only("datadog", "firing_default"), only("datadog", "resolved_default")

    assert (fired.status, recovered.status) == ("firing", "resolved")
    assert fired.fingerprint == recovered.fingerprint


@pytest.mark.parametrize(
    ("title", "status", "name"),
    [
        ("[Triggered] [prod] Disk is full", "firing", "[prod] Disk is full"),
        ("[prod] Disk is full", "firing", "[prod] Disk is full"),
        ("[P1] [No data on {host:a}] Disk is full", "firing", "Disk is full"),
        ("[TEST] [P3] [Re-Triggered on {host:a}] Disk is full", "firing", "Disk is full"),
        ("[Recovered on {host:a}] Disk is full", "resolved", "Disk is full"),
        ("[Recovered]", "resolved", "[Recovered]"),
    ],
)
def test_a_datadog_title_loses_only_what_datadog_put_before_it(title: str, status: str, name: str) -> None:
    (alert,) = SOURCES["datadog"](payload("datadog", "firing_default") | {"title": title}).alerts

    assert (alert.status, alert.name) == (status, name)


def test_a_datadog_title_without_transition_counts_as_firing() -> None:
    body = payload("datadog", "firing_default") | {"title": "Catalogue search is slow"}

    (alert,) = SOURCES["datadog"](body).alerts

    assert (alert.status, alert.name) == ("firing", "Catalogue search is slow")


def test_a_datadog_variable_that_was_not_filled_in_is_missing() -> None:
    body = payload("datadog", "firing") | {"alert_cycle_key": "$ALERT_CYCLE_KEY", "alert_priority": "$ALERT_PRIORITY"}

    (alert,) = SOURCES["datadog"](body).alerts

    assert alert.fingerprint == "84adcacd517d557c303796ba0004383"
    assert alert.severity is CRITICAL, "by the type of the alert"


@pytest.mark.parametrize(("state", "status"), [("CREATED", "firing"), ("ACTIVATED", "firing"), ("CLOSED", "resolved")])
def test_an_issue_of_new_relic_fires_until_it_is_closed(state: str, status: str) -> None:
    assert SOURCES["new_relic"](payload("new_relic", "firing") | {"state": state}).alerts[0].status == status


def test_an_acknowledged_issue_of_new_relic_is_no_new_firing() -> None:
    assert SOURCES["new_relic"](payload("new_relic", "firing") | {"state": "ACKNOWLEDGED"}).alerts == ()
