"""What every reader fills: blocks in reading order under their headings, within the limits."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from personal_pipeline.domain.documents import Block, ParsedDocument
from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing.decoding import without_invisible

MAX_TEXT_BYTES = 1_000_000
MAX_TABLE_ROWS = 2000
MAX_TABLE_CELLS = 40_000
MAX_BLOCKS = 20_000
MAX_HEADING = 200  # characters; every passage below repeats it


class Outline:
    """Headings and blocks as a reader meets them. The first level-1 heading names the document."""

    def __init__(self, title: str = "") -> None:
        self.title = _one_line(title)
        self._blocks: list[Block] = []
        self._path: list[tuple[int, str]] = []
        self._open: Block | None = None  # a heading that nothing stands under yet
        self._bytes = self._rows = self._cells = 0

    def heading(self, level: int, text: str, start: int, end: int) -> None:
        text = _one_line(text)
        if not text:
            return
        deeper = self._path and self._path[-1][0] < level
        if self._open and not deeper:
            self._add(self._open)
        self._path = [(above, name) for above, name in self._path if above < level]
        if not self.title and level == 1 and not self._path:
            self.title = text[:MAX_HEADING]
        self._path.append((level, text[:MAX_HEADING]))
        self._open = Block(self.path, "text", text, start, end)
        if len(text) > MAX_HEADING:
            self._add(self._open)

    def block(
        self, kind: Literal["text", "code", "table"], text: str, start: int, end: int, language: str = ""
    ) -> None:
        text = without_invisible(text).strip("\n") if kind == "code" else without_invisible(text).strip()
        if text.strip():
            self._add(Block(self.path, kind, text, start, end, language.strip()[:40]))

    def count_table(self, rows: int, columns: int = 1) -> None:
        """Before a table is parsed: some parsers take minutes over what is refused here."""
        self._rows += rows
        self._cells += rows * columns
        for count, most, what in (
            (self._rows, MAX_TABLE_ROWS, "rows"),
            (self._cells, MAX_TABLE_CELLS, "cells"),
        ):
            if count > most:
                raise InvalidDocumentError(
                    f"has more than {most:,} table {what}: split it, or link to the data instead"
                )

    @property
    def path(self) -> tuple[str, ...]:
        """Without the heading that is the document's title."""
        names = tuple(name for _, name in self._path)
        return names[1:] if names and names[0] == self.title else names

    def finish(self, values: Mapping[str, Any], warnings: Sequence[str]) -> ParsedDocument:
        if self._open:
            self._add(self._open)
        return ParsedDocument(self.title, tuple(self._blocks), values, tuple(warnings))

    def _add(self, block: Block) -> None:
        self._open = None
        self._bytes += len(block.text.encode())
        if self._bytes > MAX_TEXT_BYTES:
            raise InvalidDocumentError(f"has more than {MAX_TEXT_BYTES:,} bytes of text: split it by topic")
        if len(self._blocks) >= MAX_BLOCKS:
            raise InvalidDocumentError(f"has more than {MAX_BLOCKS:,} paragraphs: split it by topic")
        self._blocks.append(block)


def _one_line(text: str) -> str:
    return " ".join(without_invisible(text).split())
