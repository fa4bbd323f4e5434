"""The one alert model that every source is normalised to, and what was decided for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from personal_pipeline.domain.catalog import Card


class Severity(StrEnum):
    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert instance. ``labels`` and ``annotations`` are as the sender wrote them: untrusted text."""

    source: str
    name: str
    status: Literal["firing", "resolved"]
    fingerprint: str
    severity: Severity
    service: str
    summary: str
    description: str
    runbook_url: str
    starts_at: datetime | None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    generator_url: str = ""


@dataclass(frozen=True, slots=True)
class RunbookMatch:
    """``matched_by`` is an exact key kind, ``search``, or ``none``: said plainly, never papered over.

    ``confidence`` is how sure it is, from 0 to 1, that ``runbook`` is right; with ``none``, that the first of
    ``also``, the nearest, would be. ``degraded`` names the parts that should have answered and did not.
    """

    alert: Alert
    matched_by: Literal["url", "arn", "alert", "title", "path", "rule", "search", "none"]
    runbook: Card | None
    reasons: tuple[str, ...] = ()
    also: tuple[Card, ...] = ()
    confidence: float = 0.0
    degraded: tuple[str, ...] = ()
