"""HTML, whole pages and the pieces that Markdown lets through.

Read as a stream of tags, so that no tree is built and nothing can nest too deep; offsets come for free.
Comments, scripts and styles are blanked beforehand: the standard parser takes quadratic time over
broken ones, and its versions disagree about where they end.
"""

import re
from html import unescape
from html.parser import HTMLParser
from itertools import accumulate

from personal_pipeline.domain.parsing.links import with_target
from personal_pipeline.domain.parsing.outline import MAX_HEADING, Outline

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "ol",
        "optgroup",
        "option",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
    ]
)
_DROPPED = frozenset(
    [
        "head",
        "nav",
        "template",
        "svg",
        "math",
        "iframe",
        "object",
        "noscript",
        "select",
        "button",
        "canvas",
        "audio",
        "video",
        "map",
    ]
)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "input",
        "ins",
        "kbd",
        "label",
        "mark",
        "meter",
        "output",
        "picture",
        "progress",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "script",
        "small",
        "span",
        "strike",
        "strong",
        "style",
        "sub",
        "sup",
        "textarea",
        "time",
        "tt",
        "u",
        "var",
    ]
)
TAGS = BLOCKS | _DROPPED | _VOID | _INLINE
_HIDDEN = re.compile(r"<!--|<[!?]|<(script|style)\b", re.IGNORECASE)
_CLOSING = {name: re.compile(rf"</{name}\b[^<>]{{0,100}}>", re.IGNORECASE) for name in ("script", "style")}
_LANGUAGE = re.compile(r"\b(?:language|highlight-source|lang|brush:)[- ]?([\w+#-]{1,30})")
_NOT_NEWLINE = re.compile(r"[^\n]")
_SPACE = re.compile(r"\s+")
_MAX_INDENT = 8


def read(text: str, begin: int, outline: Outline, end: int | None = None) -> None:
    """Blocks of ``text[begin:end]``; their spans count from the start of ``text``."""
    end = len(text) if end is None else end
    markup = _without_hidden(text[begin:end])
    last = markup.rfind(">") + 1  # what follows can hold no tag, and the parser would look for one again and again
    page = _Page(markup, begin, outline)
    page.feed(markup[:last])
    page.close()
    page.handle_data(unescape(markup[last:]), begin + last)
    page.flush(end)
    outline.title = outline.title or page.name


def _without_hidden(markup: str) -> str:
    """The same length and lines, with spaces for what no reader sees."""
    kept: list[str] = []
    position = 0
    while found := _HIDDEN.search(markup, position):
        kept.append(markup[position : found.start()])
        after = _end_of_hidden(markup, found)
        kept.append(_NOT_NEWLINE.sub(" ", markup[found.start() : after]))
        position = after
    kept.append(markup[position:])
    return "".join(kept)


def _end_of_hidden(markup: str, found: re.Match[str]) -> int:
    """Where nothing closes it, a comment or script takes the rest, as in browsers."""
    if name := found[1]:
        closing = _CLOSING[name.lower()].search(markup, found.end())
        return closing.end() if closing else len(markup)
    mark = "-->" if found[0] == "<!--" else ">"
    at = markup.find(mark, found.end())
    return at + len(mark) if at >= 0 else len(markup)


class _Page(HTMLParser):
    """Words gather until a block tag ends them."""

    def __init__(self, markup: str, begin: int, outline: Outline) -> None:
        super().__init__(convert_charrefs=True)
        self.name = ""  # as the browser shows it, often with the site's name: a heading is better
        self._outline = outline
        self._lines = list(accumulate((len(line) + 1 for line in markup.split("\n")), initial=begin))
        self._words: list[str] = []
        self._start = begin
        self._links: list[tuple[str, int]] = []
        self._dropping: list[str] = []
        self._lists: list[int] = []  # the next number of each open list, 0 for bullets
        self._marker = ""
        self._heading = 0
        self._language = ""
        self._is_pre = self._is_title = False
        self._tables = 0
        self._table_start = begin
        self._rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._dropping or tag in _DROPPED:
            if tag in _DROPPED:
                self._dropping.append(tag)
            return
        values = {name: value or "" for name, value in attrs}
        if tag in BLOCKS:
            self._boundary(tag)
        match tag:
            case "title":
                self._is_title = True
            case "br":
                self._words.append("\n")
            case "img":
                self.handle_data(values.get("alt", ""))
            case "a":
                self._links.append((values.get("href", ""), len(self._words)))
            case "pre" | "code" if tag == "pre" or self._is_pre:
                self._is_pre = True
                found = _LANGUAGE.search(values.get("class", ""))
                self._language = found[1] if found else self._language
            case "ol" | "ul":
                start = values.get("start", "")
                number = int(start) if start.isascii() and start.isdigit() and len(start) < 10 else 1
                self._lists.append(number if tag == "ol" else 0)
            case "li":
                self._start_item()
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if not self._tables and not self._is_pre:
                self._heading = int(tag[1])

    def handle_endtag(self, tag: str) -> None:
        if self._dropping:
            if tag == self._dropping[-1]:
                self._dropping.pop()
            return
        if tag == "a" and self._links:
            target, first = self._links.pop()
            text = _SPACE.sub(" ", "".join(self._words[first:]))
            self._words[first:] = [with_target(text, target)] if text.strip() else [" "]
        elif tag in {"ol", "ul"} and self._lists:
            self._boundary(tag)
            self._lists.pop()
        elif tag in BLOCKS:
            self._boundary(tag, is_end=True)
        if tag == "pre":
            self._is_pre = False
        elif tag == "title":
            self._is_title = False
        elif tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            self._heading = 0

    def handle_data(self, data: str, at: int | None = None) -> None:
        if self._dropping or not data:
            return
        if not any(map(str.strip, self._words)) and not self._links:
            self._words.clear()
            self._start = self._offset() if at is None else at
        self._words.append(data if self._is_pre else _SPACE.sub(" ", data))

    def flush(self, end: int) -> None:
        """End the block: its words become a heading, code or a paragraph."""
        text = "".join(self._words)
        self._words.clear()
        self._links.clear()
        if self._is_title:
            self.name = self.name or " ".join(text.split())[:MAX_HEADING]
            return
        if self._is_pre:
            if text.strip() and self._marker.strip() not in {"", "-"}:  # a numbered step that is nothing but a command
                self._outline.block("text", self._marker, self._start, end)
                self._marker = ""
            self._outline.block("code", text, self._start, end, self._language)
            self._language = ""
            return
        text = "\n".join(" ".join(line.split()) for line in text.strip().split("\n"))
        if not text:
            return
        if self._heading:
            self._outline.heading(self._heading, text, self._start, end)
            self._heading = 0
        else:
            self._outline.block("text", self._marker + text, self._start, end)
            self._marker = ""

    def _boundary(self, tag: str, *, is_end: bool = False) -> None:
        if tag == "table":
            self._table(is_end=is_end)
        elif self._tables:
            self._cell(tag, is_end=is_end)
        elif self._is_pre and tag != "pre":
            if is_end:
                self._words.append("\n")
        else:
            self.flush(self._offset())

    def _table(self, *, is_end: bool) -> None:
        """A table inside a cell is read as that cell's words."""
        if not is_end:
            if not self._tables:
                self.flush(self._offset())
                self._table_start = self._offset()
            self._tables += 1
        elif self._tables:
            self._tables -= 1
            if not self._tables:
                self._end_cell()
                text = "\n".join(" | ".join(row) for row in self._rows if any(row))
                self._outline.block("table", text, self._table_start, self._offset())
                self._rows.clear()

    def _cell(self, tag: str, *, is_end: bool) -> None:
        if self._tables > 1 or tag not in {"tr", "td", "th"}:
            self._words.append(" ")
        elif tag == "tr" and not is_end:
            self._end_cell()
            self._rows.append([])
            self._outline.count_table(1)
        elif tag in {"td", "th"}:
            self._end_cell()

    def _end_cell(self) -> None:
        words = " ".join("".join(self._words).split())
        self._words.clear()
        self._links.clear()
        if words:
            self._rows = self._rows or [[]]
            self._rows[-1].append(words)

    def _start_item(self) -> None:
        if not self._tables:
            number = self._lists[-1] if self._lists else 0
            if number:
                self._lists[-1] += 1
            indent = "  " * min(max(len(self._lists) - 1, 0), _MAX_INDENT)
            self._marker = indent + (f"{number}. " if number else "- ")

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column
