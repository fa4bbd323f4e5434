"""Documents made to be slow: twice the text may take about twice the steps of the interpreter, not four times."""

import sys

import pytest

from personal_pipeline.domain.documents import ParsedDocument
from personal_pipeline.domain.extract import extract
from personal_pipeline.domain.extract.sentences import after_leads, begins_with_verb, instructs, only_points, sentences
from tests.unit.extract.reading import FORMATS

HOSTILE = {
    "md": [
        "- check it\n",
        "If x, ",
        "If x, the a b c ",
        " - if a",
        ": if a",
        "a: ",
        "`",
        "[",
        "](",
        "**",
        "> ",
        "1. a\n   - b\n",
        "| a | b |\n|---|---|\n",
        "# If a\n",
        "a  \n",
        "# a\n\nb   \n\n",
        "Call the team, +1 555 0100. ",
        "```sh\nfor a in b; do\n",
        "```sh\necho 'a\n",
        "a; ",
        "If a b ",
        "; when a b",
        "In the a choose ",
        "Less? Then ",
        "Do a (if b c d). ",
        "```\n# ls -l\n",
        "| a | open it |\n|---|---|\n",
        "## Escalation\n- after a, call the b team\n",
        "http://",
        "<a ",
    ],
    "adoc": ["* a\n", ". a\n+\n", "a:: b\n", "|===\n|a\n", "<<a,", "link:a[b] ", "----\n", " a\n\nb\n"],
    "rst": ["- a\n", "a\n  b\n", "::\n\n", "`a <b>`_ ", ".. x::\n", "=  =\n"],
    "html": ["<li>", "<p>a", "<code>", "<td>a", "<pre>", "&lt;", "<!--", "<a href='x'>"],
    "txt": [
        "1. a\n",
        "    ls -l\n",
        "a\n===\n",
        "a: ",
        "Contacts\n====\na  b  +1 555 0100\n",
        "Step 1. a\n",
        "If a\n    b\n",
    ],
}


def work(text: str, ending: str) -> int:
    """Lines and calls of our own code, counted; what regular expressions do inside is bounded by their patterns."""
    counted = 0

    def count(*_: object) -> None:
        nonlocal counted
        counted += 1

    for remembered in (sentences, after_leads, begins_with_verb, only_points, instructs):
        remembered.cache_clear()
    sys.setprofile(count)
    try:
        extract(ParsedDocument("", ()), text, FORMATS[ending])
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.parametrize(("ending", "piece"), [(ending, piece) for ending in HOSTILE for piece in HOSTILE[ending]])
def test_twice_the_text_is_about_twice_the_work(ending: str, piece: str) -> None:
    size = 4000 // len(piece)

    once, twice = work(piece * size, ending), work(piece * size * 2, ending)

    assert twice < 2.6 * once + 2000


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        ("md", "- check it\n" * 20_000),
        ("md", "word " * 200_000),
        ("md", "".join("  " * depth + "- a\n" for depth in range(300))),
        ("md", " " * 1_000_000 + "a"),
        ("md", "a" + " " * 300_000 + "b"),
        ("md", "```sh\necho " + "$(" * 20_000),
        ("txt", "1" * 1_000_000),
        ("html", "<ul><li>" * 5_000),
    ],
    ids=["list", "line", "nesting", "spaces", "gap", "substitutions", "digits", "open tags"],
)
def test_large_and_broken_documents_are_read_to_their_end(ending: str, text: str) -> None:
    structure = extract(ParsedDocument("", ()), text, FORMATS[ending])

    assert len(structure.steps) in (0, 20_000)
