"""What the catalog knows of a document, and the keys under which an alert finds it without the index."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from personal_pipeline.domain.analysis import joined
from personal_pipeline.domain.errors import InvalidDocumentError
from personal_pipeline.domain.overview import Overview

KeyKind = Literal["alert", "title", "url", "arn", "path", "rule"]  # rule: an alert that a file of rules links
MAX_CARDS_PER_KEY = 20  # a key with more is too common to be exact: search answers it
MAX_KEYS_PER_DOCUMENT = 40
MAX_ALERTS_PER_RULE_FILE = 1000
MAX_REASON_CHARS = 2000  # of why a revision was refused


def padded(sequencer: str) -> str:
    """S3's sequencers differ in length and order one key's events as text, once padded with zeros on the right."""
    return sequencer.ljust(64, "0")


@dataclass(frozen=True, slots=True, order=True)
class AlertKey:
    """An exact key, normalised: what differs only in case, separators, host or anchor is the same key."""

    kind: KeyKind
    value: str

    @classmethod
    def of(cls, kind: KeyKind, raw: str) -> "AlertKey | None":
        """None when nothing is left to compare after normalising."""
        value = _NORMALISERS[kind](raw)[:512]
        return cls(kind, value) if value else None


def _url(raw: str) -> str:
    """The path without its ending, a page that only stands for its folder as that folder.

    Where a wiki has one path for all its pages, the parameter that names the page belongs to it.
    """
    try:
        parts = urlsplit(raw.strip()) if "://" in raw[:16] else None
    except ValueError:  # no address, whatever it looks like
        return ""
    path = unquote(parts.path) if parts else raw.strip().partition("#")[0]
    path = path.casefold().rstrip("/")
    path = _NAMELESS.sub("", _ENDING.sub("", path)).strip("/")
    named = [value for name, value in parse_qsl(parts.query if parts else "") if name.casefold() in _PAGE_PARAMETERS]
    return f"{path}?{named[0].casefold()}" if named else path


_ENDING = re.compile(r"\.(md|markdown|adoc|asciidoc|rst|html?|txt)$")
_NAMELESS = re.compile(r"(?:\A|/)(?:readme|_?index)\Z")
_PAGE_PARAMETERS = frozenset({"pageid", "title", "curid"})  # Confluence, MediaWiki


_NORMALISERS: dict[str, Callable[[str], str]] = {
    "alert": joined,
    "title": joined,
    "url": _url,
    "arn": lambda raw: raw.strip().casefold(),
    "path": lambda raw: raw.strip().casefold().strip("/"),
    "rule": joined,
}


@dataclass(frozen=True, slots=True)
class Card:
    """Enough of a document to answer an alert with nothing but this; at most 600 bytes when stored.

    The card of a rule file stands behind ``rule`` keys only, and has where the alert's rules link to.
    """

    doc_id: str
    title: str
    url: str
    source: str
    path: str
    first_step: str
    contact: str
    groups: tuple[str, ...]
    rev: int
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One document's row. ``is_pending``: a revision was accepted that is not yet finished.

    ``content_rev`` is the revision that the index holds; it stays behind ``rev`` when the content did
    not change. ``high`` is the highest number of passages ever reserved.
    """

    doc_id: str
    key: str
    rev: int
    sequencer: str
    version_id: str | None
    content_hash: str
    content_rev: int
    indexed_rev: int
    high: int
    deleted: bool
    is_pending: bool
    pending_since: float | None  # epoch seconds
    title: str
    groups: tuple[str, ...]
    keys: tuple[AlertKey, ...]
    error: str
    critical: bool
    overview: Overview | None = None  # of a rule file, and of a row that an older release wrote

    @property
    def is_rules(self) -> bool:
        """A rule file has a row, too, and nothing to show."""
        return any(key.kind == "rule" for key in self.keys)

    @property
    def is_settled(self) -> bool:
        """Every accepted revision is finished, so ``content_hash`` describes what the index holds."""
        return self.rev == self.indexed_rev and not self.is_pending


@dataclass(frozen=True, slots=True)
class Claim:
    """The answer to one claim. ``before`` is the row as it was, None for a document never seen."""

    outcome: Literal["accepted", "replayed", "stale"]
    rev: int
    before: CatalogEntry | None


@dataclass(frozen=True, slots=True)
class Commit:
    """What finishing a revision writes. ``content_rev`` is ``rev`` unless the content did not change.

    ``links`` is for a rule file: where each of its keys leads.
    """

    doc_id: str
    rev: int
    content_rev: int
    content_hash: str
    deleted: bool
    title: str
    groups: tuple[str, ...]
    keys: tuple[AlertKey, ...]
    card: Card | None
    critical: bool = False
    links: Mapping[AlertKey, tuple[str, ...]] = field(default_factory=dict)
    overview: Overview | None = None

    def card_behind(self, key: AlertKey) -> Card | None:
        return replace(self.card, links=self.links[key]) if self.card and key in self.links else self.card


def checked_keys(commit: Commit) -> tuple[AlertKey, ...]:
    """The keys to write, each once: none without a card. Raises InvalidDocumentError when they are too many."""
    keys = tuple(dict.fromkeys(commit.keys)) if commit.card else ()
    most = MAX_ALERTS_PER_RULE_FILE if commit.links else MAX_KEYS_PER_DOCUMENT
    if len(keys) > most:
        raise InvalidDocumentError(
            f"document {commit.doc_id} has {len(keys)} alert keys, more than {most}: "
            "name fewer alerts and aliases in it"
        )
    return keys
