"""Alerts from the queue: normalise, find the runbook of each, announce it."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from personal_pipeline import bootstrap
from personal_pipeline.domain.errors import PipelineError
from personal_pipeline.edge.alerts import alert_messages
from personal_pipeline.edge.sqs import SqsBatch

logger = Logger()
metrics = Metrics()
answer_alerts = bootstrap.answer_alerts()
retries = bootstrap.alert_retries()


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    batch = SqsBatch.of(event)
    metrics.add_metric(name="Records", unit=MetricUnit.Count, value=len(batch.records))
    for record, message in batch.parsed_with_time(alert_messages):
        try:
            answered = answer_alerts(message)
        except PipelineError as error:
            batch.fail(record, error)
            logger.warning(
                "record failed", message_id=record.message_id, attempt=record.receive_count, error=str(error)
            )
            continue
        for match in answered.matches:
            metrics.add_metric(name=f"AlertsMatchedBy{match.matched_by.title()}", unit=MetricUnit.Count, value=1)
            logger.info("alert", alert=match.alert.name, matched_by=match.matched_by, reasons=match.reasons)
    batch.retry_later(*retries)
    return batch.response()
