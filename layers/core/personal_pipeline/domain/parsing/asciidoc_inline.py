"""The words of one AsciiDoc paragraph, without their markup.

Every pattern is bounded, so that no input takes more than linear time.
"""

import re
from html import unescape

from personal_pipeline.domain.parsing.links import with_target

_MOST_EXPANSIONS = 10_000  # a document, so that short references to long values stay within the text limit
_MOST_VALUE = 200
_REFERENCE = re.compile(r"\\?\{([\w-]{1,60})\}")
_PLACE = "\ue000"  # for use in private: stands for a piece of code while the words around it are read
_PLACE_PATTERN = re.compile(_PLACE)
_MONOSPACE = re.compile(r"``([^`\n]{1,1000})``|`([^`]{1,1000})`")
_LINK = re.compile(r"(?:\b(link|mailto|xref):([^\s\[\]]{1,500})|(https?://[^\s\[\]<>]{1,500}))\[([^\[\]]{0,400})\]")
_LINK_OPTIONS = re.compile(r",[ \t]*(?:window|role|opts|options|id|title|rel)=.*|\^$")
_CROSS = re.compile(r"<<([^<>,]{1,200})(?:,[ \t]*([^<>]{1,200}))?>>")
_MACRO = re.compile(r"\b(?:kbd|btn|menu|image|icon|footnote|pass|stem):[\w./@-]{0,200}\[([^\[\]]{0,400})\]")
_ANCHOR = re.compile(r"\[\[[^\[\]]{1,200}\]\]|\[[.#%][\w.#%-]{1,60}\](?=#)")
_MARKS = [
    *(re.compile(rf"({re.escape(mark)}{re.escape(mark)})([^{re.escape(mark)}]{{1,400}})\1") for mark in "*_#"),
    *(
        re.compile(
            rf"(?<![\w\\{re.escape(mark)}])({re.escape(mark)})(?=\S)([^{re.escape(mark)}]{{1,400}})(?<=\S)\1(?!\w)"
        )
        for mark in "*_#"
    ),
]


class Attributes:
    """``:name: value`` of the document. Values are put in as they are, never read for references again."""

    def __init__(self) -> None:
        self._values = {"nbsp": " ", "empty": "", "sp": " ", "plus": "+", "asterisk": "*", "backtick": "`", "vbar": "|"}
        self._left = _MOST_EXPANSIONS

    def define(self, name: str, value: str) -> None:
        if name.strip("!") != name:
            self._values.pop(name.strip("!").lower(), None)
        elif len(value) <= _MOST_VALUE:
            self._values[name.lower()] = value.strip()

    def fill(self, text: str) -> str:
        return _REFERENCE.sub(self._value, text) if "{" in text else text

    def _value(self, found: re.Match[str]) -> str:
        value = self._values.get(found[1].lower())
        if value is None or self._left <= 0 or found[0].startswith("\\"):
            return found[0].removeprefix("\\") if found[0].startswith("\\") else found[0]
        self._left -= 1
        return value


def plain(text: str, attributes: Attributes) -> str:
    codes: list[str] = []

    def put_away(found: re.Match[str]) -> str:
        codes.append((found[1] or found[2]).removeprefix("+").removesuffix("+"))
        return _PLACE

    text = _MONOSPACE.sub(put_away, attributes.fill(text.replace(_PLACE, "")))
    text = unescape(_LINK.sub(_link, _words(text)))
    if codes:
        put_back = iter(codes)
        text = _PLACE_PATTERN.sub(lambda _: next(put_back, ""), text)
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()


def _words(text: str) -> str:
    text = _CROSS.sub(lambda found: found[2] or found[1], text)
    text = _ANCHOR.sub("", _MACRO.sub(r"\1", text))
    for mark in _MARKS:
        text = mark.sub(r"\2", text)
    return text


def _link(found: re.Match[str]) -> str:
    text = _LINK_OPTIONS.sub("", found[4]).strip('"')
    return with_target(text or found[2] or "", found[3] or found[2])
