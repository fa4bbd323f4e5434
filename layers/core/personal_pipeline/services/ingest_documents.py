"""Takes a batch of document events to the catalog, the index and the cache.

Each event is claimed first: the catalog mints the revision under which everything after it is written, so
that duplicates, reordering and crashes end in the state of the newest event. Records are prepared one by
one, then written with one bulk and one generation bump for the batch. Every step may be repeated.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from personal_pipeline.domain.catalog import CatalogEntry, Commit
from personal_pipeline.domain.documents import Document, ObjectRef, StoredObject
from personal_pipeline.domain.errors import (
    DocumentMissingError,
    EmbedderUnavailableError,
    InvalidDocumentError,
    PipelineError,
    StaleRevisionError,
    UnavailableError,
)
from personal_pipeline.domain.ids import doc_id_of, source_and_path
from personal_pipeline.domain.metadata import card, exact_keys
from personal_pipeline.domain.parsing import is_data, looks_like_runbook
from personal_pipeline.domain.passages import embedded_text
from personal_pipeline.domain.rendering import overview, render
from personal_pipeline.domain.search import IndexedPassage, PassageChange
from personal_pipeline.domain.vectors import Vector
from personal_pipeline.messages import IngestMessage
from personal_pipeline.ports import Cache, Catalog, DocumentStore, Parser, Queue, SearchIndex
from personal_pipeline.services.build_document import (
    ServicesFiles,
    build_document,
    content_hash,
    is_other_data,
    is_services_file,
)
from personal_pipeline.services.build_rules import Rules, are_rules_unchanged, build_rules
from personal_pipeline.services.embed_texts import EmbedTexts
from personal_pipeline.services.keep_services import keep_services
from personal_pipeline.services.reindex_documents import reindex_source

EMBEDDED_AT_ONCE = 32


class Result(StrEnum):
    INDEXED = "indexed"
    DELETED = "deleted"
    UNCHANGED = "unchanged"
    IGNORED = "ignored"  # YAML or JSON that is no runbook, and from which no alert leads to one
    SUPERSEDED = "superseded"  # a newer event of the same document was there already
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    message: IngestMessage
    result: Result
    error: PipelineError | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Work:
    """One claimed revision on its way: ``document`` None is a delete. ``high`` is the fenced passage count.

    ``rules`` stands instead of a document for what has no passages: only the catalog is told of it, unless the file
    was a runbook once, whose passages go.
    """

    message: IngestMessage
    doc_id: str
    source: str
    rev: int
    before: CatalogEntry | None
    document: Document | None
    high: int
    rules: Rules | None = None
    failures: list[PipelineError] = field(default_factory=list)
    vectors: list[Vector] = field(default_factory=list)  # of the passages, in order; empty without an embedder
    warnings: list[str] = field(default_factory=list)

    @property
    def groups_changed(self) -> bool:
        """Who may see it changed: answers computed before must never be served again.

        While another revision is open nobody knows what was visible in between, so that counts as a change.
        """
        if self.before is None:
            return False
        if not self.before.is_settled:
            return self.before.high > 0
        if self.before.deleted:
            return False
        return self.document is None or set(self.before.groups) != set(self.document.metadata.groups)

    def changes(self) -> list[PassageChange]:
        """Tombstones first, so that a reader may miss a passage for a moment but never sees one too many."""
        live = self.document.passages if self.document else ()
        dead = [PassageChange(self.doc_id, n, self.rev, None) for n in range(len(live), self.high)]
        return dead + (_live_passages(self.document, self.vectors) if self.document else [])


class IngestDocuments:
    def __init__(
        self,
        catalog: Catalog,
        store: DocumentStore,
        index: SearchIndex,
        cache: Cache,
        parser: Parser,
        queue: Queue,
        clock: Callable[[], float],
        embed: EmbedTexts | None = None,
    ) -> None:
        self._embed = embed
        self._catalog = catalog
        self._store = store
        self._index = index
        self._cache = cache
        self._parser = parser
        self._queue = queue
        self._clock = clock
        self._is_index_prepared = False

    def __call__(
        self, messages: Sequence[IngestMessage], is_time_left: Callable[[], bool] = lambda: True
    ) -> list[Outcome]:
        """An outcome per message, in order. What cannot be done in time fails with UnavailableError: try again."""
        services = ServicesFiles(self._store)
        outcomes: dict[int, Outcome] = {}
        works: dict[int, _Work] = {}
        for number, message in enumerate(messages):
            try:
                if not is_time_left():
                    raise UnavailableError(f"no time left for {message.key!r}: back to the queue")
                prepared = self._prepare(message, services)
            except PipelineError as error:
                prepared = Outcome(message, Result.FAILED, error)
            if isinstance(prepared, Outcome):
                outcomes[number] = prepared
            else:
                works[number] = prepared
        newest = {work.doc_id: work for work in sorted(works.values(), key=lambda work: work.rev)}
        self._write(newest.values(), is_time_left)
        for number, work in works.items():
            outcomes[number] = self._outcome(work.message, newest[work.doc_id], work.rev)
        return [outcomes[number] for number in range(len(messages))]

    def _prepare(self, message: IngestMessage, services: ServicesFiles) -> _Work | Outcome:
        source, _ = source_and_path(message.key)
        if is_services_file(message.key):
            services.of(source)  # a broken one fails here, and its documents stay as they are
            if message.kind != "reindex":  # then they were queued already
                reindex_source(self._catalog, self._queue, message.bucket, source)
            keep_services(self._catalog, services, source)
            return Outcome(message, Result.UNCHANGED)
        claimed = self._claim(message)
        if isinstance(claimed, Outcome):
            return claimed
        rev, before, version_id = claimed
        doc_id = doc_id_of(message.key)
        try:
            stored = self._read(message.key, version_id)
            if is_data(message.key) and not (stored and looks_like_runbook(message.key, stored.body)):
                return self._prepare_rules(message, stored, rev, before, services)
            if stored is None:
                return _Work(message, doc_id, source, rev, before, None, self._catalog.reserve(doc_id, rev, 0))
            said = services.of(source)
            if message.kind == "put" and _is_unchanged(before, stored, said[0]):
                self._catalog.settle(doc_id, rev)
                return Outcome(message, Result.UNCHANGED)
            document = build_document(stored, rev, self._parser, said)
            if is_other_data(document):
                return self._prepare_rules(message, stored, rev, before, services)
            high = self._catalog.reserve(doc_id, rev, len(document.passages))
            return _Work(message, doc_id, source, rev, before, document, high)
        except InvalidDocumentError as error:
            return self._refused(message, doc_id, rev, before, error)
        except StaleRevisionError:
            return Outcome(message, Result.SUPERSEDED)

    def _prepare_rules(
        self,
        message: IngestMessage,
        stored: StoredObject | None,
        rev: int,
        before: CatalogEntry | None,
        services: ServicesFiles,
    ) -> _Work | Outcome:
        doc_id, (source, path) = doc_id_of(message.key), source_and_path(message.key)
        if message.kind == "put" and are_rules_unchanged(before, stored):
            self._catalog.settle(doc_id, rev)
            return Outcome(message, Result.UNCHANGED)
        rules = build_rules(message.key, stored, rev, self._parser, services.of(source)[1].groups_of(path))
        was_document = before is not None and before.high > 0
        high = self._catalog.reserve(doc_id, rev, 0) if was_document else 0
        return _Work(message, doc_id, source, rev, before, None, high, rules)

    def _claim(self, message: IngestMessage) -> tuple[int, CatalogEntry | None, str | None] | Outcome:
        """A revision of our own, the row as it was, and the version to read (None is the newest).

        Only the first delivery of an event that has a sequencer speaks of a version. Everything else says
        "look again" and mints once more: two workers under one revision could write two different contents.
        """
        doc_id = doc_id_of(message.key)
        if message.kind in {"reindex", "finish"}:
            entry = self._catalog.entry(doc_id)
            if entry is None or (message.kind == "finish" and entry.is_settled):
                return Outcome(message, Result.SUPERSEDED)
        elif message.sequencer is not None:
            claim = self._catalog.claim(message.key, message.sequencer, message.version_id, self._clock())
            if claim.outcome == "accepted":
                return claim.rev, claim.before, message.version_id if message.kind == "put" else None
            if claim.outcome == "stale":
                if claim.before is not None and claim.before.error:
                    self._forget_answers(message.key)
                return Outcome(message, Result.SUPERSEDED)
            if claim.before is not None and claim.before.is_settled:
                return Outcome(message, Result.UNCHANGED)
        claim = self._catalog.claim(message.key, None, None, self._clock())
        return claim.rev, claim.before, None

    def _read(self, key: str, version_id: str | None) -> StoredObject | None:
        """None when the document is gone. One version that is gone says nothing: another may be the newest now."""
        for version in dict.fromkeys((version_id, None)):
            try:
                return self._store.read(ObjectRef(key, version))
            except DocumentMissingError:
                continue
        return None

    def _refused(
        self, message: IngestMessage, doc_id: str, rev: int, before: CatalogEntry | None, error: InvalidDocumentError
    ) -> Outcome:
        """The catalog keeps the reason; what was indexed before stays findable."""
        try:
            if before is not None and (before.is_pending or (before.error and message.sequencer is None)):
                self._forget_answers(message.key)
            self._catalog.refuse(doc_id, rev, str(error))
        except StaleRevisionError:
            return Outcome(message, Result.SUPERSEDED)
        return Outcome(message, Result.FAILED, error)

    def _forget_answers(self, key: str) -> None:
        """Where a refused revision ends a document's story, an older one may have been written halfway: to the
        index, and no bump. Its own event is overtaken, so whoever learns of it last bumps in its place."""
        self._cache.bump([source_and_path(key)[0]], (), True)

    def _write(self, works: Iterable[_Work], is_time_left: Callable[[], bool]) -> None:
        """Vectors, one bulk, then the rendered documents, one bump, and a commit each.

        A step that fails is noted at its documents, which leave the batch there; the others go on. No answer of a
        search depends on rules, so they are committed and that is all.
        """
        works = list(works)
        going = [work for work in works if work.rules is None or work.high]
        going = [work for work in going if _attempt(partial(self._add_vectors, is_time_left), [work])]
        going = _attempt(self._apply, going)
        going = [work for work in going if _attempt(self._write_through, [work])]
        going = _attempt(self._bump, going)
        for work in [*going, *(work for work in works if work.rules is not None and not work.high)]:
            _attempt(self._commit, [work])

    def _add_vectors(self, is_time_left: Callable[[], bool], works: Sequence[_Work]) -> None:
        """A few at a time: what is done is cached, so a document too long for one delivery is done in several.

        Without its vectors a document is still found by its words, and that is better than not at all.
        """
        (work,) = works
        if self._embed is None or work.document is None:
            return
        title = work.document.metadata.title
        texts = [embedded_text(title, passage) for passage in work.document.passages]
        try:
            for start in range(0, len(texts), EMBEDDED_AT_ONCE):
                if not is_time_left():
                    raise UnavailableError(f"no time left to embed {work.message.key!r}: back to the queue")
                work.vectors.extend(self._embed(texts[start : start + EMBEDDED_AT_ONCE]))
        except EmbedderUnavailableError as error:
            work.vectors.clear()
            work.warnings.append(f"indexed without vectors, run `pp reindex` when this is mended: {error}")

    def _apply(self, works: Sequence[_Work]) -> None:
        if not self._is_index_prepared:
            self._index.prepare()
            self._is_index_prepared = True
        by_doc = {work.doc_id: work for work in works}
        changes = [change for work in works for change in work.changes()]
        for outcome in self._index.apply(changes) if changes else ():
            if not outcome.applied:
                work = by_doc[outcome.change.doc_id]
                text = f"{work.message.key!r}: the index refused a passage: {outcome.error}"
                work.failures.append(UnavailableError(text) if outcome.is_retryable else InvalidDocumentError(text))

    def _write_through(self, works: Sequence[_Work]) -> None:
        (work,) = works
        if work.document is None:
            self._cache.delete_document(work.doc_id, work.rev)
        else:
            self._cache.write_document(render(work.document))

    def _bump(self, works: Sequence[_Work]) -> None:
        if works:
            groups = {group for work in works if work.document for group in work.document.metadata.groups}
            acl = any(work.groups_changed for work in works)
            self._cache.bump(sorted({work.source for work in works}), sorted(groups), acl)

    def _commit(self, works: Sequence[_Work]) -> None:
        (work,) = works
        self._catalog.commit(work.rules.commit() if work.rules else _commit_of(work))

    def _outcome(self, message: IngestMessage, newest: _Work, rev: int) -> Outcome:
        if rev < newest.rev:
            return Outcome(message, Result.SUPERSEDED)
        if not newest.failures:
            if newest.rules is not None and newest.rules.is_there:
                result = Result.INDEXED if newest.rules.links else Result.IGNORED
                return Outcome(message, result, warnings=newest.rules.warnings)
            if newest.document is None:
                return Outcome(message, Result.DELETED)
            return Outcome(message, Result.INDEXED, warnings=(*newest.document.warnings, *newest.warnings))
        failure = newest.failures[0]
        if isinstance(failure, StaleRevisionError):
            return Outcome(message, Result.SUPERSEDED)
        if isinstance(failure, InvalidDocumentError):
            return self._refused_by_index(message, newest, failure)
        return Outcome(message, Result.FAILED, failure)

    def _refused_by_index(self, message: IngestMessage, work: _Work, error: InvalidDocumentError) -> Outcome:
        """Some passages may be in: answers from before are forgotten, and the sweep must not try for ever."""
        try:
            self._forget_answers(message.key)
        except PipelineError as unavailable:
            return Outcome(message, Result.FAILED, unavailable)
        return self._refused(message, work.doc_id, work.rev, None, error)


def _commit_of(work: _Work) -> Commit:
    document = work.document
    return Commit(
        doc_id=work.doc_id,
        rev=work.rev,
        content_rev=work.rev,
        content_hash=document.content_hash if document else "",
        deleted=document is None,
        title=document.metadata.title if document else "",
        groups=document.metadata.groups if document else (),
        keys=exact_keys(document.key, document.metadata) if document else (),
        card=card(document) if document else None,
        critical=document.metadata.critical if document else False,
        overview=overview(document) if document else None,
    )


def _attempt(step: Callable[[Sequence[_Work]], None], works: list[_Work]) -> list[_Work]:
    """Returns the works that are still without a failure."""
    try:
        step(works)
    except PipelineError as error:
        for work in works:
            work.failures.append(error)
    return [work for work in works if not work.failures]


def _is_unchanged(before: CatalogEntry | None, stored: StoredObject, services_hash: str) -> bool:
    """Only a settled row says what the index holds: while a revision is open, another content may be there."""
    if before is None or before.deleted or not before.is_settled or before.error:
        return False
    return before.content_hash == content_hash(stored, services_hash)


def _live_passages(document: Document, vectors: Sequence[Vector]) -> list[PassageChange]:
    metadata = document.metadata
    return [
        PassageChange(
            document.doc_id,
            passage.ordinal,
            document.rev,
            IndexedPassage(
                title=metadata.title,
                url=metadata.url,
                source=document.source,
                path=document.path,
                type=metadata.type,
                services=metadata.services,
                severity=metadata.severity,
                groups=metadata.groups,
                alert_names=metadata.alert_names,
                heading=passage.heading,
                text=passage.text,
                content_hash=document.content_hash,
                updated=document.updated,
                vector=vectors[passage.ordinal] if vectors else None,
            ),
        )
        for passage in document.passages
    ]
