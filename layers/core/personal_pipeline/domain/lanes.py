"""When people are told: at once, and after that not more often than a lane allows.

What is not urgent goes down the lane of its service; a critical alert has one of its own kind, so that it waits for
nothing but its like. A lane has slots: the first word goes out at once, what comes in the interval after it gathers
for the next slot.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from personal_pipeline.domain.alerts import Severity
from personal_pipeline.domain.analysis import joined
from personal_pipeline.domain.ids import short_id
from personal_pipeline.domain.instances import without_instances

INTERVAL, CRITICAL_INTERVAL = 10.0, 2.0  # seconds between two messages
MAX_KEY = 80  # characters
_NOBODY = "-"  # an alert that names neither service nor itself


@dataclass(frozen=True, slots=True)
class Lane:
    """``slot`` is the newest one, ``flushed`` the newest whose gathering has ended; epoch seconds.

    ``unfinished``: their gathering has ended, and nobody has said yet that what gathered was told.
    """

    name: str
    slot: float = 0.0
    flushed: float = 0.0
    unfinished: tuple[float, ...] = ()

    @property
    def interval(self) -> float:
        return CRITICAL_INTERVAL if "!" in self.name else INTERVAL

    @property
    def service(self) -> str:
        """The service's name in normal form, or what stands for it."""
        return self.name.partition("!")[0]


@dataclass(frozen=True, slots=True)
class Joined:
    """``due``: now, or at the slot, with somebody else's tick, or with one that this caller must send."""

    lane: Lane
    due: Literal["now", "later", "tick"]


def lane_name(service: str, name: str, severity: Severity) -> str:
    kind = kind_of(name)
    of = key_of(service) or kind or _NOBODY
    return f"{of}!{kind}" if severity is Severity.CRITICAL else of


def kind_of(alert_name: str) -> str:
    """What alerts are that differ by their instance only."""
    return key_of(without_instances(alert_name)) or key_of(alert_name)


def key_of(name: str) -> str:
    """A name in normal form, as a part of keys: a long one ends with its hash."""
    key = joined(name)
    return key if len(key) <= MAX_KEY else f"{key[: MAX_KEY - 17]}~{short_id(key)}"


def joined_lane(lane: Lane, now: float) -> Joined:
    """The lane as it must be written, unless it stays as it was."""
    if lane.slot > lane.flushed:
        return Joined(lane, "now" if lane.slot <= now else "later")
    following = max(now, lane.slot + lane.interval) if lane.slot else now
    return Joined(replace(lane, slot=following), "now" if following <= now else "tick")


def flushed_lane(lane: Lane, slot: float) -> Lane:
    """A slot that was finished before stays so: then the lane stays as it is."""
    if slot <= lane.flushed:
        return lane
    return replace(lane, flushed=slot, unfinished=(*lane.unfinished, slot))


def finished_lane(lane: Lane, slots: Collection[float]) -> Lane:
    return replace(lane, unfinished=tuple(slot for slot in lane.unfinished if slot not in slots))
