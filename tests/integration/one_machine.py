"""Starts the one-machine system as a process of its own, as ``pp serve`` does, and speaks HTTP to it."""

import http.client
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote_plus

DEADLINE_SECONDS = 60.0
_STARTS = itertools.count()  # a port that is free again may be given to the next server
_START = """
import json, sys
from pathlib import Path
from infra.local.plan import ServeOptions
from infra.local.serve import ServerRefusedError, serve
given = json.loads(sys.argv[1])
paths = {name: Path(given.pop(name)) for name in ("data_dir", "runbooks", "template") if given.get(name)}
try:
    serve(ServeOptions(**given, **paths))
except ServerRefusedError as error:
    sys.exit(str(error))
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(condition, what, seconds=DEADLINE_SECONDS):
    """The first true value of a condition that is asked again and again until a deadline."""
    deadline = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


class Server:
    def __init__(self, data_dir, runbooks=None, environment=None, **options):
        self.data_dir = data_dir
        self.port = options.setdefault("port", free_port())
        options |= {"data_dir": str(data_dir), "runbooks": str(runbooks) if runbooks else None}
        self.output_path = data_dir.parent / f"{data_dir.name}-{next(_STARTS)}.out"
        with self.output_path.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _START, json.dumps(options)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "RETRY_DELAYS_SECONDS": "0", **(environment or {})},
                start_new_session=True,  # a group of its own: whatever it leaves behind can be found and ended
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    @property
    def output(self):
        return self.output_path.read_text(errors="replace")

    def ready(self):
        self.eventually(lambda: "answers on http" in self.output or self.process.poll() is not None, "ready")
        assert self.process.poll() is None, self.output
        return self

    def eventually(self, condition, what):
        try:
            return eventually(condition, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.output}") from None

    def stop(self, how=signal.SIGINT):
        """Returns the exit code and how long it took."""
        started = time.monotonic()
        self.process.send_signal(how)
        code = self.process.wait(DEADLINE_SECONDS)
        return code, time.monotonic() - started

    def has_processes(self):
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def end(self):
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def children(self):
        """Process ids of the events process and the HTTP workers."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                parent = int(folder.joinpath("stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.process.pid and b"spawn_main" in folder.joinpath("cmdline").read_bytes():
                    found.append(int(folder.name))
        return found

    def ask(self, method, path, body=None, token="", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        if token:
            headers["authorization"] = f"Bearer {token}"
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        is_json = "json" in response.headers.get("content-type", "")
        return response.status, json.loads(text) if is_json and text else text

    @property
    def token(self):
        return (self.data_dir / "token").read_text().strip()

    def operate(self, method, path, body=None, **headers):
        return self.ask(method, f"/local/{path}", body, self.token, **headers)

    def found(self, words):
        """Paths of the documents that a search finds; nothing while the server does not answer."""
        try:
            status, answer = self.ask("GET", f"/v1/search?limit=50&q={quote_plus(words)}")
        except OSError:
            return []
        assert status == 200, answer
        return [hit["path"] for hit in answer["hits"]]

    def documents(self):
        """How many documents each source has."""
        try:
            _, answer = self.ask("GET", "/v1/sources")
        except OSError:
            return {}
        return {source["name"]: source["documents"] for source in answer["sources"]}
