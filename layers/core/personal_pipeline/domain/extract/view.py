"""The words of a span as a reader sees them, each character with its place in the source.

Markup is left out and line breaks are spaces. Inline code is shown as a run of ``CODE``, so that no rule takes a dot
or a colon in a command for one of the sentence. Every pattern is bounded: the time is linear.
"""

import re
from dataclasses import dataclass, field
from html import unescape

from personal_pipeline.domain.extract.structure import Span
from personal_pipeline.domain.parsing.decoding import without_invisible

CODE = "\ue001"
_BREAK = r"(?P<break>[ \t\r]{0,80}\n[ \t]*(?:>[ \t]?){0,9}[ \t]*)"
_URL = r"(?P<url>\bhttps?://[^\s<>\[\]()\"'`]{1,500})"
_PATTERNS = {
    "markdown": (
        r"(?P<image>!\[[^\[\]]{0,200}\]\([^()\s]{0,500}(?:[ \t]+\"[^\"]{0,200}\")?\))|"
        r"(?P<ticks>`{1,3})(?!`)(?P<code>[^`]{1,1500}|.{1,400}?)(?<!`)(?P=ticks)(?!`)"
        r"|(?P<to>\]\((?P<target>[^()\s]{0,500}(?:\([^()\s]{0,100}\))?[^()\s]{0,200})(?:[ \t]+\"[^\"]{0,200}\")?\))"
        r"|(?P<ref>\]\[[^\[\]]{0,200}\])|(?P<open>!?\[(?!\w\]))"
        r"|(?P<mark>\*{1,3}|~~|(?<!\w)_{1,3}(?=\w)|(?<=\S)_{1,3}(?!\w))|(?P<escape>\\(?=[!-/:-@\[-`{-~]))"
        r"|(?P<tag></?(?:a|b|i|em|strong|code|br|p|span|div|sub|sup|u|kbd|summary|details)\b[^<>]{0,300}>)"
        r"|(?P<entity>&(?:[a-z]{2,8}|\#\d{1,6});)"
    ),
    "asciidoc": (
        r"(?P<ticks>`{1,2})(?!`)(?P<code>[^`]{1,1500})(?<!`)(?P=ticks)(?!`)"
        r"|(?P<link>(?:\b(?:link|xref|mailto):(?P<target>[^\s\[\]]{1,500})|https?://[^\s\[\]]{1,500}(?=\[)))"
        r"|<<(?P<cross>[^<>,]{1,200}),?|(?P<open>>>|\[|\](?!\w))"
        r"|(?P<mark>(?<!\w)[*_]{1,2}(?=\S)|(?<=\S)[*_]{1,2}(?!\w))"
    ),
    "restructuredtext": (
        r"(?P<ticks>``)(?P<code>[^`]{1,1500})``|(?P<role>:[\w:-]{1,40}:(?=`))"
        r"|(?P<to>[ \t]*<(?P<target>[^<>`\s]{1,500})>`__?)|(?P<open>`__?|`)|(?P<mark>(?<!\w)\*{1,2}(?=\S)|"
        r"(?<=\S)\*{1,2})"
    ),
    "html": (
        r"<code\b[^<>]{0,200}>(?P<code>.{1,1500}?)</code>"
        r"|<a\b[^<>]{0,200}?\bhref=[\"'](?P<target>[^\"'<>]{0,500})[\"'][^<>]{0,200}>"
        r"|(?P<tag></?[A-Za-z][^<>]{0,500}>)|(?P<entity>&(?:[a-z]{2,8}|\#\d{1,6});)"
    ),
    "text": r"(?P<ticks>`)(?P<code>[^`\n]{1,500})`",
}
_FIRST = {  # what a token may begin with: most characters are passed over at once
    "markdown": r"(?=[\n!`\[\]*~_\\<&]|[ \t\r]{1,80}\n|http)",
    "html": r"(?=[\n<&]|[ \t\r]{1,80}\n|http)",
}
_TOKENS = {
    name: re.compile(f"{_FIRST.get(name, '')}(?:{_BREAK}|{pattern}|{_URL})", re.DOTALL)
    for name, pattern in _PATTERNS.items()
}
_TAGS = re.compile(r"</?[A-Za-z!][^<>]{0,300}>")


@dataclass(slots=True)
class Target:
    """A link: where it leads, and the part of the view that shows it."""

    start: int
    end: int
    target: str


@dataclass(slots=True)
class View:
    """``codes`` are the pieces of inline code: in the view, and what is between the marks in the source."""

    text: str
    places: list[int]
    codes: list[tuple[int, int, Span]] = field(default_factory=list)
    links: list[Target] = field(default_factory=list)
    heads: dict[int, int] = field(default_factory=dict)  # where the markup of a link begins in the source
    tails: dict[int, int] = field(default_factory=dict)  # and where it ends

    def span(self, start: int, end: int) -> Span:
        """Of the source, for a part of the view that is not empty; white space at its ends is left out."""
        while start < end and self.text[start] == " ":
            start += 1
        while end > start and self.text[end - 1] == " ":
            end -= 1
        if not self.places:
            return Span(0, 0)
        if start >= end:
            return Span(self.places[min(start, len(self.places) - 1)], self.places[min(start, len(self.places) - 1)])
        first = self.heads.get(start, self.places[start])
        return Span(first, max(self.places[end - 1] + 1, self.tails.get(end, 0)))

    def code_in(self, start: int, end: int) -> list[tuple[int, int, Span]]:
        return [code for code in self.codes if start <= code[0] and code[1] <= end]


def view_of(source: str, start: int, end: int, markup: str) -> View:
    parts: list[str] = []
    places: list[int] = []
    view = View("", places)
    opened: list[int] = []
    at = start

    def show(shown: str, first: int, *, same: bool = True) -> None:
        parts.append(shown)
        places.extend(range(first, first + len(shown)) if same else [first] * len(shown))

    for found in _TOKENS.get(markup, _TOKENS["text"]).finditer(source, start, end):
        show(source[at : found.start()], at)
        at = found.end()
        if found["break"]:
            show(" ", found.start())
            continue
        groups = found.groupdict()
        if groups["url"]:
            view.links.append(Target(len(places), len(places) + len(found[0]), found[0].rstrip(".,;:")))
            show(found[0], found.start())
        elif groups.get("code"):
            _code(source, found, view, show)
        elif groups.get("entity"):
            show(without_invisible(unescape(found[0])[:1]), found.start())
        else:
            _link(found, groups, view, opened, len(places))
            if groups.get("mark") and source[found.start() - 1 : found.end() + 1].isspace():
                show(found[0], found.start())
    show(source[at:end], at)
    view.text = "".join(parts)
    return view


def _code(source: str, found: re.Match[str], view: View, show: object) -> None:
    first, last = found.span("code")
    begin = len(view.places)
    show(CODE * (found.end() - found.start()), found.start())  # type: ignore[operator]
    while first < last and source[first].isspace():
        first += 1
    while last > first and source[last - 1].isspace():
        last -= 1
    view.codes.append((begin, len(view.places), Span(first, last)))


def _link(found: re.Match[str], groups: dict[str, str | None], view: View, opened: list[int], at: int) -> None:
    if groups.get("to") or (found[0] in (">>", "]") and opened):
        view.tails[at] = found.end()
    elif groups.get("open") or groups.get("target") or groups.get("cross") or groups.get("link"):
        view.heads[at] = found.start()
    elif groups.get("tag") and found[0].lower().startswith("</a"):
        view.tails[at] = found.end()
    if groups.get("open"):
        if found[0] in (">>", "]") and opened and view.links and view.links[-1].end < 0:
            view.links[-1].end = at
        opened.append(at)
    elif groups.get("to"):
        view.links.append(Target(opened.pop() if opened else at, at, groups.get("target") or ""))
    elif target := groups.get("target") or groups.get("cross") or (groups.get("link") and found[0]):
        view.links.append(Target(at, -1, f"#{target}" if groups.get("cross") else target))
    elif groups.get("tag") and found[0].lower().startswith("</a") and view.links and view.links[-1].end < 0:
        view.links[-1].end = at


def words_of(source: str, span: Span, markup: str) -> str:
    """What a reader sees of a span, on one line."""
    raw = source[span.start : span.end]
    if markup == "html":
        raw = without_invisible(unescape(_TAGS.sub("", raw)))
    elif markup == "markdown":
        raw = raw.replace("\\|", "|")  # how a cell of a table writes it
    return " ".join(raw.split())
