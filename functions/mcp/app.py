"""The Model Context Protocol over HTTP: ``POST /mcp``.

A function of its own, because the protocol's library takes long to import.
"""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from personal_pipeline import bootstrap
from personal_pipeline.alert_mappings import alert_sources
from personal_pipeline.edge.mcp.alert_tools import alert_tools
from personal_pipeline.edge.mcp.calling import Tools
from personal_pipeline.edge.mcp.document_tools import document_tools
from personal_pipeline.edge.mcp.door import Door
from personal_pipeline.edge.mcp.lambda_http import LambdaHttp, caller_of
from personal_pipeline.edge.mcp.search_tools import search_tools
from personal_pipeline.edge.mcp.server import mcp_server
from personal_pipeline.edge.mcp.structure_tools import structure_tools
from personal_pipeline.settings import McpSettings

logger = Logger()
metrics = Metrics()
door = Door(McpSettings.from_env().allowed_origins)
sources = alert_sources()
tools = [
    *search_tools(bootstrap.search_runbooks()),
    *document_tools(bootstrap.read_structure(), bootstrap.list_sources()),
    *structure_tools(bootstrap.read_structure()),
    *alert_tools(bootstrap.match_alert(), sources, bootstrap.known_services(), bootstrap.give_feedback()),
]
answer = LambdaHttp(mcp_server(Tools(tools, metrics), caller_of))


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001  # as Lambda calls it
    metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
    return door.refused(event) or answer(event)
