"""The one alert model that every source is normalised to, and what was decided for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from personal_pipeline.domain.catalog import Card
from personal_pipeline.domain.errors import InvalidAlertError


class Severity(StrEnum):
    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert instance. ``labels`` and ``annotations`` are as the sender wrote them: untrusted text.

    ``fingerprint`` is the same for all notices of one alert of its source, firing or resolved. ``starts_at`` is None
    where the source does not say it. ``arn`` is that of a CloudWatch alarm.
    """

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
    arn: str = ""


@dataclass(frozen=True, slots=True)
class ReadAlerts:
    """What one payload says; ``unreadable`` has a line for each of its alerts that could not be read, and why."""

    alerts: tuple[Alert, ...]
    unreadable: tuple[str, ...] = ()

    @classmethod
    def of(cls, source: str, items: Sequence[object], read: Callable[[Mapping[str, Any]], Alert]) -> "ReadAlerts":
        """Each item by itself: one that is no object, or that ``read`` refuses, is named and leaves the others."""
        alerts: list[Alert] = []
        unreadable: list[str] = []
        for place, item in enumerate(items, start=1):
            if not isinstance(item, Mapping):
                unreadable.append(f"{source}: alert {place} of {len(items)} is no object")
                continue
            try:
                alerts.append(read(item))
            except InvalidAlertError as error:
                unreadable.append(f"{source}: alert {place} of {len(items)}: {error}")
        return cls(tuple(alerts), tuple(unreadable))


@dataclass(frozen=True, slots=True)
class RunbookMatch:
    """``matched_by`` is an exact key kind, ``search``, or ``none``: said plainly, never papered over.

    ``confidence`` is how sure it is, from 0 to 1, that ``runbook`` is right; with ``none``, that the first of
    ``also``, the nearest, would be. ``also_because`` has the reasons of each of ``also``, where a search found it.
    ``degraded`` names the parts that should have answered and did not.
    """

    alert: Alert
    matched_by: Literal["url", "arn", "alert", "title", "path", "rule", "search", "none"]
    runbook: Card | None
    reasons: tuple[str, ...] = ()
    also: tuple[Card, ...] = ()
    confidence: float = 0.0
    degraded: tuple[str, ...] = ()
    also_because: tuple[tuple[str, ...], ...] = ()
