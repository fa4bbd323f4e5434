"""Steps, trees and contacts on a terminal. Commands stand at the start of their lines, to be copied as they are."""

from collections.abc import Iterable, Mapping
from typing import Any

from infra.cli.terminal import labelled, one_line, paragraph, say, visible
from personal_pipeline.domain.plain_words import plain_words

Fields = Mapping[str, Any]
RISKS = {
    "read-only": ("read-only", "green"),
    "changes-state": ("changes state", "yellow"),
    "destructive": ("DESTRUCTIVE", "bold red"),
}
LONGEST_ACTION = 120
LABEL = 9


def words(text: str) -> str:
    return one_line(plain_words(text))


def print_procedure(answer: Fields) -> None:
    if "step" in answer:
        say((one_line(answer["section"]["title"]), "dim"))
        print_step(answer["step"])
        if answer["next"]:
            paragraph(("next ", "dim"), f"{_numbered(answer['next'])} ({answer['next']['id']})", indent=0)
        return
    steps = {step["id"]: step for step in answer["steps"]}
    _remarks("Before you start", answer["prerequisites"])
    for section in answer["sections"]:
        if not any(section[name] for name in ("also", "commands", "expected", "branches", "steps")):
            continue  # its remarks were told above
        say("")
        if section["title"]:
            say((one_line(section["title"]), "bold cyan"))
        print_loose(section)
        for step in section["steps"]:
            if step in steps:
                print_step(steps[step])


def print_step(step: Fields) -> None:
    labelled((one_line(step["id"]), "dim"), 5, (_numbered(step), "bold"))
    print_loose(step)


def print_loose(holder: Fields) -> None:
    """What stands in a step, or in a section beside its steps."""
    for piece in holder["also"]:
        labelled(("also", "dim"), LABEL, words(piece["text"]))
    for command in holder["commands"]:
        print_command(command, {})
    for expected in holder["expected"]:
        labelled(("see", "dim"), LABEL, words(expected["text"]))
    for branch in holder["branches"]:
        labelled(("if", "dim"), LABEL, *branch_words(branch))


def print_command(command: Fields, values: Mapping[str, str]) -> None:
    """``values`` by placeholder; what has none is named, to be filled in by hand."""
    text = command["text"]
    for name, value in values.items():
        text = text.replace(name, value)
    left = [name for name in command["placeholders"] if name in text]
    label, style = RISKS.get(command["risk"], (one_line(command["risk"]), "yellow"))
    say((label, style), (f" · fill in {', '.join(map(one_line, left))}" if left else "", "dim"))
    say((visible(text), "cyan"))


def branch_words(branch: Fields) -> list[str | tuple[str, str]]:
    condition, action = words(branch["condition"]), words(branch["action"])
    if branch["leads_to"] and len(action) > LONGEST_ACTION:  # it is all of the section that it leads to
        action = f"{action[: LONGEST_ACTION - 1]}…"
    return [(condition, "italic"), " → ", action, (_lead(branch["leads_to"]), "dim")]


def _lead(target: Fields | None) -> str:
    if target is None:
        return ""
    if target["kind"] == "document":
        return f" (page {one_line(target['link'])})"
    return f" (to {words(target['text'])})"


def _numbered(step: Fields) -> str:
    number = one_line(step["number"])
    return f"{number}. {words(step['text'])}" if number else words(step["text"])


def _remarks(title: str, remarks: Iterable[Fields]) -> None:
    for place, remark in enumerate(remarks):
        if not place:
            say("")
            say((title, "bold cyan"))
        labelled(("-", ""), 2, words(remark["text"]))


def print_tree(answer: Fields) -> None:
    texts = {node["id"]: words(node["text"]) for node in answer["nodes"]}
    for node in answer["nodes"]:
        edges = [edge for edge in answer["edges"] if edge["from"] == node["id"]]
        if node["kind"] != "step" and not edges:
            continue
        say("")
        labelled((one_line(node["id"]), "dim"), 5, (texts[node["id"]], "bold"))
        for edge in edges:
            target = f"{one_line(edge['to'])} {texts[edge['to']]}"
            condition = (words(edge["condition"]), "italic") if edge["condition"] else ("then", "dim")
            paragraph(condition, " → ", target, indent=5)


def print_escalation(answer: Fields) -> None:
    for line in answer["now"]:
        _contact("now", line)
    if answer["next"]:
        wait = answer["next"]["in_minutes"]
        when = f"in {wait} {'minute' if wait == 1 else 'minutes'}" if wait is not None else "it does not say when"
        _contact("then", answer["next"], when)
    for line in answer["conditional"]:
        _contact("if", line, one_line(line["condition"]))
    for line in answer["named"]:
        _contact("named", line)
    for label in ("owner", "contact"):
        if answer[label]:
            labelled((label, "dim"), LABEL, one_line(answer[label]))


def _contact(label: str, line: Fields, said: str = "") -> None:
    first, *others = (words(contact["value"]) for contact in line["contacts"])
    others_said = "".join(f"  {one}" for one in others)
    labelled((label, "dim"), LABEL, (first, "bold"), others_said, (f"  {said}" if said else "", "dim"))
