"""What a procedure says besides its items: cautions, reasons, how to read a result.

Whoever gets steps one by one would otherwise never see "do not delete anything under …" between two of them. Each piece
belongs to the step before it, or to its section where no step comes before. Background and contacts are left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from personal_pipeline.domain.extract.structure import Span, Structure
from personal_pipeline.domain.parsing.decoding import without_invisible
from personal_pipeline.domain.structure_places import Places

MAX_TEXT = 600  # characters of a piece
_LEFT_OUT = ("background", "escalation")
_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n.{0,65536}?\n(?:\1|\.\.\.)[ \t]*\n", re.DOTALL)
_HTML_HEAD = re.compile(r".{0,65536}?(?:</head>|<body\b[^<>]{0,300}>)", re.DOTALL | re.IGNORECASE)
_HEADING = {"html": re.compile(r"<h[1-6]\b.{0,500}?</h[1-6]>", re.DOTALL)}
_HEADING_LINE = re.compile(r"(?:[^\w\n]{3,200}\n)?[^\n]*\n?")
_PARAGRAPH_ENDS = re.compile(r"\n[ \t]*(?=\n)|\n(?=[ \t]*(?:[-*+•] |\d{1,3}[.)] |\|))|</(?:p|li|td|pre)>")
_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,}|-{4,}|\.{4,})[^\n]*$", re.MULTILINE)
_SIGNS = re.compile(  # of Markdown, AsciiDoc and reStructuredText, where they say nothing
    r"^[ \t]*(?:[-*+•>.]|#{1,6}|\d{1,3}[.)])(?=\s|$)|^[ \t]*\[[\w,= \"%.-]{1,100}\][ \t]*$|^[ \t]*\.\.[ \t]+[\w-]+::.*$"
    r"|^[ \t]*:[\w-]{1,40}:.*$|^[ \t|+:=~^\"'*#_.-]+$|\|",
    re.MULTILINE,
)
_ROW_OF_DASHES = re.compile(
    r"[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+[ \t:-]*$", re.MULTILINE
)  # what is above names the columns
_TAG = re.compile(r"</?[A-Za-z!][^<>]{0,300}>")
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Piece:
    span: Span
    text: str


class Besides:
    """``of_step`` and ``of_section`` by place; the section None is what stands before the first heading."""

    def __init__(self, structure: Structure, text: str, markup: str) -> None:
        self._structure = structure
        self._text = text
        self._markup = markup
        self._places = Places(structure)
        self._taken = sorted(self._spans_of_items())
        self._at = 0
        self.of_step: dict[int, list[Piece]] = {}
        self.of_section: dict[int | None, list[Piece]] = {}
        self._collect()

    def _collect(self) -> None:
        steps: dict[int | None, list[int]] = {}
        for place, step in enumerate(self._structure.steps):
            steps.setdefault(step.section, []).append(place)
        for section, start, end in self._regions():
            if self._places.kind(section) in _LEFT_OUT:
                continue
            owners = [None, *steps.get(section, [])]
            starts = [start, *(self._structure.steps[place].span.start for place in owners if place is not None)]
            for owner, first, last in zip(owners, starts, [*starts[1:], end], strict=True):
                if pieces := list(self._pieces(first, last)):
                    if owner is None:
                        self.of_section[section] = pieces
                    else:
                        self.of_step[owner] = pieces

    def _regions(self) -> Iterator[tuple[int | None, int, int]]:
        """Each section from below its heading to the next heading."""
        head = (_HTML_HEAD if self._markup == "html" else _FRONT_MATTER).match(self._text)
        sections = self._structure.sections
        begin = head.end() if head else 0
        yield None, begin, max(begin, sections[0].span.start) if sections else len(self._text)
        heading = _HEADING.get(self._markup, _HEADING_LINE)
        for place, section in enumerate(sections):
            following = sections[place + 1].span.start if place + 1 < len(sections) else section.span.end
            found = heading.match(self._text, section.span.start)
            yield place, found.end() if found else section.span.start, min(following, section.span.end)

    def _spans_of_items(self) -> Iterator[tuple[int, int]]:
        structure = self._structure
        for items in (structure.steps, structure.commands, structure.expected, structure.remarks):
            yield from ((item.span.start, item.span.end) for item in items)
        for branch in structure.branches:
            yield branch.span.start, branch.span.end
            if self._places.step_in_action(branch) is None:  # otherwise it is a whole section
                yield branch.target.start, branch.target.end

    def _pieces(self, start: int, end: int) -> Iterator[Piece]:
        """Regions come in the order of the text, so that no item is looked at twice."""
        at = start
        while self._at < len(self._taken) and self._taken[self._at][0] < end:
            first, last = self._taken[self._at]
            self._at += 1
            if at < first:
                yield from self._paragraphs(at, first)
            at = max(at, last)
        if at < end:
            yield from self._paragraphs(at, end)

    def _paragraphs(self, start: int, end: int) -> Iterator[Piece]:
        at = start
        for cut in [*_PARAGRAPH_ENDS.finditer(self._text, start, end), None]:
            last = cut.end() if cut else end
            names_columns = self._markup == "markdown" and _ROW_OF_DASHES.match(self._text, last)
            if not names_columns and (piece := self._piece(at, last)):
                yield piece
            at = last

    def _piece(self, start: int, end: int) -> Piece | None:
        raw = self._text[start:end]
        if not _WORD.search(raw):  # most of what is between two items
            return None
        is_html = self._markup == "html"
        shown = without_invisible(unescape(_TAG.sub(" ", raw))) if is_html else _SIGNS.sub(" ", _FENCE.sub(" ", raw))
        words = " ".join(shown.split()).lstrip(".,;:!?) ")
        if len(_WORD.findall(words)) < 2:
            return None
        start += len(raw) - len(raw.lstrip())
        end -= len(raw) - len(raw.rstrip())
        return Piece(Span(start, end), words if len(words) <= MAX_TEXT else f"{words[: MAX_TEXT - 1]}…")
