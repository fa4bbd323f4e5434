"""Units of Markdown, with what Hugo and MkDocs add to it."""

import re

from personal_pipeline.domain.extract.markup.units import Reader, lines_of, trimmed

_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*([^`\n]{0,200})")
_ITEM = re.compile(r"([-*+]|\d{1,9}[.)])(?:([ \t]+)(?:\[[ xX]\][ \t]+)?|$)")
_HEADING = re.compile(r"(#{1,6})[ \t]+")
_ANCHOR = re.compile(r"[ \t]*(?:\{[#:.][^{}]{0,200}\}|[ \t]#+)[ \t]*$")
_RULE = re.compile(r"(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|=+)$")
_SETEXT = re.compile(r"(=+|-+)[ \t]*$")
_QUOTE = re.compile(r"(?:[ ]{0,3}>[ ]?)+")
_ADMONITION = re.compile(r"(?:!!!|\?\?\?\+?|===\+?(?= \"))[ ]*[\w-]*")
_CALLOUT = re.compile(r"\[![A-Z]+\]|:::|\{\{[<%][^{}]{0,300}[%>]\}\}$|</?[A-Za-z][^<>]{0,300}>$|<!--")
_DEFINITION = re.compile(r"\[[^\[\]]{1,200}\]:[ \t]")
_DASHES = re.compile(r"[ \t|:-]+$")


def read(text: str, begin: int) -> Reader:
    reader = _Markdown(text)
    reader.read(begin)
    return reader


class _Markdown(Reader):
    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._fence = ""
        self._code: tuple[int, int] | None = None  # lines of the block that is open
        self._language = ""
        self._is_quoted = False
        self._is_indented = False  # the open block is one by its indentation alone
        self._is_blank = True  # the line before
        self._admonitions: list[int] = []
        self._row = 0  # of the table that is being read
        self._lines: list[tuple[int, int]] = []

    def read(self, begin: int) -> None:
        self._lines = lines_of(self._text, begin)
        for number, (start, end) in enumerate(self._lines):
            quote = _QUOTE.match(self._text, start, end)
            at = quote.end() if quote and (not self._fence or self._is_quoted) else start
            if not self._fence:
                self._is_quoted = quote is not None
            width = len(self._text[at:end]) - len(self._text[at:end].lstrip())
            self._line(number, at, at + width, end, width)
        self._end_code()

    def _line(self, number: int, line: int, at: int, end: int, width: int) -> None:
        if self._fence:
            line_of_signs = self._text[at:end].rstrip()
            if len(line_of_signs) >= len(self._fence) and set(line_of_signs) == {self._fence[0]}:
                self._fence = ""
                self._end_code()
                return
            self._code = (self._code[0] if self._code else line, end)
            return
        if at >= end:
            self.end_paragraph()
            self._is_blank, self._row = True, 0
            return
        while self._admonitions and width < self._admonitions[-1]:
            self._admonitions.pop()
        width -= 4 * len(self._admonitions)
        self._content(number, line, at, end, width)
        self._is_blank = False

    def _content(self, number: int, line: int, at: int, end: int, width: int) -> None:
        text = self._text
        is_item = _ITEM.match(text, at, end)
        if self._is_blank or is_item:
            self._close_for(width, is_item=is_item is not None)
        base = self.items[-1].content if self.items else 0
        if width >= base + 4 and not self.in_paragraph and (not is_item or not self.items):
            if not self._is_indented:
                self._end_code()
            self._code, self._is_indented = (self._code[0] if self._code else line, end), True
            return
        self._end_code()
        if fence := _FENCE.match(text, at, end):
            self.end_paragraph()
            self._fence, self._language = fence[1], fence[2].strip().partition(" ")[0].strip("{}.")
            return
        if heading := _HEADING.match(text, at, end):
            self._heading(len(heading[1]), heading.end(), end)
        elif self._is_setext(number, at, end):
            self._heading(1 if self._next(number).startswith("=") else 2, at, end)
        elif _RULE.match(text, at, end):
            self.end_paragraph()
        elif found := _ADMONITION.match(text, at, end):
            self.end_paragraph()
            self._admonitions.append(width + 4 * len(self._admonitions) + 4 if found else 0)
        elif not self._row and self._is_table(number, at, end):
            self._start_table(at, end)
        elif self._row:
            self._table_line(at, end)
        elif is_item:
            self._item(is_item, at, end, width)
        elif _CALLOUT.match(text, at, end) or _DEFINITION.match(text, at, end):
            self.end_paragraph()
        else:
            self.words(
                "paragraph",
                at,
                trimmed(text, at, end)[1],
                is_admonition=bool(self._admonitions),
            )

    def _close_for(self, width: int, *, is_item: bool) -> None:
        """A marker two columns in is meant to be nested, though CommonMark asks for three under ``1.``."""
        while self.items:
            last = self.items[-1]
            if width >= last.content or (is_item and width >= last.indent + 2) or (not is_item and width > last.indent):
                return
            self.items.pop()

    def _item(self, found: re.Match[str], at: int, end: int, width: int) -> None:
        self.end_paragraph()
        marker = found[1]
        inside = found.end() - at if found[2] is None or len(found[2]) < 5 else len(marker) + 1
        self.open_item(width, width + min(inside, len(marker) + 4), "-" if marker in "-*+" else "1")
        inner = self._text[found.end() : end]
        if fence := _FENCE.match(inner):
            self._fence, self._language = fence[1], fence[2].strip()
        elif inner.strip():
            self.words("item", found.end(), end, marker=marker.rstrip(".)") if marker not in "-*+" else "-")

    def _heading(self, level: int, start: int, end: int) -> None:
        self.end_paragraph()
        self.items.clear()
        anchor = _ANCHOR.search(self._text, max(start, end - 220), end)
        self.add("heading", start, anchor.start() if anchor else end, level=level)

    def _next(self, number: int) -> str:
        if number + 1 >= len(self._lines):
            return ""
        start, end = self._lines[number + 1]
        return self._text[start : min(end, start + 500)].strip()

    def _is_setext(self, number: int, at: int, end: int) -> bool:
        following = self._next(number)
        return (
            not self.in_paragraph
            and not self.items
            and len(following) >= 3
            and _SETEXT.match(following) is not None
            and "|" not in self._text[at:end]
            and _ITEM.match(self._text, at, end) is None
        )

    def _is_table(self, number: int, at: int, end: int) -> bool:
        following = self._next(number)
        return "|" in self._text[at:end] and "-" in following and "|" in following and bool(_DASHES.match(following))

    def _start_table(self, at: int, end: int) -> None:
        self.end_paragraph()
        self.tables += 1
        self._row = 1
        self.table_row(self._text, at, end, 0, is_header=True)

    def _table_line(self, at: int, end: int) -> None:
        if not _DASHES.match(self._text, at, end):
            self.table_row(self._text, at, end, self._row, is_header=False)
            self._row += 1

    def _end_code(self) -> None:
        if self._code:
            self.add("code", *self._code, language="" if self._is_indented else self._language)
        self._code, self._is_indented = None, False
