"""What the person who started the server sees: progress, the first search, the first alert, what to try next.

Everything that comes from documents or alerts is somebody else's text, and is made harmless before it is shown.
"""

import http.client
import json
import os
import shutil
import sys
import threading
import time
import unicodedata
from collections import deque
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from infra.local.events_process import CannotStart, Handled, Problem, Putting, Ready, Synchronised
from infra.local.plan import PROJECT, SAMPLES, WEBHOOK_SECRET, Plan, ServeOptions

FIRST_QUESTION = "disk full"
SAMPLE_ALERT = PROJECT / "events" / "alerts" / "alertmanager" / "firing.json"
INGEST = "IngestFunction"
DELIVER = "DeliverFunction"
ALERT_SECONDS = 10.0
REQUEST_SECONDS = 5.0
HEALTH_POLL_SECONDS = 0.05


def plain(text: str, limit: int = 300) -> str:
    """One line without control, format or surrogate characters."""
    folded = " ".join(text[: 4 * limit].split())
    shown = "".join(char for char in folded if unicodedata.category(char) not in {"Cc", "Cf", "Cs"})
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"


class Terminal:
    """Told of everything by the thread over the events process; shows it in order, from that thread."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._started = time.monotonic()
        self._console = Console(highlight=False, soft_wrap=True)
        self._progress: Progress | None = None
        self._healthy = threading.Event()
        self._introduced = threading.Event()
        self._is_synchronised = plan.options.runbooks is None
        self._documents = 0  # how many messages must be handled until the first ingest is over
        self._handled = 0
        self._left = 0
        self._alert_told = threading.Event()
        self._last_problem = ""
        self._told: deque[str] = deque(maxlen=200)

    @property
    def _address(self) -> str:
        host = self._plan.options.host
        host = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104  # compared, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self._plan.options.port}"

    def line(self, text: str) -> None:
        self._console.print(escape(text))

    def show(self, report: object) -> None:
        match report:
            case Ready():
                threading.Thread(target=self._introduce, name="introduction", daemon=True).start()
            case Putting(done, total):
                self._draw("Taking documents", done, total)
            case Synchronised():
                self._show_changes(report)
            case Handled():
                self._show_handled(report)
            case Problem(text):
                if text != self._last_problem:
                    self.line(f"! {plain(text)}")
                self._last_problem = text
            case CannotStart(_):
                pass  # the server ends with it as its error

    def watch_health(self) -> None:
        threading.Thread(target=self._wait_for_health, name="health", daemon=True).start()

    def close(self) -> None:
        if self._progress:
            self._progress.stop()
        if self._introduced.is_set():
            self.line("Stopped.")

    def _show_changes(self, report: Synchronised) -> None:
        changes = report.changes
        folder = self._plan.options.runbooks
        if not self._is_synchronised or changes.put or changes.deleted:
            self.line(f"{folder}: {changes.documents} files, {changes.put} new or changed, {changes.deleted} deleted")
        for problem in changes.problems:
            self.line(f"! {plain(problem)}")
        if not self._is_synchronised:
            self._documents, self._left = self._handled + report.waiting, report.waiting
        self._is_synchronised = True
        self._last_problem = ""

    def _show_handled(self, report: Handled) -> None:
        if report.function == INGEST:
            self._handled += report.outcome.received
            self._left = report.left
            self._draw("Indexing documents", self._handled, self._documents)
        if report.function == DELIVER:
            self._alert_told.set()
        for reason in report.outcome.reasons:
            if reason not in self._told:  # its next attempts fail in the same way
                self.line(f"! {plain(reason)}; it is tried again, and 'pp failures' has it in the end")
            self._told.append(reason)

    def _draw(self, what: str, done: int, total: int) -> None:
        if not self._console.is_terminal or self._introduced.is_set() or not total:
            return
        if self._progress is None:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._progress = Progress(*columns, console=self._console, auto_refresh=False, transient=True)
            self._progress.start()
            self._progress.add_task(what, total=total)
        self._progress.update(self._progress.task_ids[0], description=what, completed=min(done, total), total=total)
        self._progress.refresh()

    def _wait_for_health(self) -> None:
        while not self._healthy.wait(HEALTH_POLL_SECONDS):
            try:
                status, _ = self._ask("GET", "/v1/health")
            except OSError:
                continue
            if status == 200:
                self._healthy.set()

    def _introduce(self) -> None:
        """Once, when everything answers and the first documents are in."""
        self._healthy.wait()
        ready_seconds = time.monotonic() - self._started
        while not self._is_synchronised or (self._handled < self._documents and self._left):
            time.sleep(HEALTH_POLL_SECONDS)
        if self._introduced.is_set():
            return
        self._introduced.set()
        if self._progress:
            self._progress.stop()
            self._progress = None
        self.line(
            f"Ready in {ready_seconds:.1f} s; {self._handled} changes of documents worked through after "
            f"{time.monotonic() - self._started:.1f} s."
        )
        self._show_parts()
        if self._plan.options.runbooks == SAMPLES:
            self._show_first_search()
            self._send_first_alert()
        self._show_what_to_try()

    def _show_parts(self) -> None:
        if endpoint := self._plan.options.aws:
            self.line(f"{endpoint} plays buckets, notifications, queues, tables, secrets and the event bus;")
            self.line("this machine plays the HTTP API, the functions, their queue polling and the schedules.")

    def _show_first_search(self) -> None:
        status, answer = self._ask("GET", f"/v1/search?q={quote_plus(FIRST_QUESTION)}&limit=3")
        if status != 200:
            self.line(f"! the first search was answered with {status}: {plain(json.dumps(answer))}")
            return
        self.line(f"\nSearch '{FIRST_QUESTION}' ({answer['took_ms']:.0f} ms):")
        for place, hit in enumerate(answer["hits"], 1):
            self.line(f"  {place}. {plain(hit['title'])}  ({plain(hit['source'])}/{plain(hit['path'])})")

    def _send_first_alert(self) -> None:
        if not SAMPLE_ALERT.is_file():
            return
        self.line(f"\nAlertmanager sends {SAMPLE_ALERT.relative_to(PROJECT)}:")
        secret = (self._plan.data_dir / WEBHOOK_SECRET).read_text().split()[0]
        status, answer = self._ask("POST", "/v1/alerts/alertmanager", SAMPLE_ALERT.read_bytes(), secret)
        if status != 202:
            self.line(f"! it was answered with {status}: {plain(json.dumps(answer))}")
        self._alert_told.wait(ALERT_SECONDS)  # what was found is printed by the events process
        if self._plan.options.aws:
            self.line("  it went to the event bus as RunbookMatched")

    def _show_what_to_try(self) -> None:
        secret = self._plan.data_dir / WEBHOOK_SECRET
        pp = _command()
        token = ' -H "Authorization: Bearer $PP_API_TOKEN"' if self._plan.api_token else ""
        self.line(f"""
Personal Pipeline answers on {self._address}  (Ctrl-C stops it; nothing is lost)

  curl{token} '{self._address}/v1/search?q=disk+full'
{self._exports()}  {pp} search "disk full"
  {pp} alert send
{self._coverage(pp)}  {pp} doctor

Alertmanager, in alertmanager.yml:

  receivers:
    - name: personal-pipeline
      webhook_configs:
        - url: {self._address}/v1/alerts/alertmanager
          send_resolved: true
          http_config:
            authorization: {{ type: Bearer, credentials_file: {secret} }}
""")

    def _coverage(self, pp: str) -> str:
        """The samples have alert rules."""
        return f"  {pp} coverage --rules {os.path.relpath(SAMPLES)}\n" if self._plan.options.runbooks == SAMPLES else ""

    def _exports(self) -> str:
        """What ``pp`` must be told in another terminal, where it cannot know it."""
        options, lines = self._plan.options, ""
        if options.port != ServeOptions().port:
            lines += f"  export PP_URL={self._address}\n"
        if self._plan.data_dir != ServeOptions().data_dir.resolve():
            lines += f"  export PP_DATA={self._plan.data_dir}\n"
        return lines

    def _ask(self, method: str, path: str, body: bytes = b"", bearer: str = "") -> tuple[int, Any]:
        options = self._plan.options
        host = "127.0.0.1" if options.host in {"0.0.0.0", "::"} else options.host  # noqa: S104
        connection = http.client.HTTPConnection(host, options.port, timeout=REQUEST_SECONDS)
        bearer = bearer or self._plan.api_token
        headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
        if body:
            headers["content-type"] = "application/json"
        try:
            connection.request(method, path, body or None, headers)
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text else None
        except (ValueError, http.client.HTTPException) as error:
            raise OSError(f"no answer: {error}") from error
        finally:
            connection.close()


def _command() -> str:
    """``pp`` as it can be typed here: where its environment is not active, by its path."""
    return "pp" if shutil.which("pp") else os.path.relpath(Path(sys.executable).parent / "pp")
