"""``get_procedure``, ``get_decision_tree``, ``get_escalation_path``: what a document tells its reader to do.

Every item has its span, where it stands in the text of that revision.
"""

from collections.abc import Callable, Mapping
from typing import Any

from personal_pipeline.domain.extract.structure import Risk
from personal_pipeline.edge.mcp import schemas
from personal_pipeline.edge.mcp.budget import BYTES_PER_TOKEN, most_that_fit, one_line
from personal_pipeline.edge.mcp.cursors import place_in_revision
from personal_pipeline.edge.mcp.quoting import NOTICE
from personal_pipeline.edge.mcp.structure_items import TURNS, Fields, nodes_of, one_step, steps_of, turns_of
from personal_pipeline.edge.mcp.structure_text import path_text, procedure_text, tree_text
from personal_pipeline.edge.mcp.tool import Answer, Arguments, Caller, Tool, ToolFailedError
from personal_pipeline.services.read_structure import ReadStructure

AsText = Callable[[Mapping[str, Any]], str]
_LEAST_ITEM_TOKENS = 10
_SHARE = 0.4  # of a page that one item may take with its texts

_SPAN = {
    "type": "array",
    "items": schemas.COUNT,
    "minItems": 2,
    "maxItems": 2,
    "description": "Where it stands in the text of this revision: from and to, in characters",
}
_READ = {"type": "string", "description": "Parts were too long and are left out: get_runbook with this cursor has them"}
_HEAD = {"id": schemas.TEXT, "title": schemas.TEXT, "rev": schemas.COUNT}
_TAIL = {"next_cursor": schemas.CURSOR, "notice": schemas.NOTICE}
_NOTE = {"type": "string", "description": "What was not found in the document, and what there is instead"}
_PLACE = {
    "type": ["object", "null"],
    "properties": {
        "kind": {"type": "string", "enum": ["step", "section", "document"]},
        "id": schemas.TEXT,
        "text": schemas.TEXT,
        "start": {"type": "string", "description": "The first step of that section"},
        "link": schemas.TEXT,
    },
    "required": ["kind"],
}
_COMMAND = schemas.gives(
    {
        "text": schemas.TEXT,
        "language": schemas.TEXT,
        "risk": {"type": "string", "enum": [each.value for each in Risk]},
        "placeholders": schemas.TEXTS,
        "span": _SPAN,
    }
)
_SAID = schemas.gives({"text": schemas.TEXT, "span": _SPAN})
_BRANCH = schemas.gives({"if": schemas.TEXT, "then": schemas.TEXT, "leads_to": _PLACE, "span": _SPAN})
STEP = schemas.gives(
    {
        "id": {"type": "string", "description": "Of a step (s2), or of the section (h5) where no step has it"},
        "kind": {"type": "string", "enum": ["step", "prerequisite", "verification", "rollback", "section"]},
        "section": schemas.TEXT,
        "number": schemas.TEXT,
        "depth": schemas.COUNT,
        "text": schemas.TEXT,
        "also": schemas.many(_SAID) | {"description": "What the page says there besides: cautions, reasons"},
        "commands": schemas.many(_COMMAND),
        "expected": schemas.many(_SAID),
        "branches": schemas.many(_BRANCH),
        "next": {"type": ["string", "null"], "description": "The step after it"},
        "span": _SPAN,
        "read": _READ,
    },
    *("number", "depth", "commands", "expected", "also", "branches", "next", "read"),
)
_PROCEDURE = schemas.gives(
    _HEAD
    | {
        "note": _NOTE,
        "steps": schemas.many(STEP),
        "next_step": {
            "type": ["object", "null"],
            "properties": {"id": schemas.TEXT, "text": schemas.TEXT},
            "description": "What comes after the one step that was asked for",
        },
    }
    | _TAIL
)
_NODE = schemas.gives(
    {
        "id": schemas.TEXT,
        "kind": schemas.TEXT,
        "text": schemas.TEXT,
        "span": {**_SPAN, "type": ["array", "null"]},
        "ways": schemas.many(schemas.gives({"if": schemas.TEXT, "to": schemas.TEXT})),
        "read": _READ,
    },
    *("ways", "read"),
)
_TREE = schemas.gives(_HEAD | {"note": _NOTE, "nodes": schemas.many(_NODE)} | _TAIL)
_MINUTES = {"type": ["integer", "null"]}
_CONTACT = schemas.gives({"kind": schemas.TEXT, "value": schemas.TEXT, "span": _SPAN})
_TURN = schemas.gives(
    {
        "turn": {
            "type": "string",
            "enum": list(TURNS),
            "description": "if: only you can tell whether its condition holds; before: their turn is over; not: not "
            "for this severity; named: the text names them, but gives them no turn",
        },
        "text": {"type": "string", "description": "Under which condition, as the document says it"},
        "span": _SPAN,
        "after_minutes": _MINUTES,
        "in_minutes": _MINUTES,
        "contacts": schemas.many(_CONTACT),
        "read": _READ,
    },
    "read",
)
_ESCALATION = schemas.gives(
    _HEAD
    | {
        "note": _NOTE,
        "owner": schemas.TEXT,
        "contact": schemas.TEXT,
        "minutes": _MINUTES | {"description": "How long ago it began, if that was said"},
        "path": schemas.many(_TURN),
    }
    | _TAIL
)


def structure_tools(read: ReadStructure) -> list[Tool]:
    return [
        Tool(
            "get_procedure",
            "Read the steps",
            "The steps of a runbook in order, with cautions, commands (and how risky each is), expected results and "
            "branches; or one step with what comes next. A long procedure comes page by page.",
            schemas.takes(
                {
                    "id": schemas.DOCUMENT_ID,
                    "step": schemas.text("Only this step: its id (s3), or its number as the document has it"),
                    "section": schemas.text("Only this section: its id (h2) or heading"),
                }
                | schemas.PAGED,
                "id",
            ),
            _PROCEDURE,
            lambda given, caller: _procedure(given, caller, read),
        ),
        Tool(
            "get_decision_tree",
            "Read the decisions",
            "Where a runbook branches: each step or question with its conditions and where they lead.",
            schemas.takes({"id": schemas.DOCUMENT_ID} | schemas.PAGED, "id"),
            _TREE,
            lambda given, caller: _tree(given, caller, read),
        ),
        Tool(
            "get_escalation_path",
            "Find whom to call",
            "Whom a runbook names to turn to: who now, who next and when, and under which conditions.",
            schemas.takes(
                {
                    "id": schemas.DOCUMENT_ID,
                    "severity": schemas.text("How bad it is, as the document calls it: critical, sev1, p2"),
                    "at": schemas.text("How many minutes ago it began, or when (ISO time with offset)", 60),
                }
                | schemas.PAGED,
                "id",
            ),
            _ESCALATION,
            lambda given, caller: _escalation(given, caller, read),
        ),
    ]


def _procedure(given: Arguments, caller: Caller, read: ReadStructure) -> Answer:
    found = read.procedure(given["id"], caller.scope, given.get("step", ""), given.get("section", ""))
    following: Fields | None = None
    if "step" in found:
        items = one_step(found, _room(given))
        if found["next"]:
            following = {"id": found["next"]["id"], "text": one_line(found["next"]["text"], 160)}
    else:
        items = steps_of(found, _room(given))
    head = {**_head(found), "note": one_line(found.get("note", ""), 200), "next_step": following}
    return _pages(given, head, "steps", items, procedure_text)


def _tree(given: Arguments, caller: Caller, read: ReadStructure) -> Answer:
    found = read.decision_tree(given["id"], caller.scope)
    head = {**_head(found), "note": one_line(found["note"], 200)}
    return _pages(given, head, "nodes", nodes_of(found, _room(given)), tree_text)


def _escalation(given: Arguments, caller: Caller, read: ReadStructure) -> Answer:
    found = read.escalation(given["id"], caller.scope, given.get("severity", ""), given.get("at", ""))
    head = {
        **_head(found),
        "note": one_line(found["note"], 200),
        "owner": one_line(found["owner"], 60),
        "contact": one_line(found["contact"], 100),
        "minutes": found["minutes"],
    }
    return _pages(given, head, "path", turns_of(found, _room(given)), path_text)


def _head(found: Mapping[str, Any]) -> Fields:
    return {"id": found["id"], "title": one_line(found["title"]), "rev": found["rev"]}


def _room(given: Arguments) -> int:
    return int(given["max_tokens"] * BYTES_PER_TOKEN * _SHARE)


def _pages(given: Arguments, head: Fields, name: str, items: list[Fields], as_text: AsText) -> Answer:
    first = _first(given.get("cursor", ""), head["rev"], len(items))
    left = items[first : first + given["max_tokens"] // _LEAST_ITEM_TOKENS]

    def answer(count: int) -> Answer:
        after = f"{head['rev']}.{first + count}" if first + count < len(items) else None
        structured = {**head, name: left[:count], "next_cursor": after, "notice": NOTICE}
        return Answer(structured, as_text(structured))

    return most_that_fit(len(left), answer, given["max_tokens"])


def _first(cursor: str, rev: int, count: int) -> int:
    if not cursor:
        return 0
    of, place = place_in_revision(cursor)
    if of != rev or place >= count:
        raise ToolFailedError("the document changed since: call it again without a cursor")
    return place
