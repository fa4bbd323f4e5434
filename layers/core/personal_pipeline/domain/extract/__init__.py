"""What a runbook tells its reader to do, found in its text by rules: steps, commands, branches, contacts.

The same text always gives the same structure, in time that grows with its length. Every item has the span of the
source that says it. What is not there is absent, not guessed.
"""

from personal_pipeline.domain.documents import ParsedDocument
from personal_pipeline.domain.extract.serial import from_json, to_json
from personal_pipeline.domain.extract.structure import (
    Branch,
    Command,
    Contact,
    Expected,
    Fact,
    Link,
    Remark,
    Risk,
    Section,
    Span,
    Step,
    Structure,
)
from personal_pipeline.domain.extract.tree import Tree, mermaid, tree_of

__all__ = [
    "Branch",
    "Command",
    "Contact",
    "Expected",
    "Fact",
    "Link",
    "Remark",
    "Risk",
    "Section",
    "Span",
    "Step",
    "Structure",
    "Tree",
    "extract",
    "from_json",
    "mermaid",
    "to_json",
    "tree_of",
]


def extract(parsed: ParsedDocument, text: str, markup: str, document: str = "", revision: int = 0) -> Structure:
    """``markup`` is what ``parsing.format_of`` says; spans count in ``text``, the whole source as it was decoded."""
    from personal_pipeline.domain.extract.assemble import assemble  # whoever only reads structures needs no rules

    return assemble(parsed, text, markup, document, revision)
