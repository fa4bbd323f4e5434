"""An agent that calls the MCP function in this process, in either generation of the protocol."""

import json
from dataclasses import dataclass, field
from typing import Any

import jsonschema

from tests.functions.world import Reply, World, http_event

MODERN = "2026-07-28"
LEGACY = "2025-11-25"
BOTH = (MODERN, LEGACY)
ACCEPT = "application/json, text/event-stream"
_NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


@dataclass
class Said:
    """What a tool answered, checked against the schema that it was announced with."""

    result: dict[str, Any]

    @property
    def text(self) -> str:
        (part,) = self.result["content"]
        return part["text"]

    @property
    def failed(self) -> bool:
        return self.result.get("isError", False)

    @property
    def data(self) -> dict[str, Any]:
        assert not self.failed, self.text
        return self.result["structuredContent"]


@dataclass
class Agent:
    world: World
    version: str = MODERN
    groups: str = ""
    subject: str = ""
    _schemas: dict[str, Any] = field(default_factory=dict)

    def post(self, body: str | bytes, headers: dict[str, str] | None = None, method: str = "POST") -> Reply:
        event = http_event(method, "/mcp", {}, body, {"accept": ACCEPT, "host": "api.example.com", **(headers or {})})
        if self.groups or self.subject:
            claims = {"groups": f"[{self.groups}]", "sub": self.subject}
            event["requestContext"]["authorizer"] = {"jwt": {"claims": claims}}
        return Reply(self.world.call("mcp", event))

    def message(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        params = dict(params or {})
        if self.version == MODERN:
            of_protocol = "io.modelcontextprotocol/"
            params["_meta"] = {f"{of_protocol}protocolVersion": MODERN, f"{of_protocol}clientCapabilities": {}}
        return {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}

    def headers(self, message: dict[str, Any]) -> dict[str, str]:
        headers = {"mcp-protocol-version": self.version}
        if self.version == MODERN:
            headers["mcp-method"] = message["method"]
            if name := _NAMED.get(message["method"]):
                headers["mcp-name"] = message["params"][name]
        return headers

    def ask(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """The whole JSON-RPC answer."""
        message = self.message(method, params)
        answer: dict[str, Any] = self.post(json.dumps(message), self.headers(message)).json
        assert answer["id"] == 7
        return answer

    def result(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self.ask(method, params)
        assert "result" in answer, answer
        return answer["result"]

    def call(self, tool: str, /, **arguments: Any) -> Said:
        if not self._schemas:
            self._schemas = {each["name"]: each["outputSchema"] for each in self.result("tools/list")["tools"]}
        said = Said(self.result("tools/call", {"name": tool, "arguments": arguments}))
        if not said.failed:
            jsonschema.Draft202012Validator(self._schemas[tool]).validate(said.data)
        return said
