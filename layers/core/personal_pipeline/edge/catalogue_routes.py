"""The routes over many documents at once: the list of them, their sources, and what is missing.

What a caller may not see is left out before anything is counted.
"""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from personal_pipeline import bootstrap
from personal_pipeline.domain.overview import Freshness
from personal_pipeline.edge import catalogue_models as models
from personal_pipeline.edge.http import caller_scope, chosen, conditional_fields, only
from personal_pipeline.services.list_documents import DocumentFilters

router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

Exactly = Annotated[str, Query(max_length=200, description="Only documents with exactly this value")]
_FRESHNESS: dict[str, Freshness | None] = {"": None, "true": "stale", "false": "fresh", "unknown": "unknown"}


@router.get("/v1/documents", summary="The documents there are", tags=["Documents"], responses=models.DOCUMENTS)
def documents(
    service: Exactly = "",
    owner: Exactly = "",
    stale: Annotated[
        Literal["", "true", "false", "unknown"],
        Query(description="Whether its review is overdue; unknown: it says no date of a review"),
    ] = "",
    source: Exactly = "",
    limit: Annotated[int, Query(ge=1, le=200, description="Documents a page")] = 50,
    cursor: Annotated[str, Query(max_length=3000, description="'next_cursor' of the page before")] = "",
    fields: Annotated[str, Query(max_length=500, description="Of each document only these, with commas")] = "",
) -> Response[str]:
    wanted = chosen(fields, models.LISTED_FIELDS)
    filters = DocumentFilters(source, service, owner, _FRESHNESS[stale])
    page = bootstrap.list_documents()(filters, caller_scope(router.current_event), limit, cursor)
    answer = models.page_fields(page)
    answer["documents"] = [only(document, wanted) for document in answer["documents"]]
    return conditional_fields(router.current_event, answer)


@router.get(
    "/v1/sources", summary="Sources and how many documents each has", tags=["Documents"], responses=models.SOURCES
)
def sources() -> Response[str]:
    counted = bootstrap.list_sources()(caller_scope(router.current_event))
    listed = [{"name": name, "documents": documents} for name, documents in counted]
    return conditional_fields(router.current_event, {"sources": listed})


@router.get(
    "/v1/coverage", summary="What is missing among the documents", tags=["Documents"], responses=models.COVERAGE
)
def coverage() -> Response[str]:
    gaps = bootstrap.find_gaps()(caller_scope(router.current_event))
    return conditional_fields(router.current_event, models.coverage_fields(gaps))
