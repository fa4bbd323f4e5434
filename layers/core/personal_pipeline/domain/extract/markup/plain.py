"""Units of plain text, as people write it: numbered lines, indented commands, underlined headings."""

import re

from personal_pipeline.domain.extract.markup.units import Reader, lines_of
from personal_pipeline.domain.extract.words import SECTIONS

_ITEM = re.compile(r"([-*•]|\d{1,3}[.)])[ \t]+(?=\S)")
_STEP = re.compile(r"step[ \t]+(\d{1,3})[.:)][ \t]+(?=\S)", re.IGNORECASE)
_UNDERLINE = re.compile(r"([=\-~^*#])\1{2,}[ \t]*$")
_IF = re.compile(r"(?:if|when|in case)\b", re.IGNORECASE)
_CODE_INDENT = 4
_LONGEST_TITLE = 60


def read(text: str, begin: int) -> Reader:
    reader = Reader()
    lines = lines_of(text, begin)
    code: list[int] = []
    is_blank = True
    for number, (start, end) in enumerate([*lines, (len(text), len(text))]):
        line = text[start:end]
        width = len(line) - len(line.lstrip())
        if not line.strip():
            reader.end_paragraph()
            is_blank = True
            continue
        if is_blank and not _is_code(reader, width):
            reader.close_items(width)
        if not reader.in_paragraph and _is_code(reader, width) and not _ITEM.match(line, width):
            code[:] = [code[0] if code else start, end]
            is_blank = False
            continue
        _end_code(reader, code)
        _words(reader, text, lines, number, width)
        is_blank = False
    _end_code(reader, code)
    return reader


def _is_code(reader: Reader, width: int) -> bool:
    return width >= max(_CODE_INDENT, (reader.items[-1].content + 1) if reader.items else 0)


def _end_code(reader: Reader, code: list[int]) -> None:
    if code:
        reader.add("code", code[0], code[1])
        code.clear()


def _is_title(text: str, lines: list[tuple[int, int]], number: int) -> bool:
    """A line alone that is named like a section, or in capitals, above an indented or an empty line."""
    line = text[slice(*lines[number])].rstrip()
    below = text[slice(*lines[number + 1])] if number + 1 < len(lines) else ""
    if not 3 < len(line) < _LONGEST_TITLE or not line[0].isupper() or "  " in line or line[-1] in ".,;:!?":
        return False
    is_named = below.startswith("  ") and (_IF.match(line) or any(pattern.match(line) for _, pattern in SECTIONS))
    return bool(is_named) or (line.isupper() and (not below.strip() or below.startswith("  ")))


def _words(reader: Reader, text: str, lines: list[tuple[int, int]], number: int, width: int) -> None:
    start, end = lines[number]
    start += width
    end = start + len(text[start:end].rstrip())
    following_line = text[slice(*lines[number + 1])] if number + 1 < len(lines) else ""
    following = following_line.strip()
    if _UNDERLINE.match(text, start, end):
        reader.end_paragraph()
    elif not reader.in_paragraph and len(following) >= 3 and _UNDERLINE.match(following):
        reader.items.clear()
        reader.add("heading", start, end, level=1 if following[0] in "=#*" else 2)
    elif not reader.in_paragraph and width == 0 and _is_title(text, lines, number):
        reader.items.clear()
        reader.add("heading", start, end, level=2)
        if indent := len(following_line) - len(following_line.lstrip()):
            reader.open_item(0, indent)
    elif step := _STEP.match(text, start, end):
        reader.end_paragraph()
        reader.close_items(width + 1)
        reader.open_item(width, width + step.end() - start)
        reader.words("item", step.end(), end, marker=step[1])
    elif item := _ITEM.match(text, start, end):
        reader.end_paragraph()
        reader.close_items(width + 1)
        reader.open_item(width, width + item.end() - start)
        reader.words("item", item.end(), end, marker=item[1].rstrip(".)") if item[1] not in "-*•" else "-")
    else:
        reader.words("paragraph", start, end)
