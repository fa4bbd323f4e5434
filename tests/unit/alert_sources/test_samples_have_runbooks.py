"""The samples play in the shop of the documents: each that fires has its right runbook among them."""

import pytest

from personal_pipeline.domain.alert_keys import link_keys
from tests.docs.test_samples import DOCUMENTS, FILES, exact_keys, key_of, metadata_of, named, runbooks_for
from tests.unit.alert_sources.alert_samples import EVENTS, MAPPED, READERS, payload, read

BY_KEY = {key: named(file) for file in FILES for key in exact_keys(key_of(file), metadata_of(file))}


@pytest.mark.parametrize(
    ("source", "name", "runbook"),
    [
        ("azure_monitor", "firing", "orders-db/too-many-connections.adoc"),
        ("azure_monitor", "batch", "platform/pod-crash-looping.md"),
        ("azure_monitor", "activity", "orders-db/failover.adoc"),
        ("elastic", "firing", "search/search-slow.rst"),
        ("elastic", "batch", "platform/disk-full-on-a-node.md"),
        ("gcp_monitoring", "firing", "broker/consumer-lag.rst"),
        ("gcp_monitoring", "batch", "checkout/checkout-error-rate.md"),
        ("generic", "firing", "dns/dns-lookups-fail.html"),
        ("icinga", "firing", "ingress/tls-certificate-expiring.md"),
        ("icinga", "batch", "backups/backup-too-old.md"),
        ("nagios", "firing", "orders-db/replication-lag.md"),
        ("nagios", "batch", "platform/node-not-ready.html"),
        ("sentry", "firing", "payments/payment-provider-outage.md"),
        ("sentry", "batch", "checkout/checkout-slow.md"),
        ("splunk", "firing", "payments/webhook-backlog.txt"),
        ("splunk", "batch", "cache/customers-logged-out.txt"),
        ("splunk_on_call", "firing", "orders-db/too-many-connections.adoc"),
        ("splunk_on_call", "batch", "broker/consumer-lag.rst"),
        ("zabbix", "firing", "platform/disk-full-on-a-node.md"),
        ("zabbix", "batch", "cache/redis-memory.rst"),
    ],
)
def test_a_sample_leads_to_its_runbook_by_link_or_by_name(source: str, name: str, runbook: str) -> None:
    alert = read(source, payload(source, name)).alerts[0]

    linked = [BY_KEY[key] for key in link_keys(alert.runbook_url) if key in BY_KEY]

    assert (DOCUMENTS / runbook).is_file()
    assert runbook in (linked or runbooks_for(alert.name))


@pytest.mark.parametrize("source", [*READERS, *MAPPED])
def test_each_source_has_four_samples_of_a_size_that_can_be_read(source: str) -> None:
    sizes = {file.stem: file.stat().st_size for file in (EVENTS / source).glob("*.json")}

    assert {"firing", "resolved", "batch", "hostile"} <= sizes.keys()
    assert max(sizes.values()) < 10_240
