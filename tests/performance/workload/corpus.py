"""What the measured system holds: the real benchmark where it is there, else the samples; many more where asked for.

Documents are written as a folder that ``pp serve`` watches, so each has the id that the system gives it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

from infra.cli.uploads import ENDING_OF
from personal_pipeline.domain.ids import doc_id_of, object_key
from personal_pipeline.domain.parsing import is_document

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "events" / "documents"
SOURCE = "runbooks"  # the folder's name, which is the name of its source
PASSAGES_A_DOCUMENT = 7  # of the benchmark's documents, on average
_MARKUP = re.compile(rb"<[^>]*>|\A---.*?^---", re.DOTALL | re.MULTILINE)
_WORD = re.compile(rb"\w{2}")
LARGE_BYTES = 1_000_000
DOCUMENTS_A_PART = 40


@dataclass(frozen=True, slots=True)
class Document:
    """``path`` within the folder; ``title`` is what somebody would ask for it."""

    path: str
    title: str
    text: bytes

    @property
    def id(self) -> str:
        return doc_id_of(object_key(SOURCE, self.path))


@dataclass(frozen=True, slots=True)
class Corpus:
    """``name`` says which it is; ``questions`` are real ones where there are any.

    ``ids`` are those of documents that a system has which was not filled from here.
    """

    name: str
    documents: tuple[Document, ...]
    questions: tuple[str, ...]
    ids: tuple[str, ...] = ()

    @property
    def read(self) -> tuple[Document, ...]:
        """Those that can be read: documents, with words in them. What is beside them says things about them."""
        return tuple(
            each for each in self.documents if is_document(each.path) and _WORD.search(_MARKUP.sub(b"", each.text))
        )

    @property
    def digest(self) -> str:
        """Of all documents: a prepared data folder is used again for equal ones only."""
        total = blake2b(digest_size=8)
        for document in self.documents:
            total.update(document.path.encode() + b"\0" + document.text + b"\0")
        return total.hexdigest()

    def write(self, folder: Path) -> None:
        for document in self.documents:
            path = folder / document.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(document.text)


def read_corpus(bench: Path | None, most: int = 0, passages: int = 0) -> Corpus:
    """``most`` documents, evenly from all; or as many as make about ``passages`` passages. 0: as they are."""
    found = _bench(bench) if bench and (bench / "corpus.jsonl").is_file() else _samples()
    if passages:
        copies = tuple(islice(_copies(found.documents), max(1, passages // PASSAGES_A_DOCUMENT)))
        return Corpus(found.name, (*copies, _large(found.documents)), found.questions)
    if most and most < len(found.documents):
        step = len(found.documents) / most
        return Corpus(found.name, tuple(found.documents[int(n * step)] for n in range(most)), found.questions)
    return found


def _bench(folder: Path) -> Corpus:
    documents = tuple(
        Document(_path(line), line["title"], line["text"].encode()) for line in _lines(folder / "corpus.jsonl")
    )
    return Corpus("bench", documents, tuple(line["text"] for line in _lines(folder / "queries.jsonl")))


def _path(line: dict[str, str]) -> str:
    """Several of a page are one document each: their ids differ after ``#``."""
    ending, path = ENDING_OF[line["format"]], line["id"].removeprefix(f"{line['source']}:").replace("#", "--")
    return f"{line['source'].replace('/', '--')}/{path if path.endswith(ending) else path + ending}"


def _samples() -> Corpus:
    paths = sorted(path for path in SAMPLES.rglob("*.*") if path.is_file())
    documents = tuple(
        Document(str(path.relative_to(SAMPLES)), _words(path.relative_to(SAMPLES)), path.read_bytes()) for path in paths
    )
    return Corpus("samples", documents, ())


def _copies(documents: Sequence[Document]) -> Iterator[Document]:
    """All of them, and then again with other names and numbers, without end: no two are the same document."""
    for number, document in zip(count(), cycle(documents), strict=False):
        turn, path = number // len(documents), Path(document.path)
        if not turn:
            yield document
            continue
        name = str(path.with_name(f"{path.stem}-{turn}{path.suffix}"))
        lines = f"\n\nRegion {turn}, cluster c{number:05d}: the host is h{number:05d}.region{turn}.example.\n"
        yield Document(name, f"{document.title} region {turn}", document.text + lines.encode())


def _large(documents: Sequence[Document]) -> Document:
    """One of a megabyte, of real text without its headings: each would begin a passage, and 2,000 are allowed."""
    text = bytearray(b"# Everything in one runbook\n")
    for number, document in enumerate(cycle(d for d in documents if d.path.endswith(".md"))):
        if not number % DOCUMENTS_A_PART:
            text += f"\n\n## Part {number // DOCUMENTS_A_PART}\n\n".encode()
        lines = document.text.removeprefix(b"---\n").splitlines()
        text += b"\n".join(line for line in lines if not line.startswith((b"#", b"---", b"```"))) + b"\n\n"
        if len(text) > LARGE_BYTES:
            break
    return Document("large.md", "Everything in one runbook", bytes(text[: text.rindex(b"\n", 0, LARGE_BYTES)]))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    yield from (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def _words(path: Path) -> str:
    return f"{path.parent.name} {path.stem}".replace("-", " ")
