"""Word files: what is a heading, a list, code, a table, and what is left out."""

import pytest

from personal_pipeline.domain.documents import ParsedDocument
from personal_pipeline.domain.parsing import parse_document
from tests.office.blocks import Code, Heading, Item, Paragraph, Table
from tests.office.word_files import document, docx_of, package
from tests.unit.parsing.reading import codes, missing_words, texts


def read(body: bytes) -> ParsedDocument:
    parsed = parse_document("runbooks/a.docx", body)
    assert not any(missing_words(block, parsed.written) for block in parsed.blocks)
    return parsed


def p(text: str, properties: str = "", run: str = "") -> str:
    return (
        f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r></w:p>"
    )


def style(name: str) -> str:
    return f"<w:pStyle w:val='{name}'/>"


def test_headings_lists_code_and_tables_are_those_of_the_file() -> None:
    parsed = read(
        docx_of(
            [
                Heading(1, "Disk full"),
                Paragraph("See [the wiki](https://wiki.example.com/disk) and `df`."),
                Heading(2, "Steps"),
                Item("First", 0, 1),
                Code("df -h\n\n  du -x", depth=1),
                Paragraph("inside", 1),
                Item("bullet", 1),
                Item("deep", 2, 1),
                Item("Second", 0, 2),
                Table([["a", "b"], ["`c|d`", ""]]),
            ]
        )
    )

    assert parsed.title == "Disk full"
    assert texts(parsed) == [
        "See the wiki (https://wiki.example.com/disk) and df.",
        *("1. First", "df -h\n\n  du -x", "inside", "  - bullet", "    1. deep", "2. Second", "a | b\nc|d |"),
    ]
    assert {block.heading for block in parsed.blocks} == {(), ("Steps",)}


def test_a_title_of_its_own_stands_above_the_headings() -> None:
    parsed = read(
        docx_of([Heading(1, "Steps"), Paragraph("x"), Heading(1, "Verify"), Paragraph("y")], title="Disk full")
    )

    assert parsed.title == "Disk full"
    assert [block.heading for block in parsed.blocks] == [("Steps",), ("Verify",)]


def test_a_list_in_a_new_section_or_below_an_introduction_begins_anew() -> None:
    items = [Item("a", 0, 1), Item("b", 0, 2)]

    parsed = read(docx_of([Paragraph("Do:"), *items, Paragraph("If that fails:"), *items, Heading(2, "x"), *items]))

    assert [text for text in texts(parsed) if text[0].isdigit()] == ["1. a", "2. b"] * 3


def test_the_numbers_go_on_after_a_remark_between_two_steps() -> None:
    parsed = read(docx_of([Item("a", 0, 1), Paragraph("Expected: nothing."), Code("df"), Item("b", 0, 2)]))

    assert texts(parsed) == ["1. a", "Expected: nothing.", "df", "2. b"]


@pytest.mark.parametrize("font", ["Consolas", "Courier New", "Menlo", "DejaVu Sans Mono", "Cascadia Code"])
def test_a_typewriter_s_font_is_code(font: str) -> None:
    run = f"<w:rFonts w:ascii='{font}'/>"

    parsed = read(document(p("Look:") + p("df -h", run=run) + p("") + p("du", run=run) + p("Done.")))

    assert codes(parsed) == [("", "df -h\n\ndu")]


@pytest.mark.parametrize("name", ["SourceCode", "HTMLPreformatted", "Code", "Verbatim"])
def test_a_style_for_code_is_code(name: str) -> None:
    body = p("df", style(name)) if name != "HTMLPreformatted" else p("df", style("HTML Preformatted"))

    assert codes(read(document(body))) == [("", "df")]


def test_a_frame_around_a_command_is_no_table() -> None:
    cell = p("df -h", style("SourceCode"))

    parsed = read(document(f"<w:tbl><w:tr><w:tc>{cell}</w:tc></w:tr></w:tbl>{p('Then.')}"))

    assert codes(parsed) == [("", "df -h")]


def test_a_table_in_a_cell_is_read_as_its_words() -> None:
    inner = f"<w:tbl><w:tr><w:tc>{p('x')}</w:tc><w:tc>{p('y')}</w:tc></w:tr></w:tbl>"
    rows = f"<w:tr><w:tc>{p('a')}</w:tc><w:tc>{inner}{p('z')}</w:tc></w:tr><w:tr><w:tc>{p('b')}</w:tc></w:tr>"

    assert texts(read(document(f"<w:tbl>{rows}</w:tbl>"))) == ["a | x y z\nb |"]


def test_deleted_words_comments_and_scripts_of_fields_are_left_out() -> None:
    deleted = "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p>"
    field = (
        "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>DDEAUTO cmd calc</w:instrText></w:r>"
        "<w:r><w:fldChar w:fldCharType='end'/></w:r><w:r><w:t>kept</w:t></w:r></w:p>"
    )

    assert texts(read(document(deleted + field))) == ["new", "kept"]


def test_only_what_begins_a_line_could_begin_a_list() -> None:
    assert read(docx_of([Paragraph("`df` - shows 1. disks"), Paragraph("- no item")])).written == (
        "`df` - shows 1. disks\n\n\\- no item\n"
    )


def test_comments_notes_headers_and_pictures_are_left_out() -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    names = ("comments", "footnotes", "header1")
    parts = {
        f"word/{name}.xml": f"<w:{name} {space}><w:{name[:-1]} w:id='1'><w:p><w:r><w:t>hidden</w:t></w:r></w:p>"
        f"</w:{name[:-1]}></w:{name}>"
        for name in names
    }
    listed = "".join(f"<Relationship Id='{name}' Type='{kind}/{name}' Target='{name}.xml'/>" for name in names)
    where = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts["word/_rels/document.xml.rels"] = f"<Relationships xmlns='{where}'>{listed}</Relationships>"
    parts["word/document.xml"] = (
        f"<w:document {space}><w:body><w:p><w:r><w:t>kept</w:t><w:commentReference w:id='1'/>"
        "<w:footnoteReference w:id='1'/></w:r></w:p></w:body></w:document>"
    )

    assert read(package(parts)).written == "kept\n"


def test_spaces_and_letters_are_as_they_would_be_typed() -> None:
    parsed = read(
        document(p("kubectl\u00a0get\u202fpods \u2011o wide of the \ufb01le\u00adsystem", style("SourceCode")))
    )

    assert codes(parsed) == [("", "kubectl get pods -o wide of the filesystem")]


def test_a_link_leads_to_the_web_or_is_words() -> None:
    blocks = [
        Paragraph("[a](javascript:alert) [b](file:///etc/passwd) [c](https://e.com/c) [https://e.com](https://e.com)")
    ]

    parsed = read(docx_of(blocks))

    assert texts(parsed) == ["a b c (https://e.com/c) https://e.com"]
    assert "javascript" not in parsed.written


def test_words_that_look_like_markup_stay_words() -> None:
    parsed = read(document(p("# 1. *a* &lt;script&gt; [x](y)") + p("---") + p("title: no front matter") + p("---")))

    assert texts(parsed) == ["# 1. *a* <script> [x](y)", "---", "title: no front matter", "---"]
    assert parsed.front_matter == {}
