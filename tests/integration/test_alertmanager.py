"""A real Prometheus fires a real rule, a real Alertmanager posts it, and its runbook arrives at a webhook."""

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from tests.integration.one_machine import Server, eventually
from tests.real_parts import free_port, program, stop

DOCUMENTS = Path(__file__).parents[2] / "events" / "documents"
KEY = b"a key of the webhook, 32 bytes.."
RULES = """
groups:
  - name: shop
    interval: 1s
    rules:
      - alert: PostgresReplicationLagHigh
        expr: vector(1) {comparison} 0
        labels: {{severity: warning, service: orders-db, instance: "replica-1:9187"}}
        annotations: {{summary: A replica is behind}}
"""
PROMETHEUS = """
global: {{evaluation_interval: 1s}}
rule_files: [rules.yaml]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["127.0.0.1:{port}"]}}]}}]}}
"""
ALERTMANAGER = """
route: {{receiver: personal-pipeline, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
  - name: personal-pipeline
    webhook_configs:
      - url: http://127.0.0.1:{port}/v1/alerts/alertmanager
        send_resolved: true
        http_config:
          authorization: {{ type: Bearer, credentials_file: {secret} }}
"""
ROUTES = """
targets: [{{name: recorder, kind: webhook, url: "http://127.0.0.1:{port}/x", secret: hook-key, allow_private: true}}]
routes: []
default: [recorder]
"""


class Recorder(ThreadingHTTPServer):
    """Keeps what arrives with a right signature, and counts what has none."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.forged = 0
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def notices(self) -> list[tuple[str, int]]:
        return [(event["data"]["status"], event["data"]["revision"]) for event in self.events]


class _Handler(BaseHTTPRequestHandler):
    server: Recorder

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        signed = b".".join([self.headers["webhook-id"].encode(), self.headers["webhook-timestamp"].encode(), body])
        right = "v1," + base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256)).decode()
        if hmac.compare_digest(right, self.headers["webhook-signature"]):
            self.server.events.append(json.loads(body))
        else:
            self.server.forged += 1
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def recording() -> Iterator[Recorder]:
    with Recorder() as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@contextmanager
def running(folder: Path, name: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [program(name, "the test of real alerts"), *arguments], cwd=folder, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            stop(process)


def test_a_rule_that_fires_brings_its_runbook_and_its_end_changes_the_same_notice(tmp_path: Path) -> None:
    for name in ("prometheus", "prometheus-alertmanager"):
        program(name, "the test of real alerts")
    data, manager_port = tmp_path / "data", free_port()
    (data / "targets").mkdir(parents=True)
    (data / "targets" / "hook-key").write_text("whsec_" + base64.b64encode(KEY).decode())
    with ExitStack() as stack:
        recorder = stack.enter_context(recording())
        (tmp_path / "routes.yaml").write_text(ROUTES.format(port=recorder.server_port))
        environment = {"ROUTES_FILE": str(tmp_path / "routes.yaml"), "EMBEDDER": "none"}
        system = stack.enter_context(Server(data, DOCUMENTS, environment)).ready()
        system.eventually(lambda: sum(system.documents().values()) > 20, "the samples are in")
        (tmp_path / "rules.yaml").write_text(RULES.format(comparison=">"))
        (tmp_path / "prometheus.yaml").write_text(PROMETHEUS.format(port=manager_port))
        manager = ALERTMANAGER.format(port=system.port, secret=data / "webhook-secret")
        (tmp_path / "alertmanager.yaml").write_text(manager)

        stack.enter_context(
            running(
                tmp_path,
                "prometheus-alertmanager",
                "--config.file=alertmanager.yaml",
                "--storage.path=alertmanager",
                f"--web.listen-address=127.0.0.1:{manager_port}",
                "--cluster.listen-address=",
            )
        )
        prometheus = stack.enter_context(
            running(
                tmp_path,
                "prometheus",
                "--config.file=prometheus.yaml",
                "--storage.tsdb.path=prometheus",
                f"--web.listen-address=127.0.0.1:{free_port()}",
            )
        )
        eventually(lambda: recorder.events, "the runbook is delivered")
        (tmp_path / "rules.yaml").write_text(RULES.format(comparison="<"))
        os.kill(prometheus.pid, signal.SIGHUP)
        eventually(lambda: ("resolved", 2) in recorder.notices, "its end is delivered")

        firing, ended = recorder.events
        assert firing["type"] == "RunbookMatched"
        (section,) = firing["data"]["sections"]
        assert section["runbook"]["path"] == "orders-db/replication-lag.md"
        assert section["decision"] == "attach"
        assert firing["data"]["notice_id"] == ended["data"]["notice_id"]
        assert (recorder.notices, recorder.forged) == ([("firing", 1), ("resolved", 2)], 0)
        status, listed = system.ask("GET", "/v1/alerts")
        assert (status, [one["status"] for one in listed["alerts"]]) == (200, ["resolved"])
        assert "Traceback" not in system.output
