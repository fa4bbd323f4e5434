"""What came back for each request, whichever tool asked, and what may be said of it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Any

from tests.performance.scenario import Group, Op

CACHED = frozenset({"l1", "l2", "stale"})
TIERS = CACHED | {"index", "keys"}
SEARCHES: frozenset[Op] = frozenset({"search", "filtered"})
HAS_FIELD: dict[Op, str] = {
    "search": "hits", "filtered": "hits", "suggest": "suggestions", "document": "id", "feedback": "status",
    "health": "status", "bulk": "hits", "alert": "",
}  # fmt: skip
_DURATION = re.compile(r";dur=(\d{1,9}(?:\.\d{1,6})?)")
QUANTILES = (0.5, 0.9, 0.95, 0.99)
NORMAL_95 = 1.96
ENOUGH = 20  # samples beyond a quantile before it is told


@dataclass(frozen=True, slots=True)
class Sample:
    """Times in seconds from the beginning. ``at`` is when it should have been sent, ``tier`` what ``X-Cache`` said.

    ``error`` is its class, empty for an answer that passed the checks. ``inside_ms`` is what ``Server-Timing`` said:
    how long the function took, without the waiting before it; 0 where it says nothing.
    """

    at: float
    sent: float
    done: float
    op: Op
    phase: str
    tier: str = ""
    semantic: bool = False
    cold: bool = False
    error: str = ""
    inside_ms: float = 0.0

    @property
    def latency_ms(self) -> float:
        """From when it should have been sent: waiting behind a stalled system counts."""
        return (self.done - self.at) * 1_000

    @property
    def service_ms(self) -> float:
        return (self.done - self.sent) * 1_000

    @property
    def lateness_ms(self) -> float:
        return (self.sent - self.at) * 1_000

    @property
    def group(self) -> Group:
        if self.cold:
            return "cold"
        if self.op != "search" and self.op != "filtered":
            return self.op
        if self.tier in CACHED:
            return "cached"
        return "semantic" if self.semantic else "standard"


def tier_of(header: str) -> str:
    """What ``X-Cache`` said; a target may be somebody else's and say anything."""
    return header if header in TIERS else ""


def inside_of(header: str) -> float:
    found = _DURATION.search(header)
    return float(found[1]) if found else 0.0


def error_of(op: Op, status: int, body: Any) -> str:
    """The class of what is wrong with an answer; empty if nothing is. ``body`` is what its JSON says, or None."""
    if status >= 400 or status == 0:
        return f"status {status}"
    wanted = HAS_FIELD[op]
    if wanted and not (isinstance(body, dict) and wanted in body):
        return "body"
    return ""


@dataclass(frozen=True, slots=True)
class Interval:
    """A quantile with what it lies between in 95 of 100 runs, by the order of the samples."""

    value: float
    low: float
    high: float


def quantile(ordered: Sequence[float], part: float) -> Interval | None:
    """None where too few samples lie beyond it to say."""
    count = len(ordered)
    if count * (1 - part) < ENOUGH - 1e-9:
        return None
    spread = NORMAL_95 * sqrt(count * part * (1 - part))
    low, high = floor(count * part - spread), ceil(count * part + spread)
    middle = min(count - 1, ceil(count * part) - 1)
    return Interval(ordered[middle], ordered[max(0, low)], ordered[min(count - 1, high)])


def hit_rate(samples: Iterable[Sample]) -> float | None:
    """Of searches that were answered: fresh from a cache, or once more while it is refreshed."""
    tiers = [one.tier for one in samples if one.op in SEARCHES and not one.error]
    return sum(tier in CACHED for tier in tiers) / len(tiers) if tiers else None
