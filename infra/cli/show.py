"""``pp show``: read a document, or what it tells its reader to do."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

import click

from infra.cli.options import api, as_json_option
from infra.cli.procedures import print_escalation, print_procedure, print_tree
from infra.cli.terminal import dotted, note, one_line, place_of, print_json, say

_PARTS = {"procedure": "steps", "decision-tree": "nodes", "escalation": "contacts"}
_OPTIONS = {"procedure": ("step", "section"), "decision-tree": (), "escalation": ("severity", "at"), "": ()}


@click.command()
@click.argument("document_id", metavar="ID")
@click.option("--procedure", "part", flag_value="procedure", help="Its steps, with commands and branches.")
@click.option("--tree", "part", flag_value="decision-tree", help="Where each step and condition leads.")
@click.option("--escalation", "part", flag_value="escalation", help="Whom to turn to now, and whom next.")
@click.option("--step", default="", metavar="STEP", help="With --procedure: this step, by id or number.")
@click.option("--section", default="", metavar="NAME", help="With --procedure: this section, by id or title.")
@click.option("--severity", default="", metavar="NAME", help="With --escalation: of what happened.")
@click.option("--at", default="", metavar="WHEN", help="With --escalation: minutes ago, or the ISO time, it began.")
@as_json_option
def show(document_id: str, part: str | None, as_json: bool, **asked: str) -> None:
    """Print one document as it was written, or what it says to do. ID is what a search or an alert named.

    \b
    Examples:
      pp show 3kq7x2m5c4ab6d7e
      pp show 3kq7x2m5c4ab6d7e --procedure --section "Roll back"
      pp show 3kq7x2m5c4ab6d7e --escalation --at 20
      pp show 3kq7x2m5c4ab6d7e --tree --json | jq -r .mermaid
    """
    query = {name: value for name, value in asked.items() if value}
    for name in query:
        if name not in _OPTIONS[part or ""]:
            needed = next(which for which, names in _OPTIONS.items() if name in names)
            raise click.UsageError(f"--{name} goes with --{needed}")
    path = f"/v1/documents/{quote(document_id, safe='')}"
    needs = "step" if "step" in query else _PARTS.get(part or "", "text")
    answer = api().get(f"{path}/{part}" if part else path, needs, query)
    if as_json:
        print_json(answer)
    elif not part:
        _print_document(answer)
    else:
        _print_part(part, answer)


def _print_part(part: str, answer: dict[str, Any]) -> None:
    say((one_line(answer["title"]), "bold"), (f"  version {answer['rev']}", "dim"))
    if part == "escalation":
        print_escalation(answer)
    elif part == "decision-tree":
        print_tree(answer)
    else:
        print_procedure(answer)
    if answer.get("note"):
        note(one_line(answer["note"]))


def _print_document(document: dict[str, Any]) -> None:
    say((one_line(document["title"]), "bold"))
    say((place_of(document), "dim"))
    about = [document["type"], *document["services"], document["severity"], document["owner"]]
    freshness = document.get("freshness") or {}
    reviewed = one_line(freshness.get("reviewed") or "")
    due = f"due on {one_line(freshness['review_due'])}" if freshness.get("review_due") else ""
    is_stale = freshness.get("state") == "stale"
    for label, text in (
        ("about", dotted(about)),
        ("alerts", ", ".join(map(one_line, document["alert_names"]))),
        ("call", one_line(document["contact"])),
        ("link", one_line(document["url"])),
        ("version", f"{document['rev']}, of {_when(document['updated'])}"),
        ("reviewed", dotted([reviewed, due])),
    ):
        if text:
            say((f"{label:8}", "dim"), text if label != "reviewed" else " " + text)
    if is_stale:
        note(("note: ", "yellow"), "its review is overdue, so check what it says before you rely on it")
    for warning in document.get("warnings", []):
        note(("note: ", "yellow"), one_line(warning))
    say("")
    say(document["text"].rstrip())


def _when(moment: str) -> str:
    try:
        return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M %Z}".strip()
    except ValueError:
        return one_line(moment)
