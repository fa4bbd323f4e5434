"""How shapes are written in the OpenAPI document, and what every route has in common."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
COUNT: Schema = {"type": "integer", "minimum": 0}
DATE: Schema = {"type": "string", "format": "date"}
TIME: Schema = {"type": "string", "format": "date-time"}

_MEANINGS = {
    304: "The caller has it: it sent its ETag as If-None-Match",
    400: "The request says something wrong",
    401: "The sender's secret is missing or wrong",
    404: "Not there",
    409: "This signed request was taken before",
    413: "The body is too large",
    422: "The Idempotency-Key came with another body before",
    503: "Try again shortly",
}


def object_of(properties: Mapping[str, Any], optional: tuple[str, ...] = ()) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": dict(properties)}


def list_of(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def or_null(schema: Schema) -> Schema:
    return schema | {"type": [schema["type"], "null"]}


PROBLEM = object_of(
    {
        "type": TEXT,
        "title": TEXT,
        "status": COUNT,
        "detail": TEXT,
        "errors": list_of(object_of({"field": TEXT, "problem": TEXT})),
    },
    optional=("errors",),
)


def responses(
    description: str, schema: Schema, *others: int, success: int = 200, example: Mapping[str, Any]
) -> dict[int, Any]:
    """``others`` are the statuses besides success; all but 304 have a problem body."""
    content = {"application/json": {"schema": schema, "example": dict(example)}}
    answers: dict[int, Any] = {success: {"description": description, "content": content}}
    for status in others:
        refused = {"application/problem+json": {"schema": PROBLEM}}
        answers[status] = {"description": _MEANINGS[status]} | ({} if status == 304 else {"content": refused})
    return answers
