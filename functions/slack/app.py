"""Clicks in Slack: ``POST /v1/slack/interactions`` verifies that Slack sent it, and counts it as a vote.

A function of its own: who can call it without a token of ours may not reach what ``search`` and the webhooks may.
"""

import json
from base64 import b64decode
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from personal_pipeline import bootstrap
from personal_pipeline.edge import api_models
from personal_pipeline.edge.http import resolve, translate_errors

logger = Logger()
metrics = Metrics()
take_slack_click = bootstrap.take_slack_click()
api = APIGatewayHttpResolver()
translate_errors(api)


@api.post("/v1/slack/interactions", summary="Take a click in Slack", tags=["Alerts"], responses=api_models.SLACK)
def take_click() -> Response[str]:
    event = api.current_event
    raw = event.get("body") or ""
    body = b64decode(raw) if event.get("isBase64Encoded") else raw.encode()
    timestamp = event.headers.get("x-slack-request-timestamp", "")
    taken = take_slack_click(timestamp, event.headers.get("x-slack-signature", ""), body)
    metrics.add_metric(name=f"SlackClicks{taken.outcome.title()}", unit=MetricUnit.Count, value=1)
    if taken.outcome in {"counted", "refused"} and not taken.is_told:
        logger.warning("a click was not confirmed", outcome=taken.outcome)
    answer = json.dumps({"challenge": taken.challenge} if taken.challenge else {})
    return Response(HTTPStatus.OK.value, "application/json", answer, {"Cache-Control": "no-store"})


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
    return resolve(api, event, context)
