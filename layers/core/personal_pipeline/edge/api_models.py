"""The shapes of requests and answers, as the published OpenAPI document describes them.

Only ``Question`` is validated at run time. The answers are described as plain schemas, because they are
cached as bytes and never pass through a model.
"""

from pydantic import BaseModel, ConfigDict, Field

from personal_pipeline.edge import api_examples
from personal_pipeline.edge.document_models import SHOWN
from personal_pipeline.edge.schemas import COUNT, TEXT, TEXTS
from personal_pipeline.edge.schemas import list_of as _list
from personal_pipeline.edge.schemas import object_of as _object
from personal_pipeline.edge.schemas import responses as _responses


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": api_examples.QUESTION})

    q: str = Field(description="Words, a log line or a stack trace; at most 8,000 characters")
    limit: int = Field(10, ge=1, le=50, description="Hits a page")
    cursor: str = Field("", description="'next_cursor' of the page before")
    service: str = Field("", max_length=200, description="Only documents of this service")
    source: str = Field("", max_length=200, description="Only documents of this source")
    type: str = Field("", max_length=200, description="Only documents of this type")
    severity: str = Field("", max_length=200, description="Only documents for this severity")


class Questions(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": api_examples.QUESTIONS})

    queries: list[Question] = Field(min_length=1, max_length=100, description="Each is answered in its place")


class Feedback(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": api_examples.VOTE})

    alert: str = Field(min_length=1, max_length=1000, description="The alert's name, as its match says it")
    service: str = Field("", max_length=200, description="The alert's service, if it has one")
    id: str = Field(min_length=1, max_length=100, description="The document")
    helpful: bool | None = Field(description="Whether the document helped with this alert; null takes it back")


_FACET = _list(_object({"value": TEXT, "count": COUNT}))
_RANGE = {"type": "array", "items": COUNT, "minItems": 2, "maxItems": 2}
_HIT = _object(
    SHOWN
    | {
        "heading": TEXTS,
        "snippet": _object({"text": TEXT, "highlights": _list(_RANGE)}),
        "score": {"type": "number"},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "reasons": TEXTS,
        "also_at": _list(_object({"id": TEXT, "source": TEXT, "path": TEXT, "url": TEXT})),
    }
)
SEARCH_ANSWER = _object(
    {
        "answered_by": {"type": "string", "enum": ["l1", "l2", "index", "stale", "keys"]},
        "degraded": TEXTS,
        "took_ms": {"type": "number"},
        "query": TEXT,
        "did_you_mean": {"type": ["string", "null"]},
        "semantic": {"type": "boolean"},
        "hits": _list(_HIT),
        "next_cursor": {"type": ["string", "null"]},
        "facets": _object({"service": _FACET, "source": _FACET, "type": _FACET}),
    }
)
_SUGGESTION = _object(
    {
        "id": TEXT,
        "title": TEXT,
        "kind": {"type": "string", "enum": ["title", "alert"]},
        "text": TEXT,
        "matched": _list(_RANGE),
    }
)
_ALERT_FIELDS = {
    "id": TEXT,
    "source": TEXT,
    "fingerprint": TEXT,
    "name": TEXT,
    "service": TEXT,
    "severity": {"type": "string", "enum": ["critical", "warning", "info", "unknown"]},
    "summary": TEXT,
    "url": TEXT,
    "status": {"type": "string", "enum": ["firing", "resolved"]},
    "started_at": {"type": "string", "format": "date-time"},
    "resolved_at": {"type": ["string", "null"], "format": "date-time"},
    "fired": COUNT,
    "answer": {
        "type": ["object", "null"],
        "properties": {
            "decision": {"type": "string", "enum": ["attach", "suggest", "none"]},
            "matched_by": TEXT,
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            "reasons": TEXTS,
            "runbook": {"type": ["object", "null"], "properties": {"id": TEXT, "title": TEXT, "url": TEXT}},
        },
    },
}
ALERT_FIELDS = tuple(_ALERT_FIELDS)  # the id first
_MOMENT = _object(
    {
        "at": {"type": "string", "format": "date-time"},
        "what": {
            "type": "string",
            "enum": ["received", "matched", "announced", "delivered", "repeated", "fired again", "resolved"],
        },
        "why": TEXT,
    }
)
_HEALTH = _object(
    {
        "status": {"type": "string", "enum": ["ok", "degraded", "down"]},
        "version": TEXT,
        "checks": {"type": "object", "additionalProperties": {"type": "string", "enum": ["ok", "unavailable"]}},
    }
)
SEARCH = _responses("Hits, best first", SEARCH_ANSWER, 304, 400, 503, example=api_examples.SEARCH)
SUGGEST = _responses(
    "Names, best first", _object({"suggestions": _list(_SUGGESTION)}), 304, 400, 503, example=api_examples.SUGGEST
)
ALERTS = _responses(
    "Alerts, newest first",
    _object(
        {
            "alerts": _list(_object(_ALERT_FIELDS, optional=ALERT_FIELDS[1:])),
            "next_cursor": {"type": ["string", "null"]},
        }
    ),
    304,
    400,
    503,
    example=api_examples.ALERTS,
)
STORY = _responses(
    "The alert and what happened to it",
    _object(_ALERT_FIELDS | {"timeline": _list(_MOMENT)}),
    304,
    400,
    404,
    503,
    example=api_examples.STORY,
)
FEEDBACK = _responses(
    "Counted, or taken back; the last word of each caller stands",
    _object({"status": TEXT}),
    400,
    404,
    422,
    503,
    example=api_examples.FEEDBACK,
)
HEALTH = _responses("Some questions can be answered", _HEALTH, 400, example=api_examples.HEALTH) | {
    503: {"description": "None can", "content": {"application/json": {"schema": _HEALTH}}}
}
ALERT = _responses(
    "Stored; the runbook is looked for now",
    _object({"status": TEXT}),
    401,
    404,
    409,
    413,
    503,
    success=202,
    example=api_examples.ACCEPTED,
)
SLACK = _responses(
    "Taken; nothing to say but to a challenge",
    _object({"challenge": TEXT}, optional=("challenge",)),
    400,
    401,
    503,
    example=api_examples.CHALLENGE,
)
