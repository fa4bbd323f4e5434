"""A storm of alerts for real: ``make storm``.

``pp serve`` runs as a process of its own, with a runbook for half of the kinds of alerts. Webhooks of Alertmanager come
at the rate of the storm: a critical alert at once and by itself, the others of a service together, once a second. A
recording webhook server is the target. It ends by itself; figures are printed and, where MEASURED names a file, kept
there.
"""

import argparse
import http.client
import json
import os
import queue
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any

from tests.integration.one_machine import Server, free_port
from tests.measured import record
from tests.storms import Fired, Key, Told, share, storm

SENDERS = 8
SETTLES_SECONDS = 90.0  # the longest wait for the rest after the last webhook
QUIET_SECONDS = 21.0  # and for more, when all is told
SECRET = "whsec_" + "c3Rvcm0t" * 5 + "c3Q="
ROUTES = """
targets:
  - {{name: recorder, kind: webhook, url: "http://127.0.0.1:{port}/", secret: recorder-key, allow_private: true}}
routes: []
default: [recorder]
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(Path(folder), arguments.alerts, arguments.seconds)
    show(outcome)


@dataclass(slots=True)
class Outcome:
    sent: list[tuple[float, Key]] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    webhooks: int = 0
    told: Told = field(default_factory=Told)
    cpu_seconds: float = 0.0
    peak_mib: float = 0.0
    output: str = ""


def run(folder: Path, alerts: int, seconds: float) -> Outcome:
    fired = storm(alerts, seconds, time.time(), Random(1))
    outcome, lock = Outcome(), threading.Lock()
    runbooks = write_runbooks(folder / "runbooks", fired)
    (folder / "data" / "targets").mkdir(parents=True, mode=0o700)
    secret = folder / "data" / "targets" / "recorder-key"
    secret.write_text(f"{SECRET}\n")
    secret.chmod(0o600)
    with recording(outcome.told, lock) as port:
        (folder / "routes.yaml").write_text(ROUTES.format(port=port))
        environment = {"ROUTES_FILE": str(folder / "routes.yaml"), "RETRY_DELAYS_SECONDS": "1,2,5"}
        with Server(folder / "data", folder / "runbooks", environment, port=free_port()) as server:
            server.ready()
            server.eventually(lambda: sum(server.documents().values()) >= runbooks, "runbooks are searchable")
            began = usage(server)[0]
            send(server, fired, outcome, lock)
            wait_for_the_rest(outcome, lock)
            outcome.cpu_seconds, outcome.peak_mib = usage(server)
            outcome.cpu_seconds -= began
            outcome.output = server.output
            server.stop()
    return outcome


def write_runbooks(folder: Path, fired: Sequence[Fired]) -> int:
    folder.mkdir()
    names = sorted({one.key[1] for one in fired})[::2]
    for name in names:
        text = f"# {name}\n\nThe service answers slowly or not at all.\n\n1. Look at its dashboard.\n2. Restart it.\n"
        (folder / f"{name}.md").write_text(text)
    return len(names)


@contextmanager
def recording(told: Told, lock: threading.Lock) -> Iterator[int]:
    """The port of a webhook server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            at = time.time()
            event = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with lock:
                told.arrived(at, event["data"], self.headers["webhook-id"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def webhooks(fired: Sequence[Fired]) -> list[tuple[float, list[Fired]]]:
    """When each is sent, and what it holds."""
    together: dict[tuple[str, float], list[Fired]] = defaultdict(list)
    critical: list[tuple[float, list[Fired]]] = []
    for one in fired:
        service, _, is_critical = one.key
        if is_critical:
            critical.append((one.after, [one]))
        else:
            shift = sum(service.encode()) % 40 / 40  # services do not all send in the same moment
            together[service, int(one.after + 1 - shift) + shift].append(one)
    return sorted([*critical, *((at, some) for (_, at), some in together.items())], key=lambda one: one[0])


def send(server: Server, fired: Sequence[Fired], outcome: Outcome, lock: threading.Lock) -> None:
    waiting: queue.SimpleQueue[list[Fired] | None] = queue.SimpleQueue()
    token = (server.data_dir / "webhook-secret").read_text().strip()

    def post() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        while some := waiting.get():
            body = json.dumps({"version": "4", "status": "firing", "alerts": [one.alert for one in some]})
            at = time.time()
            connection.request("POST", "/v1/alerts/alertmanager", body, headers)
            response = connection.getresponse()
            response.read()
            with lock:
                if response.status == 202:
                    outcome.sent += [(at, one.key) for one in some]
                else:
                    outcome.refused.append(response.status)
        connection.close()

    threads = [threading.Thread(target=post, daemon=True) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    for after, some in webhooks(fired):
        time.sleep(max(0.0, began + after - time.monotonic()))
        waiting.put(some)
        outcome.webhooks += 1
    for _ in threads:
        waiting.put(None)
    for thread in threads:
        thread.join()


def wait_for_the_rest(outcome: Outcome, lock: threading.Lock) -> None:
    """Until all is told and nothing has come for a while."""
    ends, seen, quiet_at = time.monotonic() + SETTLES_SECONDS, -1, 0.0
    while time.monotonic() < ends:
        with lock:
            missing, messages = outcome.told.delays(outcome.sent)[2], outcome.told.messages
        if messages != seen:
            seen, quiet_at = messages, time.monotonic() + QUIET_SECONDS
        if not missing and time.monotonic() > quiet_at:
            return
        time.sleep(1)


def usage(server: Server) -> tuple[float, float]:
    """CPU seconds and the sum of each process's peak memory in MiB, of all processes of the server."""
    ticks, peak = 0, 0
    for process in (server.process.pid, *server.children()):
        ticks += sum(int(item) for item in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:15])
        status = Path(f"/proc/{process}/status").read_text()
        peak += next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return ticks / os.sysconf("SC_CLK_TCK"), peak / 1024


def show(outcome: Outcome) -> None:
    critical, others, missing = outcome.told.delays(outcome.sent)
    rows: list[tuple[str, str]] = [
        ("alerts sent", f"{len(outcome.sent)}, {len(critical)} of them critical, in {outcome.webhooks} webhooks"),
        ("webhooks refused", str(len(outcome.refused))),
        ("messages", str(outcome.told.messages)),
        (
            "of one service in 10 s, not critical",
            f"{outcome.told.most_within(10)} at most; {outcome.told.shortest_gap():.1f} s between two at least",
        ),
        ("told, critical", seconds(critical)),
        ("told, others", seconds(others)),
        ("came twice", str(outcome.told.twice)),
        ("told more than once", str(outcome.told.too_many(outcome.sent))),
        ("never told", str(missing)),
        ("CPU", f"{outcome.cpu_seconds:.1f} s"),
        ("peak memory, all processes", f"{outcome.peak_mib:.0f} MiB"),
    ]
    for name, value in rows:
        print(f"{name:40}{value}")
    if "Traceback" in outcome.output:
        sys.exit(outcome.output[-4_000:])
    keep(outcome, critical, others, missing)


def keep(outcome: Outcome, critical: Sequence[float], others: Sequence[float], missing: int) -> None:
    detail: dict[str, Any] = {
        "alerts": len(outcome.sent),
        "webhooks": outcome.webhooks,
        "messages": outcome.told.messages,
        "critical_p50": share(critical, 0.5),
        "critical_max": max(critical, default=0.0),
        "others_p50": share(others, 0.5),
        "others_p99": share(others, 0.99),
        "most_in_10_s": outcome.told.most_within(10),
        "shortest_gap": outcome.told.shortest_gap(),
        "came_twice": outcome.told.twice,
        "never_told": missing,
        "cpu_seconds": outcome.cpu_seconds,
        "peak_mib": outcome.peak_mib,
    }
    record("storm_critical_p99", share(critical, 0.99), "s", **detail)


def seconds(values: Sequence[float]) -> str:
    parts = [f"p{part * 100:.0f} {share(values, part):.2f} s" for part in (0.5, 0.95, 0.99)]
    return f"{', '.join(parts)}, max {max(values, default=float('nan')):.2f} s"


if __name__ == "__main__":
    main()
