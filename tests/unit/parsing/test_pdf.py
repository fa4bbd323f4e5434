"""PDFs: what is a heading, a list, code, a table, by where the letters stand."""

from collections.abc import Sequence

from personal_pipeline.domain.documents import ParsedDocument
from personal_pipeline.domain.parsing import parse_document
from tests.office.blocks import Block, Code, Heading, Item, Paragraph, Table
from tests.office.pdf_files import pdf, pdf_of, shown
from tests.unit.parsing.reading import codes, missing_words, texts

LONG = (
    "The filesystem of a node is full or will be within hours, and pods that write to it will be moved elsewhere soon"
)


def read(body: bytes) -> ParsedDocument:
    parsed = parse_document("runbooks/a.pdf", body)
    assert not any(missing_words(block, parsed.written) for block in parsed.blocks)
    return parsed


def drawn(*pieces: tuple[float, float, str, float, str]) -> ParsedDocument:
    return read(pdf(["\n".join(shown(*piece) for piece in pieces)]))


def lines(*said: str, x: float = 60, font: str = "F1", size: float = 10) -> list[tuple[float, float, str, float, str]]:
    return [(x, 700 - 12 * number, font, size, text) for number, text in enumerate(said)]


def test_headings_lists_code_and_tables_are_seen() -> None:
    parsed = read(
        pdf_of(
            [
                *(Heading(1, "Disk full"), Paragraph(f"{LONG}. {LONG}. Run `df -h` first."), Heading(2, "Steps")),
                *(Item("First", 0, 1), Code("if df\n  then du\n\nfi", depth=1), Paragraph(f"Expected: {LONG}.", 1)),
                *(Item("bullet", 1), Item("deep", 2, 1), Item(f"Second. {LONG}.", 0, 2)),
                Table([["What", "Do"], ["`/var/log`", "`journalctl`"], [LONG, f"{LONG} {LONG}"]]),
                Paragraph("Done."),
            ]
        )
    )

    assert parsed.title == "Disk full"
    assert texts(parsed) == [
        f"{LONG}. {LONG}. Run df -h first.",
        *("1. First", "if df\n  then du\n\nfi", f"Expected: {LONG}.", "  - bullet", "    1. deep"),
        f"2. Second. {LONG}.",
        f"What | Do\n/var/log | journalctl\n{LONG} | {LONG} {LONG}",
        "Done.",
    ]
    assert {block.heading for block in parsed.blocks} == {(), ("Steps",)}


def test_what_comes_back_on_every_page_is_left_out() -> None:
    parts = [(Heading(2, "Part " + "x" * n), Paragraph(f"{'y' * n} {LONG}")) for n in range(1, 61)]
    blocks: Sequence[Block] = [block for part in parts for block in part]

    parsed = read(pdf_of(blocks, footer="Runbooks of the platform team"))

    assert "Runbooks of the platform" not in parsed.written
    assert all(f"{'y' * n} " in parsed.written for n in range(1, 61))
    assert "Runbooks of the platform" in read(pdf_of(blocks[:4], footer="Runbooks of the platform team")).written


def test_a_sentence_that_goes_over_the_page_is_one_paragraph() -> None:
    pages = [shown(60, 60, "F1", 10, f"{LONG} and"), shown(60, 780, "F1", 10, "the rest of it goes on here.")]

    assert texts(read(pdf(pages))) == [f"{LONG} and the rest of it goes on here."]


def test_code_that_goes_over_the_page_is_one_block() -> None:
    pages = [shown(60, 60, "F3", 10, "kubectl get nodes"), shown(60, 780, "F3", 10, "kubectl get pods")]

    assert codes(read(pdf(pages))) == [("", "kubectl get nodes\nkubectl get pods")]


def test_a_line_that_ends_early_ends_its_paragraph() -> None:
    parsed = drawn(*lines(LONG, f"{LONG}.", "Short.", "Another one begins here, and it is short, too."))

    assert texts(parsed) == [f"{LONG} {LONG}. Short.", "Another one begins here, and it is short, too."]


def test_only_what_begins_a_line_could_begin_a_list() -> None:
    parsed = read(pdf_of([Paragraph("`df` + shows 1. disks"), Paragraph("+ no item")]))

    assert parsed.written == "`df` + shows 1. disks\n\n\\+ no item\n"


def test_a_bold_line_alone_is_a_heading_and_a_bold_paragraph_is_none() -> None:
    alone = drawn((60, 700, "F2", 10, "Free space"), *lines(LONG, f"{LONG}.", x=60)[1:])
    bold = drawn(*lines(LONG, f"{LONG} and more", "to come", font="F2"), (60, 600, "F1", 10, LONG * 2))

    assert [block.heading for block in alone.blocks] == [()]
    assert alone.title == "Free space"
    assert {block.heading for block in bold.blocks} == {()}


def test_cells_that_are_drawn_one_after_another_are_rows() -> None:
    cells = [
        *[(60, 700, "F2", 10, "State"), (200, 700, "F2", 10, "Do")],
        *[
            (60, 680, "F1", 10, "cold and"),
            (60, 668, "F1", 10, "dark"),
            (200, 680, "F1", 10, "wait"),
            (200, 668, "F1", 10, "long"),
        ],
        *[(60, 648, "F1", 10, "warm"), (200, 654, "F1", 10, "look"), (200, 642, "F1", 10, "again")],
    ]

    assert texts(drawn(*cells)) == ["State | Do\ncold and dark | wait long\nwarm | look again"]


def test_two_columns_of_text_are_read_one_after_the_other() -> None:
    left = lines(*["left words of some length, in a column"] * 20, x=50)
    right = lines(*["right words of some length, in a column"] * 20, x=320)

    written = drawn(*left, *right).written

    assert written.index("right") > written.rindex("left")


def test_bullets_that_are_pictures_and_bare_numbers_are_markers() -> None:
    parsed = drawn(
        *[(60, 700, "F1", 10, "1"), (78, 700, "F1", 10, "Look.")],
        *[(60, 680, "F1", 10, "2"), (78, 680, "F1", 10, "Wait.")],
        *[(60, 650, "F3", 10, "o"), (78, 650, "F1", 10, "here")],
    )

    assert texts(parsed) == ["1. Look.", "2. Wait.", "- here"]


def test_a_word_drawn_letter_by_letter_is_one_word() -> None:
    assert texts(drawn(*[(60 + 5.5 * n, 700, "F1", 10, letter) for n, letter in enumerate("common")])) == ["common"]


def test_a_ligature_is_its_letters() -> None:
    fonts = "/Encoding << /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [1 /fi /fl] >>"
    body = pdf([shown(60, 700, "F1", 10, "the \x01lesystem over\x02ows")]).replace(
        b"/Encoding /WinAnsiEncoding", fonts.encode(), 1
    )

    assert texts(read(body)) == ["the filesystem overflows"]


def test_rotated_text_is_left_out() -> None:
    page = f"{shown(60, 700, 'F1', 10, 'kept')}\nBT /F1 10 Tf 0 1 -1 0 300 300 Tm (DRAFT) Tj ET"

    assert texts(read(pdf([page]))) == ["kept"]


def test_scripts_are_neither_run_nor_shown() -> None:
    body = pdf(
        [shown(60, 700, "F1", 10, "kept")],
        catalog="/OpenAction 8 0 R /Names << /JavaScript << /Names [(a) 8 0 R] >> >> ",
        extra=["<< /S /JavaScript /JS (app.launchURL\\('https://example.com'\\)) >>"],
    )

    assert read(body).written == "kept\n"


def test_words_that_look_like_markup_stay_words() -> None:
    parsed = drawn(*lines("---", "title: no front matter", "---"), (60, 500, "F1", 10, "# <b>*a*</b> [x](y)"))

    assert parsed.front_matter == {}
    assert "title: no front matter" in " ".join(texts(parsed))
    assert texts(parsed)[-1] == "# <b>*a*</b> [x](y)"
