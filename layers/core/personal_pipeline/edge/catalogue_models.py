"""What the routes over the whole catalogue answer, and how it is described: one place for each field."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from personal_pipeline.domain.catalog import CatalogEntry
from personal_pipeline.domain.ids import source_and_path
from personal_pipeline.edge import api_examples
from personal_pipeline.edge.api_models import SEARCH_ANSWER
from personal_pipeline.edge.document_models import FRESHNESS
from personal_pipeline.edge.schemas import (
    COUNT,
    DATE,
    PROBLEM,
    TEXT,
    TEXTS,
    TIME,
    Schema,
    list_of,
    object_of,
    or_null,
    responses,
)

if TYPE_CHECKING:
    from personal_pipeline.services.find_gaps import DeadLink, Found, Gaps, StaleDocument, UnansweredAlert
    from personal_pipeline.services.list_documents import DocumentPage, ListedDocument

_Item = TypeVar("_Item")
_NAMED = {"id": TEXT, "title": TEXT, "source": TEXT, "path": TEXT}
_FROM_OVERVIEW = {
    "url": TEXT,
    "type": TEXT,
    "services": TEXTS,
    "severity": TEXT,
    "owner": TEXT,
    "updated": or_null(TIME),
    "freshness": object_of(FRESHNESS),
}
_LISTED = {**_NAMED, "rev": COUNT, **_FROM_OVERVIEW, "not_known": TEXTS}
LISTED_FIELDS = tuple(_LISTED)
_PAGE = object_of(
    {
        "documents": list_of(object_of(_LISTED, optional=tuple(name for name in _LISTED if name != "id"))),
        "next_cursor": or_null(TEXT),
        "unjudged": COUNT,
    }
)


def _found(item: Schema) -> Schema:
    return object_of({"count": COUNT, "first": list_of(item)})


_COVERAGE = object_of(
    {
        "documents": COUNT,
        "runbooks": COUNT,
        "services": COUNT,
        "without_review": COUNT,
        "services_without_runbook": _found(TEXT),
        "alerts_without_runbook": _found(object_of({"name": TEXT, "service": TEXT, "count": COUNT, "last_at": TIME})),
        "stale": _found(object_of({**_NAMED, "owner": TEXT, "review_due": DATE})),
        "dead_links": _found(object_of({**_NAMED, "alert": TEXT, "link": TEXT})),
        "not_known": TEXTS,
    }
)
_SOURCES = object_of({"sources": list_of(object_of({"name": TEXT, "documents": COUNT}))})
_ANSWER = {
    "oneOf": [
        object_of({"status": {"type": "integer", "const": 200}, "answer": SEARCH_ANSWER}),
        object_of({"status": {"type": "integer", "minimum": 400}, "problem": PROBLEM}),
    ]
}

DOCUMENTS = responses("Documents, by source and path", _PAGE, 304, 400, 503, example=api_examples.DOCUMENTS)
SOURCES = responses("The sources, by name", _SOURCES, 304, 400, 503, example=api_examples.SOURCES)
COVERAGE = responses("What is missing", _COVERAGE, 304, 400, 503, example=api_examples.COVERAGE)
BATCH = responses(
    "An answer or a problem for each query, in order",
    object_of({"answers": list_of(_ANSWER)}),
    400,
    example=api_examples.BATCH,
)


def page_fields(page: "DocumentPage") -> dict[str, Any]:
    return {
        "documents": [_listed(document) for document in page.documents],
        "next_cursor": page.next_cursor or None,
        "unjudged": page.unjudged,
    }


def coverage_fields(gaps: "Gaps") -> dict[str, Any]:
    return {
        "documents": gaps.documents,
        "runbooks": gaps.runbooks,
        "services": gaps.services,
        "without_review": gaps.without_review,
        "services_without_runbook": _first(gaps.services_without_runbook, str),
        "alerts_without_runbook": _first(gaps.alerts_without_runbook, _unanswered),
        "stale": _first(gaps.stale, _stale),
        "dead_links": _first(gaps.dead_links, _dead_link),
        "not_known": gaps.not_known,
    }


def _first(found: "Found[_Item]", shown: Callable[[_Item], Any]) -> dict[str, Any]:
    return {"count": found.count, "first": [shown(item) for item in found.named]}


def _unanswered(alert: "UnansweredAlert") -> dict[str, Any]:
    last_at = datetime.fromtimestamp(alert.last_at, UTC).isoformat(timespec="seconds")
    return {"name": alert.name, "service": alert.service, "count": alert.count, "last_at": last_at}


def _stale(stale: "StaleDocument") -> dict[str, Any]:
    owner = stale.entry.overview.owner if stale.entry.overview else ""
    return _named(stale.entry) | {"owner": owner, "review_due": stale.due.isoformat()}


def _dead_link(dead: "DeadLink") -> dict[str, Any]:
    return _named(dead.entry) | {"alert": dead.alert, "link": dead.link}


def _listed(document: "ListedDocument") -> dict[str, Any]:
    entry, overview = document.entry, document.entry.overview
    return _named(entry) | {
        "rev": entry.content_rev,
        "url": overview.url if overview else "",
        "type": overview.type if overview else "",
        "services": list(overview.services) if overview else [],
        "severity": overview.severity if overview else "",
        "owner": overview.owner if overview else "",
        "updated": overview.updated if overview else None,
        "freshness": {
            "reviewed": (overview.reviewed or None) if overview else None,
            "review_due": document.due.isoformat() if document.due else None,
            "state": document.freshness,
        },
        "not_known": [] if overview else list(_FROM_OVERVIEW),
    }


def _named(entry: CatalogEntry) -> dict[str, str]:
    source, path = source_and_path(entry.key)
    return {"id": entry.doc_id, "title": entry.title, "source": source, "path": path}
