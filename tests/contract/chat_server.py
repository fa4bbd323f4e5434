"""A server that keeps what targets send it, and answers as it is told: Slack's API or a workflow of Teams."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

OK = {"ok": True, "channel": "C0123", "ts": "1764385200.000100"}


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.body)
        return said


@dataclass
class ChatServer:
    """``answers`` are used up one by one: status, headers and body; when none is left, all is well."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)

    def refuses(self, word: str) -> None:
        self.answers.append((200, {}, json.dumps({"ok": False, "error": word}).encode()))

    def next_answer(self) -> tuple[int, dict[str, str], bytes]:
        return self.answers.pop(0) if self.answers else (200, {}, json.dumps(OK).encode())

    @property
    def methods(self) -> list[str]:
        return [request.path.rpartition("/")[2] for request in self.requests]


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    chat = ChatServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            chat.requests.append(Request(self.path, headers, body))
            status, extra, answer = chat.next_answer()
            self.send_response(status)
            for name, value in extra.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    chat.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield chat
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
