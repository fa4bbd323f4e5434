"""A structure as JSON and back: compact, one list for each kind, spans as two numbers, what is absent left out."""

import json
from dataclasses import fields
from typing import Any

from personal_pipeline.domain.extract.structure import (
    Branch,
    Command,
    Contact,
    Expected,
    Fact,
    Link,
    Remark,
    Risk,
    Said,
    Section,
    Span,
    Step,
    Structure,
)

_KINDS: dict[str, type[Any]] = {
    "sections": Section,
    "steps": Step,
    "commands": Command,
    "expected": Expected,
    "branches": Branch,
    "remarks": Remark,
    "contacts": Contact,
    "links": Link,
    "facts": Fact,
    "markdown": Said,
}
_SPANS = ("span", "target")
_LISTS = ("commands", "expected", "placeholders")


def to_json(structure: Structure) -> str:
    """All but the names of document and revision: whoever keeps it keeps them beside it."""
    body: dict[str, Any] = {}
    for kind in _KINDS:
        if items := getattr(structure, kind):
            body[kind] = [_packed(item) for item in items]
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str | bytes, document: str = "", revision: int = 0) -> Structure:
    """Of what ``to_json`` wrote; empty of nothing. Keys that it does not know are left out, so that newer ones can be
    read."""
    body = json.loads(text or "{}")
    kinds = {name: tuple(_unpacked(kind, item) for item in body.get(name, ())) for name, kind in _KINDS.items()}
    return Structure(document, revision, **kinds)


def _packed(item: Any) -> dict[str, Any]:
    packed: dict[str, Any] = {}
    for field in fields(item):
        value = getattr(item, field.name)
        if isinstance(value, Span):
            packed[field.name] = [value.start, value.end]
        elif value is not None and value is not False and value not in ("", ()):
            packed[field.name] = list(value) if isinstance(value, tuple) else value
    return packed


def _unpacked(kind: type[Any], packed: dict[str, Any]) -> Any:
    """A field that was left out has its default, an empty text, list or None where it has none."""
    values: dict[str, Any] = {}
    for field in fields(kind):
        value = packed.get(field.name)
        if field.name in _SPANS and isinstance(value, list):
            value = Span(*value)
        elif field.name in _LISTS:
            value = tuple(value or ())
        elif field.name == "risk":
            value = Risk(str(value))
        elif value is None and field.type in (str, "str"):
            value = ""
        elif value is None and field.type in (bool, "bool"):
            value = False
        values[field.name] = value if value is not None or field.name != "kind" else ""
    return kind(**values)
