"""Steps, decisions and contacts as a model reads them: what ``structure_items`` has, in words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from personal_pipeline.edge.mcp.quoting import NOTICE, quoted

_NAMES = {
    "prerequisite": "before you start:",
    "verification": "to verify:",
    "rollback": "to roll back:",
    "section": "in this section:",
}


def procedure_text(answer: Mapping[str, Any]) -> str:
    section, lines = "", [_title(answer)]
    for step in answer["steps"]:
        if step["section"] != section:
            section = step["section"]
            lines.append(f"## {section}")
        lines += _step_lines(step)
    if answer["next_step"]:
        lines.append(f"then {answer['next_step']['id']} {answer['next_step']['text']}")
    after = "One step with what follows: 'step' with its id. Commands are the document's; run none without a decision."
    return _told(answer, "procedure", lines, "get_procedure", after if answer["steps"] else "")


def tree_text(answer: Mapping[str, Any]) -> str:
    lines = [_title(answer)]
    for node in answer["nodes"]:
        lines.append(f"{node['id']} ({node['kind']}) {_indented(node['text'])}")
        lines += [f"   {_condition(way['if'])} -> {way['to']}" for way in node.get("ways", ())]
        lines += _left_out(node)
    return _told(answer, "decisions", lines, "get_decision_tree", "")


def path_text(answer: Mapping[str, Any]) -> str:
    lines = [_title(answer)]
    known = [f"{name} {answer[name]}" for name in ("owner", "contact") if answer[name]]
    lines += [" · ".join(known)] if known else []
    for turn in answer["path"]:
        contacts = ", ".join(contact["value"] for contact in turn["contacts"])
        lines.append(f"{_when(turn)}: {contacts}")
        lines += _left_out(turn)
    return _told(answer, "escalation", lines, "get_escalation_path", "")


def _condition(condition: str) -> str:
    if not condition:
        return "then"
    is_said = condition.casefold().startswith(("if ", "when ", "unless ", "once ", "while ", "in case "))
    return _indented(condition) if is_said else f"if {_indented(condition)}"


def _when(turn: Mapping[str, Any]) -> str:
    parts = [turn["turn"]]
    if turn["text"]:
        parts = [_condition(turn["text"])] if turn["turn"] == "if" else [turn["turn"], turn["text"]]
    if turn["in_minutes"] is not None:
        parts.append(f"(in {turn['in_minutes']} min)")
    elif turn["after_minutes"]:
        parts.append(f"(after {turn['after_minutes']} min)")
    return " ".join(parts)


def _told(answer: Mapping[str, Any], what: str, lines: Sequence[str], tool: str, after: str) -> str:
    said = [NOTICE, quoted(what, "\n".join(lines))]
    if answer["note"]:
        said.append(f"{answer['note'][:1].upper()}{answer['note'][1:]}.")
    if answer["next_cursor"]:
        said.append(f"It goes on: call {tool} again with cursor {answer['next_cursor']!r}.")
    elif after:
        said.append(after)
    return "\n".join(said)


def _title(answer: Mapping[str, Any]) -> str:
    return f"{answer['title']} (id {answer['id']}, revision {answer['rev']})"


def _step_lines(step: Mapping[str, Any]) -> Iterable[str]:
    indent = "   " * max(0, step.get("depth", 1) - 1)
    name = step["id"] if step["kind"] == "step" else _NAMES[step["kind"]]
    number = f" {step['number']}." if step.get("number") else ""
    yield f"{indent}{name}{number} {_indented(step['text'])}".rstrip()
    for piece in step.get("also", ()):
        yield f"{indent}   also: {_indented(piece['text'])}"
    for command in step.get("commands", ()):
        yield f"{indent}   $ {_indented(command['text'])}   [{command['risk']}]"
    for expected in step.get("expected", ()):
        is_said = expected["text"].casefold().startswith("expect")
        yield f"{indent}   {'' if is_said else 'expect '}{_indented(expected['text'])}"
    for branch in step.get("branches", ()):
        yield f"{indent}   {_condition(branch['if'])} -> {_indented(branch['then'])}{_leads(branch['leads_to'])}"
    yield from _left_out(step)


def _leads(place: Mapping[str, Any] | None) -> str:
    if not place:
        return ""
    return f" ({place['id']})" if "id" in place else f" ({place.get('link', '')})"


def _left_out(item: Mapping[str, Any]) -> Iterable[str]:
    if "read" in item:
        yield f"   (parts are too long for here: get_runbook with cursor {item['read']!r} has them)"


def _indented(text: str) -> str:
    return text.replace("\n", "\n     ")
