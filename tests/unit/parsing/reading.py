"""Read a text as a file of some ending, and check what must hold for every document."""

import html
import re

from personal_pipeline.domain.documents import Block, ParsedDocument
from personal_pipeline.domain.parsing import decode, parse_document

WORD = re.compile(r"[^\W_]{2,}")


def read(name: str, text: str) -> ParsedDocument:
    """Parsed, with every span checked against the source."""
    parsed = parse_document(f"runbooks/{name}", text.encode())
    check_spans(parsed, text.encode())
    return parsed


def texts(parsed: ParsedDocument) -> list[str]:
    return [block.text for block in parsed.blocks]


def codes(parsed: ParsedDocument) -> list[tuple[str, str]]:
    return [(block.language, block.text) for block in parsed.blocks if block.kind == "code"]


def check_spans(parsed: ParsedDocument, body: bytes) -> None:
    source, _ = decode("runbooks/any", body)
    before = 0
    for block in parsed.blocks:
        assert 0 <= block.start <= block.end <= len(source), block
        assert block.start >= before, f"out of order: {block}"
        before = block.start


def missing_words(block: Block, source: str) -> set[str]:
    """Words of the block that its span of the source does not have."""
    written = html.unescape(source[block.start : block.end])
    return set(WORD.findall(block.text.casefold())) - set(WORD.findall(written.casefold()))
