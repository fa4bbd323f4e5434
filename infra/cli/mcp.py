"""``pp mcp``: what a client of the Model Context Protocol starts, to speak to the system through this process.

Messages are handed on as they are, each line of stdin as one request to ``POST /mcp``. What the protocol repeats in
headers over HTTP is taken out of the message.
"""

import json
import sys
from base64 import b64encode
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from infra.cli.errors import CommandError
from infra.cli.options import api

if TYPE_CHECKING:
    from infra.cli.api import Api

PATH = "/mcp"
_NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_VERSION = "io.modelcontextprotocol/protocolVersion"
_FAILED = -32000


@click.command()
def mcp() -> None:
    """Serve agents over stdio, for clients that start a program.

    The answers are those of the system at PP_URL, which has to run; PP_API_TOKEN is sent where it asks for a token. A
    client that can call an address needs no command: give it PP_URL with /mcp at its end.

    \b
    Examples:
      pp mcp
      PP_URL=https://runbooks.example.com PP_API_TOKEN=... pp mcp
    """
    pass_on(Bridge(api()), sys.stdin.buffer, sys.stdout.buffer)


def pass_on(bridge: "Bridge", incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Until the client closes its side."""
    for line in incoming:
        if line.strip() and (answer := bridge(line)):
            outgoing.write(answer + b"\n")
            outgoing.flush()


class Bridge:
    """Called with a message, it returns the answer on one line; None for what has none."""

    def __init__(self, api: "Api") -> None:
        self._api = api
        self._agreed_version = ""

    def __call__(self, line: bytes) -> bytes | None:
        message = _object(line)
        try:
            status, body = self._api.exchange(PATH, line, self._headers(message))
        except CommandError as error:
            return _failure(message, str(error))
        answer = _object(body)
        if "jsonrpc" not in answer:
            said = str(answer.get("detail") or answer.get("message") or "")
            return _failure(message, said or f"the system answered {status}: see `pp doctor`") if body else None
        if message.get("method") == "initialize" and isinstance(answer.get("result"), dict):
            self._agreed_version = str(answer["result"].get("protocolVersion", ""))
        return json.dumps(answer, separators=(",", ":")).encode()

    def _headers(self, message: dict[str, Any]) -> dict[str, str]:
        params = message.get("params")
        params = params if isinstance(params, dict) else {}
        meta = params.get("_meta")
        version = (meta.get(_VERSION) if isinstance(meta, dict) else None) or self._agreed_version
        method = message.get("method")
        name = params.get(_NAMED.get(str(method), ""))
        headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
        for header, value in (("MCP-Protocol-Version", version), ("Mcp-Method", method), ("Mcp-Name", name)):
            if isinstance(value, str) and value:
                headers[header] = _as_header(value)
        return headers


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _as_header(value: str) -> str:
    """As the protocol says it: in base64 where it would not come through."""
    if value.isascii() and value.isprintable() and value == value.strip() and not value.startswith("=?base64?"):
        return value
    return f"=?base64?{b64encode(value.encode(errors='replace')).decode()}?="


def _failure(message: dict[str, Any], said: str) -> bytes | None:
    """A request is owed an answer; a notification gets none."""
    if "id" not in message:
        return None
    error = {"jsonrpc": "2.0", "id": message["id"], "error": {"code": _FAILED, "message": said}}
    return json.dumps(error, separators=(",", ":")).encode()
