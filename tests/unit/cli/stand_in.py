"""A server that keeps the promises of the operator's and public routes, for the commands to talk to."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "operator-token"
SECRET = "webhook-secret-value"


@dataclass
class Answer:
    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    connection: tuple[str, int]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class StandIn:
    """``answers`` maps "METHOD /path" to one answer, or to several of which the last stays."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.documents: dict[str, bytes] = {}
        self.external_ids: dict[str, str] = {}
        self.refuses: dict[str, tuple[int, str]] = {}
        self.unreadable: dict[str, str] = {}
        self.failures: list[dict[str, Any]] = []
        self.answers: dict[str, Answer | list[Answer]] = {}

    def answer(self, asked: Asked) -> Answer:
        name = f"{asked.method} {asked.path}"
        scripted = self.answers.get(name)
        if isinstance(scripted, list):
            return scripted.pop(0) if len(scripted) > 1 else scripted[0]
        if scripted:
            return scripted
        bearer = SECRET if asked.path.startswith("/v1/alerts/") else TOKEN
        if (
            asked.path.startswith(("/local/", "/v1/alerts/"))
            and asked.headers.get("authorization") != f"Bearer {bearer}"
        ):
            return problem(401, "Send the token.")
        if name.startswith("PUT /local/documents/"):
            return self._put(asked)
        return self._operate(name)

    def _put(self, asked: Asked) -> Answer:
        key = unquote(asked.path.removeprefix("/local/documents/"))
        if key in self.refuses:
            return problem(*self.refuses[key])
        self.documents[key] = asked.body
        self.external_ids[key] = unquote(asked.headers.get("x-external-id", ""))
        if key in self.unreadable:
            self.failures.append(a_failure(key, self.unreadable[key], f"id-of-{key}"))
        return Answer({"key": key, "doc_id": "a" * 16}, 202)

    def _operate(self, name: str) -> Answer:
        idle = {"visible": 0, "in_flight": 0, "delayed": 0}
        bodies = {
            "GET /local/queues": {"queues": [{"name": "ingest-queue", **idle, "dead_letter_of": ""}]},
            "GET /local/failures": {"failures": self.failures},
            "POST /local/redrive": {"redriven": len(self.failures)},
            "POST /local/reindex": {"queued": len(self.documents)},
            "POST /local/warm": {"warmed": 2, "skipped": 1, "failed": 0},
            "GET /local/doctor": {"checks": [], "settings": {}},
            "GET /v1/health": {"status": "ok", "version": "9.9.9", "checks": {}},
            "GET /v1/sources": {"sources": [{"name": "documents", "documents": 3}]},
            "POST /v1/alerts/alertmanager": {"status": "queued"},
        }
        return Answer(bodies[name]) if name in bodies else problem(404, f"There is no {name} here.")


def problem(status: int, detail: str, **more: Any) -> Answer:
    return Answer({"type": "about:blank", "title": "Refused", "status": status, "detail": detail, **more}, status)


def a_failure(subject: str, reason: str = "it is binary", id_: str = "m-1") -> dict[str, Any]:
    return {
        "id": id_,
        "queue": "ingest-queue",
        "subject": subject,
        "reason": reason,
        "attempts": 5,
        "failed_at": 1_795_000_000.0,
        "body": "{}",
    }


def a_hit(**over: Any) -> dict[str, Any]:
    return {
        "id": "abcdefgh23456723",
        "title": "Disk full on a node",
        "url": "",
        "source": "documents",
        "path": "platform/disk.md",
        "type": "runbook",
        "services": ["platform"],
        "severity": "critical",
        "heading": ["Disk full on a node", "Verify"],
        "snippet": {"text": "when the disk is full", "highlights": [[9, 13]]},
        "score": 1.0,
        "confidence": 0.93,
        "reasons": ["title matches disk"],
        "also_at": [],
        **over,
    }


def an_answer(*hits: dict[str, Any], **over: Any) -> dict[str, Any]:
    return {
        "answered_by": "index",
        "degraded": [],
        "took_ms": 1.25,
        "query": "disk",
        "hits": list(hits),
        "next_cursor": None,
        "facets": {"service": [], "source": [], "type": []},
        **over,
    }


@contextmanager
def standing_in() -> Iterator[StandIn]:
    system = StandIn()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, parse_qs(parts.query), headers, body, self.client_address)
            system.asked.append(asked)
            answer = system.answer(asked)
            content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(content)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815  # the names that the base looks for

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    system.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield system
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
