"""The routes over alerts: which came in, what they were answered with, and whether that helped."""

import re
from typing import TYPE_CHECKING, Annotated, Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.metrics import MetricUnit

from personal_pipeline import bootstrap
from personal_pipeline.domain.alert_stories import alert_fields, story_fields
from personal_pipeline.domain.errors import InvalidQueryError
from personal_pipeline.domain.search import CallerScope
from personal_pipeline.edge import api_models
from personal_pipeline.edge.http import caller, caller_scope, chosen, conditional_fields, only

if TYPE_CHECKING:
    from personal_pipeline.services.list_alerts import ListAlerts

_VOTES = {
    True: ("VotesFor", "counted"),
    False: ("VotesAgainst", "counted"),
    None: ("VotesTakenBack", "taken back"),
}
_CURSOR = re.compile(r"\d{1,17}\.\d{6}~[a-z2-7]{16}")
metrics = Metrics()


router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]


@router.get(
    "/v1/alerts", summary="Alerts and what they were answered with", tags=["Alerts"], responses=api_models.ALERTS
)
def alerts(
    limit: Annotated[int, Query(ge=1, le=100, description="Alerts a page")] = 20,
    cursor: Annotated[str, Query(max_length=100, description="'next_cursor' of the page before")] = "",
    source: Annotated[str, Query(max_length=100, description="With a fingerprint: the source that it is of")] = "",
    fingerprint: Annotated[str, Query(max_length=1000, description="Only the alert that the source knows by it")] = "",
    fields: Annotated[str, Query(max_length=500, description="Of each alert only these, with commas")] = "",
) -> Response[str]:
    wanted = chosen(fields, api_models.ALERT_FIELDS)
    scope = caller_scope(router.current_event)
    page = _page(bootstrap.list_alerts(), limit, cursor, source, fingerprint, scope)
    page["alerts"] = [only(alert, wanted) for alert in page["alerts"]]
    return conditional_fields(router.current_event, page)


@router.get("/v1/alerts/<id>", summary="What happened to an alert", tags=["Alerts"], responses=api_models.STORY)
def alert(id: str) -> Response[str]:  # noqa: A002
    story = bootstrap.list_alerts().story(id, caller_scope(router.current_event))
    return conditional_fields(router.current_event, story_fields(story))


@router.post("/v1/feedback", summary="Say whether a document helped", tags=["Alerts"], responses=api_models.FEEDBACK)
def feedback(
    said: Annotated[api_models.Feedback, Body()],
    idempotency_key: Annotated[
        str, Header(alias="Idempotency-Key", max_length=200, description="Sent again with it, nothing changes")
    ] = "",
) -> dict[str, Any]:
    scope, who = caller_scope(router.current_event), caller(router.current_event)

    def count() -> dict[str, Any]:
        bootstrap.give_feedback()(said.alert, said.service, said.id, said.helpful, who, scope)
        counted, status = _VOTES[said.helpful]
        metrics.add_metric(name=counted, unit=MetricUnit.Count, value=1)
        return {"status": status}

    if not idempotency_key:
        return count()
    return bootstrap.once_by_key()(who, idempotency_key, said.model_dump_json().encode(), count)


def _page(
    list_alerts: "ListAlerts", limit: int, cursor: str, source: str, fingerprint: str, scope: CallerScope
) -> dict[str, Any]:
    """Raises InvalidQueryError, UnavailableError."""
    if bool(source) != bool(fingerprint):
        raise InvalidQueryError("source and fingerprint go together: send both, or neither")
    if cursor and not _CURSOR.fullmatch(cursor):
        raise InvalidQueryError("the cursor is none of ours: send 'next_cursor' of the page before, unchanged")
    if fingerprint:
        page = list_alerts.of_fingerprint(source, fingerprint, scope)
    else:
        page = list_alerts.page(limit, cursor.replace("~", "#"), scope)
    alerts = [alert_fields(record) for record in page.alerts]
    return {"alerts": alerts, "next_cursor": page.next_cursor.replace("#", "~") or None}
