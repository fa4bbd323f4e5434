"""Units of AsciiDoc, line by line. Lists nest by their markers, and a lone ``+`` keeps what follows in the item."""

import re

from personal_pipeline.domain.extract.markup.units import Reader, lines_of, trimmed

_HEADING = re.compile(r"(={1,6}|#{1,6})[ \t]+(?=\S)")
_ITEM = re.compile(r"(\*{1,5}|-|\.{1,5}|\d{1,3}\.|[a-z]\.)[ \t]+(?:\[[ x*]\][ \t]+)?(?=\S)")
_TERM = re.compile(r"(?=\S)([^\n]{1,200}?)(:{2,4}|;;)(?:[ \t]+|$)")
_ATTRIBUTES = re.compile(r"\[[^\[\]\n]{0,300}\]$")
_SOURCE = re.compile(r"\[(?:source|listing|%\w+)?,?[ ]*([\w+-]*)")
_DELIMITER = re.compile(r"(-{4,}|\.{4,}|={4,}|\*{4,}|_{4,}|\+{4,}|/{4,}|--|`{3,}[ ]*[\w+-]*)[ \t]*$")
_ENTRY = re.compile(r"![ \t]*|:!?[\w-]{1,60}!?:(?:[ \t]|$)")
_MACRO = re.compile(r"(?:toc|include|image|ifdef|ifndef|endif|ifeval|video)::|//|<<<$|'''$|\.[^\s.]")
_TITLE = re.compile(
    r"\.(?:prerequisites?|procedure|steps|verification|roll ?back|requirements|escalation|contacts?)$", re.IGNORECASE
)
_ADMONITION = re.compile(r"(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION):[ \t]+")


def read(text: str, begin: int) -> Reader:
    reader = _AsciiDoc(text)
    reader.read(begin)
    return reader


class _AsciiDoc(Reader):
    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._fence = ""
        self._code: list[int] = []
        self._language = ""
        self._is_blank = True
        self._is_continued = False
        self._in_table = False
        self._row = self._column = self._width = 0

    def read(self, begin: int) -> None:
        for start, end in lines_of(self._text, begin):
            line = self._text[start:end]
            width = len(line) - len(line.lstrip())
            at, end = start + width, start + len(line.rstrip())
            if self._fence:
                self._in_block(start, end)
            elif self._in_table:
                self._table_line(at, end)
            elif at >= end:
                self._end_literal()
                self.end_paragraph()
                self._is_blank = True
            elif width and (self._code or self._begins_literal(at, end)):
                self._code[:] = [self._code[0] if self._code else start, end]
            else:
                self._end_literal()
                self._line(at, end)
        self._end_literal()

    def _begins_literal(self, at: int, end: int) -> bool:
        """Indented words after an empty line are shown as they stand."""
        is_other = _ITEM.match(self._text, at, end) or _TERM.match(self._text, at, end)
        return self._is_blank and not self.in_paragraph and not is_other

    def _end_literal(self) -> None:
        if self._code:
            self.add("code", self._code[0], self._code[1])
            self._code, self._is_blank = [], False

    def _in_block(self, start: int, end: int) -> None:
        if self._text[start:end] == self._fence:
            self._fence = ""
            if self._code and self._language != "////":
                self.add("code", self._code[0], self._code[1], language=self._language)
            self._code, self._language = [], ""
        else:
            self._code[:] = [self._code[0] if self._code else start, end]

    def _line(self, at: int, end: int) -> None:
        text = self._text
        line = text[at : min(end, at + 400)]
        if line == "+":
            self.end_paragraph()
            self._is_continued, self._is_blank = True, False
            return
        is_item = _ITEM.match(text, at, end)
        keeps = is_item or _DELIMITER.match(line) or (_ATTRIBUTES.match(line) and "source" in line)
        if self._is_blank and not self._is_continued and not keeps:
            self.items.clear()
        self._is_blank = False
        if delimiter := _DELIMITER.match(line):
            self._delimiter(delimiter[1])
        elif line.startswith("|==="):
            self.end_paragraph()
            self.tables += 1
            self._in_table, self._row, self._column, self._width = True, 0, 0, 0
        elif heading := _HEADING.match(text, at, end):
            self.end_paragraph()
            self.items.clear()
            self.add("heading", heading.end(), end, level=len(heading[1]))
        elif _ATTRIBUTES.match(line):
            self.end_paragraph()
            source = _SOURCE.match(line)
            self._language = source[1] if source and line.startswith(("[source", "[,")) else ""
        elif is_item:
            self._item(is_item, end)
        elif not self.in_paragraph and (title := _TITLE.match(line)):
            self.items.clear()
            self.add("heading", at + 1, at + title.end(), level=7)
        elif not self.in_paragraph and (_ENTRY.match(line) or _MACRO.match(line)):
            return
        elif (term := _TERM.match(text, at, end)) and "`" not in term[1][-1:]:
            self._term(term, at, end)
        elif not self.in_paragraph and (note := _ADMONITION.match(text, at, end)):
            self.words("paragraph", note.end(), end, is_admonition=True)
        else:
            self.words("paragraph", at, end)
        self._is_continued = False

    def _delimiter(self, mark: str) -> None:
        self.end_paragraph()
        if mark[0] in "-.`+/" and len(mark) > 2:
            self._fence = mark if mark[0] != "`" else mark.rstrip("abcdefghijklmnopqrstuvwxyz+- ")
            if mark[0] == "`":
                self._language = mark.strip("` ")
            elif mark[0] == "/":
                self._language = "////"

    def _item(self, found: re.Match[str], end: int) -> None:
        self.end_paragraph()
        kind = found[1] if found[1][0] in "*-." else "1."
        for depth, item in enumerate(self.items):
            if item.kind == kind:
                del self.items[depth:]
                break
        self.open_item(0, 0, kind)
        marker = "-" if found[1][0] in "*-" else found[1].strip(".") or str(self._number())
        self.words("item", found.end(), end, marker=marker)

    def _number(self) -> int:
        """Of a list that numbers itself: one more than its last item."""
        parent = self.parents[self.items[-1].number]
        for unit in reversed(self.units):
            if unit.kind == "heading":
                break
            if unit.kind == "item" and self.parents[unit.item] == parent and unit.marker.isdigit():
                return int(unit.marker) + 1
        return 1

    def _term(self, found: re.Match[str], at: int, end: int) -> None:
        self.end_paragraph()
        for depth, item in enumerate(self.items):
            if item.kind == found[2]:
                del self.items[depth:]
                break
        self.open_item(0, 0, found[2])
        self.add("term", *trimmed(self._text, at, found.end(1)))
        if found.end() < end:
            self.words("paragraph", found.end(), end)

    def _table_line(self, at: int, end: int) -> None:
        text = self._text
        if text[at:end].startswith("|==="):
            self._in_table = False
            return
        if at >= end:
            if not self._width and self._column:
                self._width, self._column, self._row = self._column, 0, 1
            return
        if not text[at:end].startswith("|"):
            if self.units and self.units[-1].kind == "cell" and self.units[-1].table == self.tables:
                self.units[-1].end = end
            return
        before = len(self.units)
        self.table_row(text, at, end, self._row, is_header=self._row == 0)
        for unit in self.units[before:]:
            if self._width and self._column >= self._width:
                self._row, self._column = self._row + 1, 0
            unit.row, unit.column = self._row, self._column
            unit.is_header = self._row == 0
            self._column += 1
        if not self._width and len(self.units) - before > 1:
            self._width, self._column, self._row = self._column, 0, 1
