"""Who is told of which alert: routes from service, severity, team, source and time of day to named targets.

All routes that match apply; the default targets do when none does. An update goes where its first message went,
because time windows are asked about when the notice began, not about now.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Literal

from personal_pipeline.domain.notices import Notice

Kind = Literal["eventbridge", "sns", "slack", "pagerduty", "teams", "webhook", "terminal"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_OF_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """``options``: what its kind needs besides, by the names of the routes file. Secrets are there by name only."""

    name: str
    kind: Kind
    options: Mapping[str, Any] = field(default_factory=dict)

    def text(self, option: str, otherwise: str = "") -> str:
        return str(self.options.get(option) or otherwise)


@dataclass(frozen=True, slots=True)
class Window:
    """On these days (0 = Monday), from one minute of the day to before another, by the clock on the wall of a zone.

    One that ends before it begins goes on after midnight, and belongs to the day on which it began. An hour that a
    clock change repeats counts twice, one that it skips never comes.
    """

    days: frozenset[int]
    begins: int
    ends: int
    zone: tzinfo

    def contains(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        minute, day = local.hour * 60 + local.minute, local.weekday()
        if self.begins < self.ends:
            return day in self.days and self.begins <= minute < self.ends
        return (day in self.days and minute >= self.begins) or ((day - 1) % 7 in self.days and minute < self.ends)


@dataclass(frozen=True, slots=True)
class Route:
    """Each field that is given must match, by any of its values. ``number`` is its place in the file, from 1."""

    number: int
    targets: tuple[str, ...]
    services: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    during: tuple[Window, ...] = ()

    def matches(self, service: str, severity: str, team: str, at: datetime, sources: Collection[str] = ()) -> bool:
        return (
            (not self.services or any(_is_like(service, pattern) for pattern in self.services))
            and (not self.severities or severity in self.severities)
            and (not self.teams or _folded(team) in map(_folded, self.teams))
            and (not self.sources or not set(self.sources).isdisjoint(sources))
            and (not self.during or any(window.contains(at) for window in self.during))
        )


@dataclass(frozen=True, slots=True)
class Routes:
    targets: tuple[TargetSettings, ...]
    routes: tuple[Route, ...]
    default: tuple[str, ...]

    def target(self, name: str) -> TargetSettings | None:
        return next((target for target in self.targets if target.name == name), None)

    def targets_for(
        self, service: str, severity: str, team: str, at: datetime, sources: Collection[str] = ()
    ) -> tuple[TargetSettings, ...]:
        """Each target once, in the order of the file."""
        matching = self.matching(service, severity, team, at, sources)
        names = {name for route in matching for name in route.targets} if matching else set(self.default)
        return tuple(target for target in self.targets if target.name in names)

    def matching(
        self, service: str, severity: str, team: str, at: datetime, sources: Collection[str] = ()
    ) -> tuple[Route, ...]:
        return tuple(route for route in self.routes if route.matches(service, severity, team, at, sources))

    def targets_of(self, notice: Notice) -> tuple[TargetSettings, ...]:
        """For every revision of it the same, as long as its service, severity and team are."""
        sources = {example.source for section in notice.sections for example in section.examples}
        return self.targets_for(notice.service, notice.severity, notice.owner, notice.started_at, sources)


def minute_of_day(text: str) -> int:
    """From ``09:00``, up to ``24:00``. Raises ValueError."""
    found = re.fullmatch(r"([01]\d|2[0-4]):([0-5]\d)", text)
    minute = int(found[1]) * 60 + int(found[2]) if found else MINUTES_OF_A_DAY + 1
    if minute > MINUTES_OF_A_DAY:
        raise ValueError("no time of day")
    return minute


def unknown_names(names: Sequence[str], known: Collection[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name not in known]


def _is_like(name: str, pattern: str) -> bool:
    """``*`` stands for any characters, none among them; everything else for itself."""
    parts = (re.escape(part) for part in _folded(pattern).split("*"))
    return re.fullmatch(".*".join(parts), _folded(name), re.DOTALL) is not None


def _folded(name: str) -> str:
    return name.strip().casefold()
