"""One whole document, never stale: the rendered copy is written through at ingest.

Where the copy is lost (a cache table that was emptied, or does not answer) the document is made again from
the bucket, which stays the source of truth.
"""

from dataclasses import replace

from personal_pipeline.domain.caching import RenderedDocument
from personal_pipeline.domain.documents import ObjectRef
from personal_pipeline.domain.errors import DocumentMissingError, TableUnavailableError
from personal_pipeline.domain.ids import source_and_path
from personal_pipeline.domain.rendering import render
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.ports import Cache, Catalog, DocumentStore, Parser
from personal_pipeline.services.build_document import ServicesFiles, build_document


class ReadDocument:
    def __init__(self, cache: Cache, catalog: Catalog, store: DocumentStore, parser: Parser) -> None:
        self._cache = cache
        self._catalog = catalog
        self._store = store
        self._parser = parser

    def __call__(self, doc_id: str, scope: CallerScope) -> RenderedDocument:
        """Raises DocumentMissingError for what is not there, and for what the caller may not see, alike."""
        document = self._from_cache(doc_id) or self.from_bucket(doc_id)
        if document is None or not scope.may_see(document.groups):
            raise DocumentMissingError(f"no document {doc_id!r}: ids come from search and change with the path")
        return document

    def from_bucket(self, doc_id: str) -> RenderedDocument | None:
        """Parsed again, under the revision that the index holds."""
        entry = self._catalog.entry(doc_id)
        if entry is None or entry.deleted or not entry.content_rev:
            return None
        try:
            stored = self._store.read(ObjectRef(entry.key, entry.version_id))
        except DocumentMissingError:
            return None
        services = ServicesFiles(self._store).of(source_and_path(entry.key)[0])
        document = build_document(stored, entry.content_rev, self._parser, services)
        return replace(render(document), groups=entry.groups)

    def _from_cache(self, doc_id: str) -> RenderedDocument | None:
        try:
            return self._cache.document(doc_id)
        except TableUnavailableError:
            return None
