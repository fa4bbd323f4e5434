"""From bytes to the text that every span counts in.

Line ends become ``\\n``, and characters that show nothing (zero width, direction marks, tags, control
codes) are taken out: they hide words from search and instructions from the reader.
"""

import codecs
import re

from personal_pipeline.domain.errors import InvalidDocumentError

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e01ef]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_END = re.compile("\r\n?|[\u2028\u2029]")  # the last two would be line ends to docutils only
_BINARY = bytes({*range(32), 127} - {*b"\t\n\r\x0b\x0c\x08\x1b"})  # what no text file and no terminal log has
_MOST_BINARY_SHARE = 0.02

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def decode(body: bytes) -> tuple[str, list[str]]:
    """The text and what was odd about it. Raises InvalidDocumentError when it is no text."""
    text, warnings = _text(body)
    text = _LINE_END.sub("\n", text)
    text, invisible = _INVISIBLE.subn("", text)
    text, control = _CONTROL.subn("", text)
    if invisible:
        warnings.append(f"{invisible} invisible characters were taken out")
    if control:
        warnings.append(f"{control} control characters were taken out")
    return text, warnings


def without_invisible(text: str) -> str:
    """For text that was decoded a second time: character references, escapes in front matter."""
    return _CONTROL.sub("", _INVISIBLE.sub("", text))


def tidy(text: str) -> str:
    """For text that no bytes of a text file were decoded to: a string of JSON, a page of a PDF."""
    return without_invisible(_LINE_END.sub("\n", text))


def _text(body: bytes) -> tuple[str, list[str]]:
    for mark, encoding in _MARKS.items():
        if body.startswith(mark):
            try:
                return body[len(mark) :].decode(encoding), []
            except UnicodeDecodeError as error:
                raise InvalidDocumentError(
                    f"begins as {encoding} but is not, at byte {error.start + len(mark)}: save it as UTF-8"
                ) from error
    binary = len(body) - len(body.translate(None, _BINARY))
    if b"\0" in body or binary > len(body) * _MOST_BINARY_SHARE:
        raise InvalidDocumentError("is binary, not text: save it as UTF-8 text, or leave it out")
    try:
        return body.decode("utf-8"), []
    except UnicodeDecodeError as error:
        warning = f"not UTF-8 at byte {error.start}: read as Windows-1252, save it as UTF-8"
        try:
            return body.decode("cp1252"), [warning]
        except UnicodeDecodeError:
            return body.decode("latin-1"), [warning]
