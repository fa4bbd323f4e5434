"""The protocol at ``/mcp``: what is refused and how, in both of its generations."""

import base64
import json

import pytest
from mcp_types import methods

from tests.functions.agent import BOTH, LEGACY, MODERN, Agent

TOOLS = [
    "search_runbooks",
    "search_knowledge_base",
    "get_runbook",
    "list_sources",
    "get_procedure",
    "get_decision_tree",
    "get_escalation_path",
    "match_alert",
    "record_resolution_feedback",
]
NOTIFICATION = json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"})
PROMPT = {"type": "ref/prompt", "name": "work_this_alert"}
each_version = pytest.mark.parametrize("version", BOTH)


def listing(agent: Agent) -> tuple[str, dict[str, str]]:
    message = agent.message("tools/list")
    return json.dumps(message), agent.headers(message)


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "OPTIONS", "HEAD"])
def test_only_post_is_answered_and_a_stream_is_never_opened(agent, method):
    reply = agent.post("", method=method)

    assert (reply.status, reply.headers["allow"]) == (405, "POST")
    assert "POST" in reply.json["detail"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://api.example.com", "https://agents.example.evil"]
)
def test_a_page_of_an_origin_that_was_not_allowed_is_refused(agent, origin):
    body, headers = listing(agent)

    reply = agent.post(body, headers | {"Origin": origin})

    assert (reply.status, "MCP_ALLOWED_ORIGINS" in reply.json["detail"]) == (403, True)


def test_a_page_of_an_allowed_origin_is_answered(agent, monkeypatch):
    monkeypatch.setenv("MCP_ALLOWED_ORIGINS", "https://other.example, https://agents.example")
    body, headers = listing(agent)

    assert agent.post(body, headers | {"origin": "https://Agents.example"}).status == 200


@pytest.mark.parametrize("asked", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_a_handshake_is_answered_in_the_version_that_the_client_asks_for(agent, asked):
    agent.version = LEGACY
    client = {"protocolVersion": asked, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    message = agent.message("initialize", client)

    reply = agent.post(json.dumps(message))

    result = reply.json["result"]
    assert (reply.status, result["protocolVersion"]) == (200, asked)
    assert result["serverInfo"]["name"] == "personal-pipeline"
    assert "quoted" in result["instructions"]
    assert "mcp-session-id" not in reply.headers


def test_a_client_without_a_handshake_discovers_the_server(agent):
    result = agent.result("server/discover")

    assert MODERN in result["supportedVersions"]
    assert result["resultType"] == "complete"
    assert (result["ttlMs"] > 0, result["cacheScope"]) == (True, "public")
    assert {"tools", "resources", "prompts", "completions"} <= result["capabilities"].keys()
    assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "personal-pipeline"


def test_a_message_without_a_version_is_of_the_oldest_generation(agent):
    agent.version = LEGACY

    reply = agent.post(json.dumps(agent.message("tools/list")))

    assert [tool["name"] for tool in reply.json["result"]["tools"]] == TOOLS
    assert "ttlMs" not in reply.json["result"]


@pytest.mark.parametrize("version", ["2099-01-01", "yesterday", "2025-11-26"])
def test_a_version_that_is_not_spoken_is_refused_with_those_that_are(agent, version):
    body, headers = listing(agent)

    reply = agent.post(body.replace(MODERN, version), headers | {"mcp-protocol-version": version})

    assert (reply.status, reply.json["error"]["code"]) == (400, -32022)
    assert MODERN in reply.json["error"]["data"]["supported"]


@pytest.mark.parametrize(
    ("header", "value"),
    [("mcp-method", "resources/list"), ("mcp-name", "list_sources"), ("mcp-name", "=?base64?AA=A?=")],
)
def test_headers_that_say_something_else_than_the_body_are_refused(agent, header, value):
    message = agent.message("tools/call", {"name": "search_runbooks", "arguments": {"query": "disk"}})

    reply = agent.post(json.dumps(message), agent.headers(message) | {header: value})

    assert (reply.status, reply.json["error"]["code"]) == (400, -32020)


def test_a_name_may_be_sent_in_base64(agent):
    message = agent.message("tools/call", {"name": "list_sources", "arguments": {}})
    name = base64.b64encode(b"list_sources").decode()

    assert agent.post(json.dumps(message), agent.headers(message) | {"mcp-name": f"=?base64?{name}?="}).status == 200


@each_version
def test_a_body_may_come_in_base64(agent, version):
    agent.version = version
    body, headers = listing(agent)

    assert agent.post(body.encode(), headers).status == 200


@each_version
def test_a_content_type_may_have_parameters(agent, version):
    agent.version = version
    body, headers = listing(agent)

    assert agent.post(body, headers | {"content-type": "application/json; charset=utf-8"}).status == 200


@each_version
def test_another_content_type_is_refused(agent, version):
    agent.version = version
    body, headers = listing(agent)

    assert agent.post(body, headers | {"content-type": "text/plain"}).status in {400, 415}


@each_version
def test_a_client_that_takes_no_json_is_told_so(agent, version):
    agent.version = version
    body, headers = listing(agent)

    assert agent.post(body, headers | {"accept": "text/html"}).status == 406


@each_version
@pytest.mark.parametrize(
    "body",
    ["", "{", "nothing", "[]", "[1]", "7", '{"jsonrpc": "2.0"}', "[" * 100_000, '{"a":' * 5_000, "9" * 5_000],
    ids=lambda body: body[:12] or "empty",
)
def test_what_is_no_message_is_refused_and_never_a_failure_inside(agent, version, body):
    agent.version = version

    reply = agent.post(body, {"mcp-protocol-version": version})

    assert reply.status == 400
    assert reply.json["error"]["code"] in {-32700, -32600, -32602}


@pytest.mark.parametrize("body", [b"\xff\xfe{}", b'{"jsonrpc": "2.0", "x": "\xed\xa0\x80"}'])
def test_a_body_that_is_no_utf8_is_refused(agent, body):
    assert agent.post(body, {"mcp-protocol-version": MODERN}).status == 400


def test_a_body_larger_than_any_message_is_refused(agent):
    assert agent.post('{"a": "' + "x" * 1024 * 1024 + '"}', {"mcp-protocol-version": MODERN}).status == 413


@each_version
def test_a_notification_is_taken_without_an_answer(agent, version):
    reply = agent.post(NOTIFICATION, {"mcp-protocol-version": version})

    assert (reply.status, reply.body) == (202, "")


def test_a_method_that_is_not_there_is_named_so_in_both_generations(agent):
    message = agent.message("no/such")
    modern = agent.post(json.dumps(message), agent.headers(message))
    agent.version = LEGACY
    legacy = agent.ask("no/such")

    assert (modern.status, modern.json["error"]["code"]) == (404, -32601)
    assert legacy["error"]["code"] == -32601


def test_subscriptions_are_not_served(agent):
    message = agent.message("subscriptions/listen", {"notifications": {}})

    reply = agent.post(json.dumps(message), agent.headers(message))

    assert (reply.status, reply.json["error"]["code"]) == (404, -32601)


def test_an_envelope_without_what_it_must_carry_is_refused(agent):
    message = agent.message("tools/list")
    del message["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"]

    reply = agent.post(json.dumps(message), agent.headers(message))

    assert (reply.status, reply.json["error"]["code"]) == (400, -32602)


@each_version
def test_an_unknown_tool_is_an_error_of_the_protocol_that_names_those_that_are_there(agent, version):
    agent.version = version

    error = agent.ask("tools/call", {"name": "drop_tables", "arguments": {}})["error"]

    assert error["code"] == -32602
    assert "search_runbooks" in error["message"]


@each_version
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "needs query"),
        ({"query": 7}, "query: 7 is not of type 'string'"),
        ({"query": ""}, "query: '' should be non-empty"),
        ({"query": "disk", "limit": "3"}, "limit: '3' is not of type 'integer'"),
        ({"query": "disk", "limit": 0}, "limit: 0 is less than the minimum of 1"),
        ({"query": "disk", "max_tokens": 10}, "at least 500"),
        ({"query": "disk", "team": "x"}, "no argument 'team': it takes query,"),
        ({"query": "disk", "cursor": "nine"}, "next_cursor"),
        ({"query": "x" * 8_001}, "query:"),
    ],
)
def test_wrong_arguments_are_a_result_that_says_what_they_may_be(agent, version, arguments, said):
    agent.version = version

    answer = agent.call("search_runbooks", **arguments)

    assert answer.failed
    assert said in answer.text
    assert len(answer.text) < 600


@each_version
def test_what_fails_inside_is_told_without_what_it_was(agent, version, monkeypatch):
    agent.version = version
    agent.world.app("mcp")
    monkeypatch.setattr("personal_pipeline.services.list_sources.ListSources.__call__", broken)

    answer = agent.call("list_sources")

    assert answer.failed
    assert "secret" not in answer.text
    assert "Try" in answer.text


def broken(*_: object) -> None:
    raise ValueError("secret path /srv/data")


def test_tools_say_what_they_take_give_and_change(agent):
    tools = {tool["name"]: tool for tool in agent.result("tools/list")["tools"]}

    assert list(tools) == TOOLS
    for name, tool in tools.items():
        notes = tool["annotations"]
        assert (notes["readOnlyHint"], notes["idempotentHint"]) == (name != "record_resolution_feedback", True)
        assert (notes["destructiveHint"], notes["openWorldHint"]) == (False, False)
        assert notes["title"] == tool["title"]
        assert tool["inputSchema"]["additionalProperties"] is False
        assert tool["outputSchema"]["type"] == "object"
        for argument in tool["inputSchema"]["properties"].values():
            assert argument["description"]
        assert not {"anyOf", "oneOf", "allOf"} & tool["inputSchema"].keys()


@each_version
@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("tools/list", {}),
        ("tools/call", {"name": "list_sources", "arguments": {}}),
        ("tools/call", {"name": "get_runbook", "arguments": {"id": "nothing"}}),
        ("resources/list", {}),
        ("resources/templates/list", {}),
        ("prompts/list", {}),
        ("prompts/get", {"name": "hand_over", "arguments": {"alert": "DiskFull"}}),
        ("completion/complete", {"ref": PROMPT, "argument": {"name": "source", "value": "al"}}),
    ],
)
def test_results_are_what_the_schema_of_their_version_says(agent, version, method, params):
    agent.version = version

    methods.validate_server_result(method, version, agent.result(method, params))


@pytest.mark.parametrize(
    ("method", "scope"),
    [
        ("server/discover", "public"),
        ("tools/list", "public"),
        ("prompts/list", "public"),
        ("resources/templates/list", "public"),
        ("resources/list", "private"),
    ],
)
def test_what_may_be_kept_says_how_long_and_for_whom(agent, method, scope):
    result = agent.result(method)

    assert (result["ttlMs"] > 0, result["cacheScope"]) == (True, scope)


@each_version
@pytest.mark.parametrize(
    "uri", ["runbook://nothing", "runbook://", "file:///etc/passwd", "runbook://a/steps/", "x" * 9_000]
)
def test_a_resource_that_is_not_there_is_told_in_the_words_of_the_version(agent, version, uri):
    agent.version = version

    error = agent.ask("resources/read", {"uri": uri})["error"]

    assert error["code"] == (-32602 if version == MODERN else -32002)
    assert error["data"] == {"uri": uri}
    assert len(error["message"]) < 400


@each_version
def test_a_cursor_that_is_none_of_ours_is_refused(agent, version):
    agent.version = version

    assert agent.ask("resources/list", {"cursor": "nine"})["error"]["code"] == -32602


@each_version
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "sing"}, "work_this_alert"),
        ({"name": "hand_over", "arguments": {}}, "needs alert"),
        ({"name": "hand_over", "arguments": {"alert": " "}}, "needs alert"),
        ({"name": "hand_over", "arguments": {"alert": "a", "mood": "b"}}, "no argument 'mood'"),
        ({"name": "hand_over", "arguments": {"alert": "a" * 20_001}}, "20000 characters"),
    ],
)
def test_a_prompt_that_cannot_be_written_is_told_with_what_to_give(agent, version, given, said):
    agent.version = version

    error = agent.ask("prompts/get", given)["error"]

    assert error["code"] == -32602
    assert said in error["message"]


@pytest.mark.parametrize("argument", ["service", "source", "alert", "id", "step", "mood"])
@pytest.mark.parametrize("typed", ["", "\u200b", "x" * 5_000, "{", "%"])
def test_completion_never_fails(agent, argument, typed):
    asked = {"ref": PROMPT, "argument": {"name": argument, "value": typed}, "context": {"arguments": {"id": "nothing"}}}

    assert len(agent.result("completion/complete", asked)["completion"]["values"]) <= 20


def test_what_one_message_leaves_behind_is_not_seen_by_the_next(agent):
    agent.post("{", {"mcp-protocol-version": LEGACY})
    agent.post(NOTIFICATION)

    replies = [agent.post(*listing(agent)) for _ in range(3)]

    assert [reply.status for reply in replies] == [200] * 3
    assert len({reply.body for reply in replies}) == 1
    assert all(reply.headers["cache-control"] == "no-store" for reply in replies)
