import pytest

from personal_pipeline.domain.alerts import Severity
from personal_pipeline.domain.errors import InvalidAlertError
from tests.unit.alert_sources.alert_samples import payload, read, sample, with_value

EVENT = ("data", "event")


def test_an_issue_alert_says_what_happened_and_which_rule_fired() -> None:
    alert = sample("sentry")

    assert alert.name == "ProviderTimeout: card authorisation timed out after 10 s"
    assert (alert.status, alert.severity) == ("firing", Severity.CRITICAL)
    assert alert.annotations["rule"] == "Many failed payments"
    assert alert.runbook_url == "https://runbooks.example.com/payments/payment-provider-outage"
    assert alert.service == "payments"
    assert alert.labels["release"] == "payments@4.18.2"
    assert alert.generator_url.startswith("https://sentry.example.com/organizations/shop/issues/1117540176/")


def test_the_issue_that_is_resolved_is_the_one_that_the_alert_was_about() -> None:
    fired, resolved = sample("sentry"), sample("sentry", "resolved")

    assert resolved.status == "resolved"
    assert fired.fingerprint == resolved.fingerprint == "issue:1117540176"
    assert fired.name == resolved.name


@pytest.mark.parametrize(
    ("action", "statuses"),
    [
        ("created", ["firing"]),
        ("unresolved", ["firing"]),
        ("triggered", ["firing"]),
        ("resolved", ["resolved"]),
        ("archived", ["resolved"]),
        ("ignored", ["resolved"]),
        ("assigned", []),
        ("what comes next year", []),
    ],
)
def test_what_happened_to_an_issue_says_whether_it_fires(action: str, statuses: list[str]) -> None:
    found = read("sentry", payload("sentry", "resolved") | {"action": action})

    assert [alert.status for alert in found.alerts] == statuses


@pytest.mark.parametrize(
    ("action", "status", "severity"),
    [("critical", "firing", "critical"), ("warning", "firing", "warning"), ("resolved", "resolved", "unknown")],
)
def test_a_metric_alert_is_one_alert_from_warning_to_its_end(action: str, status: str, severity: str) -> None:
    first = sample("sentry", "batch")
    (alert,) = read("sentry", with_value(payload("sentry", "batch"), ("action",), action)).alerts

    assert (alert.name, alert.status, alert.severity) == ("CheckoutLatencyHigh", status, severity)
    assert alert.fingerprint == first.fingerprint == "metric_alert:3088"


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        ("fatal", "critical"),
        ("error", "critical"),
        ("warning", "warning"),
        ("info", "info"),
        ("debug", "info"),
        (5, "unknown"),
    ],
)
def test_a_level_becomes_a_severity(level: object, severity: str) -> None:
    sent = with_value(with_value(payload("sentry"), (*EVENT, "level"), level), (*EVENT, "tags"), [])

    assert read("sentry", sent).alerts[0].severity == severity


def test_an_issue_id_is_taken_from_its_address_where_it_is_not_said() -> None:
    sent = payload("sentry")
    del sent["data"]["event"]["issue_id"]

    assert read("sentry", sent).alerts[0].fingerprint == "issue:1117540176"


def test_tags_may_be_pairs_or_objects_and_a_wrong_one_does_not_lose_the_others() -> None:
    tags = [["service", "cart"], {"key": "region", "value": "eu"}, ["one"], None, [["a"], "b"]]
    (alert,) = read("sentry", with_value(payload("sentry"), (*EVENT, "tags"), tags)).alerts

    assert alert.service == "cart"
    assert (alert.labels["service"], alert.labels["region"]) == ("cart", "eu")


@pytest.mark.parametrize(
    "data",
    [{"installation": {"uuid": "x"}}, {"comment": "hm", "comment_id": 1, "issue_id": 2}, {"error": {"title": "x"}}],
    ids=["installation", "comment", "error"],
)
def test_what_is_no_alert_is_passed_over(data: dict[str, object]) -> None:
    assert read("sentry", {"action": "created", "data": data}).alerts == ()


@pytest.mark.parametrize("sent", [{}, {"action": "triggered", "data": {}}, {"data": [1]}, {"event": {"title": "old"}}])
def test_what_is_none_of_its_webhooks_is_refused_with_what_to_send(sent: dict[str, object]) -> None:
    with pytest.raises(InvalidAlertError, match="internal integration"):
        read("sentry", sent)
