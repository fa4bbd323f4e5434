"""Alerts from the queue, and ticks: what is new about each alert, its runbook, and when people are told."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from personal_pipeline import bootstrap
from personal_pipeline.domain.errors import PipelineError
from personal_pipeline.edge.alerts import alert_messages
from personal_pipeline.edge.sqs import SqsBatch
from personal_pipeline.messages import TickMessage

logger = Logger()
metrics = Metrics()
handle_alerts = bootstrap.handle_alerts()
announce_notices = bootstrap.announce_notices()
retries = bootstrap.alert_retries()


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    batch = SqsBatch.of(event)
    metrics.add_metric(name="Records", unit=MetricUnit.Count, value=len(batch.records))
    for record, message in batch.parsed_with_time(alert_messages):
        try:
            if isinstance(message, TickMessage):
                announce_notices.flush(message.lane, message.service, message.slot)
                continue
            handled = handle_alerts(message, record.message_id, record.receive_count)
        except PipelineError as error:
            batch.fail(record, error)
            logger.warning(
                "record failed", message_id=record.message_id, attempt=record.receive_count, error=str(error)
            )
            continue
        for one in handled:
            metrics.add_metric(name=f"Alerts{one.outcome}", unit=MetricUnit.Count, value=1)
            logger.info("alert", alert=one.alert.name, action=one.action, outcome=one.outcome, is_alone=one.is_alone)
    batch.retry_later(*retries)
    return batch.response()
