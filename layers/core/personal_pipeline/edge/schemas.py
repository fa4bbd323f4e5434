"""Plain JSON schemas of what is answered, as the published OpenAPI document has them."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
COUNT: Schema = {"type": "integer", "minimum": 0}
DATE: Schema = {"type": "string", "format": "date"}
TIME: Schema = {"type": "string", "format": "date-time"}

_STATUSES = {
    304: "The caller has it: it sent the ETag as If-None-Match",
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
    description: str,
    schema: Schema,
    *others: int,
    success: int = 200,
    content_type: str = "application/json",
    example: Mapping[str, Any] | None = None,
) -> dict[int, Any]:
    """``others`` are the statuses besides success; all but 304 have a problem body."""
    content: Schema = {"schema": schema} | ({"example": dict(example)} if example else {})
    answers: dict[int, Any] = {success: {"description": description, "content": {content_type: content}}}
    refused = {"content": {"application/problem+json": {"schema": PROBLEM}}}
    for status in others:
        answers[status] = {"description": _STATUSES[status]} | ({} if status == 304 else refused)
    return answers
