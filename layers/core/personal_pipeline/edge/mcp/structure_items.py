"""Steps, decisions and contacts of a document, each as one small item: what an agent gets of them.

An item that has more parts than fit its share of a page goes on in another one of the same id. A part that alone is too
long is left out whole, since half a command is another command; ``read`` then says where get_runbook goes on reading.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from personal_pipeline.domain.safe_text import visible_lines
from personal_pipeline.edge.mcp.budget import one_line, weight

Fields = dict[str, Any]
TURNS = ("now", "next", "if", "later", "before", "not", "named")


def steps_of(procedure: Mapping[str, Any], room: int) -> list[Fields]:
    """In the order of the text: steps, and what belongs to none. ``room`` is what one item may weigh."""
    rev = procedure["rev"]
    titles = {section["id"]: section["title"] for section in procedure["sections"]}
    items = [item for step in procedure["steps"] for item in _step(step, titles.get(step["section"], ""), rev, room)]
    items += [item for section in procedure["sections"] for item in _loose(section, rev, room)]
    taken = sorted((item["span"][0], item["span"][1]) for item in items)
    for kind in ("prerequisites", "verification", "rollback"):
        for remark in procedure[kind]:
            if not _overlaps(remark["span"], taken):
                items += _remark(kind.removesuffix("s"), remark, titles, rev, room)
    return sorted(items, key=lambda item: item["span"][0])


def one_step(answer: Mapping[str, Any], room: int) -> list[Fields]:
    return _step(answer["step"], answer["section"]["title"], answer["rev"], room)


def _step(step: Mapping[str, Any], section: str, rev: int, room: int) -> list[Fields]:
    head = {
        "id": step["id"],
        "kind": "step",
        "section": one_line(section, 80),
        "number": one_line(step["number"], 12),
        "depth": step["depth"],
        "next": step["next"],
    }
    return _filled(head, _parts_of(step), step["text"], _span(step["span"]), rev, room)


def _loose(section: Mapping[str, Any], rev: int, room: int) -> list[Fields]:
    parts = _parts_of(section)
    if not parts:
        return []
    span = [min(part["span"][0] for _, part in parts), max(part["span"][1] for _, part in parts)]
    kind = section["kind"] if section["kind"] in {"prerequisite", "verification", "rollback"} else "section"
    head = {"id": section["id"], "kind": kind, "section": one_line(section["title"], 80)}
    return _filled(head, parts, "", span, rev, room)


def _remark(kind: str, remark: Mapping[str, Any], titles: Mapping[str, str], rev: int, room: int) -> list[Fields]:
    head = {"id": remark["section"], "kind": kind, "section": one_line(titles.get(remark["section"], ""), 80)}
    return _filled(head, [], remark["text"], _span(remark["span"]), rev, room)


Part = tuple[str, Fields]  # under which name of an item it stands


def _parts_of(item: Mapping[str, Any]) -> list[Part]:
    parts = [("also", _expected(each)) for each in item["also"]]
    parts += [("commands", _command(each)) for each in item["commands"]]
    parts += [("expected", _expected(each)) for each in item["expected"]]
    return parts + [("branches", _branch(each)) for each in item["branches"]]


def _filled(
    head: Fields, parts: Iterable[Part], text: str, span: list[int] | None, rev: int, room: int
) -> list[Fields]:
    """One item, or several of the same head where its parts do not fit one."""
    item: Fields = {**head, "text": _lines(text), "span": span}
    if weight(item["text"]) > room:
        item |= {"text": one_line(text, room // 2), "read": f"{rev}.{span[0] if span else 0}"}
    items, taken = [item], weight(item["text"])
    for name, part in parts:
        size = weight(part)
        if size > room:
            items[-1].setdefault("read", f"{rev}.{part['span'][0] if 'span' in part else span[0] if span else 0}")
            continue
        if taken + size > room:
            items.append({**head, "text": "", "span": span})
            taken = 0
        items[-1].setdefault(name, []).append(part)
        taken += size
    return items


def _command(command: Mapping[str, Any]) -> Fields:
    return {
        "text": _lines(command["text"]),
        "language": command["language"],
        "risk": command["risk"],
        "placeholders": [one_line(each, 60) for each in command["placeholders"]],
        "span": _span(command["span"]),
    }


def _expected(expected: Mapping[str, Any]) -> Fields:
    return {"text": _lines(expected["text"]), "span": _span(expected["span"])}


def _branch(branch: Mapping[str, Any]) -> Fields:
    return {
        "if": _lines(branch["condition"]),
        "then": _lines(branch["action"]),
        "leads_to": _place(branch["leads_to"]),
        "span": _span(branch["span"]),
    }


def _place(place: Mapping[str, Any] | None) -> Fields | None:
    return {name: one_line(value, 160) for name, value in place.items() if value is not None} if place else None


def nodes_of(tree: Mapping[str, Any], room: int) -> list[Fields]:
    """Each with the ways out of it, in the order of the tree."""
    ways: dict[str, list[Part]] = {}
    for edge in tree["edges"]:
        ways.setdefault(edge["from"], []).append(("ways", {"if": _lines(edge["condition"]), "to": edge["to"]}))
    return [item for node in tree["nodes"] for item in _node(node, ways.get(node["id"], []), tree["rev"], room)]


def _node(node: Mapping[str, Any], ways: list[Part], rev: int, room: int) -> list[Fields]:
    head = {"id": node["id"], "kind": node["kind"]}
    return _filled(head, ways, node["text"], _span(node["span"]) if node["span"] else None, rev, room)


def turns_of(escalation: Mapping[str, Any], room: int) -> list[Fields]:
    """Whose turn it is now first, then who is next, then those for whom the reader has to judge the condition."""
    following = escalation["next"] or {}
    items, is_past = [], True
    for rung in [*escalation["contacts"], *escalation["named"]]:
        is_next = bool(following) and rung["contacts"] == following["contacts"]
        turn = _turn(rung, escalation, is_next)
        is_past = is_past and turn not in {"now", "next"}
        turn = "before" if turn == "later" and is_past else turn
        items += _rung(rung, turn, following if is_next else {}, escalation["rev"], room)
    return sorted(items, key=lambda item: TURNS.index(item["turn"]))


def _turn(rung: Mapping[str, Any], escalation: Mapping[str, Any], is_next: bool) -> str:
    if rung in escalation["named"]:
        return "named"
    if rung in escalation["now"]:
        return "now"
    if is_next:
        return "next"
    return {None: "if", False: "not", True: "later"}[rung["applies"]]


def _rung(rung: Mapping[str, Any], turn: str, following: Mapping[str, Any], rev: int, room: int) -> list[Fields]:
    head = {"turn": turn, "after_minutes": rung["after_minutes"], "in_minutes": following.get("in_minutes")}
    contacts = [("contacts", _contact(contact)) for contact in rung["contacts"]]
    span = _span(rung["contacts"][0]["span"])
    return [{"contacts": [], **item} for item in _filled(head, contacts, rung["condition"], span, rev, room)]


def _contact(contact: Mapping[str, Any]) -> Fields:
    return {"kind": contact["kind"], "value": one_line(contact["value"], 160), "span": _span(contact["span"])}


def _span(span: Mapping[str, Any]) -> list[int]:
    return [span["start"], span["end"]]


def _lines(text: str) -> str:
    return visible_lines(text, 4 * len(text) + 4)


def _overlaps(span: Mapping[str, Any], taken: Sequence[tuple[int, int]]) -> bool:
    return any(start < span["end"] and span["start"] < end for start, end in taken)
