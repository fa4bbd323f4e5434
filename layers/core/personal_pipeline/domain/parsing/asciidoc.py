"""AsciiDoc, as far as runbooks use it: no kept parser exists for Python.

One pass over the lines. Headings, lists, delimited blocks, admonitions, tables, links and attributes
are read; ``include::`` and macros are never carried out. What is not known is kept as a paragraph.
"""

import re
from itertools import accumulate

from personal_pipeline.domain.parsing import hypertext
from personal_pipeline.domain.parsing.asciidoc_inline import Attributes, plain
from personal_pipeline.domain.parsing.outline import Outline

_HEADING = re.compile(r"(={1,6}|#{1,6})[ \t]+(\S.*)")
_UNDERLINE = re.compile(r"(={3,}|-{3,}|~{3,}|\^{3,}|\+{3,})[ \t]*$")
_UNDERLINE_LEVEL = {"=": 1, "-": 2, "~": 3, "^": 4, "+": 5}
_ATTRIBUTE = re.compile(r":(!?[\w-]{1,60}!?):(?:[ \t]+(.*))?$")
_STYLE = re.compile(r"\[([^\[\]]{0,400})\]$|\[\[[^\[\]]{0,200}\]\]$")
_BLOCK_TITLE = re.compile(r"\.([^.\s].*)")
_ITEM = re.compile(r"[ \t]*(\*{1,6}|-|\.{1,6}|\d{1,9}\.|<(?:\d{1,3}|\.)>)[ \t]+(\S.*)")
_TERM = re.compile(r"(\S[^\n]{0,200}?)(?::{2,4}|;;)(?:[ \t]+(.*))?$")
_MACRO = re.compile(r"([a-z]{1,20})::([^\s\[\]]{0,400})\[([^\]]{0,400})\]$")
_VERBATIM = re.compile(r"(-{4,}|\.{4,}|`{3,})([\w+#-]{0,40})[ \t]*$")
_COMMENT = re.compile(r"/{4,}[ \t]*$")
_RAW = re.compile(r"\+{4,}[ \t]*$")
_CONTAINER = re.compile(r"(?:={4,}|\*{4,}|_{4,}|--)[ \t]*$")  # example, sidebar, quote, open: their content is read on
_TABLE = re.compile(r"([|,:!])={3,}[ \t]*$")
_RULE = re.compile(r"(?:'{3,}|<{3,})[ \t]*$")
_CONDITIONS = frozenset({"ifdef", "ifndef", "ifeval", "endif", "include"})
_ADMONITIONS = frozenset({"NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION"})
_CALLOUT = re.compile(r"(?:[ \t]+(?:#|//|;;|--)?[ \t]*<(?:\d{1,3}|\.)>)+$")
_CELL_SPEC = re.compile(r"(?:^|[ \t])(?:\d{1,3}(?:\.\d{1,3})?[+*])?[<^>]?[adehlmsv]?$")
_START = re.compile(r"\bstart=\"?(\d{1,9})")
_COLUMNS = re.compile(r"\bcols=(?:\"([^\"]{0,300})\"|([^,\]]{0,100}))")
_REPEAT = re.compile(r"(\d{1,3})\*")


def read(text: str, begin: int, outline: Outline) -> None:
    """Blocks of ``text`` from ``begin`` on; their spans count from the start of ``text``."""
    _Reader(text, begin, outline).read()


class _Reader:
    def __init__(self, text: str, begin: int, outline: Outline) -> None:
        self._text = text
        self._lines = text[begin:].split("\n")
        self._starts = list(accumulate((len(line) + 1 for line in self._lines), initial=begin))
        self._outline = outline
        self._attributes = Attributes()
        self._at = 0
        self._paragraph: list[str] = []
        self._first = 0  # line of the paragraph's begin
        self._marker = ""  # of the list item that the paragraph is
        self._levels: list[str] = []  # markers of the open lists, outermost first
        self._numbers: dict[str, int] = {}
        self._style = ""  # of the next block, from the [line] above it

    def read(self) -> None:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            self._at += 1
            if not line.strip() or line.strip() == "+":
                self._flush()
            elif not self._delimited(line) and not self._heading(line) and not self._declared(line):
                self._content(line)
        self._flush()

    def _delimited(self, line: str) -> bool:
        """Blocks between two equal lines; one that is never closed runs to the end."""
        if self._is_underline(line):
            return False
        if found := _VERBATIM.match(line):
            first, content, end = self._until(found[1])
            self._code(content, first, end, found[2] or self._language())
        elif found := _TABLE.match(line):
            first, content, end = self._until(line.rstrip())
            self._table(content, first, end, found[1])
        elif _COMMENT.match(line):
            self._until(line.rstrip())
        elif _RAW.match(line):
            first, _, end = self._until(line.rstrip())
            begin = min(self._starts[first + 1], len(self._text))
            hypertext.read(self._text, begin, self._outline, max(begin, self._starts[end] - 1))
        elif _CONTAINER.match(line):
            self._flush(keep_style=True)
        elif _RULE.match(line):
            self._flush()
        else:
            return False
        return True

    def _until(self, closing: str) -> tuple[int, list[str], int]:
        """The opening line, the content, and the line of the closing delimiter."""
        self._flush(keep_style=True)
        first = self._at - 1
        content: list[str] = []
        while self._at < len(self._lines) and self._lines[self._at].rstrip() != closing:
            content.append(self._lines[self._at])
            self._at += 1
        end = min(self._at, len(self._lines) - 1)
        self._at += 1
        return first, content, end

    def _heading(self, line: str) -> bool:
        if self._is_underline(line):
            title = self._paragraph.pop()
            level, first = _UNDERLINE_LEVEL[line[0]], self._first
        elif found := _HEADING.match(line):
            self._flush()
            title, level, first = found[2], len(found[1]), self._at - 1
        else:
            return False
        self._outline.heading(level, plain(title.rstrip(" ="), self._attributes), *self._span(first, self._at - 1))
        self._levels.clear()
        self._numbers.clear()
        self._style = ""
        return True

    def _is_underline(self, line: str) -> bool:
        """The older form of a heading: one line, and another under it that is as long."""
        return (
            len(self._paragraph) == 1
            and not self._marker
            and not self._style
            and _UNDERLINE.match(line) is not None
            and abs(len(line.rstrip()) - len(self._paragraph[0].rstrip())) <= 1
        )

    def _declared(self, line: str) -> bool:
        """Lines that say something about what follows. Inside a paragraph they are its words."""
        if line.startswith("//") and not line.startswith("///"):
            return True
        macro = _MACRO.match(line)
        if macro and macro[1] in _CONDITIONS and not macro[3]:
            return True
        if self._paragraph:
            return False
        if found := _ATTRIBUTE.match(line):
            self._attributes.define(found[1], found[2] or "")
        elif found := _STYLE.match(line):
            self._style = found[1] or self._style
        elif found := _BLOCK_TITLE.match(line):
            span = self._span(self._at - 1, self._at - 1)
            self._outline.block("text", plain(found[1], self._attributes), *span)
        elif macro and macro[1] != "link":
            words = (
                macro[3].partition(",")[0]
                if macro[1] == "image"
                else macro[3]
                if macro[1] in {"ifdef", "ifndef"}
                else ""
            )
            self._outline.block("text", plain(words, self._attributes), *self._span(self._at - 1, self._at - 1))
        else:
            return False
        return True

    def _content(self, line: str) -> None:
        if found := _ITEM.match(line):
            self._flush(keep_style=True)
            self._marker = self._item_marker(found[1])
            self._style = ""
            line = found[2]
        elif not self._paragraph and line[0] in " \t" and not self._levels:
            self._literal()
            return
        elif not self._paragraph and (found := _TERM.match(line)):
            line = f"{found[1]}: {found[2] or ''}"
        if not self._paragraph:
            self._first = self._at - 1
        self._paragraph.append(line)

    def _item_marker(self, mark: str) -> str:
        kind = "1." if mark[0].isdigit() else "<1>" if mark[0] == "<" else mark
        if kind in self._levels:
            for closed in self._levels[self._levels.index(kind) + 1 :]:
                self._numbers.pop(closed, None)
            del self._levels[self._levels.index(kind) + 1 :]
        else:
            self._levels.append(kind)
            start = _START.search(self._style)
            self._numbers[kind] = int(mark[:-1]) - 1 if kind == "1." else int(start[1]) - 1 if start else 0
        indent = "  " * (len(self._levels) - 1)
        if kind[0] in "*-":
            return indent + "- "
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return f"{indent}{self._numbers[kind]}. "

    def _literal(self) -> None:
        """An indented paragraph is shown as it stands."""
        first = self._at - 1
        while self._at < len(self._lines) and self._lines[self._at].strip():
            self._at += 1
        content = self._lines[first : self._at]
        indent = min(len(line) - len(line.lstrip()) for line in content)
        self._code([line[indent:] for line in content], first, self._at - 1, self._language())

    def _flush(self, *, keep_style: bool = False) -> None:
        lines, self._paragraph = self._paragraph, []
        if lines:
            end = self._first + len(lines) - 1
            if self._style.partition(",")[0] in {"source", "listing", "literal"} and not self._marker:
                self._code(lines, self._first, end, self._language())
                return
            joined = "".join(line[:-2] + "\n" if line.endswith(" +") else line.strip() + " " for line in lines)
            label = f"{self._style}: " if self._style in _ADMONITIONS else ""
            words = plain(joined, self._attributes)
            self._outline.block("text", self._marker + label + words, *self._span(self._first, self._last_line(end)))
            self._style = ""
        elif not keep_style and self._style not in _ADMONITIONS:
            self._style = ""
        self._marker = ""

    def _last_line(self, end: int) -> int:
        """Comments inside a paragraph are not among its lines, but in its span."""
        return max(end, min(self._at, len(self._lines)) - 2) if self._at - 2 >= end else end

    def _code(self, lines: list[str], first: int, last: int, language: str) -> None:
        self._outline.block(
            "code", "\n".join(_CALLOUT.sub("", line) for line in lines), *self._span(first, last), language
        )
        self._style = ""

    def _language(self) -> str:
        kind, _, rest = self._style.partition(",")
        return rest.partition(",")[0].strip() if kind.strip() in {"source", ""} else ""

    def _table(self, lines: list[str], first: int, last: int, separator: str) -> None:
        cells: list[str] = []
        columns = self._declared_columns()
        for line in lines:
            begun, *more = line.replace(f"\\{separator}", "\0").split(separator)
            if separator in ",:":
                more, begun = [begun, *more] if line.strip() else [], ""
            if cells and begun.strip():
                cells[-1] += " " + (_CELL_SPEC.sub("", begun) if more else begun)
            cells.extend(_CELL_SPEC.sub("", cell) for cell in more[:-1])
            cells.extend(more[-1:])
            columns = columns or len(more)
        columns = max(columns, 1)
        self._outline.count_table(-(-len(cells) // columns), columns)
        words = [plain(cell.replace("\0", separator), self._attributes).replace("\n", " ") for cell in cells]
        rows = [" | ".join(words[at : at + columns]) for at in range(0, len(words), columns)]
        self._outline.block("table", "\n".join(rows), *self._span(first, last))
        self._style = ""

    def _declared_columns(self) -> int:
        found = _COLUMNS.search(self._style)
        if not found:
            return 0
        columns = (found[1] or found[2] or "").split(",")
        return sum(int(repeat[1]) if (repeat := _REPEAT.match(column.strip())) else 1 for column in columns)

    def _span(self, first: int, last: int) -> tuple[int, int]:
        return self._starts[first], min(self._starts[last + 1] - 1, len(self._text))
