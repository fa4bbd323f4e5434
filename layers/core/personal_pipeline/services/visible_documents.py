"""The documents of the catalog, cut to those that a caller may see: whatever lists or counts them asks here."""

from collections.abc import Iterator, Sequence

from personal_pipeline.domain.catalog import CatalogEntry
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.ports import Cache, Catalog


class VisibleDocuments:
    """All raise TableUnavailableError."""

    def __init__(self, cache: Cache, catalog: Catalog) -> None:
        self._cache = cache
        self._catalog = catalog

    def sources(self) -> list[str]:
        """By name, also those of which nobody may see anything: not to be told."""
        return sorted(self._cache.generations().sources)

    def walk(
        self, scope: CallerScope, sources: Sequence[str], after: tuple[str, str] = ("", ""), at_once: int = 500
    ) -> Iterator[CatalogEntry]:
        """By source and path, from behind that source and path on; read as they are asked for."""
        return (entry for entry in self.rows(scope, sources, after, at_once) if not entry.is_rules)

    def rows(
        self, scope: CallerScope, sources: Sequence[str], after: tuple[str, str] = ("", ""), at_once: int = 500
    ) -> Iterator[CatalogEntry]:
        """The documents, and the rule files among them."""
        for source in sources:
            if source >= after[0]:
                behind = after[1] if source == after[0] else ""
                found = self._catalog.entries(source, behind, at_once)
                yield from (entry for entry in found if scope.may_see(entry.groups))

    def are_visible(self, doc_ids: Sequence[str], scope: CallerScope) -> frozenset[str]:
        """Those of them that are there and that the caller may see."""
        groups = self._catalog.groups(doc_ids) if doc_ids else {}
        return frozenset(doc_id for doc_id, found in groups.items() if scope.may_see(found))
