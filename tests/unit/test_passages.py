import pytest

from personal_pipeline.domain.documents import Block, ParsedDocument
from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.passages import LONGEST, TARGET, plain_text, split


def a_block(text: str, *heading: str, kind: str = "text", start: int = 0) -> Block:
    return Block(heading, kind, text, start, start + len(text))  # type: ignore[arg-type]


def passages(*blocks: Block) -> list[str]:
    found = split(ParsedDocument("Title", blocks))
    assert [passage.ordinal for passage in found] == list(range(len(found)))
    return [passage.text for passage in found]


def test_a_passage_stays_under_one_heading() -> None:
    found = split(
        ParsedDocument("T", (a_block("one"), a_block("two", "A"), a_block("three", "A", "B"), a_block("four", "A")))
    )

    assert [(passage.heading, passage.text) for passage in found] == [
        ((), "one"),
        (("A",), "two"),
        (("A", "B"), "three"),
        (("A",), "four"),
    ]


def test_short_neighbours_share_a_passage_up_to_the_target() -> None:
    assert passages(*[a_block("x" * 500)] * 5) == ["\n\n".join(["x" * 500] * 2)] * 2 + ["x" * 500]


def test_list_items_stand_on_lines_of_their_own() -> None:
    assert passages(a_block("Do:"), a_block("1. one"), a_block("2. two"), a_block("  - deep"), a_block("end")) == [
        "Do:\n\n1. one\n2. two\n  - deep\n\nend"
    ]


def test_a_command_is_not_torn_from_the_sentence_before_it() -> None:
    before, intro, command = a_block("x" * 1000), a_block("Then run:"), a_block("y" * 800, kind="code")

    assert passages(before, intro, command) == ["x" * 1000, "Then run:\n\n" + "y" * 800]


def test_a_command_that_is_too_long_stands_alone() -> None:
    intro, command = a_block("x" * 1000), a_block("y" * 1700, kind="code")

    assert passages(intro, command) == ["x" * 1000, "y" * 1700]


def test_a_long_paragraph_is_cut_where_a_sentence_ends() -> None:
    text = "This is one sentence of it. " * 100

    found = passages(a_block(text.strip()))

    assert all(len(passage) <= TARGET and passage.strip().endswith(".") for passage in found)
    assert "".join(found).split() == text.split()


def test_long_code_is_cut_where_a_line_ends() -> None:
    lines = [f"command --number {n}" for n in range(400)]

    found = passages(a_block("\n".join(lines), kind="code"))

    assert [line for passage in found for line in passage.split("\n")] == lines
    assert max(map(len, found)) <= LONGEST


def test_text_without_any_place_to_cut_is_cut_anyway() -> None:
    assert "".join(passages(a_block("x" * 10_000))) == "x" * 10_000


def test_a_passage_frames_all_its_blocks() -> None:
    found = split(ParsedDocument("T", (a_block("one", start=10), a_block("two", start=50))))

    assert (found[0].start, found[0].end) == (10, 53)


def test_a_document_with_nothing_but_a_title_is_one_passage() -> None:
    assert passages() == ["Title"]


def test_too_many_passages_are_refused() -> None:
    blocks = tuple(a_block("text", str(n)) for n in range(2001))

    assert len(split(ParsedDocument("T", blocks[:2000]))) == 2000
    with pytest.raises(InvalidDocumentError, match="more than 2,000 passages"):
        split(ParsedDocument("T", blocks))


def test_the_plain_text_has_each_heading_once() -> None:
    parsed = ParsedDocument("T", (a_block("one"), a_block("two", "A"), a_block("three", "A"), a_block("B", "A", "B")))

    assert plain_text(parsed) == "one\n\nA\n\ntwo\n\nthree\n\nB"
