import pytest

from personal_pipeline.domain.errors import InvalidAlertError
from tests.unit.alert_sources.alert_samples import payload, read, sample


def test_the_published_template_says_all_that_is_needed() -> None:
    alert = sample("splunk_on_call")

    assert (alert.name, alert.status, alert.severity) == ("PostgresTooManyConnections", "firing", "critical")
    assert alert.service == "orders-db"
    assert alert.runbook_url == "https://runbooks.example.com/orders-db/too-many-connections"
    assert alert.starts_at
    assert alert.starts_at.isoformat() == "2026-11-20T02:57:12+00:00"


def test_a_variable_that_was_not_filled_says_nothing() -> None:
    assert payload("splunk_on_call")["host"] == "${{ALERT.host}}"
    assert "host" not in sample("splunk_on_call").labels


def test_the_resolved_alert_is_the_one_that_fired() -> None:
    fired, resolved = sample("splunk_on_call"), sample("splunk_on_call", "resolved")

    assert resolved.status == "resolved"
    assert fired.fingerprint == resolved.fingerprint == "orders-db/PostgresTooManyConnections"


def test_the_form_of_an_escalation_webhook_is_read_too() -> None:
    alert = sample("splunk_on_call", "batch")

    assert (alert.name, alert.status, alert.severity) == ("KafkaConsumerLagHigh", "firing", "critical")
    assert alert.service == "broker"
    assert alert.runbook_url == "https://runbooks.example.com/broker/consumer-lag"
    assert alert.starts_at


def test_an_escalation_without_fields_of_the_alert_has_its_incident() -> None:
    sent = {key: value for key, value in payload("splunk_on_call", "batch").items() if key.startswith("INCIDENT.")}
    (alert,) = read("splunk_on_call", sent).alerts

    assert (alert.name, alert.severity) == ("KafkaConsumerLagHigh", "critical")


@pytest.mark.parametrize(
    "sent", [{"ALERT": {"entity_id": "a/b"}}, {"ALERT.entity_id": "a/b"}, {"STATE.ENTITY_ID": "a/b"}]
)
def test_case_and_prefix_of_a_field_do_not_matter(sent: dict[str, object]) -> None:
    (alert,) = read("splunk_on_call", sent).alerts

    assert (alert.name, alert.fingerprint, alert.service) == ("a/b", "a/b", "a")


def test_of_two_fields_that_say_the_same_the_alerts_own_counts() -> None:
    sent = {"STATE.ENTITY_ID": "state", "ALERT.entity_id": "alert"}

    assert read("splunk_on_call", sent).alerts[0].fingerprint == "alert"
    assert read("splunk_on_call", sent | {"entity_id": "plain"}).alerts[0].fingerprint == "plain"


@pytest.mark.parametrize(
    ("fields", "statuses"),
    [
        ({"message_type": "CRITICAL"}, ["firing"]),
        ({"message_type": "WARNING"}, ["firing"]),
        ({"message_type": "INFO"}, ["firing"]),
        ({"message_type": "RECOVERY"}, ["resolved"]),
        ({"message_type": "recovery", "phase": "ACKED"}, ["resolved"]),
        ({"message_type": "CRITICAL", "phase": "RESOLVED"}, ["resolved"]),
        ({"message_type": "ACKNOWLEDGEMENT"}, []),
        ({"message_type": "CRITICAL", "INCIDENT.CURRENT_PHASE": "ACKED"}, []),
        ({"message_type": ["CRITICAL"]}, ["firing"]),
    ],
)
def test_message_type_and_phase_say_whether_it_fires(fields: dict[str, object], statuses: list[str]) -> None:
    found = read("splunk_on_call", {"entity_id": "x"} | fields)

    assert [alert.status for alert in found.alerts] == statuses


@pytest.mark.parametrize("sent", [{}, {"message_type": "CRITICAL"}, {"entity_id": ["x"]}])
def test_a_body_that_names_nothing_is_refused_with_what_to_paste(sent: dict[str, object]) -> None:
    with pytest.raises(InvalidAlertError, match="paste the body of the outgoing webhook"):
        read("splunk_on_call", sent)
