"""Ways to write that look right and are not. The histories must find each of them, or they prove nothing."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from personal_pipeline.adapters.tantivy_index import TantivyIndex
from personal_pipeline.domain.errors import StaleRevisionError
from personal_pipeline.domain.ids import passage_id
from personal_pipeline.domain.search import PassageChange
from personal_pipeline.ports import Catalog
from personal_pipeline.services import ingest_documents
from personal_pipeline.services.ingest_documents import IngestDocuments


class RealDeletesIndex(TantivyIndex):
    """A tombstone deletes the passage, and with it the memory of its revision."""

    def _commit(self, winners: dict[tuple[str, int], PassageChange]) -> None:
        super()._commit(winners)
        writer = self._open_writer()
        for change in winners.values():
            if change.passage is None:
                writer.delete_documents_by_term("id", passage_id(change.doc_id, change.ordinal))
        writer.commit()


class LastWriteWinsIndex(TantivyIndex):
    """Revisions are stored and never compared."""

    def _winners(self, changes: Sequence[PassageChange]) -> dict[tuple[str, int], PassageChange]:
        return {(change.doc_id, change.ordinal): change for change in changes}


class _WrappedCatalog:
    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalog, name)


class UnfencedCountCatalog(_WrappedCatalog):
    """Tombstones after the count that was read, without asking whether the revision is still the newest."""

    def reserve(self, doc_id: str, rev: int, passages: int) -> int:
        try:
            return self._catalog.reserve(doc_id, rev, passages)
        except StaleRevisionError:
            entry = self._catalog.entry(doc_id)
            return max(passages, entry.high if entry else 0)


class NoSweepCatalog(_WrappedCatalog):
    """Forgets at the claim what is unfinished, as one would who trusts the queue alone."""

    def pending(self, before: float, limit: int = 100) -> list[Any]:
        return []


class CommittedFirstIngest(IngestDocuments):
    """The catalog says that a revision is finished before the index holds it: a crash in between stays."""

    def _write(self, works: Iterable[Any], is_time_left: Callable[[], bool]) -> None:
        committed = [work for work in works if ingest_documents._attempt(self._commit, [work])]
        applied = ingest_documents._attempt(self._apply, committed)
        written = [work for work in applied if ingest_documents._attempt(self._write_through, [work])]
        ingest_documents._attempt(self._bump, written)
