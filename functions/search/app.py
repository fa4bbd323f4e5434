"""Search, suggestions, documents, alerts, feedback, health and the API's own description over HTTP.

Answers are bytes that the cache keeps; what differs per answer is put in front of them here. The routes over many
documents and over alerts stand in ``edge``. The published ``openapi.json`` is made from the types; a test keeps it so.
"""

from http import HTTPStatus
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from personal_pipeline import bootstrap
from personal_pipeline.domain.answers import etag, suggestions_body, with_preamble
from personal_pipeline.domain.search import SearchFilters
from personal_pipeline.edge import alert_routes, api_models, catalogue_models, catalogue_routes, document_routes
from personal_pipeline.edge.http import (
    caller_scope,
    conditional,
    refuse_unknown_parameters,
    resolve,
    translate_errors,
)
from personal_pipeline.edge.search_batch import answers_body
from personal_pipeline.services.search_runbooks import MAX_CHARACTERS, canonical_query

OPENAPI = Path(__file__).with_name("openapi.json")
MAX_GET_CHARACTERS = 1_000

logger = Logger()
metrics = Metrics()
search = bootstrap.search_runbooks()
suggest = bootstrap.suggest_names()
report_health = bootstrap.report_health()
bootstrap.read_structure()  # for the routes of a document
api = APIGatewayHttpResolver(enable_validation=True)
api.use([refuse_unknown_parameters])
for routes in (catalogue_routes, document_routes, alert_routes):
    api.include_router(routes.router)
translate_errors(api)

Filter = Annotated[str, Query(max_length=200, description="Only documents with exactly this value")]


@api.get("/v1/search", summary="Search runbooks", tags=["Search"], responses=api_models.SEARCH)
def search_by_parameters(
    q: Annotated[
        str,
        Query(
            description="Words, or an error message as it was seen; at most 1,000 characters", examples=["disk full"]
        ),
    ],
    limit: Annotated[int, Query(ge=1, le=50, description="Hits a page")] = 10,
    cursor: Annotated[str, Query(description="'next_cursor' of the page before")] = "",
    service: Filter = "",
    source: Filter = "",
    type: Filter = "",  # noqa: A002
    severity: Filter = "",
) -> Response[str]:
    filters = SearchFilters(source=source, service=service, type=type, severity=severity)
    return _answer(q, filters, limit, cursor, MAX_GET_CHARACTERS)


@api.post("/v1/search", summary="Search with a long query", tags=["Search"], responses=api_models.SEARCH)
def search_by_body(question: Annotated[api_models.Question, Body()]) -> Response[str]:
    filters = SearchFilters(question.source, question.service, question.type, question.severity)
    return _answer(question.q, filters, question.limit, question.cursor, MAX_CHARACTERS)


@api.post("/v1/search/batch", summary="Search with many queries", tags=["Search"], responses=catalogue_models.BATCH)
def search_by_many(asked: Annotated[api_models.Questions, Body()]) -> Response[str]:
    body = answers_body(search, asked.queries, caller_scope(api.current_event))
    return Response(HTTPStatus.OK.value, "application/json", body.decode(), {"Cache-Control": "no-store"})


@api.get("/v1/suggest", summary="Complete what is typed", tags=["Search"], responses=api_models.SUGGEST)
def suggest_names(
    q: Annotated[
        str, Query(description="What was typed so far; the last word may be its beginning", examples=["kafka br"])
    ],
    limit: Annotated[int, Query(ge=1, le=20, description="Names at most")] = 8,
) -> Response[str]:
    started = perf_counter()
    body = suggestions_body(suggest(q, limit, caller_scope(api.current_event)))
    metrics.add_metric(name="SuggestTime", unit=MetricUnit.Milliseconds, value=(perf_counter() - started) * 1000)
    return conditional(api.current_event, body.decode(), etag(body))


@api.get("/v1/health", summary="Whether questions can be answered", tags=["Operation"], responses=api_models.HEALTH)
def health() -> tuple[dict[str, Any], int]:
    report = report_health()
    if report.status != "ok":
        logger.warning("not in health", problems=report.problems)
    body = {"status": report.status, "version": bootstrap.VERSION, "checks": report.checks}
    return body, HTTPStatus.SERVICE_UNAVAILABLE if report.status == "down" else HTTPStatus.OK


@api.get("/v1/openapi.json", include_in_schema=False)
def openapi() -> Response[str]:
    return conditional(api.current_event, OPENAPI.read_text(), f'"{bootstrap.VERSION}"')


def _answer(text: str, filters: SearchFilters, limit: int, cursor: str, max_characters: int) -> Response[str]:
    started = perf_counter()
    query = canonical_query(text, filters, limit, cursor, caller_scope(api.current_event), max_characters)
    answer = search(query)
    took_ms = (perf_counter() - started) * 1000
    metrics.add_metric(name="SearchTime", unit=MetricUnit.Milliseconds, value=took_ms)
    metrics.add_metric(name=f"AnsweredBy{answer.answered_by.title()}", unit=MetricUnit.Count, value=1)
    body = with_preamble(answer.body, answer.answered_by, answer.degraded, took_ms)
    timing = f'{answer.answered_by};desc="answered by";dur={took_ms:.2f}'
    headers = {"X-Cache": answer.answered_by, "Server-Timing": timing}
    return conditional(api.current_event, body.decode(), answer.etag, headers)


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
    return resolve(api, event, context)
