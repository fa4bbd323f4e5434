"""A PDF as Markdown, by pypdf: where the letters stand and how large they are, and nothing that it would carry out.

A PDF has no headings, lists or tables, only letters at places. What they look like on the page says what they are: see
``pdf_layout``. Scripts, forms, attachments and pictures are not looked at.
"""

import io
import logging
import re
from collections.abc import Iterator
from math import hypot
from typing import Any

from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing.outline import MAX_TEXT_BYTES
from personal_pipeline.domain.parsing.pdf_layout import write_pages
from personal_pipeline.domain.parsing.pdf_lines import Piece
from personal_pipeline.domain.parsing.word import MONOSPACED
from personal_pipeline.domain.parsing.writing import typed

MAX_PAGES = 200
"""A full page takes 13 ms, several times that where little processor is given, and a document has ten seconds."""

LIMITS: dict[str, Any] = {
    "zlib_maximum_output_length": 20_000_000,  # of one stream: the text of a page has some ten thousand
    "lzw_maximum_output_length": 20_000_000,
    "run_length_maximum_output_length": 20_000_000,
    "array_based_stream_maximum_output_length": 20_000_000,
    "stream_decoding_work_maximum_length": 60_000_000,
    "stream_parsing_work_maximum_count": 400_000,  # operators of one page; two seconds
    "xform_maximum_invocations_per_extraction": 500,  # pictures that are drawn with text in them
    "page_tree_maximum_entries": 10 * MAX_PAGES,
    "page_tree_maximum_depth": 40,
}
MAX_OBJECTS = 100_000
MAX_PIECES = 60_000
"""Runs of letters in the document, 0.12 ms each: a full page has some hundred, drawn letter by letter four thousand."""

_MOST_UNREADABLE = 0.2
_BOLD = re.compile(r"bold|black|heavy|semibold|demi|-bd\b|,b\b", re.IGNORECASE)


def write(body: bytes) -> str:
    """Raises InvalidDocumentError saying what is wrong with it."""
    if b"%PDF-" not in body[:1024]:
        raise InvalidDocumentError("does not begin as a PDF does: save it again as PDF")
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of every oddity, in the document's own words
    import pypdf  # only when such a file comes
    import pypdf.errors

    try:
        with pypdf.apply_configuration(**LIMITS):
            pages = list(_pages(_opened(pypdf, body)))
    except (InvalidDocumentError, MemoryError, RecursionError):
        raise
    except pypdf.errors.LimitReachedError as error:
        raise InvalidDocumentError(
            f"takes more work to read than a document may ({error}): split it by topic"
        ) from error
    except Exception as error:  # whatever the library stumbles over, it is the file that is odd
        raise InvalidDocumentError(
            f"is a broken PDF ({type(error).__name__}: {str(error)[:100]}): print it to a new PDF, or use its source"
        ) from error
    _check_text("".join(piece.text for page, _ in pages for piece in page), len(pages))
    return write_pages(pages)


def _opened(pypdf: Any, body: bytes) -> Any:
    """Many are locked against printing only, and open without a password."""
    try:
        reader = pypdf.PdfReader(
            io.BytesIO(body), root_object_recovery_limit=1_000, xref_stream_maximum_entries=100_000
        )
        is_open = not reader.is_encrypted or bool(reader.decrypt(""))
    except (NotImplementedError, pypdf.errors.DependencyError):
        is_open = False  # a cipher that is not known, or not installed
    if not is_open:
        raise InvalidDocumentError("is encrypted: save it without a password")
    return reader


def _pages(reader: Any) -> Iterator[tuple[list[Piece], float]]:
    """The pieces of each page in the order in which they are drawn, and the page's height."""
    if reader.get_num_pages() > MAX_PAGES:
        raise InvalidDocumentError(f"has more than {MAX_PAGES} pages: split it by topic")
    size = count = 0
    for page in reader.pages:
        found = _pieces(page)
        size += sum(len(piece.text) for piece in found)
        count += len(found)
        if size > MAX_TEXT_BYTES or count > MAX_PIECES:
            raise InvalidDocumentError(
                f"has more than {MAX_TEXT_BYTES:,} bytes of text or {MAX_PIECES:,} pieces of it: split it by topic"
            )
        yield found, float(page.mediabox.height)


def _pieces(page: Any) -> list[Piece]:
    found: list[Piece] = []
    fonts: dict[int, tuple[bool, bool]] = {}

    def take(text: str, outer: list[float], inner: list[float], font: Any, size: float) -> None:
        if not text.strip():
            return
        x, y = (inner[4] * outer[n] + inner[5] * outer[n + 2] + outer[n + 4] for n in (0, 1))
        height = abs(size) * hypot(inner[2] * outer[0] + inner[3] * outer[2], inner[2] * outer[1] + inner[3] * outer[3])
        if id(font) not in fonts:
            name = _font_name(font)
            fonts[id(font)] = (MONOSPACED.search(name) is not None, _BOLD.search(name) is not None)
        found.append(Piece(typed(text).replace("\n", " "), x, y, round(height, 1) or 1.0, *fonts[id(font)]))
        if len(found) > MAX_PIECES:
            raise InvalidDocumentError(f"has a page of more than {MAX_PIECES:,} pieces of text: split it by topic")

    page.extract_text(orientations=(0,), visitor_text=take)
    return found


def _font_name(font: Any) -> str:
    """Without the six letters that mark a part of a font."""
    name = str(font.get("/BaseFont", "")) if font is not None else ""
    return name.lstrip("/").partition("+")[2] or name.lstrip("/")


def _check_text(text: str, pages: int) -> None:
    letters = "".join(text.split())
    if not letters:
        raise InvalidDocumentError(
            f"has {pages} page{'s' if pages != 1 else ''} and no text, only pictures of it: run text recognition (OCR) "
            "over it, or write the steps down"
        )
    if letters.count("\ufffd") + sum("\ue000" <= letter <= "\uf8ff" for letter in letters) > _MOST_UNREADABLE * len(
        letters
    ):
        raise InvalidDocumentError(
            "has fonts that do not say which letters they show: save it again from its source, as PDF with text"
        )
