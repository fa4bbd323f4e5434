"""How an agent asks over MCP about what its caller may not know of: every tool, and what is offered besides tools."""

import json
from collections.abc import Callable
from typing import Any

from tests.functions.agent import ACCEPT, BOTH, Agent
from tests.property.permissions import Request, SecretDocument, Universe

Arguments = dict[str, Any]


def _word(universe: Universe) -> str:
    return universe.random.choice([*_any(universe).words.values(), "broken", "kubectl"])


def _any(universe: Universe) -> SecretDocument:
    return universe.random.choice(universe.documents)


def _of(**more: str) -> Callable[[Universe], Arguments]:
    return lambda universe: {"id": _any(universe).doc_id, **more}


TOOLS: dict[str, Callable[[Universe], Arguments]] = {
    "search_runbooks": lambda universe: {"query": _word(universe)},
    "search_knowledge_base": lambda universe: {"query": _word(universe), "source": _any(universe).key.split("/")[0]},
    "get_runbook": _of(),
    "get_procedure": _of(step="s1"),
    "get_decision_tree": _of(),
    "get_escalation_path": _of(),
    "list_sources": lambda _: {},
    "match_alert": lambda universe: {"name": _any(universe).fired, "summary": _word(universe)},
    "record_resolution_feedback": lambda universe: {"alert": "A", "helpful": True} | _of()(universe),
}


def _tool(universe: Universe) -> tuple[str, Arguments]:
    name = universe.random.choice(list(TOOLS))
    return "tools/call", {"name": name, "arguments": TOOLS[name](universe)}


def _resource(universe: Universe) -> tuple[str, Arguments]:
    ending = universe.random.choice(["", "/steps/s1", "?max_tokens=9000"])
    return "resources/read", {"uri": f"runbook://{_any(universe).doc_id}{ending}"}


def _completion(universe: Universe) -> tuple[str, Arguments]:
    prompt = {"type": "ref/prompt", "name": "work_this_alert"}
    template = {"type": "ref/resource", "uri": "runbook://{id}/steps/{step}"}
    ref, name = universe.random.choice([(prompt, "service"), (prompt, "alert"), (template, "id"), (template, "step")])
    document = _any(universe)
    typed = universe.random.choice(["", document.doc_id[:4], *(word[:3] for word in document.words.values())])
    context = {"arguments": {"id": document.doc_id}}
    return "completion/complete", {"ref": ref, "argument": {"name": name, "value": typed}, "context": context}


def _prompt(universe: Universe) -> tuple[str, Arguments]:
    return "prompts/get", {"name": "work_this_alert", "arguments": {"alert": _any(universe).fired}}


def agent(universe: Universe) -> Request:
    dice = universe.random
    ask = dice.choices([_tool, _resource, _completion, _prompt, lambda _: ("resources/list", {})], [6, 2, 2, 1, 1])[0]
    asking = Agent(universe.world, dice.choice(BOTH))
    message = asking.message(*ask(universe))
    headers = {"accept": ACCEPT, "host": "api.example.com", **asking.headers(message)}
    return Request("mcp", "POST", "/mcp", body=json.dumps(message), headers=headers)
