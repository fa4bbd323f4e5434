"""The system that is measured: the services of production over a folder that is kept, with two things fixed.

The clock stands, so that documents are equally fresh and two runs agree: a benchmark says nothing about when a document
changed. And time limits are wide: here a slow answer is better than none. Vectors are shared by all indexes.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from urllib.parse import quote
from uuid import uuid4

from infra.cli.uploads import Upload
from infra.evaluation.bench import BenchError
from personal_pipeline.adapters.directory_document_store import DirectoryDocumentStore
from personal_pipeline.adapters.onnx_embedder import OnnxEmbedder
from personal_pipeline.adapters.parsing_process import ProcessParser
from personal_pipeline.adapters.sqlite.cache import SQLiteCache
from personal_pipeline.adapters.sqlite.catalog import SQLiteCatalog
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.adapters.sqlite.queue import SQLiteQueue
from personal_pipeline.adapters.tantivy_index import TantivyIndex
from personal_pipeline.domain.documents import ObjectRef
from personal_pipeline.domain.errors import DocumentMissingError, EmbedderUnavailableError, UnavailableError
from personal_pipeline.domain.ids import doc_id_of
from personal_pipeline.domain.questions import Question
from personal_pipeline.domain.search import CallerScope, SearchFilters
from personal_pipeline.domain.vectors import EmbeddingSpace
from personal_pipeline.messages import IngestMessage
from personal_pipeline.ports import SearchIndex
from personal_pipeline.services.breaker import Breaker
from personal_pipeline.services.build_document import EXTERNAL_ID
from personal_pipeline.services.embed_texts import EmbedTexts
from personal_pipeline.services.find_documents import FindDocuments, FoundDocuments
from personal_pipeline.services.ingest_documents import IngestDocuments, Outcome
from personal_pipeline.services.match_alert import MatchAlert

IndexName = Literal["tantivy", "opensearch"]
RUN_DEPTH = 10  # documents that an alert is answered with
NOW = 0.0
BATCH = 50
MAX_VECTORS = 1_000_000
_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Choice:
    """What is measured. ``without`` names parts that are left out of questions: ``synonyms``, ``vectors``."""

    index: IndexName = "tantivy"
    semantic: bool = True
    opensearch_url: str = ""
    model: Path = Path("build/model")
    without: frozenset[str] = frozenset()

    @property
    def folder(self) -> str:
        return f"data-{self.index}" + ("" if self.semantic else "-words")


class ObservedFind(FindDocuments):
    """Remembers what it found last: matches of alerts do not carry the features that they were ranked by."""

    last = FoundDocuments((), is_semantic=False)
    without: frozenset[str] = frozenset()

    def __call__(
        self,
        question: Question,
        filters: SearchFilters,
        scope: CallerScope,
        feedback: Mapping[str, float] = MappingProxyType({}),
        *,
        may_correct: bool = False,
    ) -> FoundDocuments:
        if "synonyms" in self.without:
            question = replace(question, terms=tuple(replace(each, synonyms=()) for each in question.terms))
        self.last = super().__call__(question, filters, scope, feedback, may_correct=may_correct)
        return self.last


@dataclass(frozen=True, slots=True)
class System:
    """``ids`` says what the benchmark calls a document."""

    ids: Mapping[str, str]
    find: ObservedFind
    match: MatchAlert
    refused: tuple[str, ...]


@contextmanager
def system_over(
    uploads: Iterable[Upload], out: Path, choice: Choice, step: Callable[[int], None] = lambda _: None
) -> Iterator[System]:
    """Takes the documents in first; what has not changed since the last time is passed by. ``step`` is told how many
    more are done."""
    data = out / choice.folder
    data.mkdir(parents=True, exist_ok=True)
    database = Database(data / "pipeline.db")
    embed = _embed(choice.model, out) if choice.semantic else None
    index = _index(data, choice)
    catalog, parser = SQLiteCatalog(database), ProcessParser(30.0, 400 * 2**20)
    store = DirectoryDocumentStore(data / "documents")
    queue = SQLiteQueue(database, "ingest")
    ingest = IngestDocuments(catalog, store, index, SQLiteCache(database), parser, queue, time.time, embed)
    uploads = list(uploads)
    try:
        refused = _take_in(uploads, store, index, ingest, step)
        asked_with = None if "vectors" in choice.without else embed
        breakers = [Breaker(3, 1.0, time.monotonic) for _ in range(2)]
        find = ObservedFind(index, breakers[0], asked_with, breakers[1], lambda: NOW)
        find.without = choice.without
        ids = {doc_id_of(upload.key): upload.external_id for upload in uploads}
        yield System(ids, find, MatchAlert(catalog, find, most_also=RUN_DEPTH - 1), tuple(refused))
    finally:
        parser.close()
        if isinstance(index, TantivyIndex):
            index.close()


def _embed(model: Path, out: Path) -> EmbedTexts:
    embed = EmbedTexts(
        OnnxEmbedder(model, threads=2), SQLiteCache(Database(out / "vectors.db"), max_vectors=MAX_VECTORS), time.time
    )
    try:
        embed([""])
    except EmbedderUnavailableError as error:
        raise BenchError(f"{error}; or measure words alone with --no-semantic") from error
    return embed


def _index(data: Path, choice: Choice) -> SearchIndex:
    space = EmbeddingSpace(OnnxEmbedder.model, OnnxEmbedder.dimensions) if choice.semantic else None
    if choice.index == "tantivy":
        return TantivyIndex(data / "index", writer=True, space=space)
    from personal_pipeline.adapters.opensearch_index import OpenSearchIndex

    if not choice.opensearch_url:
        raise BenchError("--index opensearch asks the node that OPENSEARCH_URL names: set it")
    # A name of this folder's own: revisions of another would be newer than ours, and win.
    name = data / "index-name"
    if not name.exists():
        name.write_text(f"evaluation-{uuid4().hex}", encoding="utf-8")
    return OpenSearchIndex(
        choice.opensearch_url,
        name.read_text(encoding="utf-8"),
        space=space,
        timeout_seconds=_PATIENCE_SECONDS,
        write_timeout_seconds=_PATIENCE_SECONDS,
    )


def _take_in(
    uploads: Iterable[Upload],
    store: DirectoryDocumentStore,
    index: SearchIndex,
    ingest: IngestDocuments,
    step: Callable[[int], None],
) -> list[str]:
    """What could not be taken, and why."""
    index.prepare()
    kind: Literal["put", "reindex"] = "put" if index.count() else "reindex"  # a new version of the index is empty
    known = set(store.keys())
    wanted = {upload.key: upload for upload in uploads}
    messages = [IngestMessage(bucket="evaluation", key=key, kind="delete") for key in sorted(known - wanted.keys())]
    for message in messages:
        store.delete(message.key)
    for key, upload in wanted.items():
        if key not in known or not _is_stored(store, upload):
            store.put(key, upload.body, {EXTERNAL_ID: quote(upload.external_id, safe="/:@#")})
        messages.append(IngestMessage(bucket="evaluation", key=key, kind=kind if key in known else "put"))
    refused = []
    for start in range(0, len(messages), BATCH):
        batch = messages[start : start + BATCH]
        refused += [said for outcome in ingest(batch) if (said := _refusal(outcome))]
        step(len(batch))
    return refused


def _is_stored(store: DirectoryDocumentStore, upload: Upload) -> bool:
    try:
        return store.read(ObjectRef(upload.key)).body == upload.body
    except DocumentMissingError:
        return False


def _refusal(outcome: Outcome) -> str:
    """Raises what another attempt may mend: without a part, figures would be those of another system."""
    if isinstance(outcome.error, UnavailableError):
        raise outcome.error
    for warning in outcome.warnings:
        if "without vectors" in warning:
            raise EmbedderUnavailableError(f"{outcome.message.key}: {warning}")
    return str(outcome.error or "")
