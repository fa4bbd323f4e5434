import pytest

from tests.unit.alert_sources.alert_samples import MAPPED, payload, read, sample


@pytest.mark.parametrize(
    ("source", "name", "severity", "service"),
    [
        ("splunk", "PaymentWebhookBacklog", "critical", "payments"),
        ("elastic", "CatalogueSearchTimeouts", "critical", "catalogue-search"),
        ("zabbix", "/: Disk space is critically low (used > 95%)", "critical", "platform"),
        ("nagios", "PostgresReplicationLagHigh", "critical", "orders-db"),
        ("icinga", "CertificateExpiringSoon", "warning", "ingress"),
        ("generic", "CoreDNSDown", "critical", "dns"),
    ],
)
def test_a_firing_alert_says_what_it_is(source: str, name: str, severity: str, service: str) -> None:
    alert = sample(source)

    assert (alert.name, alert.status) == (name, "firing")
    assert (alert.severity, alert.service) == (severity, service)
    assert alert.starts_at
    assert alert.starts_at.date().isoformat() == "2026-11-20"
    assert alert.runbook_url.startswith("https://runbooks.example.com/")


@pytest.mark.parametrize(
    ("source", "fingerprint"),
    [
        ("splunk", "PaymentWebhookBacklog|payments|payments-webhooks-1"),
        ("elastic", "6f3a1c50-2f64-11ef-9d1a-35b0a0f5c0de|query matched"),
        ("zabbix", "trigger:24512"),
        ("nagios", "orders-db-replica-1|PostgresReplicationLagHigh"),
        ("icinga", "ingress-1.eu-1.example.com!CertificateExpiringSoon"),
        ("generic", "c-71"),
    ],
)
def test_a_fingerprint_is_made_of_what_stays(source: str, fingerprint: str) -> None:
    assert sample(source).fingerprint == fingerprint


@pytest.mark.parametrize("source", MAPPED)
def test_the_resolved_alert_is_the_one_that_fired(source: str) -> None:
    fired, resolved = sample(source), sample(source, "resolved")

    assert (fired.status, resolved.status) == ("firing", "resolved")
    assert fired.fingerprint == resolved.fingerprint


@pytest.mark.parametrize(
    ("source", "field", "word"),
    [
        ("nagios", "type", "ACKNOWLEDGEMENT"),
        ("nagios", "type", "DOWNTIMESTART"),
        ("icinga", "type", "Acknowledgement"),
        ("icinga", "type", "DOWNTIMEREMOVED"),
        ("zabbix", "update_status", "1"),
        ("zabbix", "update_status", 1),
    ],
)
def test_a_notice_about_people_is_no_alert(source: str, field: str, word: object) -> None:
    assert read(source, payload(source) | {field: word}).alerts == ()


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ("PROBLEM", "firing"),
        (1, "firing"),
        ("RESOLVED", "resolved"),
        ("OK", "resolved"),
        ("0", "resolved"),
        (None, "firing"),
    ],
)
def test_zabbix_says_the_status_as_a_word_or_a_number(status: object, found: str) -> None:
    assert read("zabbix", payload("zabbix") | {"status": status}).alerts[0].status == found


@pytest.mark.parametrize("source", ["nagios", "icinga"])
def test_a_host_that_is_down_has_no_check_and_is_not_the_alert_of_its_checks(source: str) -> None:
    (down,) = read(source, payload(source) | {"check": "", "state": "DOWN"}).alerts

    assert (down.name, down.severity) == ("Host down", "critical")
    assert down.fingerprint != sample(source).fingerprint


def test_a_kibana_alert_is_the_same_the_next_time_it_becomes_active() -> None:
    again = payload("elastic") | {"started_at": "2026-11-21T00:00:00Z", "action_group": "recovered"}

    assert read("elastic", again).alerts[0].fingerprint == sample("elastic").fingerprint


def test_the_status_of_a_splunk_alert_is_not_a_field_that_happens_to_be_called_status() -> None:
    sent = payload("splunk")
    sent["result"] |= {"status": "resolved"}

    assert read("splunk", sent).alerts[0].status == "firing"
