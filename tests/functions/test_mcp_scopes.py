"""Who is outside of a document's groups learns nothing of it: by no tool, resource, completion or error."""

import json

import pytest

from personal_pipeline.domain.ids import doc_id_of
from tests.functions.agent import BOTH, Agent

WORD = "zymurgy"  # stands in what is hidden, and nowhere else
HIDDEN = f"""---
title: {WORD} vault breach
service: {WORD}-vault
owner: {WORD}-team
groups: [security]
alerts: [{WORD.title()}Breach]
---

# {WORD} vault breach

If the {WORD} is open, run `{WORD} --close`.

1. Close the {WORD}.

## Escalation

- {WORD} on call: #{WORD}
"""
KEY = f"{WORD}-source/{WORD}/vault.md"
ID = doc_id_of(KEY)
ALERT = {"status": "firing", "labels": {"alertname": f"{WORD.title()}Breach"}, "annotations": {}}
TOOLS = {
    "search_runbooks": {"query": "vault breach"},
    "search_knowledge_base": {"query": "vault breach close", "source": f"{WORD}-source"},
    "get_runbook": {"id": ID},
    "list_sources": {},
    "get_procedure": {"id": ID, "step": "s1"},
    "get_decision_tree": {"id": ID},
    "get_escalation_path": {"id": ID},
    "match_alert": {"name": "Vault breach", "service": "vault", "summary": "vault breach close"},
    "record_resolution_feedback": {"alert": "A", "id": ID, "helpful": True},
}


@pytest.fixture
def vault(agent: Agent) -> Agent:
    services = f"services:\n  - name: {WORD}-vault\n    owner: {WORD}-team\n    groups: [security]\n"
    agent.world.has(f"{WORD}-source/_services.yaml", services)
    agent.world.has("open/disk.md", "# Disk\n\n1. Look at the disk.", sequencer="02")
    assert agent.world.has(KEY, HIDDEN, sequencer="03") == ID
    return agent


def everything(agent: Agent) -> dict[str, str]:
    """All that can be asked, and what it is answered with. What a caller says itself is no secret."""
    asked: dict[str, tuple[str, dict]] = {
        name: ("tools/call", {"name": name, "arguments": arguments}) for name, arguments in TOOLS.items()
    }
    payload = {"version": "4", "alerts": [ALERT]}
    asked["match_payload"] = ("tools/call", _call("match_alert", source="alertmanager", payload=payload))
    asked["match_by_link"] = ("tools/call", _call("match_alert", name="A", runbook_url=f"https://x.example/{KEY}"))
    asked["resources"] = ("resources/list", {})
    for uri in (f"runbook://{ID}", f"runbook://{ID}/steps/s1", f"runbook://{ID}?max_tokens=9000"):
        asked[uri] = ("resources/read", {"uri": uri})
    prompt = {"type": "ref/prompt", "name": "work_this_alert"}
    template = {"type": "ref/resource", "uri": "runbook://{id}/steps/{step}"}
    for ref, name, typed in (
        (prompt, "service", ""),
        (prompt, "service", WORD[:3]),
        (prompt, "alert", WORD[:3]),
        (template, "id", "vault"),
        (template, "id", ID[:4]),
        (template, "step", ""),
    ):
        params = {"ref": ref, "argument": {"name": name, "value": typed}, "context": {"arguments": {"id": ID}}}
        asked[f"complete {name} {typed}"] = ("completion/complete", params)
    return {name: json.dumps(agent.ask(*each)) for name, each in asked.items()}


def _call(tool: str, **arguments: object) -> dict:
    return {"name": tool, "arguments": arguments}


def said_back(name: str, text: str) -> str:
    """Without what the caller said: a query, an address, the name and service of an alert."""
    return text.replace(ID, "ID") if name.startswith("runbook://") or name == "match_by_link" else text


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("groups", ["", "ops, security-readers", "Security"])
def test_nobody_outside_of_its_groups_learns_of_a_document(vault, groups, version):
    vault.groups, vault.version = groups, version

    for name, answer in everything(vault).items():
        text = said_back(name, answer).casefold()
        if name == "match_payload":  # the alert is the caller's own
            matches = json.loads(answer)["result"]["structuredContent"]["matches"]
            assert matches[0]["runbook"] is None
            assert matches[0]["candidates"] == []
            text = text.replace(f"{WORD}breach", "")
        if name == "search_knowledge_base":
            assert json.loads(answer)["result"]["structuredContent"]["hits"] == []
        assert WORD not in text, name
        assert ID not in text, name


@pytest.mark.parametrize("version", BOTH)
def test_what_is_hidden_is_answered_as_what_is_not_there(vault, version):
    vault.version = version
    hidden = everything(vault)
    vault.world.removes(KEY, "04")

    gone = everything(vault)

    for name in ("get_runbook", "get_procedure", "get_decision_tree", "get_escalation_path", f"runbook://{ID}"):
        assert hidden[name] == gone[name]
    assert hidden["record_resolution_feedback"] == gone["record_resolution_feedback"]


@pytest.mark.parametrize("version", BOTH)
def test_a_member_of_its_groups_sees_it_everywhere(vault, version):
    """Else the tests above would pass on a server that shows nothing to anybody."""
    vault.groups, vault.version = "security", version

    answers = everything(vault)

    seen = {name for name, answer in answers.items() if WORD in answer.casefold().replace(f"{WORD}breach", "")}
    unseen = set(answers) - seen
    assert unseen <= {
        "record_resolution_feedback",
        f"complete id {ID[:4]}",
        "complete id vault",
        "complete step ",
        "complete alert zym",
    }, unseen
    assert ID in answers["complete id vault"]
    assert "s1" in answers["complete step "]
