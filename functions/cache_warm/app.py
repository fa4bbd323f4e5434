"""Answers the likely questions ahead of time (schedule), and refreshes what was served stale (queue)."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from personal_pipeline import bootstrap
from personal_pipeline.domain.errors import UnavailableError
from personal_pipeline.edge.refreshes import refresh_queries
from personal_pipeline.edge.sqs import SqsBatch

RESERVE_MILLISECONDS = 5_000
logger = Logger()
metrics = Metrics()
warm_cache = bootstrap.warm_cache()


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    batch = SqsBatch.of(event)
    if batch.records:
        found = batch.parsed(refresh_queries)
        report, done = warm_cache.refresh(query for _, query in found)
        for (record, _), is_done in zip(found, done, strict=True):
            if not is_done:
                batch.fail(record, UnavailableError(report.last_error))
    else:
        report = warm_cache(lambda: context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS)
    counts = {"warmed": report.warmed, "skipped": report.skipped, "failed": report.failed}
    for name, value in counts.items():
        metrics.add_metric(name=f"Answers{name.title()}", unit=MetricUnit.Count, value=value)
    logger.info("warmed", counts=counts, error=report.last_error)
    return batch.response() if batch.records else counts
