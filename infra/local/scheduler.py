"""Plays EventBridge schedule rules: ``rate(...)`` and ``cron(...)``, in UTC.

A tick that was missed, because the machine slept or the server was off, is made up for once, however many
there were.
"""

import calendar
import json
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from infra.local.template import TemplateError
from infra.local.topology import ACCOUNT, REGION, Schedule

_UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_MAX_DAYS_AHEAD = 366 * 8  # a 29th of February is at most eight years away


class Timetable(Protocol):
    def next_after(self, moment: float) -> float:
        """Epoch seconds of the first tick after that moment."""


@dataclass(frozen=True, slots=True)
class Rate:
    seconds: int

    def next_after(self, moment: float) -> float:
        return moment + self.seconds


@dataclass(frozen=True, slots=True)
class Cron:
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    years: frozenset[int]
    is_last_day: bool = False

    def next_after(self, moment: float) -> float:
        start = datetime.fromtimestamp(moment, UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        day = start.date()
        for _ in range(_MAX_DAYS_AHEAD):
            if self._takes(day.year, day.month, day.day, day.isoweekday() % 7 + 1):
                for hour in sorted(self.hours):
                    for minute in sorted(self.minutes):
                        tick = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
                        if tick >= start:
                            return tick.timestamp()
            day += timedelta(days=1)
        return float("inf")

    def _takes(self, year: int, month: int, day: int, weekday: int) -> bool:
        last = self.is_last_day and day == calendar.monthrange(year, month)[1]
        return (day in self.days or last) and month in self.months and weekday in self.weekdays and year in self.years


def timetable(expression: str) -> Timetable:
    if found := re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression):
        return Rate(int(found[1]) * _UNITS[found[2]])
    found = re.fullmatch(r"cron\((.+)\)", expression)
    fields = found[1].split() if found else []
    if len(fields) != 6:
        raise TemplateError(f"schedule {expression!r}: rate(5 minutes) or cron(minute hour day month weekday year)")
    minute, hour, day, month, weekday, year = fields
    try:
        return Cron(
            minutes=_numbers(minute, 0, 59),
            hours=_numbers(hour, 0, 23),
            days=frozenset() if day == "L" else _numbers(day, 1, 31),
            months=_numbers(month, 1, 12, _MONTHS),
            weekdays=_numbers(weekday, 1, 7, _DAYS),
            years=_numbers(year, 1970, 2199),
            is_last_day=day == "L",
        )
    except ValueError as error:
        raise TemplateError(f"schedule {expression!r} is not played here: {error}") from error


def _numbers(field: str, low: int, high: int, names: dict[str, int] | None = None) -> frozenset[int]:
    """``*``, ``?``, lists, ranges and steps. What is special to AWS beside those (W, #, 6L) is refused."""
    chosen: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span in {"*", "?"}:
            first, last = low, high
        else:
            left, _, right = span.partition("-")
            first = _number(left, names)
            last = _number(right, names) if right else high if step else first
        if not low <= first <= last <= high:
            raise ValueError(f"{part!r} is not between {low} and {high}")
        chosen.update(range(first, last + 1, int(step or 1)))
    return frozenset(chosen)


def _number(text: str, names: dict[str, int] | None) -> int:
    return (names or {}).get(text.upper()) or int(text)


class Ticks(Protocol):
    def last_tick(self, schedule: str) -> float | None: ...

    def set_tick(self, schedule: str, at: float) -> None: ...


Start = Callable[[Schedule, dict[str, Any]], None]


class Scheduler:
    """``run_due`` starts what is due and says when to come back. The first tick of a rate is one interval away."""

    def __init__(self, schedules: Sequence[Schedule], ticks: Ticks, start: Start, now: Callable[[], float]) -> None:
        self._timetables = [(schedule, timetable(schedule.expression)) for schedule in schedules]
        self._ticks = ticks
        self._start = start
        self._now = now
        for schedule, _ in self._timetables:
            if ticks.last_tick(schedule.name) is None:
                ticks.set_tick(schedule.name, now())

    def run_due(self) -> float:
        now = self._now()
        upcoming = float("inf")
        for schedule, table in self._timetables:
            last = self._ticks.last_tick(schedule.name)
            last = now if last is None or last > now else last  # a clock set back must not silence a schedule
            due = table.next_after(last)
            if due <= now:
                self._ticks.set_tick(schedule.name, now)
                self._start(schedule, scheduled_event(schedule, now))
                due = table.next_after(now)
            upcoming = min(upcoming, due)
        return upcoming


def scheduled_event(schedule: Schedule, now: float) -> dict[str, Any]:
    if schedule.input is not None:
        event: dict[str, Any] = json.loads(schedule.input)
        return event
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{schedule.name}"],
        "detail": {},
    }
