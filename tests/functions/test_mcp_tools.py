"""What each tool answers, over documents that were really ingested."""

import json

import pytest

from personal_pipeline.edge.mcp.budget import compact, tokens
from tests.functions.agent import Agent
from tests.functions.world import ROOT

DISK = """---
title: Disk full
service: platform
owner: team-platform
alerts: [NodeFilesystemAlmostOutOfSpace]
---

# Disk full

The filesystem of a node is full.

## Diagnose

1. Look: `df -h`
2. Find what is large: `du -xh /var`

## Repair

Delete what is large.
"""
NOTES = "---\ntype: architecture\n---\n\n# Storage architecture\n\nHow disks are laid out; the zymurgy rack too."
SERVICES = """
services:
  - name: platform
    owner: team-platform
    contacts: ["#platform-oncall"]
  - name: vault
    owner: team-vault
    groups: [security]
    contacts: ["#vault-oncall"]
"""


@pytest.fixture
def disk(agent: Agent) -> str:
    agent.world.has("ops/_services.yaml", SERVICES)
    agent.world.has("ops/notes/storage.md", NOTES, sequencer="02")
    return agent.world.has("ops/platform/disk.md", DISK)


def firing(name: str, **labels: str) -> dict:
    return {"status": "firing", "labels": {"alertname": name, **labels}, "annotations": {}, "startsAt": ""}


# ── Searching ───────────────────────────────────────────────────────────────


def test_a_search_finds_runbooks_and_says_how_to_go_on(agent, disk):
    found = agent.call("search_runbooks", query="disk full")

    (hit,) = found.data["hits"]
    assert (hit["id"], hit["title"], hit["type"], hit["services"]) == (disk, "Disk full", "runbook", ["platform"])
    assert found.data["kinds"] == "runbook"
    for word in (disk, "Disk full", "ops/platform/disk.md", "get_procedure"):
        assert word in found.text


def test_where_no_runbook_fits_all_documents_are_searched_and_that_is_said(agent, disk):
    found = agent.call("search_runbooks", query="zymurgy")

    assert [hit["type"] for hit in found.data["hits"]] == ["architecture"]
    assert (found.data["kinds"], "No runbook fits" in found.text) == ("all", True)


def test_the_knowledge_base_is_all_kinds_of_documents_or_the_one_that_is_asked_for(agent, disk):
    both = agent.call("search_knowledge_base", query="disks")
    notes = agent.call("search_knowledge_base", query="disks", type="architecture")

    assert {hit["type"] for hit in both.data["hits"]} == {"runbook", "architecture"}
    assert {hit["type"] for hit in notes.data["hits"]} == {"architecture"}


def test_nothing_found_says_what_to_try(agent, disk):
    found = agent.call("search_runbooks", query="xylophone")

    assert found.data["hits"] == []
    assert found.data["next_cursor"] is None
    assert "other words" in found.text


@pytest.mark.parametrize("tool", ["search_runbooks", "search_knowledge_base"])
@pytest.mark.parametrize("kind", ["runbook", "guide"])
def test_every_page_goes_on_where_the_last_one_ended(agent, tool, kind):
    keys = [f"ops/disk-{n}.md" for n in range(9)]
    for key in keys:
        agent.world.put(key, f"---\ntype: {kind}\n---\n\n# Disk {key}\n\nThe quokka " + "fills the disk of it. " * 30)
    agent.world.ingest(*keys)
    paths, cursor = [], {}
    while cursor is not None:
        page = agent.call(tool, query="quokka", limit=4, max_tokens=500, **cursor)
        paths += [hit["path"] for hit in page.data["hits"]]
        assert page.data["hits"]
        cursor = {"cursor": page.data["next_cursor"]} if page.data["next_cursor"] else None
    assert sorted(paths) == sorted(key.removeprefix("ops/") for key in keys)


# ── Reading ─────────────────────────────────────────────────────────────────


def test_a_runbook_is_read_whole_with_its_sections(agent, disk):
    read = agent.call("get_runbook", id=disk)

    assert read.data["text"] == DISK.strip("\n")
    assert [each["heading"] for each in read.data["sections"]] == ["Disk full", "Diagnose", "Repair"]
    assert (read.data["owner"], read.data["section"], read.data["next_cursor"]) == ("team-platform", None, None)
    assert DISK.strip("\n") in read.text


@pytest.mark.parametrize("section", ["h2", "Diagnose", " diagnose "])
def test_a_section_is_read_by_its_id_or_its_heading(agent, disk, section):
    read = agent.call("get_runbook", id=disk, section=section)

    assert read.data["section"] == "Diagnose"
    assert "du -xh /var" in read.data["text"]
    assert read.data["text"].startswith("## Diagnose")
    assert read.data["text"].endswith("du -xh /var`")


def test_a_section_that_is_not_there_is_told_with_those_that_are(agent, disk):
    read = agent.call("get_runbook", id=disk, section="Nothing")

    assert read.failed
    assert "h2 Diagnose, h3 Repair" in read.text


def test_pages_of_a_long_document_put_together_are_its_text(agent):
    text = "# Long\n\n" + "\n".join(f"Line {n} of it\tis there, for «{n % 7}»." for n in range(600))
    long = agent.world.has("ops/long.md", text)
    parts, cursor = [], {}
    while cursor is not None:
        page = agent.call("get_runbook", id=long, **cursor)
        parts.append(page.data["text"])
        cursor = {"cursor": page.data["next_cursor"]} if page.data["next_cursor"] else None
    assert "\n".join(parts) == text.replace("\t", "    ")
    assert len(parts) > 3


def test_a_cursor_of_an_older_revision_or_of_nobody_is_refused(agent):
    text = "# Long\n\n" + "A line of it.\n" * 1_000
    long = agent.world.has("ops/long.md", text)
    cursor = agent.call("get_runbook", id=long).data["next_cursor"]
    agent.world.has("ops/long.md", text + "More.", sequencer="02")

    for wrong in (cursor, "1.99999999", "-1.3", "x", "1.²"):
        read = agent.call("get_runbook", id=long, cursor=wrong)
        assert read.failed
        assert "cursor" in read.text


def test_sources_are_listed_with_their_documents(agent, disk):
    assert agent.call("list_sources").data["sources"] == [{"name": "ops", "documents": 2}]


def test_a_document_whose_review_is_overdue_is_said_to_be_stale(agent):
    old = agent.world.has("ops/old.md", "---\nreviewed: 2020-01-01\n---\n\n# Old\n\nOld words.")

    read = agent.call("get_runbook", id=old)

    assert (read.data["review"], "STALE" in read.text) == ("stale", True)


# ── Steps, decisions, whom to call ──────────────────────────────────────────

STRUCTURED = """# Queue stuck

## Before you start

You need the name of the queue.

## Repair

1. Look at it:

   ```sh
   queuectl depth <queue>
   ```

   Expected: a number below 100.

2. If it grows, go to step 3.
3. Drop what is in it: `rm -rf /var/queue`

## Escalation

1. Queue on call: #queue-oncall
2. After 15 minutes, the head of operations: +1 555 0100
"""


@pytest.fixture
def queue(agent: Agent) -> str:
    return agent.world.has("ops/queue.md", STRUCTURED)


def test_steps_come_in_order_with_commands_risks_results_and_branches(agent, queue):
    answer = agent.call("get_procedure", id=queue)

    steps = [step for step in answer.data["steps"] if step["kind"] == "step" and step["section"] == "Repair"]
    assert [step["number"] for step in steps] == ["1", "2", "3"]
    first, second, third = steps
    command = first["commands"][0]
    assert (command["text"], command["risk"], command["placeholders"]) == (
        "queuectl depth <queue>",
        "read-only" if command["risk"] == "read-only" else "changes-state",
        ["<queue>"],
    )
    assert "below 100" in first["expected"][0]["text"]
    assert second["branches"][0]["leads_to"]["id"] == third["id"]
    assert third["commands"][0]["risk"] == "destructive"
    assert "[destructive]" in answer.text
    start, end = command["span"]
    assert STRUCTURED[start:end] == command["text"]


def test_one_step_comes_with_what_follows(agent, queue):
    whole = agent.call("get_procedure", id=queue).data["steps"]
    first = next(step for step in whole if step.get("number") == "1")

    one = agent.call("get_procedure", id=queue, step=first["id"])

    assert [step["text"] for step in one.data["steps"]] == [first["text"]]
    assert one.data["next_step"]["id"] == first["next"]


@pytest.mark.parametrize(
    ("given", "said"),
    [({"step": "s99"}, "there are s1"), ({"section": "Nothing"}, "h3 Repair"), ({"cursor": "9.1"}, "again")],
)
def test_a_place_that_is_not_there_is_told_with_those_that_are(agent, queue, given, said):
    answer = agent.call("get_procedure", id=queue, **given)

    assert (answer.failed, said in answer.text) == (True, True), answer.text


def test_a_document_without_steps_says_what_it_has_instead(agent):
    plain = agent.world.has("ops/plain.md", "# Plain\n\nThe queue is a queue.")

    for tool in ("get_procedure", "get_decision_tree", "get_escalation_path"):
        answer = agent.call(tool, id=plain)
        assert "found in this document" in answer.data["note"]
        assert "ound in this document" in answer.text


def test_decisions_have_their_conditions_and_where_they_lead(agent, queue):
    nodes = {node["id"]: node for node in agent.call("get_decision_tree", id=queue).data["nodes"]}

    (way,) = [way for node in nodes.values() for way in node.get("ways", ()) if "grows" in way["if"]]
    assert "Drop what is in it" in nodes[way["to"]]["text"]


def test_who_is_next_depends_on_how_long_it_lasts(agent, queue):
    def turns(**given):
        path = agent.call("get_escalation_path", id=queue, **given).data["path"]
        assert "later" not in {turn["turn"] for turn in path}
        return {turn["turn"]: [each["value"] for each in turn["contacts"]] for turn in path}

    assert "#queue-oncall" in turns()["now"]
    assert "+1 555 0100" in turns()["next"]
    assert "+1 555 0100" in turns(at="20")["now"]
    assert "#queue-oncall" in turns(at="20")["before"]


@pytest.mark.parametrize("tool", ["get_procedure", "get_decision_tree", "get_escalation_path"])
@pytest.mark.parametrize("most", [500, 1_000])
def test_pages_of_a_long_procedure_have_every_item_once_and_in_order(agent, tool, most):
    steps = "\n".join(f"{n}. If the lamp {n} is red, press `button --number {n}`" for n in range(1, 80))
    contacts = "\n".join(f"{n}. After {n} minutes: person{n}@example.com" for n in range(1, 40))
    long = agent.world.has("ops/long.md", f"# Long\n\n## Steps\n\n{steps}\n\n## Escalation\n\n{contacts}\n")
    whole = agent.call(tool, id=long, max_tokens=20_000).data
    name = next(name for name in ("steps", "nodes", "path") if name in whole)
    assert whole["next_cursor"] is None

    items, cursor, pages = [], {}, 0
    while cursor is not None:
        page = agent.call(tool, id=long, max_tokens=most, **cursor)
        assert max(tokens(page.text), tokens(compact(page.data))) <= most
        items += page.data[name]
        pages += 1
        cursor = {"cursor": page.data["next_cursor"]} if page.data["next_cursor"] else None
    assert flat(items) == flat(whole[name])
    assert pages > 1


def flat(items: list[dict]) -> list[str]:
    """What stands in them, whichever item goes on in another."""
    names = ("commands", "expected", "branches", "ways", "contacts")
    return [
        str(part)
        for item in items
        for part in [
            *([item["text"]] if item["text"] else []),
            *(each for name in names for each in item.get(name, ())),
        ]
    ]


def test_a_command_too_long_for_a_page_is_left_out_whole_and_said_where_to_read(agent):
    script = "   echo of a long script " + " ".join(f"--word {n}" for n in range(1_000))
    text = f"# Script\n\n1. Run it:\n\n   ```sh\n{script}\n   ```\n\n2. Look.\n"
    long = agent.world.has("ops/script.md", text)

    answer = agent.call("get_procedure", id=long)
    first = answer.data["steps"][0]
    rest = agent.call("get_runbook", id=long, cursor=first["read"])

    assert "commands" not in first or all("echo" not in command["text"] for command in first["commands"])
    assert "too long" in answer.text
    assert "echo of a long script" in rest.data["text"]


# ── Alerts ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("as_text", [False, True])
def test_a_payload_is_matched_as_its_source_sent_it(agent, disk, as_text):
    payload = {"version": "4", "alerts": [firing("NodeFilesystemAlmostOutOfSpace", service="platform")]}

    matched = agent.call("match_alert", source="alertmanager", payload=json.dumps(payload) if as_text else payload)

    (match,) = matched.data["matches"]
    assert (match["decision"], match["runbook"]["id"], match["confidence"]) == ("attach", disk, 0.98)
    assert (match["owner"], match["contacts"]) == ("team-platform", ["#platform-oncall"])
    assert match["reasons"] == ["it names this alert"]
    assert "record_resolution_feedback" in matched.text


def test_an_alert_without_a_runbook_gets_the_plain_word_and_the_owner(agent, disk):
    matched = agent.call("match_alert", name="TapeDriveJammed", service="platform")

    (match,) = matched.data["matches"]
    assert (match["decision"], match["runbook"], match["candidates"]) == ("none", None, [])
    assert "no runbook" in matched.text
    assert "team-platform" in matched.text


def test_the_owner_of_a_service_of_other_groups_is_not_told(agent, disk):
    hidden = agent.call("match_alert", name="TapeDriveJammed", service="vault").data["matches"][0]
    agent.groups = "security"
    shown = agent.call("match_alert", name="TapeDriveJammed", service="vault").data["matches"][0]

    assert (hidden["owner"], hidden["contacts"]) == ("", [])
    assert (shown["owner"], shown["contacts"]) == ("team-vault", ["#vault-oncall"])


def test_alerts_of_one_payload_come_page_by_page(agent, disk):
    payload = {"version": "4", "alerts": [firing(f"Alert{n}") for n in range(12)]}
    names, cursor = [], {}
    while cursor is not None:
        page = agent.call("match_alert", source="alertmanager", payload=payload, **cursor)
        names += [match["alert"]["name"] for match in page.data["matches"]]
        cursor = {"cursor": page.data["next_cursor"]} if page.data["next_cursor"] else None
    assert names == [f"Alert{n}" for n in range(12)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "at least the alert's 'name'"),
        ({"payload": {}}, "needs 'source'"),
        ({"source": "nagios-xx", "payload": {}}, "alertmanager"),
        ({"source": "alertmanager", "payload": "{"}, "not JSON"),
        ({"source": "alertmanager", "payload": []}, "no object"),
        ({"source": "alertmanager", "payload": {"alerts": []}}, "no alert"),
        ({"source": "alertmanager", "payload": "[" * 100}, "nested deeper"),
        ({"source": "alertmanager", "payload": {"x": "y" * 600_000}}, "bytes"),
        ({"name": "A", "labels": {"a": 1}}, "labels"),
        ({"name": "A", "severity": "sev1"}, "critical"),
    ],
)
def test_an_alert_that_cannot_be_read_is_told_with_what_to_send(agent, given, said):
    matched = agent.call("match_alert", **given)

    assert matched.failed
    assert said in matched.text


def test_every_sample_of_every_source_is_read(agent):
    files = [file for file in sorted((ROOT / "events" / "alerts").rglob("*.json")) if file.parent.name != "alerts"]
    sources = set(agent.world.app("mcp").sources.names)
    read = 0
    for file in files:
        if file.parent.name in sources:
            answer = agent.call("match_alert", source=file.parent.name, payload=file.read_text())
            read += not answer.failed
            assert not answer.failed or "no alert" in answer.text, (file, answer.text)
    assert read > 20


# ── Feedback ────────────────────────────────────────────────────────────────


def test_feedback_is_counted_once_and_can_be_taken_back(agent, disk):
    from personal_pipeline import parts
    from personal_pipeline.domain.feedback import signature

    agent.subject = "alex"
    said = {"alert": "TapeDriveJammed", "service": "platform", "id": disk}

    assert agent.call("record_resolution_feedback", **said, helpful=True).data == {"status": "counted", "id": disk}
    once = parts.activity().feedback(signature("TapeDriveJammed", "platform"))
    agent.call("record_resolution_feedback", **said, helpful=True)
    twice = parts.activity().feedback(signature("TapeDriveJammed", "platform"))
    back = agent.call("record_resolution_feedback", **said, helpful=None)

    assert once.keys() == twice.keys() == {disk}
    assert twice[disk][0] == pytest.approx(once[disk][0], abs=1e-3)
    assert back.data["status"] == "taken back"


def test_feedback_on_a_document_that_is_not_there_is_told(agent):
    said = agent.call("record_resolution_feedback", alert="A", id="nothing", helpful=True)

    assert said.failed
    assert "search_runbooks" in said.text


def test_words_of_two_people_are_two(agent, disk):
    from personal_pipeline import parts
    from personal_pipeline.domain.feedback import signature

    for agent.subject in ("alex", "robin"):
        agent.call("record_resolution_feedback", alert="A", id=disk, helpful=False)

    assert parts.activity().feedback(signature("A", ""))[disk][1] == pytest.approx(2, abs=1e-3)
