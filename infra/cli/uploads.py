"""What ``pp ingest`` is given, as objects to store: files, folders, or a ``.jsonl`` with a document a line.

A file or line that cannot be taken is a ``Problem`` with its name; the others go on.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from infra.local.folder import SERVICES_FILE, source_name
from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.ids import object_key, source_and_path
from personal_pipeline.domain.parsing import (
    FORMATS,
    MAX_RAW_BYTES,
    format_of,
    is_data,
    is_document,
    is_text,
    is_wanted,
)

_OTHER_DATA = "has no alert rules and is no runbook: other YAML and JSON is not read"
MAX_LINE_BYTES = 8 * MAX_RAW_BYTES  # a character may be escaped with six
ENDING_OF = {"markdown": ".md", "asciidoc": ".adoc", "rst": ".rst", "html": ".html", "text": ".txt"}
_NAMES = {
    "md": "markdown",
    "adoc": "asciidoc",
    "restructuredtext": "rst",
    "htm": "html",
    "plain": "text",
    "txt": "text",
}


@dataclass(frozen=True, slots=True)
class Upload:
    name: str  # for messages: the file, or the file with its line
    key: str
    body: bytes
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file of a folder that is no document: a picture, a script, YAML that is no runbook and has no alert rules."""

    name: str


Found = Upload | Problem | Skipped


def found_in(path: Path, source: str = "") -> Iterator[Found]:
    """Everything under one argument. ``source`` is for files and folders; a ``.jsonl`` names its own."""
    if path.is_dir():
        yield from _folder(path, source or source_name(path))
    elif path.suffix.lower() == ".jsonl":
        yield from _lines(path)
    elif not path.exists():
        yield Problem(str(path), "is not there: name a file, a folder or a .jsonl")
    elif path.name == SERVICES_FILE or is_document(f"source/{path.name}") or is_data(f"source/{path.name}"):
        found = _file(path, source or source_name(path.resolve().parent), path.name)
        yield found if _is_wanted(found) else Problem(str(path), _OTHER_DATA)
    else:
        yield Problem(str(path), f"has an ending that is not read: use one of {' '.join(filter(None, FORMATS))}")


def expected(path: Path) -> int:
    """About how many documents that will be, for the progress bar."""
    if path.is_dir():
        return sum(1 for _ in _files(path))
    if path.suffix.lower() == ".jsonl" and path.is_file():
        with path.open("rb") as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    return 1


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))


def _folder(root: Path, source: str) -> Iterator[Found]:
    for path in _files(root):
        relative = path.relative_to(root).as_posix()
        # without an ending it may be anything: LICENSE, Makefile, a program
        is_named_like_one = "." in path.name and is_document(f"source/{relative}")
        if relative == SERVICES_FILE or is_named_like_one or is_data(f"source/{relative}"):
            found = _file(path, source, relative)
            yield found if _is_wanted(found) else Skipped(str(path))
        else:
            yield Skipped(str(path))


def _is_wanted(found: Upload | Problem) -> bool:
    is_services = isinstance(found, Upload) and found.key.partition("/")[2] == SERVICES_FILE
    return isinstance(found, Problem) or is_services or is_wanted(found.key, found.body)


def _file(path: Path, source: str, relative: str) -> Upload | Problem:
    try:
        with path.open("rb") as file:
            body = file.read(MAX_RAW_BYTES + 1)
    except OSError as error:
        return Problem(str(path), f"cannot be read ({error.strerror})")
    return _upload(str(path), object_key(source, relative), body)


def _upload(name: str, key: str, body: bytes, external_id: str = "") -> Upload | Problem:
    if len(body) > MAX_RAW_BYTES:
        return Problem(name, f"is larger than {MAX_RAW_BYTES:,} bytes: split it by topic")
    try:
        key.encode()
        source_and_path(key)
    except UnicodeEncodeError:
        return Problem(name, "has a name that is not UTF-8: rename it")
    except InvalidDocumentError as error:
        return Problem(name, str(error))
    return Upload(name, key, body, external_id)


def _lines(path: Path) -> Iterator[Found]:
    seen: dict[str, int] = {}
    try:
        with path.open("rb") as file:
            for number, line in _numbered(file):
                if not line.strip():
                    continue
                found = _line(f"{path}:{number}", line)
                if isinstance(found, Upload) and seen.setdefault(found.key, number) != number:
                    found = Problem(found.name, f"is the same document as line {seen[found.key]}: give it another id")
                yield found
    except OSError as error:
        yield Problem(str(path), f"cannot be read ({error.strerror})")


def _numbered(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Lines, none longer than one byte over the limit: the rest of it is read and dropped."""
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        yield number, line
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE_BYTES)


def _line(name: str, line: bytes) -> Upload | Problem:
    if len(line) > MAX_LINE_BYTES:
        return Problem(name, f"is longer than {MAX_LINE_BYTES:,} bytes: split the document by topic")
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Problem(name, f"is not JSON ({error}): write one object per line")
    if not isinstance(document, dict):
        return Problem(name, "is not a JSON object: write one object per line")
    for field in ("id", "source", "text"):
        if not isinstance(document.get(field), str) or not document[field].strip():
            return Problem(name, f"has no {field!r}: it is a text that is not empty")
    return _of_line(name, document)


def _of_line(name: str, document: dict[str, str]) -> Upload | Problem:
    """The object is ``{source}/{id}``, the source named once; an id whose ending does not say the format gets one.

    Words of the path are searched, so a source that an id repeats would count as what the document is about.
    """
    path = document["id"].removeprefix(f"{document['source']}:") or document["id"]
    key = object_key(document["source"], path)
    declared = str(document.get("format") or "").lower()
    if declared:
        ending = ENDING_OF.get(_NAMES.get(declared, declared))
        if ending is None:
            return Problem(name, f"has the format {declared!r}: use one of {', '.join(ENDING_OF)}")
        if format_of(key) != format_of(f"source/any{ending}"):
            key += ending
    try:
        body = document["text"].encode()
    except UnicodeEncodeError:
        return Problem(name, "has half a character (a lone surrogate) in its text: write it as UTF-8")
    if not declared and not (is_wanted(key, body) and is_text(key)):
        key += ".txt"
    return _upload(name, key, body, document["id"])
