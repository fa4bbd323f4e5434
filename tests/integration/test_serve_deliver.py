"""Notices on a running system: from the delivery queue to the terminal, past a target that is down."""

from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.adapters.sqlite.queue import SQLiteQueue
from personal_pipeline.domain.routing import TargetSettings
from personal_pipeline.services.queue_deliveries import DeliveryQueues
from tests.contract.notices import a_notice
from tests.integration.one_machine import Server

ROUTES = """
targets:
  - {name: shown, kind: terminal}
  - {name: hook, kind: webhook, url: "http://127.0.0.1:9/x", secret: hook-key, allow_private: true}
routes: []
default: [shown, hook]
"""


def test_a_notice_and_its_end_are_shown_while_another_target_is_down(tmp_path):
    (tmp_path / "routes.yaml").write_text(ROUTES)
    environment = {"ROUTES_FILE": str(tmp_path / "routes.yaml"), "EMBEDDER": "none", "DELIVERY_DELAYS_SECONDS": "0"}
    with Server(tmp_path / "data", environment=environment) as server:
        server.ready()
        queues = [
            SQLiteQueue(Database(server.data_dir / "pipeline.db"), f"{name}-delivery-queue.fifo", fifo=True)
            for name in ("event-bridge", "webhook")
        ]
        deliveries = DeliveryQueues(dict(zip(("terminal", "webhook"), queues, strict=True)))
        targets = [TargetSettings("shown", "terminal"), TargetSettings("hook", "webhook")]

        deliveries.send(a_notice(), targets)
        server.eventually(lambda: "ALERT  DiskWillFill on storage [critical]" in server.output, "it is shown")
        deliveries.send(a_notice(revision=2, status="resolved"), targets)
        server.eventually(lambda: "RESOLVED  DiskWillFill" in server.output, "its end is shown")

        dead = SQLiteQueue(
            Database(server.data_dir / "pipeline.db"), "webhook-delivery-dead-letter-queue.fifo", fifo=True
        )
        server.eventually(lambda: dead.depth() == 2, "what could not be delivered is parked")
        assert server.output.count("RUNBOOK  Disk full") == 2
        assert "Traceback" not in server.output
