"""What every reader fills: blocks in reading order under their headings, within the limits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
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
    """Headings and blocks as a reader meets them.

    A document without a title of its own is named by its first level-1 heading, or by the one heading
    that everything stands under. That heading is then no part of the paths below it.
    """

    def __init__(self, title: str = "") -> None:
        self.title = _one_line(title)[:MAX_HEADING]
        self.warnings: list[str] = []
        self._blocks: list[Block] = []
        self._path: list[tuple[int, str]] = []
        self._open: Block | None = None  # a heading that nothing stands under yet
        self._bytes = self._rows = self._cells = 0

    def heading(self, level: int, text: str, start: int, end: int) -> None:
        text = _one_line(text)
        if not text:
            return
        is_deeper = bool(self._path) and self._path[-1][0] < level
        if self._open and not is_deeper:
            self._add(self._open)
        self._path = [(above, name) for above, name in self._path if above < level]
        self._path.append((level, text[:MAX_HEADING]))
        if level == 1 and not self.title:
            self.title = text[:MAX_HEADING]
        self._open = Block(self._names(), "text", text, start, end)
        if len(text) > MAX_HEADING:
            self._add(self._open)

    def block(
        self, kind: Literal["text", "code", "table"], text: str, start: int, end: int, language: str = ""
    ) -> None:
        text = without_invisible(text).strip("\n")
        if text.strip():
            self._add(Block(self._names(), kind, text.rstrip(), start, end, language.strip()[:40]))

    def count_table(self, rows: int, columns: int = 1) -> None:
        """Before a table is parsed: some parsers take minutes over what is refused here."""
        self._rows += rows
        self._cells += rows * columns
        for count, most, what in ((self._rows, MAX_TABLE_ROWS, "rows"), (self._cells, MAX_TABLE_CELLS, "cells")):
            if count > most:
                raise InvalidDocumentError(
                    f"has more than {most:,} table {what}: split it, or link to the data instead"
                )

    def finish(self, values: Mapping[str, Any], warnings: Sequence[str] = ()) -> ParsedDocument:
        if self._open:
            self._add(self._open)
        tops = {block.heading[:1] for block in self._blocks}
        if not self.title and len(tops) == 1:
            self.title = "".join(tops.pop())
        blocks = tuple(
            replace(block, heading=block.heading[1:]) if block.heading[:1] == (self.title,) else block
            for block in self._blocks
        )
        return ParsedDocument(self.title, blocks, values, (*warnings, *self.warnings))

    def _names(self) -> tuple[str, ...]:
        return tuple(name for _, name in self._path)

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
