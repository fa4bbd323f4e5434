"""From blocks to passages: small enough to be one search result, large enough to be understood alone.

A passage stays under one heading. A command stays with the sentence that introduces it, and what is
too long is cut where a line or a sentence ends.
"""

import re
from collections.abc import Iterator

from personal_pipeline.domain.documents import Block, ParsedDocument, Passage
from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.ids import MAX_PASSAGES

TARGET = 1200  # characters
LONGEST = 2400  # a command and its introduction may go beyond the target together
_ITEM = re.compile(r"\s*(?:[-*•]|\d{1,9}[.)])\s")
_SENTENCE_END = re.compile(r"[.!?:;…。！？]\s")


def split(parsed: ParsedDocument) -> tuple[Passage, ...]:
    """Raises InvalidDocumentError when there would be too many passages."""
    groups = [group for blocks in _sections(parsed.blocks) for group in _grouped(blocks)]
    if len(groups) > MAX_PASSAGES:
        raise InvalidDocumentError(f"has more than {MAX_PASSAGES:,} passages: split it by topic")
    if not groups:
        return (Passage(0, (), parsed.title, 0, 0),)
    return tuple(
        Passage(ordinal, group[0].heading, _joined(group), group[0].start, max(block.end for block in group))
        for ordinal, group in enumerate(groups)
    )


def embedded_text(title: str, passage: Passage) -> str:
    """What is embedded of a passage: where it stands, then what it says."""
    place = " / ".join(part for part in (title, *passage.heading) if part)
    return f"{place}\n{passage.text}"


def plain_text(parsed: ParsedDocument) -> str:
    """The whole document without its markup, headings on lines of their own."""
    parts: list[str] = []
    heading: tuple[str, ...] = ()
    for blocks in _sections(parsed.blocks):
        if blocks[0].heading != heading:
            heading = blocks[0].heading
            parts.extend(heading[-1:])
        if (text := _joined(blocks)) != "".join(heading[-1:]):
            parts.append(text)
    return "\n\n".join(parts) or parsed.title


def _sections(blocks: tuple[Block, ...]) -> Iterator[list[Block]]:
    section: list[Block] = []
    for block in blocks:
        if section and block.heading != section[0].heading:
            yield section
            section = []
        section.append(block)
    if section:
        yield section


def _grouped(section: list[Block]) -> Iterator[list[Block]]:
    """Neighbours up to the target; a block that needs the one before it is not parted from it."""
    group: list[Block] = []
    size = 0
    for unit in _units(section):
        length = sum(len(block.text) for block in unit)
        if group and size + length > TARGET:
            yield group
            group, size = [], 0
        group.extend(unit)
        size += length
    if group:
        yield group


def _units(section: list[Block]) -> Iterator[list[Block]]:
    """What must stay together: a code block or table with the text before it, unless that is too long."""
    unit: list[Block] = []
    size = 0
    for block in section:
        for piece in _pieces(block):
            belongs = piece.kind != "text" and unit and unit[-1].kind == "text"
            if unit and not (belongs and size + len(piece.text) <= LONGEST):
                yield unit
                unit, size = [], 0
            unit.append(piece)
            size += len(piece.text)
    if unit:
        yield unit


def _pieces(block: Block) -> Iterator[Block]:
    """A long block, cut. The pieces keep the whole block's span: plain text has no offsets of its own."""
    most = LONGEST - TARGET // 2 if block.kind != "text" else TARGET
    text = block.text
    at = 0
    while len(text) - at > most:
        cut = _cut(text, at, at + most)
        if piece := text[at:cut].strip("\n"):
            yield _part(block, piece)
        at = cut
    if piece := text[at:].strip("\n"):
        yield _part(block, piece)


def _part(block: Block, text: str) -> Block:
    return Block(block.heading, block.kind, text, block.start, block.end, block.language)


def _cut(text: str, begin: int, end: int) -> int:
    """The last good place to cut in the second half: a line's end, a sentence's, a word's."""
    middle = (begin + end) // 2
    if (line := text.rfind("\n", middle, end)) > 0:
        return line + 1
    if sentences := [found.end() for found in _SENTENCE_END.finditer(text, middle, end)]:
        return sentences[-1]
    word = text.rfind(" ", middle, end)
    return word + 1 if word > 0 else end


def _joined(blocks: list[Block]) -> str:
    """List items on lines of their own, everything else as paragraphs."""
    parts: list[str] = []
    for block in blocks:
        if parts:
            both_items = _ITEM.match(block.text) and _ITEM.match(parts[-1])
            parts.append("\n" if both_items else "\n\n")
        parts.append(block.text)
    return "".join(parts)
