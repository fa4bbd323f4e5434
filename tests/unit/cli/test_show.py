import json

import pytest

from tests.unit.cli.conftest import COLOURS, Pp
from tests.unit.cli.pages import ID, has, has_step
from tests.unit.cli.stand_in import Answer, StandIn, problem

QUEUE = """# Queue grows

## Before you start

- You need the name of the queue.
- Never purge it.

## Fix

1. Look at the workers:

   ```sh
   kubectl -n <namespace> get pods
   ```

   Expected: three are ready.

2. If they are ready, go to [Purge](#purge).

## Purge

1. Empty it: `kubectl delete pvc --all`.

## Escalation

1. Web on call: `#web`, +1 555 0100
2. After 15 minutes: incident lead, +1 555 0199
"""
DOCUMENT = {
    "id": "abcdefgh23456723",
    "title": "Disk full on a node",
    "url": "https://example.com/disk",
    "source": "documents",
    "path": "platform/disk.md",
    "type": "runbook",
    "services": ["platform"],
    "severity": "critical",
    "owner": "team-platform",
    "contact": "+1 555 0151",
    "alert_names": ["NodeFilesystemAlmostOutOfSpace"],
    "external_id": "",
    "rev": 3,
    "updated": "2026-11-20T02:47:12.118000+00:00",
    "format": "markdown",
    "warnings": [],
    "outline": [],
    "text": "# Disk full\n\n```\n  df -h   /  # [red]not markup[/red]\n```\n",
}


def test_a_document_is_shown_as_it_was_written(system: StandIn, pp: Pp) -> None:
    system.answers["GET /v1/documents/abcdefgh23456723"] = Answer(DOCUMENT)

    ran = pp("show", "abcdefgh23456723")

    assert "  df -h   /  # [red]not markup[/red]" in ran.out
    for said in (
        "about runbook · platform · critical · team-platform",
        "alerts NodeFilesystemAlmostOutOfSpace",
        "call +1 555 0151",
        "link https://example.com/disk",
        "version 3, of 2026-11-20 02:47 UTC",
    ):
        assert said in ran.text


def test_a_hostile_document_is_shown_as_text(system: StandIn, pp: Pp) -> None:
    system.answers["GET /v1/documents/x"] = Answer({**DOCUMENT, "text": "run\n\x1b]52;c;cm0gLXJm\x07 this\r\u202e"})

    ran = pp("show", "x")

    assert "run\n]52;c;cm0gLXJm this\n" in ran.out
    assert "\u202e" not in ran.out


@pytest.mark.parametrize("id_", ["../../local/backup", "a/b", "a?b=c", "#", "ä"])
def test_an_id_cannot_lead_to_another_route(system: StandIn, pp: Pp, id_: str) -> None:
    ran = pp("show", id_)

    assert ran.code == 1
    (asked,) = system.asked
    assert asked.path.count("/") == 3
    assert asked.query == {}


def test_a_document_that_is_not_there_is_told_as_the_server_tells_it(system: StandIn, pp: Pp) -> None:
    system.answers["GET /v1/documents/nope"] = problem(404, "no document 'nope': ids come from search")

    ran = pp("show", "nope", "--json")

    assert (ran.code, ran.out, ran.err) == (1, "", "pp: no document 'nope': ids come from search\n")


def test_a_review_that_is_overdue_is_said(system: StandIn, pp: Pp) -> None:
    freshness = {"reviewed": "2024-01-01", "review_due": "2025-01-01", "state": "stale", "span": None}
    system.answers["GET /v1/documents/x"] = Answer({**DOCUMENT, "freshness": freshness})

    ran = pp("show", "x")

    assert "reviewed 2024-01-01 · due on 2025-01-01" in ran.text
    assert "its review is overdue" in ran.err


def test_a_procedure_is_shown_with_commands_that_can_be_copied(system: StandIn, pp: Pp) -> None:
    has(system, QUEUE)

    ran = pp("show", ID, "--procedure")

    assert "\nkubectl -n <namespace> get pods\n" in ran.out
    for said in (
        "Queue grows version 3",
        "Before you start - You need the name of the queue.",
        "also Never purge it.",
        "s1 1. Look at the workers:",
        "read-only · fill in <namespace>",
        "see Expected: three are ready.",
        "if If they are ready → go to Purge (to Purge)",
        "DESTRUCTIVE",
    ):
        assert said in ran.text


def test_one_step_is_shown_with_the_next(system: StandIn, pp: Pp) -> None:
    has_step(system, QUEUE, "s1")

    ran = pp("show", ID, "--procedure", "--step", "1", "--section", "Fix")

    assert "next 2. If they are ready, go to Purge. (s2)" in ran.text
    assert system.asked[0].query == {"step": ["1"], "section": ["Fix"]}


def test_a_tree_is_shown_with_where_each_condition_leads(system: StandIn, pp: Pp) -> None:
    has(system, QUEUE)

    ran = pp("show", ID, "--tree")

    assert "s1 Look at the workers: then → s2 If they are ready, go to Purge." in ran.text
    assert "If they are ready → h4 Purge" in ran.text


def test_an_escalation_is_shown_with_who_is_next_and_when(system: StandIn, pp: Pp) -> None:
    has(system, QUEUE, at="10")

    ran = pp("show", ID, "--escalation", "--at", "10", "--severity", "SEV1")

    assert "now Web on call #web +1 555 0100" in ran.text
    assert "then incident lead +1 555 0199 in 5 minutes" in ran.text
    assert "owner team-web" in ran.text
    assert system.asked[0].query == {"at": ["10"], "severity": ["SEV1"]}


@pytest.mark.parametrize("part", ["--procedure", "--tree", "--escalation"])
def test_what_is_missing_is_said(system: StandIn, pp: Pp, part: str) -> None:
    has(system, "Nothing here.\n")

    ran = pp("show", ID, part)

    assert ran.code == 0
    assert "were found in this document; read its text" in ran.err


def test_json_is_the_part_that_was_asked_for(system: StandIn, pp: Pp) -> None:
    has(system, QUEUE)

    assert json.loads(pp("show", ID, "--tree", "--json").out)["mermaid"].startswith("flowchart TD")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--step", "1"), "--step goes with --procedure"),
        (("--tree", "--section", "Fix"), "--section goes with --procedure"),
        (("--procedure", "--at", "5"), "--at goes with --escalation"),
    ],
)
def test_an_option_that_goes_with_another_part_is_refused(
    system: StandIn, pp: Pp, words: tuple[str, ...], says: str
) -> None:
    ran = pp("show", ID, *words)

    assert ran.code == 2
    assert says in ran.err
    assert system.asked == []


@pytest.mark.parametrize("part", ["--procedure", "--tree", "--escalation"])
def test_hostile_steps_reach_the_terminal_as_text(
    system: StandIn, pp: Pp, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = "\x1b]0;owned\x07[bold]x\u202e\U000e0041"
    has(
        system,
        f"# {evil}\n\nNever try {evil} it.\n\n## Fix\n\n1. Stop {evil}. If {evil} is red, stop {evil} now.\n\n"
        f"   ```sh\n   kubectl {evil} <{evil}>\n   ```\n\n   Expected: {evil}.\n\n"
        f"## Escalation\n\n- If {evil} is full: {evil} team, +1 555 0100\n- {evil} team, `#x`\n",
    )
    monkeypatch.setenv("FORCE_COLOR", "1")

    ran = pp("show", ID, part)

    shown = COLOURS.sub("", ran.out + ran.err)
    assert "[bold]x" in shown
    assert all(char == "\n" or ord(char) >= 32 for char in shown)
    assert not {"\u202e", "\U000e0041"} & set(shown)
