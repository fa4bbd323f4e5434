"""The head of a document: YAML between ``---`` lines, or TOML between ``+++`` lines.

The author's own words about the document, so it is believed, but read as hostile input: no aliases,
no tags, bounded depth and size, and scalars that stay what JSON can say. A head that cannot be read
is a warning, never a reason to lose the document.
"""

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from typing import Any

import yaml

from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing.decoding import without_invisible

MAX_BYTES = 64 * 1024
MAX_DEPTH = 20
MAX_NODES = 5000
_CLOSING = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE),
    "+++": re.compile(r"^\+\+\+[ \t]*(?:\n|\Z)", re.MULTILINE),
}
_GROUPS = re.compile(r"^[\"']?groups[\"']?[ \t]*[:=]", re.MULTILINE | re.IGNORECASE)
_FIRST_KEY = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*[\"'\[]?[\w][\w. -]{0,60}[\"'\]]?[ \t]*[:=]")
_SINGLE_LINE = re.compile(r"^([A-Za-z][\w-]{0,60}):[ \t]+([^\s&*!|>{\[%@`\"'#][^\n]{0,300})$", re.MULTILINE)


class Loader(yaml.SafeLoader):
    """Pure Python, because the C loader dies of deep nesting; YAML 1.2 scalars, so that dates stay text."""

    tags: frozenset[str] = frozenset()  # that are not refused
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - the base's own form

    def __init__(self, text: str, most_nodes: int = MAX_NODES) -> None:
        super().__init__(text)
        self._depth = self._nodes = 0
        self._most_nodes = most_nodes

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise ValueError("aliases (*name) are not read")
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if (tag := getattr(event, "tag", None)) and tag not in self.tags:
            raise ValueError(f"tags ({event.tag}) are not read")
        self._depth += 1
        self._nodes += 1
        if self._depth > MAX_DEPTH:
            raise ValueError(f"nested more than {MAX_DEPTH} deep")
        if self._nodes > self._most_nodes:
            raise ValueError(f"more than {self._most_nodes} values")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,14})", list("-+0123456789")),
    ("float", r"[-+]?[0-9]{1,15}\.[0-9]{1,15}", list("-+0123456789")),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)


def load_yaml(text: str) -> Any:
    """What JSON can say, with text as keys. Raises ValueError naming what is wrong."""
    with translated(text, MAX_BYTES):
        return as_plain(Loader(text).get_single_data())


def load_documents(text: str, most_bytes: int, most_values: int) -> Iterator[Any]:
    """The same for several documents between ``---`` lines; the limits are for all of them together."""
    with translated(text, most_bytes):
        loader = Loader(text, most_values)
        while loader.check_data():  # type: ignore[no-untyped-call]
            yield as_plain(loader.get_data())


@contextmanager
def translated(text: str, most_bytes: int) -> Iterator[None]:
    if len(text.encode()) > most_bytes:
        raise ValueError(f"larger than {most_bytes // 1024} KiB")
    try:
        yield
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ValueError(f"{error.problem}{line}") from error
    except yaml.YAMLError as error:
        raise ValueError(str(error).partition("\n")[0]) from error


TEXTS = ("title", "type", "severity", "owner", "url", "reviewed", "last_reviewed", "last_reviewed_on", "review_date")
LISTS = ("service", "services", "groups", "alert", "alerts", "alert_names", "aliases", "contact", "contacts")
FLAGS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def checked(values: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The fields that metadata is made from, each in its type; a wrong one is left out and named.

    Only ``groups`` is not left out: without them everybody would see what was meant for a few.
    """
    known: dict[str, Any] = {}
    warnings: list[str] = []
    for name, value in values.items():
        read = _read(name, value)
        if read is not None:
            known[name] = read
        elif value is not None:
            if name == "groups":
                raise InvalidDocumentError(f"has groups that cannot be read: write {name} as a list of names")
            warnings.append(f"front matter: {name} is not read, it is no {_KINDS.get(name, 'text')}")
    return known, warnings


_KINDS = {"critical": "true or false", **dict.fromkeys(LISTS, "list of texts")}


def _read(name: str, value: Any) -> Any:
    if name in LISTS:
        values = value if isinstance(value, list) else [value]
        return values if all(_is_text(item) for item in values) else None
    if name == "critical":
        return value if isinstance(value, bool) else FLAGS.get(str(value).casefold())
    if name in TEXTS:
        return str(value) if _is_text(value) else None
    return value


def _is_text(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def front_matter(text: str) -> tuple[dict[str, Any], int, list[str]]:
    """The values, the offset at which the body begins, and warnings."""
    fence, newline, _ = text[:80].partition("\n")
    fence = fence.rstrip()
    if not newline or fence not in _CLOSING:
        return {}, 0, []
    begin = text.index("\n") + 1
    closing = _CLOSING[fence].search(text, begin, begin + MAX_BYTES)
    head = text[begin : closing.start()] if closing else text[begin : begin + 80]
    if not head.strip():
        return {}, closing.end() if closing else 0, []
    if not _FIRST_KEY.match(head):
        return {}, 0, []  # a horizontal rule at the top, and prose below it
    if not closing:
        _refuse_groups(text[begin : begin + MAX_BYTES], f"no closing {fence}")
        return {}, 0, [f"front matter without a closing {fence} in its first {MAX_BYTES // 1024} KiB: read as text"]
    try:
        values = load_yaml(head) if fence == "---" else as_plain(tomllib.loads(head))
    except (ValueError, RecursionError) as error:
        _refuse_groups(head, str(error))
        return _single_lines(head), closing.end(), [f"front matter could not be read: {error}"]
    if not isinstance(values, dict):
        return {}, 0, ["front matter is no list of names and values: read as text"]
    return values, closing.end(), []


def _refuse_groups(head: str, reason: str) -> None:
    if _GROUPS.search(head):
        raise InvalidDocumentError(
            f"has groups in a front matter that cannot be read ({reason}): repair it, or everybody would see it"
        )


def _single_lines(head: str) -> dict[str, Any]:
    """What can be saved of a head that is no YAML, as ``title: Alert: disk full`` is not."""
    return {name: without_invisible(value).strip() for name, value in _SINGLE_LINE.findall(head)[:MAX_DEPTH]}


def as_plain(value: Any, depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        raise ValueError(f"nested more than {MAX_DEPTH} deep")
    if isinstance(value, dict):
        return {without_invisible(str(name)): as_plain(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list):
        return [as_plain(item, depth + 1) for item in value]
    if isinstance(value, date | time):
        return value.isoformat()
    return without_invisible(value) if isinstance(value, str) else value
