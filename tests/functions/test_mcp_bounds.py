"""No answer is larger than it may be, whatever is in the documents, and the pages together lose nothing."""

import random

import pytest

from personal_pipeline.edge.mcp.budget import compact, one_line, tokens
from tests.functions.agent import Agent

NASTY = ["\U0001f9ef", "漢", "\\", '"', "é", "a", "\t", "<", "&", "𝔘", "ÿ", "'", "/", " "]


def nasty(rng: random.Random, length: int) -> str:
    return "".join(rng.choice(NASTY) for _ in range(length))


def steps(rng: random.Random) -> str:
    """With commands, branches and contacts of every length."""
    lines = []
    for n in range(1, 7):
        long = rng.choice([5, 100, 3_000])
        lines.append(
            f"{n}. If {nasty(rng, long)}, call {nasty(rng, 40)}@example.com or run `rm -rf {nasty(rng, long)}`"
        )
    return "\n\n" + "\n".join(line.replace("\t", "") for line in lines) + "\n\n### Escalation\n\n- sev1: #a-b\n"


def fits(answer, most: int) -> bool:
    return max(tokens(answer.text), tokens(compact(answer.data))) <= most


@pytest.fixture
def hostile(agent: Agent) -> list[str]:
    """Documents whose every field is as long and as wide as may be."""
    rng, keys = random.Random(7), []
    for n in range(4):
        name = nasty(rng, 300).replace("\t", "").replace('"', "")
        services = ", ".join(f'"{nasty(rng, 80)}"'.replace("\\", "").replace('""', '"') for _ in range(9))
        head = f"---\nservice: [{services}]\nowner: |\n  {name}\ncontact: |\n  {name}\nseverity: critical\n---\n"
        sections = "\n\n".join(f"## {nasty(rng, 200)}\n\nquokka {nasty(rng, 400)}{steps(rng)}" for _ in range(8))
        keys.append(f"ops/{n}/{'漢' * 60}.md")
        agent.world.put(keys[-1], f"{head}\n# quokka {name}\n\n{sections}\n")
    assert agent.world.ingest(*keys) == {"batchItemFailures": []}
    return keys


@pytest.mark.parametrize("most", [500, 700, 2_000, 20_000])
def test_answers_over_hostile_documents_fit(agent, hostile, most):
    found = agent.call("search_runbooks", query="quokka", limit=20, max_tokens=most)
    assert fits(found, most)
    assert found.data["hits"]
    for hit in found.data["hits"][:3]:
        read = agent.call("get_runbook", id=hit["id"], max_tokens=most)
        assert fits(read, most)
        assert read.data["text"]
        for tool in ("get_procedure", "get_decision_tree", "get_escalation_path"):
            assert fits(agent.call(tool, id=hit["id"], max_tokens=most), most), tool


def test_an_alert_of_the_longest_words_fits(agent, hostile):
    rng = random.Random(11)
    long = nasty(rng, 2_000)
    labels = [{"alertname": f"quokka {n} {long}", "service": long} for n in range(8)]
    alerts = [{"status": "firing", "labels": each, "annotations": {"summary": long}} for each in labels]
    payload = {"alerts": [*alerts, *[long] * 50]}

    for most in (500, 2_000):
        matched = agent.call("match_alert", source="alertmanager", payload=payload, max_tokens=most)
        assert fits(matched, most)
        assert matched.data["matches"]


def test_a_document_of_one_endless_line_is_read_page_by_page(agent):
    line = "x" * 30_000
    long = agent.world.has("ops/long.txt", line)
    text, cursor = "", {}
    while cursor is not None:
        page = agent.call("get_runbook", id=long, max_tokens=1_500, **cursor)
        assert fits(page, 1_500)
        text += page.data["text"]
        cursor = {"cursor": page.data["next_cursor"]} if page.data["next_cursor"] else None
    assert text == line


def test_many_sources_come_page_by_page(agent, monkeypatch):
    many = [(f"source {n} {'漢' * 50}", n) for n in range(400)]
    agent.world.app("mcp")
    monkeypatch.setattr("personal_pipeline.services.list_sources.ListSources.__call__", lambda *_: many)
    found, cursor = [], {}
    while cursor is not None:
        page = agent.call("list_sources", **cursor)
        assert fits(page, 2_000)
        found += [each["documents"] for each in page.data["sources"]]
        cursor = {"cursor": page.data["next_cursor"]} if page.data["next_cursor"] else None
    assert found == list(range(400))


@pytest.mark.parametrize("most", range(4, 40))
def test_a_line_is_cut_to_bytes_between_characters(most):
    for text in ("漢字" * 50, "\U0001f9ef" * 50, "plain " * 50, "é" * 50):
        line = one_line(text, most)
        assert len(line.encode()) <= most
        assert "�" not in line
