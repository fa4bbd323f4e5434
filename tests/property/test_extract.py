"""Whatever the document: each item has a span inside it that says what the item says, sorted, the same every time."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personal_pipeline.domain.documents import ParsedDocument
from personal_pipeline.domain.extract import extract
from personal_pipeline.domain.parsing import is_wanted, looks_like_rules, parse_document, source_of
from personal_pipeline.domain.parsing.decoding import without_invisible
from tests.extracted import assert_sound

ROOT = Path(__file__).resolve().parents[2]


def is_sample(path: Path) -> bool:
    key, body = f"team/{path.name}", path.read_bytes()
    return is_wanted(key, body) and not looks_like_rules(key, body)


SAMPLES = sorted(
    path
    for folder in ("events/documents", "tests/eval/structure/documents")
    for path in (ROOT / folder).rglob("*")
    if path.is_file() and is_sample(path)
)
LINES = {
    "markdown": [
        "# Fix",
        "## If it is red",
        "## Escalation",
        "1. Restart it: `kubectl delete pod <pod>`.",
        "   - If so, go to step 1.",
        "- **Too early:** wait.",
        "```sh",
        "```",
        "kubectl get pods && \\",
        "    $ ls -l",
        "| Symptom | Action |",
        "|---|---|",
        "| red | [stop](a.md) it |",
        "> Call the web team, +1 555 0100.",
        "!!! note",
        "Expected: `ok`.",
        "",
        "  ",
        "---",
        "[a]: b",
        "Database on call: `#data`, a@b.example.",
        "![x](y)",
        "You can *add* one, see [b][c].",
        "*",
        "`",
    ],
    "asciidoc": [
        "= Page",
        "== Contacts",
        ". Stop it.",
        "+",
        "[source,bash]",
        "----",
        "kubectl get pods",
        "* If red, stop.",
        "a:: b",
        "|===",
        "|Symptom |Action",
        "|red |<<x,stop>>",
        "NOTE: Wait.",
        "",
        "Lead:: +1 555 0100",
        "link:a[b] *c*",
        ".Procedure",
    ],
    "restructuredtext": [
        "Page",
        "====",
        "----",
        "1. Stop it.",
        "   Then wait.",
        ".. code-block:: sh",
        "    ls -l",
        "::",
        "a",
        "  ``b``",
        "- If red, `stop <a>`_.",
        "",
        "===  ===",
        "a    b",
        ":field: x",
        ".. note:: Wait.",
        "|a|b|",
        "+--+",
        "**x**",
    ],
    "html": [
        "<h1>Fix</h1>",
        "<ol>",
        "<li>Stop it.",
        "</li>",
        "</ol>",
        "<pre><code>ls -l",
        "</code></pre>",
        "<p>If &lt;x&gt;, stop.",
        "<table><tr><th>If</th><th>Do</th></tr>",
        "<tr><td>red</td><td><a href='x'>stop</a> it</td></tr>",
        "<!-- a",
        "-->",
        "<code>kubectl get pods</code>",
        "&amp; <",
        "If &#8203;x&#x202e;, call &#8203;us.",
        "",
        "<h2>Escalation</h2>",
        "<p>Web team, +1 555 0100</p>",
    ],
    "text": [
        "PAGE",
        "====",
        "1. Stop it.",
        "   Then wait.",
        "    ls -l",
        "Step 2. Is it red?",
        "- If red, stop.",
        "",
        "Escalation: web on call, #web, +1 555 0100.",
        "Contacts",
        "Web on call   #web   +1 555 0100",
        "Verify: it is green.",
    ],
}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_items_of_the_sample_documents_say_what_stands_at_their_span(path: Path) -> None:
    key = f"team/{path.name}"
    parsed = parse_document(key, path.read_bytes())
    text, markup = source_of(key, path.read_bytes(), parsed)

    structure = extract(parsed, text, markup, key, 1)

    assert_sound(structure, text, markup)
    assert extract(parsed, text, markup, key, 1) == structure


@pytest.mark.parametrize("markup", LINES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_items_of_any_document_say_what_stands_at_their_span(markup: str, data: st.DataObject) -> None:
    words = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=20)
    lines = data.draw(st.lists(st.sampled_from(LINES[markup]) | words, max_size=30))
    text = without_invisible("\n".join(lines))

    structure = extract(ParsedDocument("", ()), text, markup)

    assert_sound(structure, text, markup)
    assert extract(ParsedDocument("", ()), text, markup) == structure
