"""PDFs, Word files and YAML that are broken, locked or bombs: refused by name, with what to do, in bounded work."""

import random
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing import parse_document
from personal_pipeline.domain.parsing.office_package import MAX_DEPTH, MAX_ELEMENTS, MAX_UNPACKED
from personal_pipeline.domain.parsing.pdf import MAX_PAGES
from personal_pipeline.domain.parsing.structured import looks_like_runbook
from tests.office.blocks import Block, Code, Heading, Item, Paragraph, Table
from tests.office.pdf_files import assembled, pdf, pdf_of, shown
from tests.office.word_files import document, docx_of, package
from tests.unit.parsing.reading import missing_words
from tests.unit.parsing.test_hostile_documents import calls

SMALL: list[Block] = [Heading(1, "Disk full"), Item("Look:", 0, 1), Code("df -h"), Table([["a", "b"], ["c", "d"]])]
PDF, DOCX = pdf_of(SMALL), docx_of(SMALL)
PAGE = shown(60, 700, "F1", 10, "Look.")
MANY_ATTRIBUTES = "<w:p " + " ".join(f"a{n}='x'" for n in range(90_000)) + "/>"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def refusal(ending: str, body: bytes) -> str:
    with pytest.raises(InvalidDocumentError) as refused:
        parse_document(f"runbooks/a.{ending}", body)
    said = str(refused.value)
    assert said.startswith(f"document 'runbooks/a.{ending}' ")
    return said


def read_or_refused(ending: str, body: bytes) -> None:
    try:
        parsed = parse_document(f"runbooks/a.{ending}", body)
    except InvalidDocumentError as refused:
        if f"'runbooks/a.{ending}'" not in str(refused):
            pytest.fail(f"does not name the document: {refused}")
        return
    for block in parsed.blocks:
        assert 0 <= block.start <= block.end <= len(parsed.written)
        assert not missing_words(block, parsed.written)


def with_stream(raw: bytes, filters: str) -> bytes:
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << /Font << >> >> /Contents 4 0 R >>"
    stream = f"<< /Length {len(raw)} /Filter {filters} >>\nstream\n".encode() + raw + b"\nendstream"
    tree = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page]
    return assembled([*tree, stream], {"Root": "1 0 R"})


LOCKED = pdf(
    [PAGE],
    extra=[f"<< /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >>"],
    encrypt="8 0 R",
)
UNKNOWN_CIPHER = pdf([PAGE], extra=["<< /Filter /Standard /V 9 /R 9 /P -4 /O <41> /U <42> >>"], encrypt="8 0 R")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "does not begin as a PDF does: save it again as PDF"),
        (b"%PDF-1.7\n", "is a broken PDF"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 40, "is a broken PDF"),
        (PDF[: len(PDF) // 2], "is a broken PDF"),
        (DOCX, "does not begin as a PDF does"),
        (LOCKED, "is encrypted: save it without a password"),
        (UNKNOWN_CIPHER, "is encrypted: save it without a password"),
        (pdf([""]), "has 1 page and no text, only pictures of it: run text recognition (OCR) over it"),
        (pdf(["q 595 0 0 842 0 0 cm Q"] * 3), "has 3 pages and no text"),
        (pdf([PAGE] * (MAX_PAGES + 1)), "has more than 200 pages: split it by topic"),
        (pdf([PAGE]).replace(b"[6 0 R]", b"[" + b"6 0 R " * 10_000 + b"]"), "more work to read than a document may"),
        (pdf([]), "has 0 pages and no text"),
        (with_stream(zlib.compress(b" " * 30_000_000), "/FlateDecode"), "more work to read than a document may"),
        (
            with_stream(zlib.compress(zlib.compress(b" " * 300_000_000)), "[/FlateDecode /FlateDecode]"),
            "more work to read than a document may",
        ),
        (pdf([f"{PAGE} " + "0 0 m " * 300_000]), "more work to read than a document may"),
        (pdf([shown(60, 700, "F1", 10, "x" * 9_000)] * 120), "has more than 1,000,000 bytes of text"),
        (pdf([shown(60, 700, "F9", 10, "words that no font shows")]), "fonts that do not say which letters they show"),
    ],
    ids=[
        *(
            "empty",
            "head",
            "noise",
            "half",
            "a word file",
            "locked",
            "cipher",
            "scan",
            "scans",
            "pages",
            "one page often",
        ),
        *("none", "flate", "flate twice", "operators", "text", "fonts"),
    ],
)
def test_a_hostile_pdf_is_refused_with_what_to_do(body: bytes, said: str) -> None:
    assert said in refusal("pdf", body)


def test_pages_that_a_pdf_only_claims_to_have_cost_nothing() -> None:
    body = pdf([PAGE]).replace(b"/Count 1 ", b"/Count 10000 ")

    assert parse_document("a/a.pdf", body).written == "Look.\n"


def test_pages_that_are_each_others_children_are_refused_or_read() -> None:
    read_or_refused("pdf", pdf([PAGE]).replace(b"/Kids [6 0 R]", b"/Kids [2 0 R]"))
    read_or_refused("pdf", pdf([PAGE]).replace(b"/Contents 7 0 R", b"/Contents 6 0 R"))
    nested = pdf([PAGE], extra=["[" * 5_000 + "]" * 5_000])
    read_or_refused("pdf", nested.replace(b"/Contents 7 0 R", b"/Contents 8 0 R"))


def zipped(xml: str) -> bytes:
    return package({"word/document.xml": xml})


def encrypted_zip() -> bytes:
    """Flagged so in both places where a zip says it."""
    body = bytearray(DOCX)
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = body.find(sign)
        while at >= 0:
            body[at + offset] |= 1
            at = body.find(sign, at + 4)
    return bytes(body)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "is no Word file, or a broken one"),
        (b"PK\x03\x04" + bytes(range(256)) * 40, "is no Word file, or a broken one"),
        (DOCX[: len(DOCX) // 2], "is no Word file, or a broken one"),
        (DOCX.replace(b"word/document.xml", b"word/documend.xml"), "cannot be read as a Word file"),
        (PDF, "is no Word file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "protected with a password or in the old .doc format"),
        (encrypted_zip(), "is protected with a password: save it without one"),
        (package({"word/document.xml": " " * (MAX_UNPACKED + 1)}), "unpacks to more than 24,000,000 bytes"),
        (package({f"{n}.xml": "" for n in range(5_001)}), "has more than 5,000 parts"),
        (zipped(f"<w:document {W}><w:body>"), "has XML that is broken"),
        (
            zipped(f'<!DOCTYPE a [<!ENTITY b "{"c" * 50}">]><w:document {W}><w:body>&b;</w:body></w:document>'),
            "declares a document type",
        ),
        (
            zipped('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>').replace(b"utf-8", b"utf-8"),
            "declares a document type",
        ),
        (document("<w:p/>" * (MAX_ELEMENTS + 1)), "has more than 120,000 elements"),
        (document("<w:tbl>" * (MAX_DEPTH + 1) + "</w:tbl>" * (MAX_DEPTH + 1)), "nests more than 60 deep"),
        (document("<w:tbl>" * 50_000), "nests more than 60 deep"),
        (document(MANY_ATTRIBUTES), "more than 200 attributes"),
        (document(""), "has no text"),
        (
            document("<w:p><w:pPr><w:ind w:left='x'/><w:numPr><w:numId w:val='9'/></w:numPr></w:pPr></w:p>"),
            "has no text",
        ),
        (docx_of([Table([["a"] * 3] * 2_100)]), "has more than 2,000 table rows"),
        (docx_of([Paragraph("x" * 1_000_001)]), "has more than 1,000,000 bytes of text"),
    ],
    ids=[
        *("empty", "noise", "half", "no document", "a pdf", "old", "encrypted", "bomb", "parts", "broken", "entities"),
        *("external", "elements", "tables", "very deep", "attributes", "no text", "odd values", "rows", "text"),
    ],
)
def test_a_hostile_word_file_is_refused_with_what_to_do(body: bytes, said: str) -> None:
    assert said in refusal("docx", body)


def test_a_word_file_as_deep_as_may_be_is_read() -> None:
    levels = (MAX_DEPTH - 6) // 3
    inner = "<w:p><w:r><w:t>deep</w:t></w:r></w:p>"
    for _ in range(levels):
        inner = f"<w:tbl><w:tr><w:tc>{inner}</w:tc></w:tr></w:tbl>"

    assert parse_document("a/a.docx", document(inner)).blocks[0].text == "deep"


def test_pictures_and_macros_of_a_word_file_are_not_unpacked() -> None:
    parts = {"word/document.xml": document_xml("kept"), "word/vbaProject.bin": bytes(30_000_000)}

    assert parse_document("a/a.docx", package(parts)).written == "kept\n"


def document_xml(text: str) -> str:
    return f"<w:document {W}><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>"


@pytest.mark.parametrize(("ending", "body"), [("pdf", PDF), ("docx", DOCX)])
def test_no_change_of_bytes_does_more_than_have_the_file_refused(ending: str, body: bytes) -> None:
    rng = random.Random(7)
    for _ in range(120):
        changed = bytearray(body)
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(changed))
            match rng.randrange(3):
                case 0:
                    changed[at] = rng.randrange(256)
                case 1:
                    del changed[at : at + rng.randint(1, 40)]
                case _:
                    changed[at:at] = changed[at // 2 : at // 2 + rng.randint(1, 40)]
        read_or_refused(ending, bytes(changed))


@pytest.mark.parametrize("ending", ["pdf", "docx", "yaml", "json"])
@settings(max_examples=25, deadline=None, derandomize=True)
@given(body=st.binary(max_size=300))
def test_any_bytes_are_refused_by_name(ending: str, body: bytes) -> None:
    head = {"pdf": b"%PDF-1.4\n", "docx": b"PK\x03\x04", "yaml": b"kind: Runbook\n", "json": b'{"kind": "Runbook",'}
    read_or_refused(ending, body)
    read_or_refused(ending, head[ending] + body)


SHAPES = """
    BT ET q Q /F1 /F9 10 -3 0 1e9 (a) (b) [(c)-900(d)] Tf Tm Td TD T* Tj TJ ' " cm Do Tz TL Tc [ ] << >> (
"""
OPERATORS = st.sampled_from(SHAPES.split())


@settings(max_examples=120, deadline=None, derandomize=True)
@given(operators=st.lists(OPERATORS, max_size=40))
def test_any_page_is_read_or_refused(operators: list[str]) -> None:
    read_or_refused("pdf", pdf([f"{PAGE} {' '.join(operators)}"]))


TAGS = ["w:p", "w:r", "w:t", "w:tbl", "w:tr", "w:tc", "w:pPr", "w:numPr", "w:hyperlink", "w:sdt", "w:fldChar", "w:br"]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_any_nesting_of_elements_is_read_or_refused(data: st.DataObject) -> None:
    def element(depth: int) -> str:
        tag = data.draw(st.sampled_from(TAGS))
        count = data.draw(st.integers(0, 2 if depth < 5 else 0))
        return f"<{tag} w:val='1'>{'x' if not count else ''}{''.join(element(depth + 1) for _ in range(count))}</{tag}>"

    read_or_refused("docx", document(element(0) + element(0)))


def many(block: Block, count: int) -> list[Block]:
    if isinstance(block, Item):
        return [replace(block, number=number) for number in range(1, count + 1)]
    return [block] * count


@pytest.mark.parametrize(
    "block",
    [
        Paragraph("word " * 30),
        Item("Look:", 0, 1),
        Code("df -h\ndu"),
        Table([["a", "b"], ["`c`", "d"]]),
        Heading(2, "Part"),
        Paragraph("`a` b " * 10),
    ],
    ids=["paragraphs", "items", "code", "tables", "headings", "runs"],
)
@pytest.mark.parametrize("ending", ["pdf", "docx"])
def test_twice_the_file_is_at_most_little_more_than_twice_the_work(ending: str, block: Block) -> None:
    write = pdf_of if ending == "pdf" else docx_of
    read_or_refused(ending, write([block]))

    once, twice = (
        calls(lambda n=n: read_or_refused(ending, write([Paragraph("x"), *many(block, n)]))) for n in (40, 80)
    )

    assert twice <= 2.5 * once + 500


GLANCED_AT = ["\n", "#\n", " \n", "-\n", "- hosts:\n", "a:\n", "---\n", "'kind'\n"]


@pytest.mark.parametrize("text", GLANCED_AT)
def test_a_glance_is_linear_in_what_it_looks_at(text: str) -> None:
    assert not looks_like_runbook("ops/a.yaml", (text * 200_000).encode())
