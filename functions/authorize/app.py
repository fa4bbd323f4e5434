"""Lets in who sends an API key, and says which groups they have. The gateway keeps the answer for a minute."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from personal_pipeline.edge.authorizing import authorization
from personal_pipeline.settings import CallerSettings

logger = Logger()
metrics = Metrics()
callers = CallerSettings.from_env().callers


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001  # as Lambda calls it
    given = authorization(callers, (event.get("headers") or {}).get("authorization", ""))
    metrics.add_metric(name="KeysTaken" if given else "KeysRefused", unit=MetricUnit.Count, value=1)
    return {"isAuthorized": given is not None, "context": given or {}}
