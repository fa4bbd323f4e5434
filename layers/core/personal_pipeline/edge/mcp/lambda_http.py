"""Events of API Gateway (payload format 2.0) handed to the protocol's library as what it expects of a web server.

Nothing listens: one event loop is run for as long as a call takes. The library's session manager is entered once and
never left, because it cannot be entered twice.
"""

import asyncio
from base64 import b64decode
from collections.abc import Mapping, MutableMapping
from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from personal_pipeline.edge.http import caller, caller_scope
from personal_pipeline.edge.mcp.server import Context
from personal_pipeline.edge.mcp.tool import Caller

MAX_BODY_BYTES = 1024 * 1024
_CALLER = "personal_pipeline.caller"
_Message = MutableMapping[str, Any]


def caller_of(context: Context) -> Caller:
    request: Any = context.request
    found: Caller = request.scope[_CALLER]
    return found


class LambdaHttp:
    """Use it in the thread that made it."""

    def __init__(self, server: Server[Any]) -> None:
        self._manager = StreamableHTTPSessionManager(
            server, json_response=True, stateless=True, max_request_body_size=MAX_BODY_BYTES
        )
        self._loop = asyncio.new_event_loop()
        self._entered, self._left = asyncio.Event(), asyncio.Event()
        self._held = self._loop.create_task(self._hold())
        self._loop.run_until_complete(self._entered.wait())

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The answer as Lambda gives it to the gateway. Raises ValueError for a body that is no base64."""
        return self._loop.run_until_complete(self._answered(event))

    def close(self) -> None:
        self._left.set()
        self._loop.run_until_complete(self._held)
        self._loop.close()

    async def _hold(self) -> None:
        async with self._manager.run():
            self._entered.set()
            await self._left.wait()

    async def _answered(self, event: Mapping[str, Any]) -> dict[str, Any]:
        body = _body(event)
        unread: list[_Message] = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[_Message] = []

        async def receive() -> _Message:
            if unread:
                return unread.pop()
            await asyncio.Event().wait()  # the client stays to the end
            raise AssertionError

        async def send(message: _Message) -> None:
            sent.append(message)

        await self._manager.handle_request(_scope(event, body), receive, send)
        return _response(sent)


def _body(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    return b64decode(text, validate=True) if event.get("isBase64Encoded") else text.encode()


def _scope(event: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    request = APIGatewayProxyEventV2(dict(event))
    given = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    headers = {**given, "content-length": str(len(body))}
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": "/mcp",
        "raw_path": b"/mcp",
        "root_path": "",
        "query_string": b"",
        "headers": [
            (name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in headers.items()
        ],
        "client": None,
        "server": None,
        _CALLER: Caller(caller_scope(request), caller(request)),
    }


def _response(sent: list[_Message]) -> dict[str, Any]:
    start = next(message for message in sent if message["type"] == "http.response.start")
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
    body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    return {
        "statusCode": int(start["status"]),
        "headers": {**headers, "cache-control": "no-store"},
        "body": body.decode(),
        "isBase64Encoded": False,
    }
