"""The local gateway in front of a function that runs elsewhere, such as under Lambda's own runtime."""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from infra.local.gateway import Guard, HttpApi
from infra.local.topology import Route


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


class _OneAtATime:
    """An execution environment takes no second event before it has answered the first."""

    def __init__(self, invoke: Callable[[dict[str, Any]], Any]) -> None:
        self._invoke = invoke
        self._turn = threading.Lock()

    def invoke(self, event: dict[str, Any], request_id: str = "") -> Any:
        with self._turn:
            return self._invoke(event)


@contextmanager
def serving(route: Route, invoke: Callable[[dict[str, Any]], Any]) -> Iterator[str]:
    api = HttpApi([route], {route.function: _OneAtATime(invoke)}, Guard())

    def whole(environ: dict[str, Any], start_response: Any) -> Any:
        """With the body as far as it goes: this server's reader would wait for more."""
        size = int(environ.get("CONTENT_LENGTH") or 0)
        return api({**environ, "wsgi.input": io.BytesIO(environ["wsgi.input"].read(size))}, start_response)

    server = make_server("127.0.0.1", 0, whole, _Server, _Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{route.path}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
