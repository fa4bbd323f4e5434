"""What is written as Markdown reads as the words that it was made from."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing import parse_document
from personal_pipeline.domain.parsing.writing import MAX_WRITTEN, Markdown, code, plain
from tests.unit.parsing.reading import codes, read, texts
from tests.unit.parsing.test_hostile_documents import calls

SIGNS = [
    *"*_~[]()<>!|#-+=.:;&\\{}$@ \t",
    "1. ",
    "2) ",
    "***",
    "---",
    "===",
    "~~~",
    "<div>",
    "<pod>",
    "</b>",
    "<!--",
    "&amp;",
]


def shown(text: str) -> str:
    """As a reader sees it, on one line."""
    page = Markdown()
    page.paragraph("Before.")
    page.paragraph(plain(text))
    return " ".join(" ".join(texts(read("a.md", page.text))).split()).removeprefix("Before.").strip()


@pytest.mark.parametrize(
    "text",
    [
        "*/5 * * * * and 2*3*4",
        "__init__ and _this_ and snake_case",
        "# no heading",
        "1. no item",
        "12) no item",
        "- no item",
        "+ no item",
        "> no quote",
        "--- no rule",
        "===",
        "| no | table |",
        "<b>no markup</b> <!-- and no comment --> <pod>",
        "[no](link) [no][reference] [no]: definition",
        "~~kept~~ &amp; &#64; a & b",
        r"C:\temp\*.log and \\server\share",
        "!!! note",
        '=== "Tab"',
        "``` no fence",
        "~~~ no fence",
        "no code: `odd",
        "ends with \\",
        "<div>",
        "{{ variable }} and ${VARIABLE} and $(command)",
    ],
)
def test_words_that_look_like_markup_stay_words(text: str) -> None:
    assert shown(text) == " ".join(text.split())


@settings(max_examples=250, deadline=None, derandomize=True)
@given(parts=st.lists(st.sampled_from([*SIGNS, "a", "word", "é", "7"]), max_size=14))
def test_any_mixture_of_signs_reads_as_itself(parts: list[str]) -> None:
    text = " ".join("".join(parts).split())

    assert shown(text) == text


def test_only_the_first_line_may_go_on() -> None:
    assert plain("- a\n- b", goes_on=True) == "- a\n\\- b"


def test_backticks_that_somebody_typed_are_code() -> None:
    assert plain("Run `ls *.log` *now*") == "Run `ls *.log` \\*now\\*"


@pytest.mark.parametrize("text", ["df -h", "a `b` c", "`", "``x``", "a|b", "*/5 * * * *", "<pod>"])
def test_code_in_a_line_reads_as_itself(text: str) -> None:
    assert texts(read("a.md", f"Run {code(text)} now.")) == [f"Run {text} now."]


@pytest.mark.parametrize(
    "text", ["df -h", "```\nfence\n```", "~~~\n~~~", "\tindented\n\n  more", "| a |\n|---|", "---\na: b\n---"]
)
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_block_of_code_reads_as_itself_at_any_depth(text: str, depth: int) -> None:
    page = Markdown()
    for level in range(depth):
        page.item(f"Level {level}", level, 1)
    page.code(text, "sh {evil}\n```", depth)
    page.paragraph("After.")

    assert codes(read("a.md", page.text)) == [("shevil```"[:6], text)]
    assert texts(read("a.md", page.text))[-1] == "After."


def test_lists_in_lists_keep_their_numbers_and_what_belongs_to_them() -> None:
    page = Markdown()
    page.item("First", 0, 1)
    page.code("df", "sh", 1)
    page.item("bullet", 1)
    page.item("deep", 2, 7)
    page.item("Second", 0, 2)
    page.paragraph("inside", 1)
    page.table([["a", "b|c"], ["d"]], 1)
    page.item("as deep as it can be", 9)

    assert texts(read("a.md", page.text)) == [
        *(
            "1. First",
            "df",
            "  - bullet",
            "    7. deep",
            "2. Second",
            "inside",
            "a | b|c\nd |",
            "  - as deep as it can be",
        ),
    ]


def test_front_matter_says_what_was_put_into_it() -> None:
    page = Markdown()
    values = {"title": 'a: "b" # c', "alerts": ["X", "y: z"], "owner": "---", "critical": True}
    page.front_matter(values)
    page.paragraph("text")

    parsed = read("a.md", page.text)
    assert parsed.front_matter == values
    assert not parsed.warnings


def test_a_page_has_an_end() -> None:
    page = Markdown()

    with pytest.raises(InvalidDocumentError, match="is more than 2,000,000 characters as Markdown"):
        page.paragraph("word " * (MAX_WRITTEN // 4))


@pytest.mark.parametrize(
    "sign", ["\\", "*", "_", "[", "]", "<", "&", "`", "~", "- ", "1. ", "\n", " ", "|", "<a", "&a"]
)
def test_escaping_is_linear(sign: str) -> None:
    assert calls(lambda: plain(sign * 20_000)) <= 2.5 * calls(lambda: plain(sign * 10_000)) + 500


def test_the_reader_takes_whatever_is_written() -> None:
    page = Markdown()
    for sign in SIGNS:
        page.item(plain(sign), 0, 1)
        page.heading(2, plain(sign))
        page.table([[plain(sign), code(sign)]])

    parse_document("a/a.md", page.text.encode())
