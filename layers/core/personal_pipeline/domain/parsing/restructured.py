"""reStructuredText, by docutils' parser alone: no transforms, no files read, no markup passed through.

Sphinx's directives and roles are unknown to docutils: their content is read on as part of the document.
docutils has no offsets, so each block is looked up in the source near the line it says. A text that
docutils stumbles over is read as plain text rather than lost.
"""

from itertools import accumulate
from typing import Any

from docutils import nodes, utils
from docutils.parsers.rst import Parser

from personal_pipeline.domain.parsing import plain
from personal_pipeline.domain.parsing.links import with_target
from personal_pipeline.domain.parsing.outline import Outline
from personal_pipeline.domain.parsing.restructured_tolerance import STATES, quiet_settings, tolerant_inliner

_NEAR = 100  # lines to look through for a block
_LONGEST_LINE = 10_000  # docutils refuses the document beyond it
_INVISIBLE = (nodes.comment, nodes.target, nodes.substitution_definition, nodes.pending, nodes.footnote_reference)
_SPOKEN = ("note", "tip", "hint", "important", "warning", "caution", "danger", "error", "attention")


def read(text: str, begin: int, outline: Outline) -> None:
    """Blocks of ``text`` from ``begin`` on; their spans count from the start of ``text``."""
    source = text[begin:]
    lines = source.split("\n")
    if max(map(len, lines)) > _LONGEST_LINE:
        reason = f"a line of more than {_LONGEST_LINE:,} characters"
    else:
        document = utils.new_document("", quiet_settings())
        parser = Parser(inliner=tolerant_inliner())
        parser.state_classes = STATES
        try:
            parser.parse(source, document)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever docutils' parser stumbles over, the words are still there
            reason = f"docutils failed with {type(error).__name__}"
        else:
            _Walk(document, lines, begin, outline).blocks(document, 0)
            return
    outline.warnings.append(f"read as plain text because of {reason}")
    plain.read(text, begin, outline)


class _Walk:
    def __init__(self, document: Any, lines: list[str], begin: int, outline: Outline) -> None:
        self._lines = [" ".join(line.split()) for line in lines]
        self._starts = list(accumulate((len(line) + 1 for line in lines), initial=begin))
        self._outline = outline
        self._line = 0  # where the last block was found
        self._marker = ""
        self._lead: int | None = None  # where the marker begins, if that is before the block
        self._targets: dict[str, str] = {}
        for target in document.findall(nodes.target):
            self._targets.update(dict.fromkeys(target["names"], target.get("refuri", "")))
        self._substitutions: dict[str, str] = {
            name: definition.astext()[:200] for name, definition in document.substitution_defs.items()
        }

    def blocks(self, parent: Any, level: int, lists: int = 0) -> None:
        for node in parent.children:
            self._block(node, level, lists)

    def _block(self, node: Any, level: int, lists: int) -> None:
        match node:
            case _ if isinstance(node, _INVISIBLE):
                return
            case nodes.section():
                self._section(node, level + 1)
            case nodes.literal_block() | nodes.doctest_block() | nodes.math_block():
                self._add("code", str(node.astext()), node, " ".join(node.get("classes", [])))
            case nodes.bullet_list() | nodes.enumerated_list():
                self._list(node, level, lists)
            case nodes.table():
                self._table(node)
            case nodes.definition_list_item() | nodes.field() | nodes.option_list_item():
                self._definition(node, level, lists)
            case nodes.line_block():
                self._add("text", self._words(node, "\n"), node)
            case nodes.image():
                self._add("text", node.get("alt", ""), node)
            case nodes.system_message():
                for literal in node.findall(nodes.literal_block):
                    self._add("text", literal.astext(), literal)
            case nodes.TextElement() | nodes.Text():
                self._add("text", self._words(node), node)
            case _:
                if node.tagname in _SPOKEN:
                    self._marker += f"{node.tagname.capitalize()}: "
                self.blocks(node, level, lists)

    def _section(self, node: Any, level: int) -> None:
        title = node.next_node(nodes.title)
        if title is not None:
            self._outline.heading(level, self._words(title), *self._span(title))
            self._line = min(self._line + 1, len(self._lines) - 1)
        for child in node.children:
            if child is not title:
                self._block(child, level, 0)

    def _list(self, node: Any, level: int, lists: int) -> None:
        number = node.get("start", 1)
        is_lettered = node.get("enumtype", "").endswith("alpha")
        for item in node.children:
            name = chr(ord("a") + (number - 1) % 26) if is_lettered else str(number)
            self._marker = "  " * lists + ("- " if isinstance(node, nodes.bullet_list) else f"{name}. ")
            number += 1
            self.blocks(item, level, lists + 1)
            self._marker = ""

    def _definition(self, node: Any, level: int, lists: int) -> None:
        """The term goes before the first words of what is said of it."""
        *terms, body = node.children or [node]
        if terms:
            self._lead = self._span(terms[0])[0]
        self._marker += ", ".join(self._words(term) for term in terms) + ": "
        if body.children:
            self.blocks(body, level, lists)
        else:
            self._add("text", "", node)
        self._marker = ""

    def _table(self, node: Any) -> None:
        rows = [[self._words(cell, " ") for cell in row.findall(nodes.entry)] for row in node.findall(nodes.row)]
        self._outline.count_table(len(rows), max((len(row) for row in rows), default=0))
        paragraphs = list(node.findall(nodes.paragraph)) or [node]
        start, end = self._span(paragraphs[0])
        self._outline.block(
            "table", "\n".join(" | ".join(row) for row in rows), start, max(end, self._span(paragraphs[-1])[1])
        )

    def _add(self, kind: Any, text: str, node: Any, language: str = "") -> None:
        if kind == "text":
            text, self._marker = self._marker + text.strip(), ""
        if text.strip():
            start, end = self._span(node)
            self._outline.block(kind, text, start if self._lead is None else min(self._lead, start), end, language)
        self._lead = None

    def _words(self, node: Any, between: str = "") -> str:
        match node:
            case nodes.Text():
                return str(node.astext()).replace("\n", " ")
            case nodes.image():
                return str(node.get("alt", ""))
            case nodes.substitution_reference():
                return self._substitutions.get(node["refname"], str(node.astext()))
            case nodes.reference():
                target = node.get("refuri") or self._targets.get(node.get("refname", ""), "")
                return with_target("".join(map(self._words, node.children)), target)
            case nodes.system_message():
                return ""
            case _ if isinstance(node, _INVISIBLE) and not isinstance(node, nodes.footnote_reference):
                return "" if isinstance(node, nodes.comment) else str(node.astext())
        is_block = not isinstance(node, nodes.TextElement)
        return (
            (between or (" " if is_block else "")).join(map(self._words, node.children)).strip(" " if is_block else "")
        )

    def _span(self, node: Any) -> tuple[int, int]:
        """The block's own lines if they are found, else the line where the last block was found."""
        raw = [words for line in (node.rawsource or node.astext()).split("\n") if (words := " ".join(line.split()))]
        first = self._find(raw[0], node.line) if raw else self._line
        if first is None:
            return self._starts[self._line], self._starts[-1] - 1
        last = first
        for words in raw[1:]:
            found = next(
                (at for at in range(last + 1, min(last + 3, len(self._lines))) if words in self._lines[at]), None
            )
            if found is None:
                break
            last = found
        self._line = first
        return self._starts[first], self._starts[last + 1] - 1

    def _find(self, words: str, near: int | None) -> int | None:
        """Close to the line that docutils says, if it says one, else after the last block."""
        for begin in (self._line if near is None else max(self._line, near - 2), self._line):
            for at in range(begin, min(begin + _NEAR, len(self._lines))):
                if words in self._lines[at]:
                    return at
        return None
