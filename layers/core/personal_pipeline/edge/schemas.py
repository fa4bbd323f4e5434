"""Plain JSON schemas of what is answered, as the published OpenAPI document has them."""

from typing import Any

TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
COUNT = {"type": "integer", "minimum": 0}

_STATUSES = {
    400: "The request says something wrong",
    401: "The sender's secret is missing or wrong",
    404: "Not there",
    409: "This signed request was taken before",
    413: "The body is too large",
    503: "Try again shortly",
}


def object_of(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": properties}


def list_of(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return schema | {"type": [schema["type"], "null"]}


_PROBLEM = object_of(
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
    schema: dict[str, Any],
    *problems: int,
    success: int = 200,
    content_type: str = "application/json",
) -> dict[int, Any]:
    answers = {success: {"description": description, "content": {content_type: {"schema": schema}}}}
    refused = {"application/problem+json": {"schema": _PROBLEM}}
    return answers | {status: {"description": _STATUSES[status], "content": refused} for status in problems}
