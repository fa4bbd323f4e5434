"""``pp mcp`` hands messages on: what the protocol wants in headers, and what to say where nobody answers."""

import io
import json
from base64 import b64encode
from typing import Any

import pytest

from infra.cli.api import Api
from infra.cli.environment import Environment
from infra.cli.mcp import Bridge, pass_on
from tests.unit.cli.stand_in import Answer, StandIn, problem

VERSION = "2026-07-28"
META = {"io.modelcontextprotocol/protocolVersion": VERSION}


@pytest.fixture
def bridge(system: StandIn) -> Bridge:
    system.answers["POST /mcp"] = Answer({"jsonrpc": "2.0", "id": 1, "result": {}})
    return Bridge(Api(Environment.read({"PP_URL": system.url, "PP_API_TOKEN": "let-me-in"})))


def message(method: str, id_: int | None = 1, **params: Any) -> bytes:
    said = {"jsonrpc": "2.0", "method": method, "params": params} | ({"id": id_} if id_ is not None else {})
    return json.dumps(said).encode()


def test_a_message_goes_on_as_it_is_with_its_headers(system: StandIn, bridge: Bridge) -> None:
    sent = message("tools/call", name="search_runbooks", arguments={"query": "ü"}, _meta=META)

    answer = bridge(sent)

    (asked,) = system.asked
    assert asked.body == sent
    assert asked.headers["mcp-protocol-version"] == VERSION
    assert (asked.headers["mcp-method"], asked.headers["mcp-name"]) == ("tools/call", "search_runbooks")
    assert asked.headers["authorization"] == "Bearer let-me-in"
    assert json.loads(answer or b"")["result"] == {}


@pytest.mark.parametrize(
    ("method", "field"), [("tools/call", "name"), ("prompts/get", "name"), ("resources/read", "uri")]
)
@pytest.mark.parametrize("name", ["plain", "nö", " edge ", "=?base64?x?=", "line\nbreak"])
def test_a_name_that_no_header_can_hold_is_sent_in_base64(
    system: StandIn, bridge: Bridge, method: str, field: str, name: str
) -> None:
    bridge(message(method, _meta=META, **{field: name}))

    encoded = f"=?base64?{b64encode(name.encode()).decode()}?="
    assert system.asked[0].headers["mcp-name"] == ("plain" if name == "plain" else encoded)


def test_the_version_that_a_handshake_agreed_on_goes_with_what_follows(system: StandIn, bridge: Bridge) -> None:
    agreed = {"jsonrpc": "2.0", "id": 1, "result": {"protocolVersion": "2025-06-18"}}
    system.answers["POST /mcp"] = Answer(agreed)
    bridge(message("initialize", protocolVersion="2025-06-18"))
    bridge(message("tools/list"))

    first, second = system.asked
    assert "mcp-protocol-version" not in first.headers
    assert second.headers["mcp-protocol-version"] == "2025-06-18"


def test_a_notification_has_no_answer(system: StandIn, bridge: Bridge) -> None:
    system.answers["POST /mcp"] = Answer(b"", 202)

    assert bridge(message("notifications/initialized", id_=None)) is None


def test_an_error_of_the_protocol_is_passed_on_whatever_its_status(system: StandIn, bridge: Bridge) -> None:
    said = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "Method not found"}}
    system.answers["POST /mcp"] = Answer(said, 404)

    assert json.loads(bridge(message("no/such")) or b"") == said


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (problem(403, "this origin may not ask"), "this origin may not ask"),
        (problem(401, ""), "PP_API_TOKEN"),
        (Answer({"message": "Unauthorized"}, 401), "PP_API_TOKEN"),
        (Answer({"message": "Forbidden"}, 403), "Forbidden"),
        (Answer(b"<html>", 502), "502"),
    ],
)
def test_what_is_no_message_becomes_an_error_that_says_what_to_do(
    system: StandIn, bridge: Bridge, answer: Answer, said: str
) -> None:
    system.answers["POST /mcp"] = answer

    error = json.loads(bridge(message("tools/list")) or b"")

    assert error["id"] == 1
    assert said in error["error"]["message"]
    assert bridge(message("notifications/x", id_=None)) is None


def test_where_nothing_answers_a_request_is_told_so_and_a_notification_is_not() -> None:
    bridge = Bridge(Api(Environment.read({"PP_URL": "http://127.0.0.1:9"})))

    error = json.loads(bridge(message("tools/list", id_=9)) or b"")

    assert error["id"] == 9
    assert "make run" in error["error"]["message"]
    assert bridge(message("notifications/initialized", id_=None)) is None


def test_lines_are_answered_in_order_and_on_one_line_each(system: StandIn, bridge: Bridge) -> None:
    answers = [{"jsonrpc": "2.0", "id": n, "result": {"text": "a\nb\u2028c"}} for n in (1, 2)]
    system.answers["POST /mcp"] = [Answer(answer) for answer in answers]
    outgoing = io.BytesIO()

    pass_on(bridge, io.BytesIO(message("a") + b"\n\n  \n" + message("b", id_=2)), outgoing)

    assert [json.loads(line) for line in outgoing.getvalue().decode().splitlines()] == answers


@pytest.mark.parametrize(
    "line", [b"nonsense", b"[1]", b"7", b'{"params": 3, "method": []}', b"\xff\xfe", b"[" * 50_000]
)
def test_what_is_no_message_is_passed_on_and_breaks_nothing(system: StandIn, bridge: Bridge, line: bytes) -> None:
    said = {"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "Parse error"}}
    system.answers["POST /mcp"] = Answer(said, 400)

    assert json.loads(bridge(line) or b"") == said
    assert system.asked[0].body == line


def test_it_needs_nothing_of_the_protocol_s_library() -> None:
    import subprocess
    import sys

    code = "import sys, infra.cli.mcp, infra.cli.api; print(*{n.partition('.')[0] for n in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert not {"mcp", "mcp_types", "boto3", "pydantic"} & set(done.stdout.split())
