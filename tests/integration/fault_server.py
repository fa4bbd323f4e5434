"""An HTTP server on loopback that answers as it is told, well or badly, and keeps what it was asked."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """``missing_bytes``: the connection stays open, but that much of the promised body never comes."""

    body: bytes = b"{}"
    status: int = 200
    content_type: str = "application/json"
    missing_bytes: int = 0
    hangs: bool = False
    hangs_up: bool = False


@dataclass
class FaultServer:
    url: str
    answer: Answer = field(default_factory=Answer)
    requests: list[tuple[str, str, bytes, dict[str, str]]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


@contextmanager
def a_fault_server() -> Iterator[FaultServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # unbuffered, with Nagle on, every answer takes 44 ms
        disable_nagle_algorithm = True

        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told.requests.append((self.command, self.path, body, dict(self.headers)))
            answer = told.answer
            if answer.hangs:
                told.released.wait()
            if answer.hangs or answer.hangs_up:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body) + answer.missing_bytes))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)
            self.wfile.flush()
            if answer.missing_bytes:
                told.released.wait()
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_HEAD = respond  # noqa: N815 — the names http.server looks for

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = FaultServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield told
    finally:
        told.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
