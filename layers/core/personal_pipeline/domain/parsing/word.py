"""A Word file (.docx) as Markdown: headings, lists, tables, code, links.

mammoth reads the file, and what it found is written here. Code is what stands in a style for code or in a typewriter's
font. Comments, deleted text, headers and footers are left out; nothing is followed or carried out.
"""

import re
from collections.abc import Sequence
from typing import Any

from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing.office_package import checked_package
from personal_pipeline.domain.parsing.outline import MAX_TABLE_CELLS, MAX_TABLE_ROWS
from personal_pipeline.domain.parsing.writing import Markdown, code, plain, typed

MAX_NESTED = 8  # of lists
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_CODE_STYLE = re.compile(
    r"\b(?:source ?code|code|preformatted|verbatim|source text|macro text|listing)\b", re.IGNORECASE
)
MONOSPACED = re.compile(
    r"mono|courier|consol|menlo|monaco|inconsolata|typewriter|fixed|\bhack\b|cascadia|fira ?code|source ?code|terminal|"
    r"cmtt|\btt\b",
    re.IGNORECASE,
)
_LIST_STYLE = re.compile(r"list (?:bullet|number|continue) ?([2-5])", re.IGNORECASE)  # a level as a style of its own
_WEB = re.compile(r"(?:https?://|mailto:)[^\s<>()\[\]]{1,500}\Z")


def write(body: bytes) -> str:
    """Raises InvalidDocumentError saying what is wrong with it."""
    page = _Page()
    page.blocks(_document(body).children)
    return page.text


def _document(body: bytes) -> Any:
    import mammoth  # only when such a file comes
    from mammoth import documents

    package = checked_package(body)
    found: list[Any] = []

    def keep(document: Any) -> Any:
        found.append(document)
        return documents.document([])  # nothing is left to be converted

    try:
        mammoth.convert_to_html(package, transform_document=keep, include_embedded_style_map=False)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # whatever the library stumbles over, it is the file that is odd
        raise InvalidDocumentError(
            f"cannot be read as a Word file ({type(error).__name__}: {str(error)[:100]}): save it again as .docx"
        ) from error
    return found[0]


class _Page:
    def __init__(self) -> None:
        self._page = Markdown()
        self._code: list[str] = []  # lines of the block that is open
        self._gap = 0  # empty paragraphs after it
        self._depth = 0  # of the items that are open
        self._numbers: list[int] = []  # the last number of each level of a list
        self._below_title = 0
        self._rows = self._cells = 0

    @property
    def text(self) -> str:
        self._end_code()
        return self._page.text

    def blocks(self, elements: list[Any]) -> None:
        for element in elements:
            match type(element).__name__:
                case "Paragraph":
                    self._paragraph(element)
                case "Table":
                    self._end_code()
                    self._table(element)

    def _paragraph(self, paragraph: Any) -> None:
        style = paragraph.style_name or paragraph.style_id or ""
        text = _text(paragraph)
        if not text.strip():
            self._gap += 1
            return
        if self._is_code(paragraph, style):
            self._code += [""] * (self._gap if self._code else 0) + text.split("\n")
            self._gap = 0
            return
        self._end_code()
        if level := self._level(style):
            self._page.heading(level, plain(" ".join(text.split())))
            self._numbers, self._depth = [], 0
        elif paragraph.numbering is not None:
            self._item(_inline(paragraph), paragraph.numbering, _LIST_STYLE.search(style))
        else:
            is_inside = (paragraph.indent.start or "0").lstrip("-").strip("0") != ""
            if not is_inside:
                self._depth = 0
                if text.rstrip().endswith(":"):
                    self._numbers = []  # it introduces a list of its own; else the numbers go on, as after a remark
            self._page.paragraph(_inline(paragraph), self._depth)

    def _is_code(self, paragraph: Any, style: str) -> bool:
        if _CODE_STYLE.search(style):
            return True
        runs = [run for run in _runs(paragraph) if _text(run).strip()]
        return bool(runs) and all(_is_code_run(run) for run in runs) and paragraph.numbering is None

    def _level(self, style: str) -> int:
        """A document with a title has its headings below it."""
        if style.lower() == "title":
            self._below_title = 1
            return 1
        found = _HEADING.match(style)
        return min(int(found[1]) + self._below_title, 6) if found else 0

    def _item(self, text: str, numbering: Any, style: re.Match[str] | None) -> None:
        level = int(numbering.level_index) or (int(style[1]) - 1 if style else 0)
        depth = min(level, MAX_NESTED, self._depth)
        self._numbers = [*self._numbers, *[0] * (depth + 1 - len(self._numbers))][: depth + 1]
        if numbering.is_ordered:
            self._numbers[depth] += 1
        self._page.item(text, depth, self._numbers[depth] if numbering.is_ordered else 0)
        self._depth = depth + 1

    def _table(self, table: Any) -> None:
        rows = [[cell for cell in _children(row) if hasattr(cell, "children")] for row in _children(table)]
        if len(rows) == 1 and len(rows[0]) == 1:
            self.blocks(list(_children(rows[0][0])))  # a frame around something
            return
        self._rows += len(rows)
        self._cells += len(rows) * max((len(row) for row in rows), default=0)
        if self._rows > MAX_TABLE_ROWS or self._cells > MAX_TABLE_CELLS:
            raise InvalidDocumentError(
                f"has more than {MAX_TABLE_ROWS:,} table rows or {MAX_TABLE_CELLS:,} cells: link to the data instead"
            )
        self._depth = 0
        self._page.table([[_cell(cell) for cell in row] for row in rows])

    def _end_code(self) -> None:
        if self._code:
            self._page.code("\n".join(self._code), "", self._depth)
            self._code = []
        self._gap = 0


def _cell(element: Any) -> str:
    """Its paragraphs one after another; a table in a cell is read as that cell's words."""
    if type(element).__name__ == "Paragraph":
        return _inline(element)
    return " ".join(filter(None, (_cell(child) for child in _children(element))))


def _inline(element: Any) -> str:
    """As Markdown. Neighbouring runs of one kind are one, or `a``b` would be read as something else."""
    parts: list[str] = []
    words: list[str] = []
    was_code = False

    def end() -> None:
        text = "".join(words)
        words.clear()
        if was_code and text.strip():
            before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
            parts.append(before + code(text) + after)
        else:
            parts.append(plain(text, goes_on="".join(parts).strip() != ""))

    for run in _runs(element):
        if type(run).__name__ == "Hyperlink":
            end()
            parts.append(_link(run))
        else:
            if (is_code := _is_code_run(run)) != was_code:
                end()
                was_code = is_code
            words.append(_text(run))
    end()
    return "".join(parts).strip()


def _link(element: Any) -> str:
    text = " ".join(_text(element).split())
    href = element.href or ""
    if not _WEB.match(href) or not text:
        return plain(text)
    return href if text == href else f"[{plain(text)}]({href})"


def _runs(element: Any) -> list[Any]:
    """Hyperlinks among them; what else a paragraph holds, such as a text box, is looked into."""
    found = []
    for child in _children(element):
        if type(child).__name__ in {"Run", "Hyperlink"}:
            inner = [part for part in _children(child) if type(part).__name__ == "Hyperlink"]
            found += inner or [child]  # a field that links stands inside its run
        elif hasattr(child, "children"):
            found += _runs(child)
    return found


def _is_code_run(run: Any) -> bool:
    if type(run).__name__ == "Hyperlink":
        return False
    named = run.style_name or run.style_id or ""
    return bool(_CODE_STYLE.search(named) or MONOSPACED.search(run.font or ""))


def _children(element: Any) -> Sequence[Any]:
    """Of anything: what a file nests need not make sense."""
    return getattr(element, "children", ())


def _text(element: Any) -> str:
    match type(element).__name__:
        case "Text":
            return typed(str(element.value))
        case "Tab":
            return "\t"
        case "Break":
            return "\n" if element.break_type == "line" else " "
        case "Image":
            return str(element.alt_text or "")
        case "Checkbox":
            return "[x] " if element.checked else "[ ] "
    return "".join(_text(child) for child in _children(element))
