import pytest

from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing import parse_document
from tests.unit.parsing.reading import codes, missing_words, read, texts

RUNBOOK = """\
= Replica lags behind
:ns: data
:toc:

// a comment
The replica of `orders` is *late*. See https://grafana.example.com/d/1[the graph^].

== Diagnose

. Ask the primary:
+
[source,sql]
----
select now(); <1>
----
<1> the time
. Ask the replica in {ns}.
** first
** second

WARNING: Never restart both.

[NOTE]
====
It takes a while.
====

[cols="1,1"]
|===
|Lag |Do

|1 s
|wait

|1 h |call
|===

include::secret.adoc[]
image::graph.png[A graph,400]
"""


def test_blocks_come_in_reading_order_under_their_headings() -> None:
    parsed = read("lag.adoc", RUNBOOK)

    assert parsed.title == "Replica lags behind"
    assert [(block.heading, block.kind, block.text) for block in parsed.blocks] == [
        ((), "text", "The replica of orders is late. See the graph (https://grafana.example.com/d/1)."),
        (("Diagnose",), "text", "1. Ask the primary:"),
        (("Diagnose",), "code", "select now();"),
        (("Diagnose",), "text", "  1. the time"),
        (("Diagnose",), "text", "2. Ask the replica in data."),
        (("Diagnose",), "text", "  - first"),
        (("Diagnose",), "text", "  - second"),
        (("Diagnose",), "text", "WARNING: Never restart both."),
        (("Diagnose",), "text", "NOTE: It takes a while."),
        (("Diagnose",), "table", "Lag | Do\n1 s | wait\n1 h | call"),
        (("Diagnose",), "text", "A graph"),
    ]
    assert codes(parsed) == [("sql", "select now();")]


def test_every_span_frames_the_words_of_its_block() -> None:
    for block in read("lag.adoc", RUNBOOK).blocks:
        assert missing_words(block, RUNBOOK) <= {"data", "note"}  # an attribute's value; the label of the next block


@pytest.mark.parametrize("macro", ["include::/etc/passwd[]", "include::http://a.example/x[]", "{include:x}"])
def test_nothing_is_ever_included(macro: str) -> None:
    parsed = read("a.adoc", f"before\n\n{macro}\n\nafter")

    assert texts(parsed)[0] == "before"
    assert texts(parsed)[-1] == "after"
    assert not any("root:" in text for text in texts(parsed))


@pytest.mark.parametrize(
    ("asciidoc", "shown"),
    [
        ("*bold* _it_ #mark# **un**constrained", "bold it mark unconstrained"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
        ("`*literal*` stays", "*literal* stays"),
        ("*bold with `code` inside*", "bold with code inside"),
        ("`+{raw}+`", "{raw}"),
        ("link:other.adoc[Other]", "Other"),
        ("xref:a.adoc#b[Other]", "Other"),
        ("<<anchor,Other>> and <<anchor>>", "Other and anchor"),
        ("mailto:a@b.example[write]", "write"),
        ("https://a.example/x", "https://a.example/x"),
        ("kbd:[Ctrl+C] {unknown} a{nbsp}b", "Ctrl+C {unknown} a b"),
        ("term:: what it means", "term: what it means"),
        ("first line +\nsecond", "first line\nsecond"),
        ("Title\n=====\n\ntext", "text"),
        ("ifdef::x[]\nkept\nendif::[]", "kept"),
    ],
)
def test_markup_goes_and_meaning_stays(asciidoc: str, shown: str) -> None:
    assert texts(read("a.adoc", asciidoc)) == [shown]


def test_an_attribute_is_never_expanded_twice() -> None:
    text = ":a: xx{b}xx\n:b: {a}{a}{a}\n\n{a}"

    assert texts(read("a.adoc", text)) == ["xx{b}xx"]


def test_attribute_references_cannot_blow_a_document_up() -> None:
    with pytest.raises(InvalidDocumentError, match="more than 1,000,000 bytes of text"):
        read("a.adoc", f":a: {'x' * 200}\n\n" + "{a}" * 300_000)


@pytest.mark.parametrize("block", ["----", "....", "|===", "////", "====", "++++"])
def test_a_block_that_is_never_closed_runs_to_the_end(block: str) -> None:
    parsed = read("a.adoc", f"before\n\n{block}\n|inside\n")

    assert texts(parsed)[0] == "before"


def test_numbering_starts_again_under_the_next_heading() -> None:
    assert texts(read("a.adoc", "== A\n. one\n. two\n\n== B\n. one")) == ["1. one", "2. two", "1. one"]


def test_an_indented_paragraph_is_code() -> None:
    assert codes(read("a.adoc", "Run:\n\n  uptime\n  free -m\n")) == [("", "uptime\nfree -m")]


def test_the_older_endings_are_read_too() -> None:
    for ending in ("asciidoc", "asc"):
        assert parse_document(f"runbooks/a.{ending}", b"= Title\n\ntext").title == "Title"
