"""What a document is, from raw bytes to passages. Spans count characters of the source text: what the bytes say,
or the Markdown that was written from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """Where the raw bytes lie. ``version_id`` is None where the store keeps no versions: then the newest is read."""

    key: str
    version_id: str | None = None


@dataclass(frozen=True, slots=True)
class StoredObject:
    ref: ObjectRef
    body: bytes
    modified: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a document in reading order, under its heading path.

    ``kind`` is ``code`` only for literal or fenced blocks; ``language`` is their info string, if any.
    ``text`` is plain text (markup taken out); ``start`` and ``end`` frame it in the source text.
    """

    heading: tuple[str, ...]
    kind: Literal["text", "code", "table"]
    text: str
    start: int
    end: int
    language: str = ""


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What a parser found. ``title`` is empty when the document names none.

    A file of alert rules is no document: it has nothing but ``links``, where the rules of each alert lead.
    What is no text itself is written as Markdown: then spans count in ``written``, else in the decoded bytes.
    ``structure`` is what ``extract.to_json`` writes, empty where nothing was extracted.
    """

    title: str
    blocks: tuple[Block, ...]
    front_matter: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    structure: str = ""
    written: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a document small enough to be a search result; ordinals count from 0 without gaps."""

    ordinal: int
    heading: tuple[str, ...]
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DocumentMetadata:
    """From front matter, else the source's ``_services.yaml``, else rules over the path."""

    title: str
    type: str = "runbook"
    url: str = ""
    services: tuple[str, ...] = ()
    severity: str = ""
    owner: str = ""
    contact: str = ""
    groups: tuple[str, ...] = (PUBLIC,)
    alert_names: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    external_id: str = ""
    critical: bool = False
    reviewed: str = ""
    first_step: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed document under one revision: everything that search, catalog and cache are made from.

    ``structure`` is what ``extract.to_json`` writes; its spans count in ``text``.
    """

    doc_id: str
    key: str
    source: str
    path: str
    rev: int
    content_hash: str
    updated: datetime
    metadata: DocumentMetadata
    passages: tuple[Passage, ...]
    text: str
    format: str
    warnings: tuple[str, ...] = ()
    structure: str = ""
