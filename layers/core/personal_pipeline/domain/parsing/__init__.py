"""From the raw bytes of a document to its blocks: one reader per format, chosen by the file's ending.

Every reader is given hostile documents sooner or later: limits are checked before the costly step,
and whatever is wrong with a document ends as an InvalidDocumentError that names it.
"""

from dataclasses import replace
from importlib import import_module

from personal_pipeline.domain.documents import ParsedDocument
from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.parsing import decoding
from personal_pipeline.domain.parsing.alert_rules import (
    AlertRule,
    links_of,
    looks_like_rules,
    read_rules,
)
from personal_pipeline.domain.parsing.front_matter import checked, front_matter, load_yaml
from personal_pipeline.domain.parsing.outline import MAX_TEXT_BYTES, Outline
from personal_pipeline.domain.parsing.structured import is_data, looks_like_runbook, written_as_markdown
from personal_pipeline.domain.passages import split

__all__ = [
    "FORMATS",
    "MAX_RAW_BYTES",
    "PIPELINE_VERSION",
    "TEMPLATE_ENDINGS",
    "AlertRule",
    "decode",
    "format_of",
    "is_data",
    "is_document",
    "is_text",
    "is_wanted",
    "load_yaml",
    "looks_like_runbook",
    "parse_document",
    "read_rules",
    "source_of",
]

PIPELINE_VERSION = 1  # part of the content hash: raise it when the same bytes should give other passages
MAX_RAW_BYTES = 5 * 1024 * 1024
FORMATS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".adoc": "asciidoc",
    ".asciidoc": "asciidoc",
    ".asc": "asciidoc",
    ".rst": "restructuredtext",
    ".html": "html",
    ".htm": "html",
    ".txt": "text",
    ".log": "text",
    "": "text",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
    ".pdf": "pdf",
    ".docx": "word",
}
_READERS = {
    "markdown": "markdown",
    "asciidoc": "asciidoc",
    "restructuredtext": "restructured",
    "html": "hypertext",
    "text": "plain",
}
_DATA = frozenset({"yaml", "json"})
_WRITTEN = frozenset({"pdf", "word"})  # modules that write Markdown from bytes, each with a library that only it loads
TEMPLATE_ENDINGS = (".erb", ".j2", ".tmpl", ".tpl")  # disk.html.md.erb is Markdown with a few tags in it
_MOST_MARKUP = 2  # source characters to a byte of text; only HTML has more


def format_of(key: str) -> str | None:
    """The format that the file's ending says, None when it is not read. An anchor (``page.md#disk``) is no ending."""
    name = key.rpartition("/")[2].lower()
    if any(part.startswith((".", "~")) for part in key.split("/")[1:]):
        return None
    for ending in (_ending(name), _ending(name.partition("#")[0])):
        if ending in FORMATS and (ending or "#" not in name):
            found = FORMATS[ending]
            return found if found not in _DATA or is_data(key) else None  # a template of YAML is no YAML
    return None


def is_document(key: str) -> bool:
    """By the name alone. YAML and JSON may be anything: of those the content says it, see ``is_wanted``."""
    return format_of(key) is not None and not is_data(key)


def is_text(key: str) -> bool:
    """Whether its bytes are its text, as those of a PDF are not."""
    return format_of(key) not in _WRITTEN


def is_wanted(key: str, body: bytes) -> bool:
    """Of YAML and JSON only alert rules and runbooks: whatever else it configures is not for the bucket."""
    return is_document(key) or looks_like_rules(key, body) or looks_like_runbook(key, body)


def decode(key: str, body: bytes) -> tuple[str, list[str]]:
    """The text, and what was odd about it. Raises InvalidDocumentError."""
    try:
        return decoding.decode(body)
    except InvalidDocumentError as error:
        raise InvalidDocumentError(f"document {key!r} {error}") from error


def source_of(key: str, body: bytes, parsed: ParsedDocument) -> tuple[str, str]:
    """The text that a document is shown as and that all its spans count in, and the markup it is written in.

    Raises InvalidDocumentError.
    """
    if parsed.written:
        return parsed.written, "markdown"
    return decode(key, body)[0], format_of(key) or ""


def parse_document(key: str, body: bytes) -> ParsedDocument:
    """Raises InvalidDocumentError naming the document, what is wrong with it and what to do."""
    try:
        return _parse(key, body)
    except InvalidDocumentError as error:
        raise InvalidDocumentError(f"document {key!r} {error}") from error
    except RecursionError as error:
        raise InvalidDocumentError(f"document {key!r} nests too deeply: flatten its lists and quotes") from error


def _parse(key: str, body: bytes) -> ParsedDocument:
    name = format_of(key)
    if name is None:
        endings = " ".join(sorted(ending for ending in FORMATS if ending))
        raise InvalidDocumentError(f"has an ending that is not read: use one of {endings}, or none for plain text")
    if is_data(key):
        return _parse_data(key, body)
    if len(body) > MAX_RAW_BYTES:
        raise InvalidDocumentError(f"is larger than {MAX_RAW_BYTES:,} bytes: split it by topic")
    if name in _WRITTEN:
        written = import_module(f"{__name__}.{name}").write(body)
        return replace(_read("markdown", written, []), written=written)
    text, warnings = decoding.decode(body)
    if name != "html" and len(text) > _MOST_MARKUP * MAX_TEXT_BYTES:
        raise InvalidDocumentError(f"has more than {MAX_TEXT_BYTES:,} bytes of text: split it by topic")
    return _read(name, text, warnings)


def _read(name: str, text: str, warnings: list[str]) -> ParsedDocument:
    values, begin, odd = front_matter(text)
    values, untyped = checked(values)
    outline = Outline(values.get("title", ""))
    import_module(f"{__name__}.{_READERS[name]}").read(text, begin, outline)
    parsed = outline.finish(values, warnings + odd + untyped)
    if not parsed.blocks and not parsed.title:
        raise InvalidDocumentError("has no text: write something in it, or leave it out")
    split(parsed)  # refuses what gives too many passages, here where the document is named
    return parsed


def _parse_data(key: str, body: bytes) -> ParsedDocument:
    """A runbook, or no passages and only the links of alert rules; of what is something else not even those."""
    if not is_wanted(key, body):
        return ParsedDocument("", (), links={})
    if len(body) > MAX_RAW_BYTES:
        raise InvalidDocumentError(f"is larger than {MAX_RAW_BYTES:,} bytes: split it by topic")
    text, warnings = decoding.decode(body)
    written, odd = written_as_markdown(key, text)
    if written:
        return replace(_read("markdown", written, warnings + odd), written=written)
    rules, odd_rules = read_rules(key, text)
    warnings += odd + odd_rules
    return ParsedDocument("", (), links=links_of(rules, warnings), warnings=tuple(warnings))


def _ending(name: str) -> str:
    for template in TEMPLATE_ENDINGS:
        if name.endswith(template) and "." in name.removesuffix(template):
            return _ending(name.removesuffix(template))
    stem, dot, ending = name.rpartition(".")
    return dot + ending if stem else ""
