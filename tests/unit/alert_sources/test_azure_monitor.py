import pytest

from personal_pipeline.domain.errors import InvalidAlertError
from tests.unit.alert_sources.alert_samples import payload, read, sample, with_value

ESSENTIALS = ("data", "essentials")


def test_a_metric_alert_says_its_rule_its_target_and_its_runbook() -> None:
    alert = sample("azure_monitor")

    assert (alert.name, alert.status, alert.severity) == ("PostgresConnectionsNearLimit", "firing", "critical")
    assert alert.service == "orders-db"
    assert alert.runbook_url == "https://runbooks.example.com/orders-db/too-many-connections"
    assert alert.labels["ServerName"] == "orders-db"
    assert alert.annotations["condition"] == "active_connections Average GreaterThan 450"


def test_the_resolved_alert_is_the_one_that_fired() -> None:
    fired, resolved = sample("azure_monitor"), sample("azure_monitor", "resolved")

    assert (fired.status, resolved.status) == ("firing", "resolved")
    assert fired.fingerprint == resolved.fingerprint


def test_each_target_and_each_dimension_of_a_rule_is_an_alert_of_its_own() -> None:
    sent = payload("azure_monitor", "batch")
    other_target = with_value(sent, (*ESSENTIALS, "alertTargetIDs"), ["/subscriptions/x/other"])
    other_dimension = with_value(
        sent, ("data", "alertContext", "condition", "allOf", 0, "dimensions", 1, "value"), "checkout-api"
    )

    assert len({read("azure_monitor", one).alerts[0].fingerprint for one in (sent, other_target, other_dimension)}) == 3


def test_the_order_of_dimensions_does_not_make_another_alert() -> None:
    sent = payload("azure_monitor", "batch")
    path = ("data", "alertContext", "condition", "allOf", 0, "dimensions")
    turned = with_value(sent, path, list(reversed(sent["data"]["alertContext"]["condition"]["allOf"][0]["dimensions"])))

    assert read("azure_monitor", turned).alerts[0].fingerprint == sample("azure_monitor", "batch").fingerprint


def test_a_log_alert_says_what_it_searched_and_for_whom() -> None:
    alert = sample("azure_monitor", "batch")

    assert (alert.name, alert.severity) == ("KubePodCrashLooping", "warning")
    assert alert.labels["ControllerName"] == "storefront-web"
    assert "CrashLoopBackOff" in alert.annotations["condition"]


def test_an_activity_log_alert_says_which_operation_ended_how() -> None:
    alert = sample("azure_monitor", "activity")

    assert (alert.name, alert.service, alert.severity) == ("PostgresPrimaryDown", "orders-db", "info")
    assert alert.labels["operation"] == "Microsoft.DBforPostgreSQL/flexibleServers/restart/action"
    assert alert.annotations["condition"].endswith("restart/action Succeeded")


@pytest.mark.parametrize(
    ("written", "severity"),
    [
        ("Sev0", "critical"),
        ("Sev1", "critical"),
        ("Sev2", "warning"),
        ("sev3", "info"),
        ("Sev4", "info"),
        (0, "unknown"),
    ],
)
def test_a_severity_becomes_one_of_ours(written: object, severity: str) -> None:
    sent = with_value(payload("azure_monitor"), (*ESSENTIALS, "severity"), written)

    assert read("azure_monitor", sent).alerts[0].severity == severity


def test_an_address_in_the_description_is_the_runbook_where_no_property_says_one() -> None:
    sent = with_value(payload("azure_monitor"), ("data", "customProperties"), None)
    sent = with_value(sent, (*ESSENTIALS, "description"), "See https://runbooks.example.com/x.")

    assert read("azure_monitor", sent).alerts[0].runbook_url == "https://runbooks.example.com/x"


@pytest.mark.parametrize("sent", [{}, {"data": {"context": {}}}, {"schemaId": "AzureMonitorMetricAlert", "data": []}])
def test_another_schema_is_refused_with_what_to_turn_on(sent: dict[str, object]) -> None:
    with pytest.raises(InvalidAlertError, match="turn on the common alert schema"):
        read("azure_monitor", sent)
