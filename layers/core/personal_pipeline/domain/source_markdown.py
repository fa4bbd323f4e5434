"""AsciiDoc, reStructuredText and HTML as Markdown, piece by piece, each with where it stands in the source.

Made from what the parser read, so that it says what search finds. Inline markup is gone, as it is there.
"""

import re
from collections.abc import Iterator

from personal_pipeline.domain.documents import Block, ParsedDocument
from personal_pipeline.domain.extract.structure import Said, Span
from personal_pipeline.domain.parsing.writing import plain

MARKUPS = frozenset({"asciidoc", "restructuredtext", "html"})
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,9}[.)])(?:[ \t]+|\Z)")
_TICKS = re.compile(r"`+")


def markdown_of(parsed: ParsedDocument) -> tuple[Said, ...]:
    return tuple(_pieces(parsed))


def _pieces(parsed: ParsedDocument) -> Iterator[Said]:
    if parsed.title:
        yield Said(Span(0, 0), f"# {plain(parsed.title)}")
    path: tuple[str, ...] = ()
    for block in parsed.blocks:
        span = Span(block.start, block.end)
        if block.heading != path:
            shared = next(
                (n for n, names in enumerate(zip(path, block.heading, strict=False)) if len({*names}) > 1), None
            )
            shared = min(len(path), len(block.heading)) if shared is None else shared
            for depth, name in enumerate(block.heading[shared:], shared + 2):
                yield Said(span, f"{'#' * min(depth, 6)} {plain(name)}")
            path = block.heading
        if block.text not in {parsed.title, *block.heading[-1:]}:
            yield Said(span, _written(block))


def _written(block: Block) -> str:
    if block.kind == "code":
        longest = max((len(run) for run in _TICKS.findall(block.text)), default=0)
        fence = "`" * max(3, longest + 1)
        return f"{fence}{block.language}\n{block.text}\n{fence}"
    if block.kind == "table":
        head, *rows = (f"| {row} |" for row in block.text.split("\n"))
        return "\n".join([head, "|" + " --- |" * (head.count(" | ") + 1), *rows])
    marker = _ITEM.match(block.text)
    start = marker.end() if marker else 0
    return block.text[:start] + plain(block.text[start:])
