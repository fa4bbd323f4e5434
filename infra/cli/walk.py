"""The way through a procedure: its stops, which were done, and where each answer leads."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

Fields = Mapping[str, Any]
_APART = ("rollback", "escalation")


@dataclass(frozen=True, slots=True)
class Stop:
    """One step, or what a section says beside its steps."""

    id: str
    title: str  # of the section
    number: str
    text: str  # empty where it is no step
    commands: tuple[Fields, ...]
    expected: tuple[Fields, ...]
    branches: tuple[Fields, ...]
    also: tuple[Fields, ...]
    apart: str

    @property
    def own_commands(self) -> list[Fields]:
        """Those that are not for one of several conditions only."""
        if len(self.branches) < 2:
            return list(self.commands)
        hidden = [command for branch in self.branches for command in self.commands_of(branch)]
        return [command for command in self.commands if command not in hidden]

    def commands_of(self, branch: Fields) -> list[Fields]:
        first, last = branch["action_span"]["start"], branch["action_span"]["end"]
        return [one for one in self.commands if first <= one["span"]["start"] and one["span"]["end"] <= last]


@dataclass(slots=True)
class Walk:
    stops: list[Stop]
    at: int = 0
    done: dict[str, datetime] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)  # of placeholders
    trail: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.at = next((n for n, stop in enumerate(self.stops) if not stop.apart), 0)

    @property
    def stop(self) -> Stop:
        return self.stops[self.at]

    @property
    def position(self) -> tuple[int, int]:
        """Which one of how many this is, on its way."""
        way = [n for n, stop in enumerate(self.stops) if stop.apart == self.stop.apart]
        return way.index(self.at) + 1, len(way)

    @property
    def following(self) -> int | None:
        rest = range(self.at + 1, len(self.stops))
        return next((n for n in rest if self.stops[n].apart == self.stop.apart), None)

    @property
    def way_back(self) -> int | None:
        return next((n for n, stop in enumerate(self.stops) if stop.apart == "rollback"), None)

    def place_of(self, target: Fields) -> int | None:
        """None for a page, and for a section that has no stop."""
        named = {target.get("id"), target.get("start")} - {None}
        return next((n for n, stop in enumerate(self.stops) if stop.id in named), None)

    def go(self, place: int) -> None:
        self.trail.append(self.at)
        self.at = place

    def back(self) -> bool:
        if not self.trail:
            return False
        self.at = self.trail.pop()
        return True


def stops_of(procedure: Fields) -> list[Stop]:
    """In the order of the text. Contacts are asked for, not walked through.

    What a section says before its first step is said with that step, unless something is to be done there, too.
    """
    steps = {step["id"]: step for step in procedure["steps"]}
    found: list[Stop] = []
    for section in procedure["sections"]:
        apart = section["kind"] if section["kind"] in _APART else ""
        here = [_stop(steps[name], section, apart) for name in section["steps"]]
        branches = [one for one in section["branches"] if (one["leads_to"] or {}).get("id") not in section["steps"]]
        own = _stop({**section, "branches": branches, "number": "", "text": ""}, section, apart)
        if here and not (own.commands or own.expected or own.branches):
            here[0] = replace(here[0], also=(*own.also, *here[0].also))
        elif apart != "escalation" and (own.commands or own.expected or own.branches or own.also):
            here.insert(0, own)
        found += here
    return found


def _stop(holder: Fields, section: Fields, apart: str) -> Stop:
    items = {name: tuple(holder[name]) for name in ("commands", "expected", "branches", "also")}
    return Stop(holder["id"], section["title"], holder["number"], holder["text"], apart=apart, **items)
