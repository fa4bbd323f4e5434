"""Markdown made from what is no text: a runbook in YAML, a PDF, a Word file.

What is written is read again by the Markdown reader, so that these formats give the same blocks, spans and steps as a
Markdown file would. Words that are no markup at home are escaped where Markdown would take them for some.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing.decoding import tidy
from personal_pipeline.domain.parsing.hypertext import TAGS

MAX_WRITTEN = 2_000_000
"""Characters, as of any other markup."""

_MARKUP = re.compile(
    r"""\\(?=[!-/:-@\[-`{-~]|$)                     # an escape, or a line break at the end of a line
    |(?<!\s)\*|\*(?!\s)|~(?=~)|(?<![^\W_])_|_(?![^\W_])
    |\](?=[(\[:])                                   # a link; brackets alone are words
    |&(?=\#?\w{1,30};)
    |<(?=[!?%/]|(?P<tag>[A-Za-z][A-Za-z0-9-]{0,20})[\s/>])""",
    re.VERBOSE | re.MULTILINE,
)
_LINE_START = re.compile(
    r"^[ \t]*(?:(?P<mark>\#{1,6}(?=\s|$)|>|[-+*](?=\s|$)|[-=_*](?=[-=_* \t]*$)|<|\||!!!|\?\?\?|===|```|~~~|:::)"
    r"|(?P<number>\d{1,9})(?=[.)](?:\s|$)))",
    re.MULTILINE,
)
_TICKS = re.compile(r"`+")
_SPACES = {"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u00ad": "", "\u2011": "-"}
_LIGATURES = {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb06": "st"}
_PRINTED = str.maketrans(_SPACES | _LIGATURES)


def typed(text: str) -> str:
    """As it would be typed: spaces and hyphens that only hold a line together, and letters that are printed as one, are
    found by no search and understood by no shell."""
    return tidy(text).translate(_PRINTED)


def plain(text: str, *, goes_on: bool = False) -> str:
    """Words that mean nothing but themselves, at the start of a line unless its first one ``goes_on``.

    Code in backticks is left as it is: whoever types that means it.
    """
    parts = tidy(text).split("`")
    if len(parts) % 2:  # the odd ones are code
        parts[::2] = [_MARKUP.sub(_escaped, part) for part in parts[::2]]
        words = "`".join(parts)
    else:
        words = _MARKUP.sub(_escaped, tidy(text))
    first, newline, others = words.partition("\n") if goes_on else ("", "", words)
    return first + newline + _LINE_START.sub(_escaped_start, others)


def code(text: str) -> str:
    """As inline code, with more backticks around it than it has inside."""
    words = " ".join(tidy(text).split())
    fence = "`" * (max((len(run) for run in _TICKS.findall(words)), default=0) + 1)
    space = " " if words[:1] == "`" or words[-1:] == "`" else ""
    return f"{fence}{space}{words}{space}{fence}" if words else ""


def _escaped(found: re.Match[str]) -> str:
    if (tag := found["tag"]) and tag.lower() not in TAGS:
        return found[0]  # <pod> is a place to fill in, and the Markdown reader knows it
    return "\\" + found[0]


def _escaped_start(found: re.Match[str]) -> str:
    return f"{found['number']}\\" if found["number"] else f"\\{found['mark']}"


class Markdown:
    """Blocks as they come; ``depth`` is the number of list items that a block stands in."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self._indents: list[int] = []  # where the content of each open item begins
        self._last: tuple[int, int] | None = None  # depth and number of the item that was written last, if one was

    def front_matter(self, values: Mapping[str, Any]) -> None:
        """JSON is YAML that needs no thought about quotes."""
        lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
        self._add("\n".join(["---", *lines, "---"]))

    def heading(self, level: int, text: str) -> None:
        self._indents.clear()
        if words := " ".join(tidy(text).split()):
            self._block(f"{'#' * min(max(level, 1), 6)} {words}", 0)

    def paragraph(self, text: str, depth: int = 0) -> None:
        """``text`` is Markdown: see ``plain`` for what is not."""
        self._block(tidy(text), depth)

    def item(self, text: str, depth: int, number: int = 0) -> None:
        """``depth`` counts from 0; a number of 0 is a bullet."""
        depth = min(depth, len(self._indents))
        marker = f"{number}. " if number else "- "
        del self._indents[depth:]
        self._indents.append((self._indents[-1] if self._indents else 0) + len(marker))
        lines = _lines(text)
        indent = " " * self._indents[-1]
        outer = " " * (self._indents[-1] - len(marker))
        written = [outer + marker + (lines[0] if lines else ""), *(indent + line if line else "" for line in lines[1:])]
        # without an empty line before it, no list but one that begins with 1 ends a paragraph
        goes_on = self._last is not None and (number < 2 or (depth, 0) < self._last)
        self._add("\n".join(line.rstrip() for line in written), close=goes_on)
        self._last = depth, number

    def code(self, text: str, language: str = "", depth: int = 0) -> None:
        text = tidy(text).strip("\n")
        if text.strip():
            longest = max((len(run) for run in _TICKS.findall(text)), default=0)
            fence = "`" * max(3, longest + 1)
            info = "".join(re.findall(r"[\w+#.-]", language))[:40]
            self._block(f"{fence}{info}\n{text}\n{fence}", depth, is_code=True)

    def table(self, rows: Sequence[Sequence[str]], depth: int = 0) -> None:
        """Cells are Markdown; the first row is the heading."""
        rows = [[_cell(cell) for cell in row] for row in rows if any(cell.strip() for cell in row)]
        if not rows:
            return
        width = max(map(len, rows))
        lines = ["| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in rows]
        lines.insert(1, "| " + " | ".join(["---"] * width) + " |")
        self._block("\n".join(lines), depth)

    @property
    def text(self) -> str:
        return "".join(self._parts) + ("\n" if self._parts else "")

    def _block(self, text: str, depth: int, *, is_code: bool = False) -> None:
        depth = min(depth, len(self._indents))
        del self._indents[depth:]
        indent = " " * (self._indents[-1] if self._indents else 0)
        lines = text.split("\n") if is_code else _lines(text)
        if lines:
            self._add("\n".join(indent + line if line.strip() else "" for line in lines))

    def _add(self, block: str, *, close: bool = False) -> None:
        self._last = None
        self._size += len(block) + 2
        if self._size > MAX_WRITTEN:
            raise InvalidDocumentError(f"is more than {MAX_WRITTEN:,} characters as Markdown: split it by topic")
        self._parts.append(("\n" if close else "\n\n") + block if self._parts else block)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in tidy(text).strip().split("\n")] if text.strip() else []


def _cell(text: str) -> str:
    return " ".join(tidy(text).split()).replace("|", "\\|")
