"""What the services need from outside, named after the need. Each port has two adapters or more.

Every method may raise the ``UnavailableError`` leaf of its kind (named at the class) when the part
behind it does not answer in its time. Times are epoch seconds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from personal_pipeline.domain.caching import CacheEntry, CacheLookup, Generations, RenderedDocument
from personal_pipeline.domain.catalog import AlertKey, Card, CatalogEntry, Claim, Commit
from personal_pipeline.domain.documents import ObjectRef, ParsedDocument, StoredObject
from personal_pipeline.domain.notices import Notice
from personal_pipeline.domain.search import (
    CallerScope,
    Candidates,
    ChangeOutcome,
    PassageChange,
    SearchFilters,
    SearchQuery,
    SearchRequest,
)
from personal_pipeline.domain.service_map import Service
from personal_pipeline.domain.suggestions import NamedDocument, Typed
from personal_pipeline.domain.vectors import Vector


class SearchIndex(Protocol):
    """Passages, by text and by meaning. Raises IndexUnavailableError."""

    def apply(self, changes: Sequence[PassageChange]) -> list[ChangeOutcome]:
        """Write live passages and tombstones in one bulk; an outcome per change, in order.

        What is applied is searchable when this returns. An older revision of a passage never wins, an
        equal one is accepted, and a tombstone is remembered: losing to a newer revision counts as applied.
        """

    def search(self, request: SearchRequest) -> Candidates:
        """Live passages that the caller's scope may see: the best by text, best first, ties by doc_id, ordinal,
        then those that only the vector found, nearest first. Without vectors in the index a vector finds nothing.
        """

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many passages each of these stands, whoever asks: hundreds of terms for less than a search."""

    def corrections(
        self, terms: Sequence[str], filters: SearchFilters, scope: CallerScope
    ) -> dict[str, tuple[str, ...]]:
        """For terms that no passage has: the words that each may stand for, at most ``slips.TOLD_OPTIONS``, in the
        order of ``slips.likeliest``. A term without any is left out.

        A word that stands only in passages beyond the filters or the caller's scope is never told.
        """

    def named(self, typed: Typed, scope: CallerScope) -> list[NamedDocument]:
        """Documents that the caller's scope may see and that may be named as is typed, at most ``MOST_PROPOSED``.

        All whose titles or alert names match are among them while there are not more; those by title before others,
        of those runbooks first. Some match in nothing but a stem or a path: ``suggestions`` tells.
        """

    def revisions(self, doc_id: str) -> dict[int, int]:
        """Revision by ordinal of the live passages of one document."""

    def count(self) -> int:
        """How many live passages there are."""

    def prepare(self) -> None:
        """Create what is missing (index, mapping, alias). Repeatable."""


class Catalog(Protocol):
    """One row per document, and exact alert keys. Raises TableUnavailableError."""

    def claim(self, key: str, sequencer: str | None, version_id: str | None, now: float) -> Claim:
        """Mint the next revision, in one conditional write that also marks the document pending.

        Sequencers are compared as text after padding with zeros on the right. The stored one is equal:
        ``replayed``, with its revision. Greater: ``stale``, nothing changes. None: always accepted, the
        stored sequencer stays.
        """

    def reserve(self, doc_id: str, rev: int, passages: int) -> int:
        """Raise ``high`` to ``passages`` if ``rev`` is still the newest; returns the resulting ``high``.

        Raises StaleRevisionError when a newer revision was accepted.
        """

    def commit(self, commit: Commit) -> None:
        """Finish a revision: its row, its alert keys (old ones out, new ones in) and the pending mark, at once.

        The hundreds of keys of a rule file may change one after the other; then the pending mark goes last.
        Repeatable. Raises StaleRevisionError when a newer revision was accepted, DocumentMissingError when
        the document was never claimed.
        """

    def settle(self, doc_id: str, rev: int) -> None:
        """Finish a revision whose content did not change: ``indexed_rev`` becomes ``rev``, nothing else moves.

        Raises StaleRevisionError when a newer revision was accepted.
        """

    def refuse(self, doc_id: str, rev: int, reason: str) -> None:
        """Note why a revision could not be taken and end its pending mark; what was indexed before stays.

        A later commit clears the reason. Raises StaleRevisionError when a newer revision was accepted.
        """

    def entry(self, doc_id: str) -> CatalogEntry | None: ...

    def pending(self, before: float, limit: int = 100) -> list[CatalogEntry]:
        """Documents whose newest revision is unfinished since before that time, oldest first."""

    def cards(self, keys: Sequence[AlertKey]) -> dict[AlertKey, list[Card]]:
        """The documents behind each key, by title; a key that is too common or unknown is left out."""

    def entries(self, source: str, after: str = "", at_once: int = 500) -> Iterator[CatalogEntry]:
        """Every document of a source that is not deleted, by path, from behind the path ``after`` on.

        Read ``at_once`` at a time, as they are asked for. Whatever changes meanwhile, no other document is left out or
        comes twice.
        """

    def groups(self, doc_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Who may see these now; deleted and unknown documents are left out."""

    def count(self, source: str) -> int:
        """How many documents a source has that are not deleted."""

    def critical(self, source: str) -> list[str]:
        """The ids of the documents marked critical in a source."""

    def replace_services(self, source: str, services: Sequence[Service]) -> None:
        """What the services file of a source says now; none when there is no such file any more."""

    def services(self) -> list[Service]:
        """All services of all sources, by source, in the order of their files."""


class Cache(Protocol):
    """The shared tier: answers, rendered documents, generations, vectors. Raises TableUnavailableError."""

    def read(self, cache_key: str) -> CacheLookup:
        """Entry and generations in one read. A corrupt or expired entry is a miss."""

    def write(self, cache_key: str, entry: CacheEntry) -> None:
        """Best kept until ``stale_until``. An entry too large for the store is not kept."""

    def generations(self) -> Generations: ...

    def bump(self, sources: Sequence[str], groups: Sequence[str] = (), acl: bool = False) -> None:
        """One atomic step: add one to each source, remember these groups, and add one to ``acl`` if asked."""

    def document(self, doc_id: str) -> RenderedDocument | None:
        """None for a document that is unknown or deleted."""

    def write_document(self, document: RenderedDocument) -> None:
        """Write through, unless a newer revision is there already."""

    def delete_document(self, doc_id: str, rev: int) -> None:
        """Leave a tombstone under ``rev``, so that a late write of an older revision cannot revive it."""

    def vectors(self, vector_keys: Sequence[str]) -> dict[str, Vector]:
        """The vectors that are there; an expired or corrupt one is not."""

    def write_vectors(self, vectors: Mapping[str, Vector], expires_at: float) -> None:
        """Kept to the last bit: a text scores the same whether its vector was kept or computed."""


@dataclass(frozen=True, slots=True)
class AskedQuery:
    query: SearchQuery
    count: int


class Activity(Protocol):
    """What is asked how often, and what helped. Raises TableUnavailableError."""

    def add(self, day: str, asked: Sequence[AskedQuery], expires_at: float) -> None:
        """``day`` is YYYY-MM-DD. Written behind: losing some is accepted."""

    def most_asked(self, day: str, limit: int) -> list[AskedQuery]:
        """By count, most first; ties by the query's text."""

    def vote(self, signature: str, doc_id: str, user: str, helpful: bool | None, expires_at: float) -> None:
        """One vote of each user for a document under a signature, cast now: a second one replaces the first.

        None takes it back. Vote and count change together. A vote that expired is as if it had never been cast, but
        what is left of it stays counted until the document's last vote expires.
        """

    def feedback(self, signature: str) -> dict[str, tuple[float, float]]:
        """What the votes for and against each document that has any weigh now, see ``domain/feedback``."""


class DocumentStore(Protocol):
    """The raw documents: the source of truth. Raises StoreUnavailableError."""

    def read(self, ref: ObjectRef) -> StoredObject:
        """Raises DocumentMissingError, InvalidDocumentError when it is over the size limit (without reading it)."""

    def put(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> ObjectRef:
        """``metadata`` stays with the object (S3 user metadata): lower-case names, ASCII values."""

    def delete(self, key: str) -> None:
        """Deleting what is not there is no error."""

    def keys(self, prefix: str = "") -> Iterator[str]: ...


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """``group`` and ``deduplication_id`` are for FIFO queues only."""

    body: str
    group: str = ""
    deduplication_id: str = ""
    delay_seconds: int = 0


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    message_id: str
    body: str
    receipt_handle: str
    receive_count: int
    sent_at: float
    attributes: Mapping[str, str] = field(default_factory=dict)


class Queue(Protocol):
    """SQS semantics: at least once, visibility timeout, dead letters after the attempt limit of the queue.

    Raises QueueUnavailableError.
    """

    def send(self, messages: Sequence[OutgoingMessage]) -> None:
        """All are stored when this returns; when it raises, some may be."""

    def receive(self, limit: int = 10, wait_seconds: float = 0) -> list[ReceivedMessage]: ...

    def delete(self, receipt_handles: Sequence[str]) -> None: ...

    def delay(self, receipt_handle: str, seconds: int) -> None:
        """Set when a received message becomes visible again, from now."""

    def depth(self) -> int:
        """About how many messages are visible, in flight or delayed."""


class Parser(Protocol):
    def parse(self, key: str, body: bytes) -> ParsedDocument:
        """By the file name's ending. Raises InvalidDocumentError naming the document and the limit it broke."""


class Embedder(Protocol):
    """Texts to vectors of unit length. Raises EmbedderUnavailableError."""

    @property
    def model(self) -> str:
        """Which vectors these are, with precision and size: vectors of another model never compare with them."""

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """One vector for each text, in order; it depends on the text alone, not on its neighbours.

        A text is cut to what the model reads. One without words has a vector too, always the same one.
        """


class Target(Protocol):
    """Where notices are shown to people or handed to programs.

    Raises UnavailableError when it did not take the notice now; ``retry_after`` is what it asked for.
    """

    def send(self, notice: Notice, delivery_id: str, handle: str) -> str:
        """Show this revision. ``handle`` is what sending an earlier revision returned, empty for the first.

        Returns the handle that finds the message again; a target that cannot change what it sent returns any text.
        ``delivery_id`` goes along where the receiver can fold what arrives twice.
        """


@dataclass(frozen=True, slots=True)
class Record:
    """A small JSON text that is kept until ``expires_at``.

    ``version`` is that of the record as it was read: writing it again insists that nobody wrote since; 0 insists that
    there is none. ``listing``: it is also found under that name, ordered by ``place``.
    """

    partition: str
    sort: str
    body: str
    expires_at: float
    version: int = 0
    listing: str = ""
    place: str = ""


class Records(Protocol):
    """What is known of alerts, incidents and deliveries. Raises TableUnavailableError.

    Reads are consistent, but for ``listed``. An expired record is as if it were not there.
    """

    def get(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Record]:
        """By partition and sort, at most 100; those that are not there are left out."""

    def put(self, record: Record) -> bool:
        """In one step; False when another was faster, or it is there already. A body has at most 300 KB."""

    def under(self, partition: str, limit: int = 1000) -> list[Record]:
        """The records of a partition, by sort."""

    def listed(self, listing: str, limit: int, before: str = "") -> list[Record]:
        """By place, the last first; ``before`` is a place, and what it names is left out.

        Places that are unique can be walked page by page: of those that share one, a page shows the rest no more.
        """


class Secrets(Protocol):
    def values(self, name: str) -> tuple[str, ...]:
        """The live values, newest first: two during a rotation.

        Raises SecretMissingError when it is known that there are none, UnavailableError.
        """
