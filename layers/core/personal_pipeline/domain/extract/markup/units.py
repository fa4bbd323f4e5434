"""The pieces of a document that rules look at, the same for every markup, with exact offsets.

A unit is a heading, the first paragraph of a list item, any other paragraph, the term of a definition, a block of
code, or a cell of a table. Readers work line by line and never backtrack, so that the time is linear.
"""

import re
from dataclasses import dataclass
from typing import Literal

UnitKind = Literal["heading", "item", "paragraph", "term", "code", "cell"]
MAX_DEPTH = 50  # of lists; what is nested deeper counts as this deep


@dataclass(slots=True)
class Unit:
    """``item`` numbers the list item that it belongs to, 0 for none, and ``parents`` leads to the items around it."""

    kind: UnitKind
    start: int
    end: int
    level: int = 0
    depth: int = 0
    marker: str = ""
    item: int = 0
    language: str = ""
    table: int = 0
    row: int = 0
    column: int = 0
    is_header: bool = False
    is_admonition: bool = False


@dataclass(slots=True)
class _OpenItem:
    number: int
    indent: int  # of the marker
    content: int  # of what belongs to it
    kind: str = ""


class Reader:
    """What the readers of indented markup share: open list items and the paragraph that is being read."""

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self.parents: dict[int, int] = {}
        self.items: list[_OpenItem] = []
        self.tables = 0
        self._open: Unit | None = None

    def open_item(self, indent: int, content: int, kind: str = "") -> None:
        number = len(self.parents) + 1
        self.parents[number] = self.items[-1].number if self.items else 0
        self.items.append(_OpenItem(number, indent, content, kind))

    def close_items(self, width: int) -> None:
        """Those that a line with this indentation does not belong to."""
        while self.items and width < self.items[-1].content:
            self.items.pop()

    def add(self, kind: UnitKind, start: int, end: int, **more: object) -> Unit:
        unit = Unit(kind, start, end, depth=min(len(self.items), MAX_DEPTH))
        unit.item = self.items[-1].number if self.items else 0
        for name, value in more.items():
            setattr(unit, name, value)
        if start < end:
            self.units.append(unit)
        return unit

    def words(self, kind: UnitKind, start: int, end: int, **more: object) -> None:
        """A line of a paragraph: the first opens it, the others make it longer."""
        if self._open is None:
            self._open = self.add(kind, start, end, **more)
        else:
            self._open.end = end

    def end_paragraph(self) -> None:
        self._open = None

    @property
    def in_paragraph(self) -> bool:
        return self._open is not None

    def table_row(self, text: str, start: int, end: int, row: int, *, is_header: bool) -> None:
        """Cells between bars; an escaped bar belongs to its cell."""
        column = 0
        at = start
        for bar in [*(found.start() for found in _BAR.finditer(text, start, end)), end]:
            left, right = trimmed(text, at, bar)
            if at > start or left < right:  # not what stands before the first bar
                self.add("cell", left, right, table=self.tables, row=row, column=column, is_header=is_header)
                column += 1
            at = bar + 1


_BAR = re.compile(r"(?<!\\)\|")


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def lines_of(text: str, begin: int) -> list[tuple[int, int]]:
    """Start and end of each line, without its line end."""
    found = []
    at = begin
    while at <= len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        found.append((at, end - 1 if end > at and text[end - 1] == "\r" else end))
        at = end + 1
    return found
