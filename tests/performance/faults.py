"""Stands before the index and passes everything on: late, not at all, or half of it as errors, when it is told so."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Literal
from urllib.parse import urlsplit

SLOW_SECONDS = 0.25  # a search takes five times as long, and more
HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "content-length"}
Fault = Literal["index_slow", "index_errors", "index_down", "index_well"]


class Faulty:
    """``url`` is the address to give to the system. ``calls`` are those that came, answered or not."""

    def __init__(self, url: str, upstream: str) -> None:
        self.url = url
        self.upstream = urlsplit(upstream).netloc
        self.fault: Fault = "index_well"
        self.calls = 0
        self._turn = count()

    def refuses(self) -> bool:
        """Every second one."""
        return self.fault == "index_errors" and next(self._turn) % 2 == 0


@contextmanager
def faulty(upstream: str) -> Iterator[Faulty]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def setup(self) -> None:
            super().setup()
            self.index = http.client.HTTPConnection(told.upstream, timeout=30)

        def finish(self) -> None:
            self.index.close()
            with suppress(OSError):
                super().finish()

        def respond(self) -> None:
            told.calls += 1
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if told.fault == "index_down":
                self.close_connection = True
                return
            if told.fault == "index_slow":
                time.sleep(SLOW_SECONDS)
            if told.refuses():
                self._answer(503, b'{"error": "told to"}', [("content-type", "application/json")])
                return
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            self.index.request(self.command, self.path, body or None, headers)
            answer = self.index.getresponse()
            self._answer(answer.status, answer.read(), answer.getheaders())

        def _answer(self, status: int, body: bytes, headers: list[tuple[str, str]]) -> None:
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = respond  # noqa: N815  # the names http.server looks for

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *args: object) -> None:
            """A client that hung up is no news here."""

    server = Server(("127.0.0.1", 0), Handler)
    told = Faulty(f"http://127.0.0.1:{server.server_port}", upstream)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
