"""Which sources there are and how many documents of each the caller may see."""

from collections import Counter

from personal_pipeline.domain.ids import source_and_path
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.services.visible_documents import VisibleDocuments


class ListSources:
    def __init__(self, documents: VisibleDocuments) -> None:
        self._documents = documents

    def __call__(self, scope: CallerScope) -> list[tuple[str, int]]:
        """By name. A source of which the caller may see nothing is left out."""
        walked = self._documents.walk(scope, self._documents.sources())
        return sorted(Counter(source_and_path(entry.key)[0] for entry in walked).items())
