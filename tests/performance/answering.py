"""A server on loopback for tests of generators: answers as the path tells it, and keeps what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WELL = {"hits": [], "suggestions": [], "id": "x", "status": "ok", "semantic": True}


@dataclass
class Answering:
    """Paths: ``/500`` and other numbers are statuses, ``/nothing`` is no JSON, ``/deep`` too deep.

    ``/wait`` is answered when ``released``.
    """

    url: str
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)  # method, path, body, authorization
    released: threading.Event = field(default_factory=threading.Event)
    tier: str = "index"
    hits: list[str] = field(default_factory=list)


@contextmanager
def answering() -> Iterator[Answering]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def respond(self) -> None:
            sent = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            told.asked.append((self.command, self.path, sent, self.headers.get("authorization", "")))
            name = self.path.strip("/").split("?")[0]
            if name == "wait":
                told.released.wait(30)
            well = WELL | {"hits": [{"id": id_} for id_ in told.hits]}
            odd = {"nothing": b"no json", "deep": b"[" * 200_000}
            body = odd.get(name) or json.dumps({} if name == "empty" else well).encode()
            self.send_response(int(name) if name.isdigit() else 200)
            self.send_header("content-length", str(len(body)))
            self.send_header("x-cache", told.tier)
            self.send_header("server-timing", 'index;desc="answered by";dur=1.25')
            self.send_header("location", "/elsewhere")
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        do_GET = do_POST = respond  # noqa: N815  # the names http.server looks for

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

    server = Server(("127.0.0.1", 0), Handler)
    told = Answering(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
