"""The answers about one document, as the published OpenAPI document describes them."""

from typing import Any

from personal_pipeline.edge import api_examples
from personal_pipeline.edge.schemas import COUNT, DATE, TEXT, TEXTS, list_of, object_of, or_null, responses

SHOWN = {
    "id": TEXT,
    "title": TEXT,
    "url": TEXT,
    "source": TEXT,
    "path": TEXT,
    "type": TEXT,
    "services": TEXTS,
    "severity": TEXT,
}
_OF_DOCUMENT = {"id": TEXT, "title": TEXT, "url": TEXT, "rev": COUNT}
_NOTE = {"type": "string", "description": "What is missing, and what there is instead; empty where nothing is missing"}
_SPAN = object_of({"document": TEXT, "revision": COUNT, "start": COUNT, "end": COUNT}) | {
    "description": "Characters of the document's 'text'; the end is exclusive"
}
_STEP_ID = {"type": "string", "description": "s1 is the first step of this revision"}
_SECTION_ID = {"type": "string", "description": "h1 is the first section; h0 what stands before it"}
_KIND = {
    "type": "string",
    "enum": ["", "background", "prerequisite", "procedure", "verification", "expected", "rollback", "escalation"],
}
_SAID = object_of({"text": TEXT, "span": _SPAN})
_REMARK = object_of({"text": TEXT, "section": _SECTION_ID, "span": _SPAN})
_COMMAND = object_of(
    {
        "text": TEXT,
        "language": TEXT,
        "risk": {"type": "string", "enum": ["read-only", "changes-state", "destructive"]},
        "why": {"type": "string", "description": "The rule that the risk comes from"},
        "placeholders": TEXTS,
        "span": _SPAN,
    }
)
_LEADS_TO = {
    "type": ["object", "null"],
    "required": ["kind"],
    "properties": {
        "kind": {"type": "string", "enum": ["step", "section", "document"]},
        "id": TEXT,
        "text": TEXT,
        "start": or_null(TEXT),
        "link": TEXT,
    },
    "description": "The step, section (with its first step) or page that it names; null where it names none",
}
_BRANCH = object_of({"condition": TEXT, "span": _SPAN, "action": TEXT, "action_span": _SPAN, "leads_to": _LEADS_TO})
_SECTION_NAME = object_of({"id": _SECTION_ID, "title": TEXT})
_STEP = object_of(
    {
        "id": _STEP_ID,
        "number": {"type": "string", "description": "As the document writes it"},
        "text": TEXT,
        "depth": COUNT,
        "section": _SECTION_ID,
        "parent": or_null(TEXT),
        "commands": list_of(_COMMAND),
        "expected": list_of(_SAID),
        "branches": list_of(_BRANCH),
        "also": list_of(_SAID) | {"description": "What stands there besides: cautions, reasons"},
        "next": or_null(TEXT),
        "span": _SPAN,
    }
)
_BRIEF = object_of({"id": _STEP_ID, "number": TEXT, "text": TEXT, "section": _SECTION_NAME, "span": _SPAN})
_SECTION = object_of(
    {
        "id": _SECTION_ID,
        "title": TEXT,
        "level": COUNT,
        "kind": _KIND,
        "span": or_null(_SPAN),
        "steps": list_of(_STEP_ID),
        "commands": list_of(_COMMAND),
        "expected": list_of(_SAID),
        "branches": list_of(_BRANCH),
        "also": list_of(_SAID) | {"description": "What stands there besides: cautions, reasons"},
    }
) | {"description": "Commands, results and branches that belong to no step"}
_PROCEDURE = object_of(
    _OF_DOCUMENT
    | {
        "note": _NOTE,
        "start": or_null(TEXT),
        "sections": list_of(_SECTION),
        "steps": list_of(_STEP),
        "prerequisites": list_of(_REMARK),
        "verification": list_of(_REMARK),
        "rollback": list_of(_REMARK),
    }
)
_ONE_STEP = object_of(
    _OF_DOCUMENT | {"step": _STEP, "section": _SECTION_NAME, "next": or_null(_BRIEF), "previous": or_null(_BRIEF)}
)
_TREE = object_of(
    _OF_DOCUMENT
    | {
        "note": _NOTE,
        "nodes": list_of(
            object_of(
                {
                    "id": TEXT,
                    "kind": {"type": "string", "enum": ["step", "section", "question", "action", "document"]},
                    "text": TEXT,
                    "span": or_null(_SPAN),
                }
            )
        ),
        "edges": list_of(object_of({"from": TEXT, "to": TEXT, "condition": TEXT, "span": or_null(_SPAN)})),
        "mermaid": TEXT,
    }
)
_RUNG: dict[str, Any] = {
    "order": or_null(COUNT),
    "condition": TEXT,
    "after_minutes": or_null(COUNT),
    "applies": {"type": ["boolean", "null"], "description": "null: only the reader can tell"},
    "section": _SECTION_ID,
    "contacts": list_of(
        object_of(
            {
                "kind": {"type": "string", "enum": ["person", "team", "schedule", "channel", "phone", "email"]},
                "value": TEXT,
                "span": _SPAN,
            }
        )
    ),
}
_LINE = object_of(_RUNG)
_NEXT_LINE = object_of(
    _RUNG | {"in_minutes": or_null(COUNT), "at": {"type": ["string", "null"], "format": "date-time"}}
)
_ESCALATION = object_of(
    _OF_DOCUMENT
    | {
        "owner": TEXT,
        "contact": {"type": "string", "description": "Of the document or its service"},
        "note": _NOTE,
        "minutes": or_null(COUNT),
        "now": list_of(_LINE),
        "next": or_null(_NEXT_LINE),
        "conditional": list_of(_LINE),
        "contacts": list_of(_LINE),
        "named": list_of(_LINE),
    }
)
FRESHNESS = {
    "reviewed": or_null(TEXT) | {"description": "As the document writes it"},
    "review_due": or_null(DATE),
    "state": {"type": "string", "enum": ["fresh", "stale", "unknown"]},
}
_OUTLINE = object_of({"id": _SECTION_ID, "heading": TEXTS, "kind": _KIND, "steps": COUNT, "start": COUNT, "end": COUNT})
_DOCUMENT = SHOWN | {
    "owner": TEXT,
    "contact": TEXT,
    "alert_names": TEXTS,
    "external_id": TEXT,
    "rev": COUNT,
    "updated": {"type": "string", "format": "date-time"},
    "format": TEXT,
    "warnings": TEXTS,
    "outline": list_of(_OUTLINE),
    "freshness": object_of(FRESHNESS | {"span": or_null(_SPAN)}),
    "text": TEXT,
}

DOCUMENT_FIELDS = tuple(_DOCUMENT)
DOCUMENT = responses(
    "The document, or those fields of it",
    object_of(_DOCUMENT, optional=tuple(name for name in _DOCUMENT if name != "id")),
    304,
    400,
    404,
    503,
    example=api_examples.DOCUMENT,
)
PROCEDURE = responses("All steps, or the one asked for", {"oneOf": [_PROCEDURE, _ONE_STEP]}, 304, 400, 404, 503)
DECISION_TREE = responses("The graph", _TREE, 304, 400, 404, 503)
DECISION_TREE[200]["content"]["text/vnd.mermaid"] = {"schema": TEXT}
ESCALATION = responses("Whose turn it is", _ESCALATION, 304, 400, 404, 503)
TEXT_OF = responses("The text", TEXT, 304, 400, 404, 503, content_type="text/markdown")
