"""What people are told: one notice for an alert, or for a burst of them. The same for every target.

All texts but ``reasons`` were written by outsiders. A target escapes them for itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from personal_pipeline.domain.alerts import RunbookMatch, Severity
from personal_pipeline.domain.catalog import Card

Decision = Literal["attach", "suggest", "none"]
SUGGEST_AT = 0.4
"""Confidence from which the nearest are worth somebody's time. Of the benchmark's alerts that got no runbook, those
below it had the right one among the first three in 7 of 30 cases; of those above, most."""
MAX_EXAMPLES = 5  # alerts of a section that are named one by one; all are counted


@dataclass(frozen=True, slots=True)
class Step:
    """``command`` is what to type, in ``language``; a step may be words, a command, or both."""

    text: str
    command: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that may be the runbook, and why."""

    card: Card
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """One alert of a section. ``alert_id`` is what ``GET /v1/alerts/{id}`` knows it by."""

    alert_id: str
    source: str
    name: str
    summary: str
    fingerprint: str
    severity: Severity
    starts_at: datetime | None = None
    url: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """The alerts of a notice that one decision answers.

    *attach*: ``runbook`` is it. *suggest*: none is sure, ``candidates`` are the likeliest, best first. *none*:
    there is no runbook, and ``candidates`` is empty. ``confidence`` is from 0 to 1 that the first is right.
    """

    decision: Decision
    matched_by: str
    confidence: float
    reasons: tuple[str, ...]
    runbook: Card | None
    candidates: tuple[Candidate, ...]
    steps: tuple[Step, ...]
    examples: tuple[Example, ...]
    firing: int
    resolved: int
    degraded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Related:
    """Another service that alerts at the same time. ``is_upstream``: this one depends on it."""

    service: str
    incident_id: str
    since: datetime
    alert: str
    is_upstream: bool
    runbook: Card | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """``notice_id`` stays the same while ``revision`` counts from 1: what a target shows of it is replaced.

    ``related`` has the likeliest first cause first; ``cause`` is that one, or None when this is it or none is known.
    ``fired`` says how often a flapping alert has fired.
    """

    notice_id: str
    revision: int
    incident_id: str
    status: Literal["firing", "resolved"]
    severity: Severity
    service: str
    owner: str
    contacts: tuple[str, ...]
    sections: tuple[Section, ...]
    started_at: datetime
    updated_at: datetime
    related: tuple[Related, ...] = ()
    cause: Related | None = None
    fired: int = 1

    @property
    def firing(self) -> int:
        return sum(section.firing for section in self.sections)

    @property
    def is_update(self) -> bool:
        return self.revision > 1


def decision_of(match: RunbookMatch) -> Decision:
    if match.runbook:
        return "attach"
    return "suggest" if match.also and match.confidence >= SUGGEST_AT else "none"
