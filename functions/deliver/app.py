"""Notices from the delivery queues: each to the target that its message names."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from personal_pipeline import bootstrap
from personal_pipeline.domain.errors import PipelineError
from personal_pipeline.edge.deliveries import delivery_messages
from personal_pipeline.edge.sqs import SqsBatch

logger = Logger()
metrics = Metrics()
deliver = bootstrap.deliver_notice()


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    batch = SqsBatch.of(event)
    metrics.add_metric(name="Records", unit=MetricUnit.Count, value=len(batch.records))
    for record, message in batch.in_order(delivery_messages):
        told: dict[str, Any] = {
            "target": message.target,
            "delivery_id": message.delivery_id,
            "attempt": record.receive_count,
        }
        try:
            delivered = deliver(message, record.receive_count)
        except PipelineError as error:
            batch.fail(record, error)
            metrics.add_metric(name="DeliveriesFailed", unit=MetricUnit.Count, value=1)
            logger.warning("not delivered", **told, error=str(error))
            continue
        metrics.add_metric(name="Deliveries", unit=MetricUnit.Count, value=1)
        logger.info("delivered", **told, outcome=delivered.outcome, has_receipt=delivered.has_receipt)
    batch.retry_later(*bootstrap.delivery_retries(batch.queue_arn))
    return batch.response()
