"""What a cached answer may still be used for, as one pure rule. Times are epoch seconds.

Every answer is stamped with the generations that were read *before* the index was asked, so a fill
that races an ingest is born stale, never wrong. A bump of ``acl`` (a delete, or a change of who may
see what) makes an entry unusable for good; a content bump makes it stale.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256

RENDERED_FORM = 2  # raise it when the extraction finds something else: older copies are made again when asked for


@dataclass(frozen=True, slots=True)
class Stamp:
    """The generations an answer was computed at: one digest over the sources it depends on, and ``acl``."""

    content: str
    acl: int


@dataclass(frozen=True, slots=True)
class Generations:
    """Counters that only grow. ``groups`` is every group any document carries: scopes are cut to it."""

    sources: Mapping[str, int] = field(default_factory=dict)
    acl: int = 0
    groups: frozenset[str] = frozenset()

    def stamp(self, source: str = "") -> Stamp:
        """An unfiltered query depends on every source, a filtered one on its own."""
        depends_on = {source: self.sources.get(source, 0)} if source else self.sources
        listed = "\n".join(f"{name} {count}" for name, count in sorted(depends_on.items()))
        return Stamp(sha256(listed.encode()).hexdigest()[:24], self.acl)


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A serialised answer. ``body`` is plain bytes here; adapters compress it."""

    body: bytes
    stamp: Stamp
    computed_at: float
    fresh_until: float
    stale_until: float


@dataclass(frozen=True, slots=True)
class CacheLookup:
    """One read of an entry together with the generations, so that both are of one moment."""

    entry: CacheEntry | None
    generations: Generations


@dataclass(frozen=True, slots=True)
class RenderedDocument:
    """A document as ``GET /v1/documents/{id}`` answers it; ``body`` is serialised JSON.

    ``structure`` is what ``extract.to_json`` writes, as bytes: steps, commands, contacts with their place in the text.
    A copy of an older ``form`` still says what the document says, but has no structure, or one of other rules.
    """

    doc_id: str
    rev: int
    groups: tuple[str, ...]
    body: bytes
    structure: bytes = b""
    form: int = RENDERED_FORM


class Usability(Enum):
    FRESH = "fresh"
    REFRESHABLE = "refreshable"  # may be served once, flagged, while it is refreshed
    ON_FAILURE = "on_failure"  # only when the index does not answer
    UNUSABLE = "unusable"


def usability(entry: CacheEntry, current: Stamp, now: float, stale_list_seconds: float) -> Usability:
    """``stale_list_seconds`` bounds the age of a list that is served although its content moved on; 0 = never."""
    if entry.stamp.acl != current.acl or now >= entry.stale_until:
        return Usability.UNUSABLE
    if entry.stamp == current:
        return Usability.FRESH if now < entry.fresh_until else Usability.ON_FAILURE
    if now - entry.computed_at < stale_list_seconds:
        return Usability.REFRESHABLE
    return Usability.ON_FAILURE
