"""The OpenAPI document shows how each operation is asked and answered, and what it shows is true to its own schemas."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from infra.openapi import PUBLISHED

DOCUMENT = json.loads(PUBLISHED.read_text(encoding="utf-8"))
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def whole(schema: Any) -> Any:
    """Without references."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return whole(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
        return {name: whole(value) for name, value in schema.items()}
    return [whole(item) for item in schema] if isinstance(schema, list) else schema


def shown(operation: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """What is shown, its schema, and the example, None where there is none."""
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            for kind, content in response["content"].items():
                yield f"{status} {kind}", whole(content["schema"]), content.get("example")
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = whole(content["schema"])
        yield kind, schema, content.get("example", schema.get("example"))
    for parameter in operation.get("parameters", []):
        if parameter["required"] and parameter["in"] == "query":
            schema = whole(parameter["schema"])
            yield parameter["name"], schema, next(iter(schema.get("examples", [])), None)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_has_an_example_of_what_is_sent_and_answered(name: str) -> None:
    examples = list(shown(OPERATIONS[name]))

    assert examples
    for what, schema, example in examples:
        assert example is not None, f"{name}: {what} has no example"
        jsonschema.validate(example, schema, format_checker=jsonschema.FormatChecker())


def test_a_wrong_example_would_be_noticed() -> None:
    what, schema, example = next(shown(OPERATIONS["GET /v1/coverage"]))

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(example | {"documents": -1}, schema)
    assert what == "200 application/json"
