"""On a schedule: finds documents that were accepted but never finished, and queues them again."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from personal_pipeline import bootstrap

logger = Logger()
metrics = Metrics()
finish_pending = bootstrap.finish_pending()


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001
    queued = finish_pending()
    metrics.add_metric(name="DocumentsQueuedAgain", unit=MetricUnit.Count, value=queued)
    logger.info("unfinished documents", queued=queued)
    return {"queued": queued}
