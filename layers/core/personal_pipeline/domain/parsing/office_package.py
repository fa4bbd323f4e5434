"""The XML of an Office file, once it has been looked through: what follows reads it whole and recurses over it.

A package is a zip of XML, so both may be bombs. Sizes are those that the zip declares, because no more than that is
ever unpacked; each part is then parsed once without keeping anything, under limits of depth and number.
"""

import io
import zipfile
import zlib
from xml.parsers import expat

from personal_pipeline.domain.errors import InvalidDocumentError

MAX_UNPACKED = 24_000_000
"""Bytes of XML: a document of the most text that is read (1 MB) has about 12 MB of it."""

MAX_PARTS = 5_000
MAX_ELEMENTS = 120_000
"""Each takes about 1 KB once it is read, and some 80 µs; the parsing process has some hundred megabytes and ten
seconds."""

MAX_ATTRIBUTES = 200  # of one element; word processors write ten

MAX_DEPTH = 60
"""A table in a table in a table has 30; the library that reads it recurses about ten frames a level."""

_OLD_OR_ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_ENCRYPTED = 0x1
_READ = (".xml", ".rels")


def checked_package(body: bytes) -> io.BytesIO:
    """A zip of nothing but the parts that are read. Raises InvalidDocumentError saying what is wrong."""
    if body.startswith(_OLD_OR_ENCRYPTED):
        raise InvalidDocumentError(
            "is protected with a password or in the old .doc format: save it as .docx without one"
        )
    checked = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package, zipfile.ZipFile(checked, "w") as kept:
            for part in _parts(package):
                xml = package.read(part)
                _look_through(xml)
                kept.writestr(zipfile.ZipInfo(part.filename), xml)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise InvalidDocumentError(
            f"is no Word file, or a broken one ({_said(error)}): save it again as .docx"
        ) from error
    except expat.ExpatError as error:
        raise InvalidDocumentError(f"has XML that is broken ({error}): save it again as .docx") from error
    checked.seek(0)
    return checked


def _parts(package: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    parts = package.infolist()
    if len(parts) > MAX_PARTS:
        raise InvalidDocumentError(f"has more than {MAX_PARTS:,} parts: save it again as .docx, without its pictures")
    read = {part.filename: part for part in parts if part.filename.lower().endswith(_READ)}
    if any(part.flag_bits & _ZIP_ENCRYPTED for part in read.values()):
        raise InvalidDocumentError("is protected with a password: save it without one")
    if sum(part.file_size for part in read.values()) > MAX_UNPACKED:
        raise InvalidDocumentError(f"unpacks to more than {MAX_UNPACKED:,} bytes: split it by topic")
    return list(read.values())


def _look_through(xml: bytes) -> None:
    depth = elements = 0

    def start(_name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > MAX_DEPTH:
            raise InvalidDocumentError(f"nests more than {MAX_DEPTH} deep: take tables out of tables")
        if len(attributes) > MAX_ATTRIBUTES:
            raise InvalidDocumentError(
                f"has an element of more than {MAX_ATTRIBUTES} attributes: save it again as .docx"
            )
        if elements > MAX_ELEMENTS:
            raise InvalidDocumentError(f"has more than {MAX_ELEMENTS:,} elements: split it by topic")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: object) -> None:
        raise InvalidDocumentError("declares a document type in its XML, as no word processor does: save it again")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    parser.Parse(xml, True)


def _said(error: Exception) -> str:
    return str(error)[:100] or type(error).__name__
