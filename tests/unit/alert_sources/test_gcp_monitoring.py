import pytest

from personal_pipeline.domain.errors import InvalidAlertError
from tests.unit.alert_sources.alert_samples import payload, read, sample, with_value

TEST_OF_A_CHANNEL = {
    "version": "test",
    "incident": {
        "incident_id": "12345",
        "scoping_project_id": "12345",
        "scoping_project_number": 12345,
        "url": "https://console.example.com/monitoring",
        "started_at": 0,
        "ended_at": 0,
        "state": "OPEN",
        "summary": "Test Incident",
        "apigee_url": "https://apigee.example.com",
        "observed_value": "1.0",
        "resource": {"type": "example_resource", "labels": {"example": "label"}},
        "resource_type_display_name": "Example Resource Type",
        "resource_id": "12345",
        "resource_display_name": "Example Resource",
        "resource_name": "projects/12345/example_resources/12345",
        "metric": {"type": "test.example.com/metric", "displayName": "Test Metric", "labels": {"example": "label"}},
        "metadata": {"system_labels": {"example": "label"}, "user_labels": {"example": "label"}},
        "policy_name": "projects/12345/alertPolicies/12345",
        "policy_user_labels": {"example": "label"},
        "documentation": "Test documentation",
        "condition": "projects/12345/alertPolicies/12345/conditions/12345",
        "condition_name": "Example condition",
        "threshold_value": "0.5",
    },
}


def test_an_incident_says_its_policy_its_service_and_its_runbook() -> None:
    alert = sample("gcp_monitoring")

    assert (alert.name, alert.status, alert.severity) == ("KafkaConsumerLagHigh", "firing", "critical")
    assert alert.service == "broker"
    assert alert.runbook_url == "https://runbooks.example.com/broker/consumer-lag", "not the dashboard's link before it"
    assert alert.labels["consumer_group"] == "shop-orders"


def test_the_resolved_alert_is_the_one_that_fired() -> None:
    fired, resolved = sample("gcp_monitoring"), sample("gcp_monitoring", "resolved")

    assert (fired.status, resolved.status) == ("firing", "resolved")
    assert fired.fingerprint == resolved.fingerprint


def test_the_service_is_what_runs_where_the_policy_does_not_say_it() -> None:
    assert sample("gcp_monitoring", "batch").service == "checkout"


def test_a_link_in_the_text_of_the_documentation_is_the_runbook() -> None:
    assert sample("gcp_monitoring", "batch").runbook_url == "https://runbooks.example.com/checkout/checkout-error-rate"


def test_the_test_of_a_channel_is_read_though_its_shape_is_another() -> None:
    (alert,) = read("gcp_monitoring", TEST_OF_A_CHANNEL).alerts

    assert (alert.status, alert.summary, alert.starts_at) == ("firing", "Test Incident", None)
    assert alert.annotations["documentation"] == "Test documentation"


@pytest.mark.parametrize(
    ("incident", "label", "severity"),
    [
        ("Critical", "", "critical"),
        ("Error", "", "critical"),
        ("Warning", "", "warning"),
        ("No severity", "", "unknown"),
        ("No severity", "warning", "warning"),
        (["Critical"], "info", "info"),
    ],
)
def test_the_severity_is_the_incidents_or_a_label_of_the_policy(incident: object, label: str, severity: str) -> None:
    sent = with_value(payload("gcp_monitoring"), ("incident", "severity"), incident)
    sent = with_value(sent, ("incident", "policy_user_labels"), {"severity": label})

    assert read("gcp_monitoring", sent).alerts[0].severity == severity


@pytest.mark.parametrize(
    ("state", "ended_at", "status"),
    [("open", None, "firing"), ("OPEN", 0, "firing"), ("closed", None, "resolved"), (None, 1795145280, "resolved")],
)
def test_the_state_counts_and_only_without_one_the_end(state: object, ended_at: object, status: str) -> None:
    sent = with_value(
        with_value(payload("gcp_monitoring"), ("incident", "state"), state), ("incident", "ended_at"), ended_at
    )

    assert read("gcp_monitoring", sent).alerts[0].status == status


@pytest.mark.parametrize("sent", [{}, {"version": "1.2", "incident": None}, {"incident": "x"}])
def test_a_body_without_an_incident_is_refused(sent: dict[str, object]) -> None:
    with pytest.raises(InvalidAlertError, match="'incident' is missing"):
        read("gcp_monitoring", sent)
