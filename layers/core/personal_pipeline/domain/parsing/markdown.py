"""Markdown: CommonMark with tables, and what Hugo and MkDocs add to it.

Blocks come from markdown-it's tokens, whose line numbers frame them in the source. What is rewritten
before parsing (MkDocs admonitions and tabs) keeps its lines, so that the frames stay true.
"""

import re
from functools import cache
from html import unescape
from itertools import accumulate
from typing import TYPE_CHECKING

from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing import hypertext
from personal_pipeline.domain.parsing.links import with_target
from personal_pipeline.domain.parsing.outline import Outline

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_NESTING = 100  # markdown-it would drop what lies deeper; it recurses four frames a level
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_ADMONITION = re.compile(r'([ ]*)(?:!!!|\?\?\?\+?|===\+?(?= "))[ ]*([\w-]*)[^"\n]{0,200}(?:"([^"\n]{0,200})")?[ \t]*$')
_SHORTCODE = re.compile(r"\{\{[<%]([^{}]{0,500}?)[%>]\}\}|<%[^%]{0,500}%>")  # Hugo's, and ERB's tags
_SHOWN_ATTRIBUTE = re.compile(r'\b(?:name|title|caption)="([^"]{0,200})"')
_ANCHOR = re.compile(r"[ \t]\{[#:.][^{}]{0,200}\}$")
_TAG_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)")


def read(text: str, begin: int, outline: Outline) -> None:
    """Blocks of ``text`` from ``begin`` on; their spans count from the start of ``text``."""
    lines = text[begin:].split("\n")
    flat = _without_admonitions(lines)
    _count_tables(flat, outline)
    starts = [begin, *accumulate((len(line) + 1 for line in lines), initial=begin)][1:]
    tokens = _markdown().parse("\n".join(flat))
    _Walk(text, starts, outline).read(tokens)


@cache
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # 80 ms, and only some documents are Markdown

    return MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])


def _without_admonitions(lines: list[str]) -> list[str]:
    """``!!! note`` and ``=== "Tab"`` with their indented content as ordinary blocks, line for line."""
    flat: list[str] = []
    indents: list[int] = []  # where the content of each open admonition begins
    fence = ""
    for line in lines:
        width = len(line) - len(line.lstrip(" "))
        if width < len(line):
            while indents and width < indents[-1]:
                indents.pop()
        line = line[min(width, 4 * len(indents)) :]
        if fence:
            fence = "" if line.strip() == fence else fence
        elif is_fence := _FENCE.match(line):
            fence = is_fence[1]
        elif (found := _ADMONITION.match(line)) and len(indents) < MAX_NESTING:
            indents.append(width + 4)
            name = found[2].capitalize() if found[3] is None else found[3]
            line = f"{found[1]}**{name}:**" if name else ""
        flat.append(line)
    return flat


def _count_tables(lines: list[str], outline: Outline) -> None:
    """A table runs from its row of dashes to the next empty line."""
    columns = rows = 0
    fence = before = ""
    for line in lines:
        if fence:
            fence = "" if line.strip() == fence else fence
        elif is_fence := _FENCE.match(line):
            fence = is_fence[1]
        elif columns and line.strip():
            rows += 1
        elif "-" in line and "|" in before and not line.strip("|-: \t"):
            columns, rows = line.count("|") + 1, 1
        elif columns:
            outline.count_table(rows, columns)
            columns = 0
        before = line
    if columns:
        outline.count_table(rows, columns)


class _Walk:
    """From markdown-it's flat token list to blocks."""

    def __init__(self, text: str, starts: list[int], outline: Outline) -> None:
        self._text = text
        self._starts = starts
        self._outline = outline
        self._lists: list[int] = []  # the next number of each open list, 0 for bullets
        self._marker = ""  # of the list item that has shown nothing yet

    def read(self, tokens: "list[Token]") -> None:
        table: list[list[str]] | None = None
        table_span = (0, 0)
        for position, token in enumerate(tokens):
            if token.level >= MAX_NESTING - 1:
                raise InvalidDocumentError(f"nests more than {MAX_NESTING} deep: flatten its lists and quotes")
            match token.type:
                case "ordered_list_open":
                    self._lists.append(int(token.attrs.get("start", 1)))
                case "bullet_list_open":
                    self._lists.append(0)
                case "ordered_list_close" | "bullet_list_close":
                    self._lists.pop()
                case "list_item_open":
                    self._start_item()
                case "heading_open":
                    text = _ANCHOR.sub("", _inline(tokens[position + 1]))
                    self._outline.heading(int(token.tag[1]), text, *self._span(token))
                case "paragraph_open":
                    text = _inline(tokens[position + 1])
                    self._outline.block("text", self._take_marker() + text if text else "", *self._span(token))
                case "fence" | "code_block":
                    start, end = self._span(token)
                    if self._marker.strip() not in {"", "-"}:  # a numbered step that is nothing but a command
                        self._outline.block("text", self._take_marker(), start, end)
                    language = unescape(token.info).strip().partition(" ")[0].strip("{}.")
                    self._outline.block("code", token.content, start, end, language)
                case "html_block":
                    start, end = self._span(token)
                    hypertext.read(self._text, start, self._outline, end)
                case "table_open":
                    table, table_span = [], self._span(token)
                case "tr_open" if table is not None:
                    table.append([])
                case "th_open" | "td_open" if table:
                    table[-1].append(_inline(tokens[position + 1]).replace("\n", " "))
                case "table_close" if table is not None:
                    self._outline.block("table", "\n".join(" | ".join(row) for row in table), *table_span)
                    table = None

    def _span(self, token: "Token") -> tuple[int, int]:
        first, after = token.map or (0, 0)
        start, end = self._starts[first], self._starts[after] - 1
        return start, max(start, min(end, len(self._text)))

    def _start_item(self) -> None:
        number = self._lists[-1]
        if number:
            self._lists[-1] += 1
        self._marker = "  " * (len(self._lists) - 1) + (f"{number}. " if number else "- ")

    def _take_marker(self) -> str:
        marker, self._marker = self._marker, ""
        return marker


def _inline(token: "Token") -> str:
    """The words that a reader sees, inline code included, and where web links lead."""
    parts: list[str] = []
    links: list[tuple[str, int]] = []
    for child in token.children or ():
        match child.type:
            case "softbreak":
                parts.append(" ")
            case "hardbreak":
                parts.append("\n")
            case "link_open":
                links.append((str(child.attrs.get("href", "")), len(parts)))
            case "link_close" if links:
                target, first = links.pop()
                parts[first:] = [with_target("".join(parts[first:]), target)]
            case "html_inline":
                parts.append(_tag(child.content))
            case _:
                parts.append(child.content)
    return _SHORTCODE.sub(_shortcode, "".join(parts)).strip()


def _tag(markup: str) -> str:
    """Known tags go; ``<pod-name>`` is a place to fill in, and stays."""
    name = _TAG_NAME.match(markup)
    if name and name[1].lower() == "br":
        return "\n"
    return "" if name is None or name[1].lower() in hypertext.TAGS else markup


def _shortcode(found: re.Match[str]) -> str:
    return " ".join(_SHOWN_ATTRIBUTE.findall(found[1] or ""))
