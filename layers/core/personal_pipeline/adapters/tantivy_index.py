"""The search index as files on this machine, written by one process and read by any number.

A reader in another process sees a commit at its next search: it looks at ``meta.json``, which a commit
replaces, and loads the index again when it is another file. That costs one stat call (2 µs) a search.
A commit is on disk when ``apply`` returns, so ``kill -9`` loses nothing that was acknowledged. The folder
carries the version of the analyser and the embedding model: another version or model is another, empty index
beside the old one.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

import tantivy
from tantivy import Occur, Query

from personal_pipeline.adapters import tantivy_words
from personal_pipeline.adapters.tantivy_passages import best, one_candidate, shown
from personal_pipeline.adapters.vector_rows import VectorRows
from personal_pipeline.domain.errors import IndexUnavailableError
from personal_pipeline.domain.ids import passage_id
from personal_pipeline.domain.index_fields import (
    ALL_TERMS,
    FIELD_BOOSTS,
    TIE_BREAKER,
    all_terms,
    encodable,
    index_name,
    named_document,
    newest_only,
    searched_text,
    stored_passage,
    term_statistics,
)
from personal_pipeline.domain.questions import QueryTerm
from personal_pipeline.domain.search import (
    CallerScope,
    Candidates,
    ChangeOutcome,
    PassageChange,
    SearchFilters,
    SearchRequest,
)
from personal_pipeline.domain.suggestions import NamedDocument, Typed
from personal_pipeline.domain.synonyms import SYNONYM_WEIGHT
from personal_pipeline.domain.vectors import EmbeddingSpace

WRITER_HEAP_BYTES = 30_000_000  # tantivy asks for 15 MB or more
NO_ROW = -1  # of a passage without a vector

_FILTERS = ("source", "type", "services", "groups", "alert_names", "path", "severity", "content_hash")


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("id", "doc_id", *_FILTERS):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in FIELD_BOOSTS:
        has_positions = name == "body_t"
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position" if has_positions else "freq")
    builder.add_text_field(ALL_TERMS, tokenizer_name="whitespace", index_option="basic")
    # Signed: a wrong value in an unsigned field kills the writer hundreds of documents later.
    builder.add_integer_field("ordinal", fast=True)
    builder.add_integer_field("rev", fast=True)
    builder.add_integer_field("row", indexed=True, fast=True)
    builder.add_boolean_field("deleted", indexed=True)
    builder.add_bytes_field("shown", stored=True)
    builder.add_bytes_field("text", stored=True)
    return builder.build()


_SCHEMA = _schema()
_IS_LIVE = Query.term_query(_SCHEMA, "deleted", False)


class TantivyIndex:
    """``prepare`` of a writer locks the folder until ``close``; the system frees the lock of a dead process."""

    def __init__(self, path: Path, *, writer: bool = False, space: EmbeddingSpace | None = None) -> None:
        self._folder = path / index_name("passages", space)
        self._rows = VectorRows(self._folder / "vectors.f32", space.dimensions) if space else None
        self._meta = os.fspath(self._folder / "meta.json")
        self._is_writer = writer
        self._index: tantivy.Index | None = None
        self._writer: tantivy.IndexWriter | None = None
        self._loaded: tuple[int, int, int] | None = None
        self._loading = Lock()
        self._writing = Lock()

    def prepare(self) -> None:
        """A writer creates a missing index, and starts an empty one when the files cannot be read.

        Unreadable files are moved aside, not deleted. ``count() == 0`` then tells the caller to index again.
        """
        if not self._is_writer:
            self._current()
            return
        with self._writing:
            try:
                self._open_or_create()
            except IndexUnavailableError:
                self._move_aside()
                self._open_or_create()
            self._open_writer()

    def close(self) -> None:
        """Let go of the folder. Searching still works; the next ``apply`` takes it again."""
        with self._writing:
            self._writer = None

    def apply(self, changes: Sequence[PassageChange]) -> list[ChangeOutcome]:
        with self._writing:
            winners = self._winners(changes)
            if winners:
                self._commit(winners)
        return [ChangeOutcome(change, applied=True) for change in changes]

    def search(self, request: SearchRequest) -> Candidates:
        if not request.scope.groups or request.limit < 1:
            return Candidates()
        searcher = self._searcher()
        with self._errors_translated():
            found = best(searcher, _query(request), request.limit) if request.terms else []
            passages = {(each.doc_id, each.ordinal): each for each in found}
            for address, cosine in self._similar(searcher, request) if request.vector else ():
                near = one_candidate(searcher.doc(address), 0.0, cosine)
                by_text = passages.get((near.doc_id, near.ordinal))
                passages[near.doc_id, near.ordinal] = replace(by_text, similarity=cosine) if by_text else near
            words = {word for each in request.terms for word in (each.term, *each.synonyms)}
            frequencies = tantivy_words.frequencies(searcher, words)
        return Candidates(tuple(newest_only(passages.values())), frequencies, searcher.num_docs)

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        searcher = self._searcher()
        with self._errors_translated():
            return tantivy_words.frequencies(searcher, terms)

    def corrections(
        self, terms: Sequence[str], filters: SearchFilters, scope: CallerScope
    ) -> dict[str, tuple[str, ...]]:
        searcher = self._searcher()
        with self._errors_translated():
            return tantivy_words.corrections(searcher, _SCHEMA, terms, _conditions(filters, scope))

    def named(self, typed: Typed, scope: CallerScope) -> list[NamedDocument]:
        searcher = self._searcher()
        with self._errors_translated():
            found = tantivy_words.named(searcher, _SCHEMA, typed, _conditions(SearchFilters(), scope))
            return [named_document(shown(document)) for document in found]

    def revisions(self, doc_id: str) -> dict[int, int]:
        searcher = self._searcher()
        with self._errors_translated():
            of_document = Query.term_query(_SCHEMA, "doc_id", encodable(doc_id))
            return _revisions(searcher, Query.boolean_query([(Occur.Must, of_document), (Occur.Must, _IS_LIVE)]))

    def count(self) -> int:
        searcher = self._searcher()
        with self._errors_translated():
            return int(searcher.search(_IS_LIVE, limit=1).count)  # type: ignore[attr-defined] # the stub forgot it

    # ── Reading ──────────────────────────────────────────────────────────────

    def _searcher(self) -> tantivy.Searcher:
        return self._current().searcher()

    def _current(self) -> tantivy.Index:
        try:
            stat = os.stat(self._meta)  # noqa: PTH116 — on every search, and a Path costs three times as much
        except OSError as error:
            raise IndexUnavailableError(
                f"there is no search index in {self._folder} ({error.strerror}): start `pp serve`, "
                "and run `pp reindex` if it stays so"
            ) from error
        found = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        with self._loading, self._errors_translated():
            if self._index is None:
                self._index = tantivy.Index.open(os.fspath(self._folder))
                self._index.config_reader("manual")  # the default polls twice a second: a search could be too early
            elif found != self._loaded:
                self._index.reload()
            if self._rows is not None and found != self._loaded:
                self._rows.refresh()
            self._loaded = found
            return self._index

    def _similar(self, searcher: tantivy.Searcher, request: SearchRequest) -> list[tuple[tantivy.DocAddress, float]]:
        """The passages nearest in meaning among those that the request may see: exact, nearest first."""
        if self._rows is None or request.vector is None:
            return []
        conditions = [(Occur.Must, query) for query in _conditions(request.filters, request.scope)]
        nearest = self._rows.nearest(request.vector, 2 * request.limit)
        of_rows = (Occur.Must, Query.term_set_query(_SCHEMA, "row", list(nearest)))
        found = [(address, nearest[row]) for row, address in _with_rows(searcher, [of_rows, *conditions])]
        if len(found) < request.limit and len(nearest) < len(self._rows):  # the conditions took most of them
            visible = [(row, address) for row, address in _with_rows(searcher, conditions) if row != NO_ROW]
            cosines = self._rows.similarities(request.vector, [row for row, _ in visible])
            found = [(address, cosine) for (_, address), cosine in zip(visible, cosines, strict=True)]
        found.sort(key=lambda each: (-each[1], each[0].segment_ord, each[0].doc))
        return found[: request.limit]

    # ── Writing ──────────────────────────────────────────────────────────────

    def _winners(self, changes: Sequence[PassageChange]) -> dict[tuple[str, int], PassageChange]:
        """The changes to write: per passage the newest, the last of equals, none below what is there."""
        searcher = self._searcher()
        newest: dict[tuple[str, int], int] = {}
        with self._errors_translated():
            for doc_id in {change.doc_id for change in changes}:
                of_document = Query.term_query(_SCHEMA, "doc_id", encodable(doc_id))
                newest |= {(doc_id, o): rev for o, rev in _revisions(searcher, of_document).items()}
        winners: dict[tuple[str, int], PassageChange] = {}
        for change in changes:
            key = (change.doc_id, change.ordinal)
            if change.rev >= newest.get(key, change.rev):
                newest[key] = change.rev
                winners[key] = change
        return winners

    def _commit(self, winners: dict[tuple[str, int], PassageChange]) -> None:
        writer = self._open_writer()
        try:
            with self._errors_translated():
                rows = self._store_vectors(winners.values())
                for key, change in winners.items():
                    writer.delete_documents_by_term("id", passage_id(change.doc_id, change.ordinal))
                    writer.add_document(_document(change, rows.get(key, NO_ROW)))
                writer.commit()
        except IndexUnavailableError:
            self._writer = None  # what is not committed goes with it; the next bulk begins with a new one
            with suppress(ValueError):
                writer.wait_merging_threads()  # gives the lock back now, though the traceback still holds the writer
            raise

    def _store_vectors(self, changes: Iterable[PassageChange]) -> dict[tuple[str, int], int]:
        with_vector = [
            ((change.doc_id, change.ordinal), change.passage.vector)
            for change in changes
            if change.passage and change.passage.vector
        ]
        if self._rows is None or not with_vector:
            return {}
        rows = self._rows.append([vector for _, vector in with_vector])
        return {key: row for (key, _), row in zip(with_vector, rows, strict=True)}

    def _open_writer(self) -> tantivy.IndexWriter:
        if not self._is_writer:
            raise IndexUnavailableError(f"{self._folder} was opened for reading: only the writer process may apply")
        if self._writer is None:
            index = self._current()
            try:
                self._writer = index.writer(WRITER_HEAP_BYTES, 1)
            except ValueError as error:
                if "LockBusy" not in str(error):
                    raise self._unusable(error) from error
                raise IndexUnavailableError(
                    f"another process is writing to {self._folder}: stop the other `pp serve`, or give this one "
                    "a data folder of its own (PP_DATA)"
                ) from error
        return self._writer

    def _open_or_create(self) -> None:
        with self._errors_translated():
            self._folder.mkdir(parents=True, exist_ok=True)
            if not os.path.exists(self._meta):  # noqa: PTH110 — as above
                tantivy.Index(_SCHEMA, os.fspath(self._folder))
        self._current()

    def _move_aside(self) -> None:
        self._index = self._writer = None
        number = 1
        while (aside := self._folder.with_name(f"{self._folder.name}.unreadable-{number}")).exists():
            number += 1
        with self._errors_translated():
            self._folder.rename(aside)

    # ── Errors ───────────────────────────────────────────────────────────────

    @contextmanager
    def _errors_translated(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, OSError) as error:
            raise self._unusable(error) from error
        except LookupError as error:  # valid JSON without a field we wrote: the file is damaged
            raise self._unusable(ValueError(f"a stored passage has no {error}")) from error
        except BaseException as error:
            # A flipped bit in a segment makes tantivy panic, and its PanicException is no Exception.
            if type(error).__name__ != "PanicException":
                raise
            raise self._unusable(error) from error

    def _unusable(self, error: BaseException) -> IndexUnavailableError:
        return IndexUnavailableError(
            f"the search index in {self._folder} cannot be used ({error}): check the disk, then run `pp reindex`"
        )


def _document(change: PassageChange, row: int) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("id", passage_id(change.doc_id, change.ordinal))
    document.add_text("doc_id", change.doc_id)
    document.add_integer("ordinal", change.ordinal)
    document.add_integer("rev", change.rev)
    document.add_integer("row", row)
    document.add_boolean("deleted", change.passage is None)
    if change.passage is None:
        return document
    searched = searched_text(change.passage)
    statistics = term_statistics(change.passage, searched)
    stored = stored_passage(change, change.passage) | statistics
    stored["content_hash"] = encodable(change.passage.content_hash)
    for name in _FILTERS:
        values = stored[name] if isinstance(stored[name], list) else [stored[name]]
        for value in values:
            document.add_text(name, value)
    for name, text in {**searched, ALL_TERMS: all_terms(statistics)}.items():
        document.add_text(name, encodable(text))
    # By itself, because a JSON parser halts at every line break of a text.
    document.add_bytes("text", stored.pop("text").encode())
    document.add_bytes("shown", json.dumps(stored, separators=(",", ":"), ensure_ascii=False).encode())
    return document


def _query(request: SearchRequest) -> Query:
    wanted = [_in_best_field(each) for each in request.terms]
    return Query.boolean_query(
        [(Occur.Must, Query.boolean_query([(Occur.Should, query) for query in wanted]))]
        + [(Occur.Must, query) for query in _conditions(request.filters, request.scope)]
    )


def _in_best_field(wanted: QueryTerm) -> Query:
    words = [(wanted.term, wanted.weight), *((word, wanted.weight * SYNONYM_WEIGHT) for word in wanted.synonyms)]
    queries = [
        Query.disjunction_max_query(
            [
                Query.boost_query(Query.term_query(_SCHEMA, field, encodable(word), "freq"), weight * boost)
                for field, boost in FIELD_BOOSTS.items()
            ],
            TIE_BREAKER,
        )
        for word, weight in words
    ]
    return Query.disjunction_max_query(queries, 0.0) if len(queries) > 1 else queries[0]


def _conditions(filters: SearchFilters, scope: CallerScope) -> list[Query]:
    """What a passage must fulfil whatever it says; scores nothing."""
    exact = {
        "source": filters.source,
        "services": filters.service,
        "type": filters.type,
        "severity": filters.severity,
    }
    must = [_IS_LIVE, Query.term_set_query(_SCHEMA, "groups", [encodable(g) for g in scope.groups])]
    must += [Query.term_query(_SCHEMA, name, encodable(value)) for name, value in exact.items() if value]
    return [Query.const_score_query(query, 0.0) for query in must]


def _with_rows(searcher: tantivy.Searcher, must: list[tuple[Occur, Query]]) -> list[tuple[int, tantivy.DocAddress]]:
    hits = searcher.search(Query.boolean_query(must), limit=max(1, searcher.num_docs), count=False).hits
    addresses = [address for _, address in hits]
    rows: list[Any] = searcher.fast_field_values("row", addresses)
    return list(zip(rows, addresses, strict=True))


def _revisions(searcher: tantivy.Searcher, query: Query) -> dict[int, int]:
    hits = searcher.search(query, limit=max(1, searcher.num_docs), count=False).hits
    addresses = [address for _, address in hits]
    ordinals: list[Any] = searcher.fast_field_values("ordinal", addresses)
    revs: list[Any] = searcher.fast_field_values("rev", addresses)
    return dict(zip(ordinals, revs, strict=True))
