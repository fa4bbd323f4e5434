"""One whole document, never stale: the rendered copy is written through at ingest.

Where the copy is lost (a cache table that was emptied, or does not answer) it is made again.
"""

from collections.abc import Callable

from personal_pipeline.domain.caching import RenderedDocument
from personal_pipeline.domain.errors import DocumentMissingError, TableUnavailableError
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.ports import Cache


class ReadDocument:
    def __init__(self, cache: Cache, restore: Callable[[str], RenderedDocument | None]) -> None:
        self._cache = cache
        self._restore = restore

    def __call__(self, doc_id: str, scope: CallerScope) -> RenderedDocument:
        """Raises DocumentMissingError for what is not there, and for what the caller may not see, alike."""
        return visible_to(scope, doc_id, self._from_cache(doc_id) or self._restore(doc_id))

    def _from_cache(self, doc_id: str) -> RenderedDocument | None:
        try:
            return self._cache.document(doc_id)
        except TableUnavailableError:
            return None


def visible_to(scope: CallerScope, doc_id: str, document: RenderedDocument | None) -> RenderedDocument:
    """Raises DocumentMissingError, in the same words for both reasons."""
    if document is None or not scope.may_see(document.groups):
        raise DocumentMissingError(f"no document {doc_id!r}: ids come from search and change with the path")
    return document
