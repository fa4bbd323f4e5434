"""Pieces of JSON Schema that the tools share, and the check of arguments against them.

No ``anyOf`` at the top: some clients hand schemas on to models that do not take it there.
"""

from collections.abc import Mapping
from typing import Any

from personal_pipeline.domain.safe_text import visible
from personal_pipeline.edge.mcp.budget import DEFAULT_TOKENS, LEAST_TOKENS, MOST_TOKENS
from personal_pipeline.edge.mcp.tool import Tool, ToolFailedError

TEXT: dict[str, Any] = {"type": "string"}
TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
CONFIDENCE: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}
CURSOR = {"type": ["string", "null"], "description": "Send it as 'cursor' for what follows; null at the end"}
NOTICE = {"type": "string", "description": "What to keep in mind about texts of documents and alerts in here"}

TAKES_CURSOR = {"type": "string", "maxLength": 100, "description": "'next_cursor' of the answer before, unchanged"}
TAKES_TOKENS = {
    "type": "integer",
    "minimum": LEAST_TOKENS,
    "maximum": MOST_TOKENS,
    "default": DEFAULT_TOKENS,
    "description": "How many tokens the answer may take at most; what does not fit comes with the cursor",
}
PAGED = {"cursor": TAKES_CURSOR, "max_tokens": TAKES_TOKENS}
DOCUMENT_ID = {"type": "string", "minLength": 1, "maxLength": 100, "description": "'id' of a document, as hits have it"}


def text(description: str, most: int = 200, least: int = 0) -> dict[str, Any]:
    return {"type": "string", "minLength": least, "maxLength": most, "description": description}


def takes(properties: Mapping[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def gives(properties: Mapping[str, Any], *optional: str) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), "required": required}


def many(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(item)}


def checked(tool: Tool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """With defaults filled in. Raises ToolFailedError naming the argument and what it may be."""
    from jsonschema.exceptions import best_match  # type: ignore[import-untyped]

    properties: Mapping[str, Any] = tool.takes["properties"]
    if unknown := sorted(set(arguments) - set(properties)):
        known = ", ".join(properties)
        raise ToolFailedError(f"{tool.name} has no argument {visible(unknown[0], 80)!r}: it takes {known}")
    if missing := [name for name in tool.takes["required"] if name not in arguments]:
        raise ToolFailedError(f"{tool.name} needs {', '.join(missing)}: {properties[missing[0]]['description']}")
    wrong = best_match(_validator(tool).iter_errors(dict(arguments)))
    if wrong is not None:
        name = str(wrong.absolute_path[0]) if wrong.absolute_path else "arguments"
        raise ToolFailedError(f"{name}: {visible(wrong.message, 300)}. It is: {_meant(properties.get(name, {}))}")
    defaults = {name: each["default"] for name, each in properties.items() if "default" in each}
    return {**defaults, **arguments}


def _meant(schema: Mapping[str, Any]) -> str:
    limits = {"minimum": "at least", "maximum": "at most", "maxLength": "characters at most", "enum": "one of"}
    found = [f"{words} {schema[name]}" for name, words in limits.items() if name in schema]
    return "; ".join([str(schema.get("description", "an object of arguments")), *found])


_validators: dict[str, Any] = {}


def _validator(tool: Tool) -> Any:
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

    if tool.name not in _validators:
        _validators[tool.name] = Draft202012Validator(tool.takes)
    return _validators[tool.name]
