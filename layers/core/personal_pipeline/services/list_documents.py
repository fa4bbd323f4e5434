"""The documents there are, page by page: a page reads rows of the catalog and nothing else.

A cursor is the place of the last document that was looked at, so that a page goes on there whatever changed. It names
only what its caller may see, and what others cannot see is no place where a page ends.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from personal_pipeline.domain.catalog import CatalogEntry
from personal_pipeline.domain.errors import InvalidQueryError
from personal_pipeline.domain.ids import source_and_path
from personal_pipeline.domain.overview import Freshness, review_of
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.services.visible_documents import VisibleDocuments

MOST_EXAMINED = 1_000  # documents that one page looks at: a rare owner takes several


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """``due`` is when it wants to be reviewed again, None where that cannot be told."""

    entry: CatalogEntry
    due: date | None = None
    freshness: Freshness = "unknown"


@dataclass(frozen=True, slots=True)
class DocumentFilters:
    """What is empty lets everything through."""

    source: str = ""
    service: str = ""
    owner: str = ""
    freshness: Freshness | None = None

    def asks_overview(self) -> bool:
        return bool(self.service or self.owner or self.freshness)

    def lets_through(self, document: ListedDocument) -> bool:
        overview = document.entry.overview
        return overview is None or (
            (not self.service or self.service in overview.services)
            and self.owner in {"", overview.owner}
            and self.freshness in {None, document.freshness}
        )


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """``next_cursor`` is empty on the last page; before that a page may have fewer documents than were asked for.

    ``unjudged`` documents were left out because what a filter asks is not known of them.
    """

    documents: tuple[ListedDocument, ...]
    next_cursor: str
    unjudged: int


class ListDocuments:
    def __init__(self, documents: VisibleDocuments, review_every_days: int, clock: Callable[[], float]) -> None:
        self._documents = documents
        self._review_every_days = review_every_days
        self._clock = clock

    def __call__(self, filters: DocumentFilters, scope: CallerScope, limit: int, cursor: str) -> DocumentPage:
        """Raises InvalidQueryError for a cursor that is none of ours, TableUnavailableError."""
        after = place_of(cursor) if cursor else ("", "")
        sources = [filters.source] if filters.source else self._documents.sources()
        today = datetime.fromtimestamp(self._clock(), UTC).date()
        found: list[ListedDocument] = []
        unjudged = examined = 0
        for entry in self._documents.walk(scope, sources, after, at_once=max(100, limit + 1)):
            if len(found) == limit or examined == MOST_EXAMINED:
                return DocumentPage(tuple(found), cursor_at(after), unjudged)
            examined, after = examined + 1, source_and_path(entry.key)
            if entry.overview is None and filters.asks_overview():
                unjudged += 1
            elif filters.lets_through(document := self._judged(entry, today)):
                found.append(document)
        return DocumentPage(tuple(found), "", unjudged)

    def _judged(self, entry: CatalogEntry, today: date) -> ListedDocument:
        if entry.overview is None:
            return ListedDocument(entry)
        review = review_of(entry.overview.reviewed, entry.overview.review_in, self._review_every_days)
        return ListedDocument(entry, review.due, review.freshness(today))


def cursor_at(place: tuple[str, str]) -> str:
    return urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def place_of(cursor: str) -> tuple[str, str]:
    """Source and path. Raises InvalidQueryError."""
    try:
        place = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(place, list) and len(place) == 2 and all(isinstance(part, str) for part in place):
            return (place[0], place[1])
    except (ValueError, Base64Error, RecursionError):
        pass
    raise InvalidQueryError("the cursor is none of ours: send 'next_cursor' of the page before, unchanged")
