"""Makes the rendered copy of a document again from the bucket, which stays the source of truth, and keeps it."""

from dataclasses import replace

from personal_pipeline.domain.caching import RenderedDocument
from personal_pipeline.domain.documents import ObjectRef
from personal_pipeline.domain.errors import DocumentMissingError, PipelineError
from personal_pipeline.domain.ids import source_and_path
from personal_pipeline.domain.parsing import is_document
from personal_pipeline.domain.rendering import render
from personal_pipeline.ports import Cache, Catalog, DocumentStore, Parser
from personal_pipeline.services.build_document import ServicesFiles, build_document, is_other_data


class RestoreDocument:
    def __init__(self, catalog: Catalog, store: DocumentStore, parser: Parser, cache: Cache) -> None:
        self._catalog = catalog
        self._store = store
        self._parser = parser
        self._cache = cache

    def __call__(self, doc_id: str) -> RenderedDocument | None:
        """Parsed again, under the revision that the index holds; None for what is not there or was deleted.

        Raises UnavailableError, and InvalidDocumentError when the newest version is one that ingest refused.
        """
        entry = self._catalog.entry(doc_id)
        if entry is None or entry.deleted or not entry.content_rev or not (is_document(entry.key) or entry.high):
            return None  # a rule file has a row, too, and no passages
        try:
            stored = self._store.read(ObjectRef(entry.key, entry.version_id))
        except DocumentMissingError:
            return None
        services = ServicesFiles(self._store).of(source_and_path(entry.key)[0])
        document = build_document(stored, entry.content_rev, self._parser, services)
        if is_other_data(document):
            return None
        rendered = render(document)
        # The newest body may be one that ingest has not finished: whoever either version hides it from waits.
        restored = replace(rendered, groups=tuple(group for group in rendered.groups if group in entry.groups))
        if entry.is_settled:  # otherwise ingest is about to write another
            self._keep(restored)
        return restored

    def _keep(self, restored: RenderedDocument) -> None:
        """Where it cannot be kept it is made again the next time; over a newer revision it is never written."""
        try:
            self._cache.write_document(restored)
        except PipelineError:
            return
