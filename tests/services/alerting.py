"""Alerts from the queue to the targets in one process: real queues and records, a matcher that knows names, a clock."""

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from personal_pipeline.domain.alert_sources.lookup import AlertSources
from personal_pipeline.domain.alerts import Alert, RunbookMatch
from personal_pipeline.domain.catalog import Card
from personal_pipeline.domain.episodes import EpisodePolicy
from personal_pipeline.domain.errors import PipelineError
from personal_pipeline.domain.notices import Notice
from personal_pipeline.domain.routing import Routes
from personal_pipeline.domain.service_map import Service
from personal_pipeline.edge.alerts import alert_messages
from personal_pipeline.edge.deliveries import delivery_messages
from personal_pipeline.edge.sqs import SqsBatch
from personal_pipeline.messages import AlertMessage, TickMessage
from personal_pipeline.ports import OutgoingMessage, ReceivedMessage
from personal_pipeline.services.alert_records import AlertRecords
from personal_pipeline.services.announce_notices import AnnounceNotices
from personal_pipeline.services.answer_alert import AnswerAlert
from personal_pipeline.services.breaker import Breaker
from personal_pipeline.services.handle_alerts import HandleAlerts, Handled
from personal_pipeline.services.known_services import KnownServices
from personal_pipeline.services.queue_deliveries import DeliveryQueues
from personal_pipeline.services.recently_handled import RecentlyHandled
from personal_pipeline.settings import QueueSettings
from tests.services import delivering
from tests.services.delivering import START, Wrapped

RETRIES = QueueSettings().retry_delays
VISIBILITY_SECONDS, MAX_RECEIVES = 180.0, 4  # of the alert queue, as in the template, which a test compares
SHOP = (
    Service("shop", owner="team-shop", contacts=("#shop",), depends_on=("orders",)),
    Service("orders", ("orders-api",), owner="team-orders", depends_on=("postgres",)),
    Service("postgres", owner="team-data", contacts=("#data",)),
)


def card(name: str) -> Card:
    return Card(name.lower().ljust(16, "0")[:16], name, "", "ops", f"{name}.md", "", "", ("public",), 1)


class Catalog:
    def __init__(self, services: Sequence[Service]) -> None:
        self._services = list(services)

    def services(self) -> list[Service]:
        return self._services


class Cache:
    """Nothing is rendered here: notices have no steps."""

    def document(self, _: str) -> None:
        return None


class Match:
    """An alert has the runbook of its name, unless that begins with ``Unknown``; ``failing`` says when it cannot."""

    def __init__(self) -> None:
        self.failing: Callable[[Alert], Exception | None] = lambda _: None
        self.asked = 0

    def __call__(self, alert: Alert) -> RunbookMatch:
        self.asked += 1
        if error := self.failing(alert):
            raise error
        if alert.name.startswith("Unknown"):
            near = (card("Near"), card("Nearer"))
            return RunbookMatch(alert, "none", None, ("words in common",), near, 0.5, also_because=(("a",), ("b",)))
        return RunbookMatch(alert, "alert", card(alert.name), ("it names this alert",), (), 0.98)


class World(delivering.World):
    """The delivery side with the alert side before it."""

    def __init__(self, folder: Path, *names: str, services: Sequence[Service] = SHOP, **options: Any) -> None:
        self.services = services
        self.match = Match()
        self.handled: list[Handled] = []
        self.received = 0
        super().__init__(folder, *(names or ("chat",)), **options)
        self.alerts = self._alert_queue("alerts", MAX_RECEIVES, "dead-alerts")
        self.dead_alerts = self._alert_queue("dead-alerts")
        self.start_alert_worker()

    def _alert_queue(self, name: str, most: int | None = None, dead: str | None = None) -> Any:
        return type(self.queue)(
            self.database,
            name,
            visibility_timeout_seconds=VISIBILITY_SECONDS,
            max_receive_count=most,
            dead_letter_queue=dead,
            clock=self.clock,
        )

    def start_alert_worker(self) -> None:
        """A new process: it remembers nothing."""
        breaker = Breaker(1, 5.0, self.clock)
        records = AlertRecords(Wrapped(self.records, self.calls), breaker, self.clock, sleep=lambda _: None)
        known = KnownServices(Catalog(self.services), self.clock)  # type: ignore[arg-type]
        routes = Routes(self.settings, (), tuple(one.name for one in self.settings))
        deliveries = DeliveryQueues({"webhook": Wrapped(self.queue, self.calls)})
        ticks = Wrapped(self.alerts, self.calls)
        self.announce = AnnounceNotices(records, known, lambda: routes, deliveries, ticks, self.clock)  # type: ignore[arg-type]
        self.handle = HandleAlerts(
            AlertSources(),
            records,
            known,
            AnswerAlert(self.match, Cache(), self.clock),  # type: ignore[arg-type]
            self.announce,
            RecentlyHandled(self.clock),
            self.clock,
            EpisodePolicy(),
        )

    def alert(self, *alerts: dict[str, Any]) -> None:
        """One webhook of Alertmanager, now."""
        self.queue_alert("alertmanager", json.dumps({"alerts": list(alerts)}).encode())

    def queue_alert(self, source: str, body: bytes, content_type: str = "application/json") -> None:
        message = AlertMessage(
            source=source,
            received_at=self.clock.now,
            body=b64encode(body).decode(),
            content_type=content_type,
        )
        self.alerts.send([OutgoingMessage(message.model_dump_json())])

    def work_alerts(self, batch_size: int = 10) -> bool:
        """One batch, as the function does; False when there was none."""
        received = self.alerts.receive(batch_size)
        if not received:
            return False
        self.received += len(received)
        batch = SqsBatch.of({"Records": [_record(message) for message in received]})
        for record, message in batch.parsed_with_time(alert_messages):
            try:
                if isinstance(message, TickMessage):
                    self.announce.flush(message.lane, message.service, message.slot)
                else:
                    self.handled += self.handle(message, record.message_id, record.receive_count)
            except PipelineError as error:
                batch.fail(record, error)
        batch.retry_later(self.alerts, RETRIES)
        self.calls(self.alerts.delete, [m.receipt_handle for m in received if m.message_id not in batch.failures])
        return True

    def pass_time(self, seconds: float, step: float = 1.0) -> None:
        """Both sides work until then."""
        end = self.clock.now + seconds
        while self.clock.now < end:
            self.clock.now = min(end, self.clock.now + step)
            self.work_all()

    def work_all(self) -> None:
        while self.work_alerts():
            pass
        while self.work():
            pass

    def notices(self) -> list[Notice]:
        """Those that wait for their delivery, in the order of sending; takes them away."""
        found: list[Notice] = []
        while received := self.queue.receive(1):
            found += [message.notice for one in received for message in delivery_messages(one.body)]
            self.queue.delete([one.receipt_handle for one in received])
        return found

    def told(self) -> list[Notice]:
        """The same, after the alerts that wait were handled."""
        while self.work_alerts():
            pass
        return self.notices()


def firing(
    name: str, of: str = "1", service: str = "orders", severity: str = "warning", at: float = START
) -> dict[str, Any]:
    """``of`` tells instances of one alert apart; ``at`` is when it began."""
    labels = {"alertname": name, "service": service, "severity": severity, "instance": f"node-{of}"}
    began = datetime.fromtimestamp(at, UTC).isoformat()
    return {"status": "firing", "fingerprint": f"{name}-{of}", "labels": labels, "annotations": {}, "startsAt": began}


def resolved(alert: dict[str, Any], at: float = START + 60) -> dict[str, Any]:
    return alert | {"status": "resolved", "endsAt": datetime.fromtimestamp(at, UTC).isoformat()}


def _record(message: ReceivedMessage) -> dict[str, Any]:
    return {
        "messageId": message.message_id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {"ApproximateReceiveCount": str(message.receive_count)},
    }
