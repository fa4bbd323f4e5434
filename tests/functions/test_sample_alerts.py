"""Every source's sample finds its runbook among the sample documents, through the functions themselves."""

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from personal_pipeline import bootstrap, parts
from personal_pipeline.alert_mappings import alert_sources
from personal_pipeline.domain.alert_sources import SOURCES
from personal_pipeline.domain.alerts import RunbookMatch
from personal_pipeline.domain.notice_text import notice_lines
from personal_pipeline.messages import AlertMessage
from personal_pipeline.services.handle_alerts import Handled
from tests.functions.conftest import forget_built_parts
from tests.functions.world import ENVIRONMENT, SECRET, World, sqs_record

EVENTS = Path(__file__).parents[2] / "events"
ALERTS, DOCUMENTS = EVENTS / "alerts", EVENTS / "documents"

# Of each source's firing sample. None: the sample documents have no runbook for it, and that is said.
RUNBOOKS: dict[str, str | None] = {
    "alertmanager": "platform/disk-full-on-a-node.md",
    "aws_backup": "backups/backup-too-old.md",
    "aws_health": None,
    "cloudwatch": "orders-db/replication-lag.md",
    "datadog": "search/search-slow.rst",
    "grafana": "ingress/tls-certificate-expiring.md",
    "guardduty": None,
    "new_relic": "checkout/checkout-slow.md",
    "opsgenie": "broker/consumer-lag.rst",
    "pagerduty": "payments/payment-provider-outage.md",
    "azure_monitor": "orders-db/too-many-connections.adoc",
    "elastic": "search/search-slow.rst",
    "gcp_monitoring": "broker/consumer-lag.rst",
    "icinga": "ingress/tls-certificate-expiring.md",
    "nagios": "orders-db/replication-lag.md",
    "sentry": "payments/payment-provider-outage.md",
    "splunk": "payments/webhook-backlog.txt",
    "splunk_on_call": "orders-db/too-many-connections.adoc",
    "zabbix": "platform/disk-full-on-a-node.md",
}

# Of the alerts that fire in other samples, in their order.
MORE: dict[str, list[str | None]] = {
    "aws_backup/batch": [None],
    "aws_backup/restore_failed": [None],
    "aws_health/batch": [None],
    "cloudwatch/batch": ["checkout/checkout-error-rate.md"],
    "cloudwatch/contributor": ["payments/webhook-backlog.txt"],
    "cloudwatch/firing_lambda": ["batch/nightly-job-failed.txt"],
    "cloudwatch/firing_sns": ["checkout/checkout-error-rate.md"],
    "cloudwatch/firing_sns_composite": ["orders-db/failover.adoc"],
    "cloudwatch/firing_sns_metric": ["orders-db/too-many-connections.adoc"],
    "cloudwatch/insufficient_data": [],
    "cloudwatch/muted": [],
    "cloudwatch/resolved": [],
    "cloudwatch/suppressed": [],
    "datadog/batch": ["platform/disk-full-on-a-node.md"],
    "datadog/firing_default": ["search/search-slow.rst"],
    "datadog/resolved": [],
    "grafana/batch": ["cache/redis-memory.rst", "search/search-slow.rst"],
    "guardduty/batch": [None],
    "new_relic/batch": ["dns/dns-lookups-fail.html"],
    "opsgenie/batch": ["ingress/errors-at-the-edge.adoc"],
    "pagerduty/acknowledged": [],
    "pagerduty/batch": ["broker/under-replicated-partitions.md"],
    "pagerduty/ping": [],
}
FROM_AWS = ("aws_backup", "aws_health", "cloudwatch", "guardduty")


class Shop(World):
    """All sample documents are in; each message of the alert queue comes as the first ever."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self.shown = ""

    def answers(self, body: str) -> list[RunbookMatch]:
        """What the firing alerts of one message are answered with."""
        with parts.database().transaction() as connection:
            connection.execute("DELETE FROM records")
        bootstrap.handle_alerts.cache_clear()
        app = self.app("alert")
        handle, handled = bootstrap.handle_alerts(), list[Handled]()

        def recording(*message: Any) -> list[Handled]:
            handled.extend(handle(*message))
            return handled

        app.handle_alerts = recording  # type: ignore[attr-defined]
        self.failures = self.call("alert", {"Records": [sqs_record("m-1", body)]})["batchItemFailures"]
        self.shown += "\n".join(line for notice in self.announced() for line in notice_lines(notice))
        return [one.match for one in handled if one.match]

    def sent(self, file: Path) -> list[RunbookMatch]:
        """The same for a webhook, as the intake queues it."""
        body = b64encode(file.read_bytes()).decode()
        message = AlertMessage(source=file.parent.name, received_at=1.0, body=body)
        return self.answers(message.model_dump_json())


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    data = tmp_path_factory.mktemp("shop")
    found = Shop(data)
    (data / "webhook-secret").write_text(SECRET + "\n")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**ENVIRONMENT, "DATA_DIR": str(data)}.items():
            patch.setenv(name, value)
        forget_built_parts()
        bootstrap.prepare_index()
        for file in sorted(DOCUMENTS.rglob("*"), key=lambda file: (file.name != "_services.yaml", file)):
            if file.is_file():
                found.has(f"documents/{file.relative_to(DOCUMENTS)}", file.read_bytes())
        yield found
        if parts.parser.cache_info().currsize:
            parts.parser().close()
    forget_built_parts()


def paths(matches: list[RunbookMatch]) -> list[str | None]:
    return [match.runbook.path if match.runbook else None for match in matches]


def test_the_table_has_every_source() -> None:
    assert set(RUNBOOKS) == set(alert_sources().names)


@pytest.mark.parametrize("source", sorted(RUNBOOKS))
def test_the_sample_of_a_source_finds_its_runbook(shop: Shop, source: str) -> None:
    matches = shop.sent(ALERTS / source / "firing.json")

    assert shop.failures == []
    assert paths(matches) == [RUNBOOKS[source]]
    assert (matches[0].matched_by == "none") == (RUNBOOKS[source] is None)


@pytest.mark.parametrize("sample", sorted(MORE))
def test_other_samples_find_theirs_too(shop: Shop, sample: str) -> None:
    assert paths(shop.sent(ALERTS / f"{sample}.json")) == MORE[sample]


@pytest.mark.parametrize("source", FROM_AWS)
def test_what_aws_puts_on_the_queue_is_answered_like_a_webhook(shop: Shop, source: str) -> None:
    body = (ALERTS / source / "firing.json").read_text()
    in_envelope = json.dumps({"Type": "Notification", "Subject": "ALARM", "Message": body})

    assert paths(shop.answers(body)) == paths(shop.answers(in_envelope)) == [RUNBOOKS[source]]


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_hostile_samples_are_taken_and_cannot_steer_the_terminal(shop: Shop, source: str) -> None:
    shop.shown = ""

    shop.sent(ALERTS / source / "hostile.json")

    assert shop.shown
    assert not any(char in shop.shown for char in "\x1b\x07\x00\u202e\u2066")


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_resolved_samples_need_no_runbook(shop: Shop, source: str) -> None:
    assert shop.sent(ALERTS / source / "resolved.json") == []


def test_half_a_character_in_an_alert_does_not_stop_it(shop: Shop) -> None:
    body = json.dumps(
        {"AlarmName": "PostgresPrimaryDown \ud800", "NewStateValue": "ALARM", "AlarmDescription": "\udfff"}
    )

    assert len(shop.answers(body)) == 1
