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
from personal_pipeline.edge.mcp.completion import Completion
from personal_pipeline.edge.mcp.document_tools import document_tools
from personal_pipeline.edge.mcp.door import Door
from personal_pipeline.edge.mcp.lambda_http import LambdaHttp, caller_of
from personal_pipeline.edge.mcp.resources import Resources
from personal_pipeline.edge.mcp.search_tools import search_tools
from personal_pipeline.edge.mcp.server import mcp_server
from personal_pipeline.edge.mcp.structure_tools import structure_tools
from personal_pipeline.settings import McpSettings

logger = Logger()
metrics = Metrics()
read, services, sources = bootstrap.read_structure(), bootstrap.known_services(), alert_sources()
tools = Tools(
    [
        *search_tools(bootstrap.search_runbooks()),
        *document_tools(read, bootstrap.list_sources()),
        *structure_tools(read),
        *alert_tools(bootstrap.match_alert(), sources, services, bootstrap.give_feedback()),
    ],
    metrics,
)
documents = Resources(tools, bootstrap.list_documents())
complete = Completion(bootstrap.suggest_names(), services, sources.names, read)
door = Door(McpSettings.from_env().allowed_origins)
answer = LambdaHttp(mcp_server(tools, documents, complete, caller_of))


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001  # as Lambda calls it
    metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
    return door.refused(event) or answer(event)
