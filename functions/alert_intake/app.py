"""Webhooks in: ``POST /v1/alerts/{source}`` verifies the sender, queues the bytes as they came, answers 202."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from personal_pipeline import bootstrap
from personal_pipeline.edge import api_models
from personal_pipeline.edge.http import resolve, translate_errors
from personal_pipeline.edge.webhooks import received

logger = Logger()
metrics = Metrics()
receive_alert = bootstrap.receive_alert()
api = APIGatewayHttpResolver()
translate_errors(api)


@api.post("/v1/alerts/<source>", summary="Hand in a webhook as it came", tags=["Alerts"], responses=api_models.ALERT)
def take_alert(source: str) -> Response[str]:
    receive_alert(source, received(api.current_event))
    metrics.add_metric(name="AlertsReceived", unit=MetricUnit.Count, value=1)
    return Response(HTTPStatus.ACCEPTED.value, "application/json", '{"status":"queued"}', {"Cache-Control": "no-store"})


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
    return resolve(api, event, context)
