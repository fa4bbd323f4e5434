"""Whatever a document is made of: an answer or an InvalidDocumentError, spans in order, work in proportion."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing import parse_document
from personal_pipeline.domain.passages import split
from tests.unit.parsing.reading import check_spans

ENDINGS = ["md", "adoc", "rst", "html", "txt"]
PIECES = {
    "md": """# ## - 1. > ``` ~~~ | |- * ** _ ` [ ] ( ) ![ <div> </div> <!-- --> <a &amp; \\ --- ===
        {{% %}} !!! <% %>""",
    "adoc": """= == * ** . .. ---- .... |=== ==== ++++ //// [source] [[ ]] << >> + :: :a: {a} ` * _
        link: include:: NOTE: [ ]""",
    "rst": """=== --- .. :: :a: ` `` * ** | _ __ .. image:: .. note:: .. code:: | [1]_ .. _a: +-+ - 1.
        :ref: .. include::""",
    "html": """<p> </p> <h1> </h1> <ul> <li> </ul> <table> <tr> <td> </table> <pre> </pre> <script> </script>
        <!-- --> <a &amp; <br> <nav> <![CDATA[ <? " ' =""",
    "txt": "a b 1.",
}


def parsed_or_refused(ending: str, body: bytes) -> None:
    try:
        parsed = parse_document(f"runbooks/a.{ending}", body)
    except InvalidDocumentError as refused:
        if f"'runbooks/a.{ending}'" not in str(refused):
            pytest.fail(f"does not name the document: {refused}")
        return
    check_spans(parsed, body)
    assert [passage.ordinal for passage in split(parsed)] == list(range(len(split(parsed))))


@pytest.mark.parametrize("ending", ENDINGS)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_any_mixture_of_markup_is_read_or_refused_by_name(ending: str, data: st.DataObject) -> None:
    pieces = st.sampled_from([*PIECES[ending].split(), " ", "  ", "    ", "\n", "\n\n", "word", "Üñï", "\t"])
    text = "".join(data.draw(st.lists(pieces, max_size=60)))

    parsed_or_refused(ending, text.encode())


@pytest.mark.parametrize("ending", ENDINGS)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(text=st.text(max_size=300))
def test_any_text_is_read_or_refused_by_name(ending: str, text: str) -> None:
    parsed_or_refused(ending, text.encode(errors="surrogatepass"))


@pytest.mark.parametrize("ending", ENDINGS)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(body=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_by_name(ending: str, body: bytes) -> None:
    parsed_or_refused(ending, body)


def calls(work: Callable[[], Any]) -> int:
    """Calls and lines are the same on every machine, seconds are not. C functions count too."""
    count = 0

    def counting(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


REPEATED = {
    "md": """[ ·> ·*a ·![a](·a <b·<!--·&amp;·a~·- a~·`` ·~|a·{{<·<a b='·[a]: b~·# a~""",
    "adoc": """[·{a}·*a ·`·link:·<<a·a:·* a~·|a~·__a·[[·----~·++++~<a>~·. a~·a +~""",
    "rst": """`a ·|a ·*a ·a_ ·[1]_ ·:a:`b` ·:a: b~·.. a::~~·a~~·- a~·a::~~  b~~""",
    "html": """<div>·<a b='·<!--x>·<script>·&#x;·&·</·<td>a·<ul><li>a·<a href=x>a·<!·<?·<p>a~·<pre>""",
}  # between dots; ~ is a line end


@pytest.mark.parametrize(
    ("ending", "piece"), [(ending, piece) for ending, pieces in REPEATED.items() for piece in pieces.split("·")]
)
def test_twice_the_document_is_at_most_little_more_than_twice_the_work(ending: str, piece: str) -> None:
    parsed_or_refused(ending, b"x\n\nwarm up")

    once, twice = (
        calls(lambda n=n: parsed_or_refused(ending, (piece.replace("~", "\n") * n + "\nx").encode()))
        for n in (400, 800)
    )

    assert twice <= 2.5 * once + 500


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "word " * 190_000,
        "<" * 200_000 + "x",
        "\\" * 200_000 + "x",
        " " * 500_000 + "x",
        "." * 300_000 + " x",
    ],
    ids=["one word", "one line", "angles", "backslashes", "spaces", "dots"],
)
def test_a_document_that_is_one_long_line_is_read(ending: str, text: str) -> None:
    parsed_or_refused(ending, text.encode())


@pytest.mark.parametrize(
    ("ending", "opening"),
    [("md", "> "), ("md", "- "), ("html", "<div>"), ("html", "<ul><li>"), ("rst", "> "), ("adoc", "*")],
)
def test_fifty_thousand_levels_are_read_or_refused(ending: str, opening: str) -> None:
    parsed_or_refused(ending, (opening * 50_000 + "deep").encode())
