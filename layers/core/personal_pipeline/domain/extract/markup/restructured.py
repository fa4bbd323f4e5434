"""Units of reStructuredText, read line by line: directives are taken by their look, known to docutils or not."""

import re

from personal_pipeline.domain.extract.markup.units import Reader, lines_of, trimmed

_ITEM = re.compile(r"([-*+•]|\(?(?:\d{1,3}|#|[a-zA-Z])[.)])[ ]+(?=\S)")
_UNDERLINE = re.compile(r"([=\-~^*#`:.'\"+_])\1{2,}[ \t]*$")
_DIRECTIVE = re.compile(r"\.\.[ ]+(?:\|[^|]{1,80}\|[ ]+)?([\w:.-]{1,60})::[ ]*(.{0,200})")
_COMMENT = re.compile(r"\.\.(?:[ ]|$)")
_FIELD = re.compile(r":[\w -]{1,60}:(?:[ ]|$)")
_CODE = ("code", "code-block", "sourcecode", "prompt", "parsed-literal", "console")
_SILENT = (
    "toctree",
    "contents",
    "include",
    "literalinclude",
    "index",
    "meta",
    "image",
    "figure",
    "raw",
    "highlight",
    "list-table",
    "csv-table",
)
_GRID = re.compile(r"\+(?:[-=]+\+)+$")
_SIMPLE = re.compile(r"={2,}(?:[ ]+={2,})+$")


def read(text: str, begin: int) -> Reader:
    reader = _Restructured(text)
    reader.read(begin)
    return reader


class _Restructured(Reader):
    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._levels: list[str] = []
        self._code: list[int] = []
        self._literal: int | None = None  # lines deeper than this belong to the block, None for none
        self._is_kept = True
        self._language = ""
        self._columns: list[int] = []  # of a simple table
        self._row = 0
        self._lines: list[tuple[int, int]] = []
        self._is_blank = True
        self._note: int | None = None

    def read(self, begin: int) -> None:
        self._lines = lines_of(self._text, begin)
        for number, (start, end) in enumerate(self._lines):
            line = self._text[start:end]
            width = len(line) - len(line.lstrip())
            self._line(number, start, start + width, start + len(line.rstrip()), width)
        self._end_code()

    def _line(self, number: int, line: int, at: int, end: int, width: int) -> None:
        if at >= end:
            self.end_paragraph()
            self._is_blank = True
            return
        if self._literal is not None:
            if width > self._literal:
                if not (not self._code and _FIELD.match(self._text, at, end)):
                    self._code[:] = [self._code[0] if self._code else line, end]
                return
            self._end_code()
        if self._note is not None and width <= self._note:
            self._note = None
        is_item = _ITEM.match(self._text, at, end)
        if is_item and any(item.indent == width for item in self.items):
            self.end_paragraph()  # the next item of a list needs no empty line before it
        if self.items and self.items[-1].kind == "term" and width < self.items[-1].content:
            self.end_paragraph()  # the next term needs none either
            self.close_items(width)
        if self._is_blank or (is_item and not self.in_paragraph):
            self.close_items(width)
        if not self._table(number, at, end):
            self._content(number, at, end, width, is_item)
        self._is_blank = False

    def _content(self, number: int, at: int, end: int, width: int, is_item: re.Match[str] | None) -> None:
        text = self._text
        if _UNDERLINE.match(text, at, end) and not self.in_paragraph:
            return
        following = self._next(number)
        if not self.in_paragraph and width == 0 and _UNDERLINE.match(following) and len(following) + 2 >= end - at:
            self.items.clear()
            if following[0] not in self._levels:
                self._levels.append(following[0])
            self.add("heading", at, end, level=self._levels.index(following[0]) + 1)
        elif found := _DIRECTIVE.match(text, at, end):
            self._directive(found, width, end)
        elif _COMMENT.match(text, at, end):
            self.end_paragraph()
            self._literal, self._is_kept = width, False
        elif _FIELD.match(text, at, end) and not self.in_paragraph:
            self.end_paragraph()
        elif is_item and not self.in_paragraph:
            self.open_item(width, width + is_item.end() - at)
            marker = is_item[1].strip("(.)")
            self.words("item", is_item.end(), end, marker="-" if marker in "-*+•#" else marker)
        elif not self.in_paragraph and self._is_term(number, width):
            self.open_item(width, width + 1, "term")
            self.add("term", at, end)
        else:
            self.words("paragraph", at, end, is_admonition=self._note is not None)
        if text[max(at, end - 2) : end] == "::" and not found_directive(text, at, end):
            self._literal, self._is_kept, self._language = width, True, ""

    def _directive(self, found: re.Match[str], width: int, end: int) -> None:
        self.end_paragraph()
        name = found[1].lower()
        if name in _CODE or name.endswith("-code"):
            self._literal, self._is_kept, self._language = width, True, found[2].strip()
        elif name in _SILENT:
            self._literal, self._is_kept = width, False
        else:
            self._note = width
            if found[2].strip():
                self.words("paragraph", *trimmed(self._text, found.start(2), end), is_admonition=True)

    def _next(self, number: int) -> str:
        if number + 1 >= len(self._lines):
            return ""
        start, end = self._lines[number + 1]
        return self._text[start : min(end, start + 500)].rstrip()

    def _is_term(self, number: int, width: int) -> bool:
        following = self._next(number)
        return bool(following.strip()) and len(following) - len(following.lstrip()) > width

    def _table(self, number: int, at: int, end: int) -> bool:
        text = self._text[at:end]
        if _GRID.match(text) or _SIMPLE.match(text):
            self.end_paragraph()
            if _SIMPLE.match(text):
                self.tables += not self._columns
                self._row = self._row + 1 if self._columns else 0
                is_last = self._row > 1 and not self._next(number).strip()
                self._columns = [] if is_last else [found.start() for found in re.finditer(r"=+", text)]
                self._row = 0 if is_last else self._row
            elif not self._row:
                self.tables += 1
            return True
        if text.startswith("|") and text.endswith("|") and self.tables:
            self.table_row(self._text, at, end - 1, self._row, is_header=self._row == 0)
            self._row += 1
            return True
        if self._columns and not (self._is_blank and self._row > 1 and len(text) < self._columns[1]):
            starts = [at + column for column in self._columns if at + column < end]
            for column, start in enumerate(starts):
                stop = starts[column + 1] if column + 1 < len(starts) else end
                cell = trimmed(self._text, start, stop)
                self.add("cell", *cell, table=self.tables, row=self._row, column=column, is_header=self._row == 0)
            self._row += 1
            return True
        self._columns, self._row = [], 0
        return False

    def _end_code(self) -> None:
        if self._code and self._is_kept:
            self.add("code", self._code[0], self._code[1], language=self._language)
        self._code, self._literal = [], None


def found_directive(text: str, at: int, end: int) -> bool:
    return _COMMENT.match(text, at, end) is not None
