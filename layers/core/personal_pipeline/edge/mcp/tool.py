"""What a tool is, who calls it and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from personal_pipeline.domain.search import CallerScope


@dataclass(frozen=True, slots=True)
class Caller:
    """``name`` is who the gateway says it is, for votes; it is told to nobody."""

    scope: CallerScope
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The same twice: for programs, and as a model reads it."""

    structured: dict[str, Any]
    text: str


class ToolFailedError(Exception):
    """The call cannot be answered as it is; the message tells the agent what to do instead."""


Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """``takes`` and ``gives`` are JSON Schemas (2020-12) of objects. ``run`` gets valid arguments, defaults filled in;
    it raises ToolFailedError and any PipelineError."""

    name: str
    title: str
    description: str
    takes: dict[str, Any]
    gives: dict[str, Any]
    run: Callable[[Arguments, Caller], Answer]
    writes: bool = False
