"""Which sources there are and how many documents each has."""

from personal_pipeline.ports import Cache, Catalog


class ListSources:
    def __init__(self, cache: Cache, catalog: Catalog) -> None:
        self._cache = cache
        self._catalog = catalog

    def __call__(self) -> list[tuple[str, int]]:
        """By name. A source whose documents were all deleted is left out."""
        counted = [(source, self._catalog.count(source)) for source in sorted(self._cache.generations().sources)]
        return [(source, documents) for source, documents in counted if documents]
