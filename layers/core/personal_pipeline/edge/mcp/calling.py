"""Calls a tool: arguments are checked, and errors become what an agent can act on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from personal_pipeline.domain.errors import DocumentMissingError, PipelineError, UnavailableError
from personal_pipeline.domain.safe_text import visible
from personal_pipeline.edge.mcp.schemas import checked
from personal_pipeline.edge.mcp.tool import Answer, Caller, Tool, ToolFailedError

logger = Logger(child=True)


class UnknownToolError(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Failed:
    message: str


class Tools:
    def __init__(self, tools: Sequence[Tool], metrics: Metrics | None = None) -> None:
        self.all = tuple(tools)
        self._by_name = {tool.name: tool for tool in tools}
        self._metrics = metrics

    def call(self, name: str, arguments: Mapping[str, Any], caller: Caller) -> Answer | Failed:
        """Raises UnknownToolError."""
        tool = self._by_name.get(name)
        if tool is None:
            raise UnknownToolError(f"no tool {visible(name, 80)!r}: there are {', '.join(self._by_name)}")
        started = perf_counter()
        outcome = _outcome(tool, arguments, caller)
        if self._metrics is not None:
            took_ms = (perf_counter() - started) * 1000
            self._metrics.add_metric(name="ToolTime", unit=MetricUnit.Milliseconds, value=took_ms)
            if isinstance(outcome, Failed):
                self._metrics.add_metric(name="ToolsFailed", unit=MetricUnit.Count, value=1)
        return outcome


def _outcome(tool: Tool, arguments: Mapping[str, Any], caller: Caller) -> Answer | Failed:
    try:
        return tool.run(checked(tool, arguments), caller)
    except ToolFailedError as error:
        return Failed(str(error))
    except DocumentMissingError:
        return Failed("no document has this id: call search_runbooks, and use the 'id' of a hit")
    except UnavailableError as error:
        logger.warning("tool not answered", tool=tool.name, error=str(error), cause=str(error.__cause__ or ""))
        return Failed("a part of the system does not answer: try again in a few seconds, or ask for something else")
    except PipelineError as error:
        return Failed(visible(str(error), 500))
    except Exception:  # the model's border: whatever a tool raises, the agent is told what to do, and nothing else
        logger.exception("tool failed", tool=tool.name)
        return Failed(f"{tool.name} failed inside; that is logged. Try once more, then go on with another tool")
