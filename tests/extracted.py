"""What holds of every structure that was extracted: each item says what stands at its span."""

import re
from html import unescape

from personal_pipeline.domain.extract import Structure, from_json, mermaid, to_json, tree_of
from personal_pipeline.domain.parsing.decoding import without_invisible

MARKUP = re.compile(r"</?[A-Za-z!][^<>]*>|[`*_\\\s|>]+")


def plain(text: str, markup: str) -> str:
    """Without markup and white space, so that a text can be looked for in its source."""
    return MARKUP.sub("", without_invisible(unescape(text)) if markup == "html" else text)


def assert_sound(structure: Structure, text: str, markup: str) -> None:
    said = [
        (one.span, one.text) for one in (*structure.steps, *structure.commands, *structure.expected, *structure.remarks)
    ]
    said += [(one.span, one.condition) for one in structure.branches]
    said += [(one.target, one.action) for one in structure.branches]
    said += [(one.span, one.value) for one in structure.contacts]
    said += [(one.span, one.value) for one in structure.facts]
    for span, words in said:
        assert 0 <= span.start < span.end <= len(text), (span, words)
        raw = text[span.start : span.end]
        raw = re.sub(r"</?[A-Za-z!][^<>]*>", "", raw) if markup == "html" else raw
        assert plain(words, "") in plain(raw, markup), (words, raw)
    for kind in ("sections", "steps", "commands", "expected", "branches", "remarks", "contacts", "links", "facts"):
        spans = [item.span for item in getattr(structure, kind)]
        assert spans == sorted(spans), kind
        assert all(0 <= span.start <= span.end <= len(text) for span in spans), kind
    assert from_json(to_json(structure), structure.document, structure.revision) == structure
    tree = tree_of(structure)
    names = {node.id for node in tree.nodes}
    assert all({edge.source, edge.target} <= names for edge in tree.edges)
    assert mermaid(tree).count("\n") == 1 + len(tree.nodes) + len(tree.edges)
