"""Documents that changed, from the bucket's queue into catalog, index and cache.

One record that fails is reported alone, comes back soon, and is parked in the dead-letter queue after its
attempts; its neighbours in the batch are done.
"""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from personal_pipeline import bootstrap
from personal_pipeline.edge.documents import ingest_messages
from personal_pipeline.edge.sqs import SqsBatch

RESERVE_MILLISECONDS = 20_000  # what the bulk, the bump and the commits of a full batch may take
logger = Logger()
metrics = Metrics()
ingest = bootstrap.ingest_documents()
retries = bootstrap.ingest_retries()


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    batch = SqsBatch.of(event)
    metrics.add_metric(name="Records", unit=MetricUnit.Count, value=len(batch.records))
    found = batch.parsed(ingest_messages)
    outcomes = ingest(
        [message for _, message in found],
        is_time_left=lambda: context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS,
    )
    for (record, message), outcome in zip(found, outcomes, strict=True):
        if outcome.error is not None:
            batch.fail(record, outcome.error)
        metrics.add_metric(name=f"Documents{outcome.result.title()}", unit=MetricUnit.Count, value=1)
        logger.info("document", key=message.key, result=outcome.result, warnings=outcome.warnings)
    for record, error in batch.failures.values():
        logger.warning("record failed", message_id=record.message_id, attempt=record.receive_count, error=str(error))
    batch.retry_later(*retries)
    return batch.response()
