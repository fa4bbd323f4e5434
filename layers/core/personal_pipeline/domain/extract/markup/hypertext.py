"""Units of HTML: the words between the tags that start a block, whatever else stands in them."""

import re

from personal_pipeline.domain.extract.markup.units import Reader, UnitKind, trimmed
from personal_pipeline.domain.parsing.hypertext import BLOCKS

_TOKEN = re.compile(r"<!--|<(/?)([A-Za-z][A-Za-z0-9]{0,20})([^<>]{0,2000})>")
_BLOCKS = BLOCKS | {"br"}
_SILENT = frozenset(["head", "nav", "script", "style", "template", "svg", "noscript", "button", "title"])
_LANGUAGE = re.compile(r"\b(?:language|lang|highlight|brush)[-: ]+([\w+-]{1,20})")


def read(text: str, begin: int) -> Reader:
    reader = _Html(text)
    reader.read(begin)
    return reader


class _Html(Reader):
    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._at = 0  # where the words of the open block begin
        self._kind: UnitKind = "paragraph"
        self._more: dict[str, object] = {}
        self._lists: list[tuple[str, int]] = []  # of each open list its tag and how many items it has
        self._pre: int | None = None
        self._silent = ""
        self._row = self._column = 0

    def read(self, begin: int) -> None:
        self._at = at = begin
        while token := _TOKEN.search(self._text, at):
            at = token.end()
            if token[2] is None:
                closed = self._text.find("-->", at)
                at = len(self._text) if closed < 0 else closed + 3
                if not self._silent and self._pre is None:
                    self._flush(token.start())
                    self._at = at
                continue
            self._tag(token, token[2].lower(), is_end=bool(token[1]))
        self._flush(len(self._text))

    def _tag(self, token: re.Match[str], name: str, *, is_end: bool) -> None:
        if self._silent:
            if is_end and name == self._silent:
                self._silent, self._at = "", token.end()
            return
        if self._pre is not None:
            self._in_pre(token, name, is_end=is_end)
            return
        if name in _SILENT or name in _BLOCKS:
            self._flush(token.start())
            self._at = token.end()
            if name in _SILENT and not is_end:
                self._silent = name
            elif is_end:
                self._close(name)
            else:
                self._begin(token, name)

    def _in_pre(self, token: re.Match[str], name: str, *, is_end: bool) -> None:
        if name == "code" and not is_end and token.start() == self._pre:
            self._pre = token.end()
            self._more["language"] = self._language(token)
        elif is_end and name == "pre" and self._pre is not None:
            end = token.start()
            tail = self._text[max(self._pre, end - 7) : end]
            self.add("code", self._pre, end - 7 if tail == "</code>" else end, **self._more)
            self._pre, self._more, self._at = None, {}, token.end()

    @staticmethod
    def _language(token: re.Match[str]) -> str:
        found = _LANGUAGE.search(token[3])
        return found[1] if found else ""

    def _begin(self, token: re.Match[str], name: str) -> None:
        self._kind, self._more = "paragraph", {}
        match name:
            case "pre":
                self._pre, self._more = token.end(), {"language": self._language(token)}
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                self.items.clear()
                self._lists.clear()
                self._kind, self._more = "heading", {"level": int(name[1])}
            case "ol" | "ul" | "dl":
                self._lists.append((name, 0))
            case "li":
                tag, count = self._lists.pop() if self._lists else ("ul", 0)
                self._lists.append((tag, count + 1))
                del self.items[len(self._lists) - 1 :]
                self.open_item(0, 0)
                self._kind, self._more = "item", {"marker": str(count + 1) if tag == "ol" else "-"}
            case "dt":
                del self.items[max(0, len(self._lists) - 1) :]
                self.open_item(0, 0, "term")
                self._kind = "term"
            case "table":
                self.tables += 1
                self._row = -1
            case "tr":
                self._row, self._column = self._row + 1, -1
            case "td" | "th":
                self._column += 1
                self._kind = "cell"
                self._more = {
                    "table": self.tables, "row": self._row, "column": self._column, "is_header": name == "th"
                }  # fmt: skip

    def _close(self, name: str) -> None:
        self._kind, self._more = "paragraph", {}
        if name in ("ol", "ul", "dl") and self._lists:
            self._lists.pop()
            del self.items[len(self._lists) :]
        elif name == "li":
            del self.items[max(0, len(self._lists) - 1) :]

    def _flush(self, end: int) -> None:
        start, stop = trimmed(self._text, self._at, end)
        if start < stop and _TOKEN.sub("", self._text[start:stop]).strip():
            self.add(self._kind, start, stop, **self._more)
            self._kind, self._more = "paragraph", {}
