"""Whom to turn to now, and whom next and when, by what a document says and nothing else.

One line of a document is one contact: its names and addresses, in which order, after how long and when. Who is named
outside of a list of contacts is named, but has no turn.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from personal_pipeline.domain.errors import InvalidQueryError
from personal_pipeline.domain.extract.structure import Contact, Structure
from personal_pipeline.domain.procedures import note_of
from personal_pipeline.domain.structure_places import Places, section_id

_MINUTES = re.compile(r"[0-9]{1,6}")
_ANOTHER = re.compile(r"\b(?:another|further|more minutes)\b", re.IGNORECASE)
_LEVEL = r"sev(?:erity)?[ -]?[0-5]|p(?:riority)?[ -]?[0-5]"
_WORD = r"critical|high|major|medium|moderate|low|minor|warning|info"
_SEVERITY = re.compile(
    rf"\b(?:(?P<level>{_LEVEL})|(?P<before>{_WORD})[ -](?:severity|priority|alerts?|incidents?)"
    rf"|(?:severity|priority)(?: is)?[ :=]+(?P<after>{_WORD}))\b",
    re.IGNORECASE,
)
_OR_MORE = re.compile(r"\b(?:or|and) (?:higher|above|worse|lower|below|less)\b|\bat least\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rung:
    """One line: ``after`` counts minutes from the start, None where the document does not say when.

    ``applies`` is None where only the reader can tell whether its condition holds.
    """

    contacts: tuple[Contact, ...]
    after: int | None
    applies: bool | None

    @property
    def order(self) -> int | None:
        return self.contacts[0].order

    @property
    def condition(self) -> str:
        return self.contacts[0].condition


@dataclass(frozen=True, slots=True)
class Elapsed:
    """None where it is not said."""

    minutes: int | None = None
    began: datetime | None = None


def elapsed(at: str, now: datetime) -> Elapsed:
    """``at``: how many minutes ago it began, or when, as an ISO time with an offset. Raises InvalidQueryError."""
    if not at:
        return Elapsed()
    if _MINUTES.fullmatch(at):
        return Elapsed(int(at))
    try:
        began: datetime | None = datetime.fromisoformat(at)
    except ValueError:
        began = None
    if began is None or began.tzinfo is None:
        raise InvalidQueryError(
            f"at {at[:60]!r}: say how many minutes ago it began, or when: 20, or 2026-11-29T03:10:00Z"
        )
    return Elapsed(max(0, int((now - began).total_seconds() // 60)), began)


def escalation(structure: Structure, severity: str, since: Elapsed) -> dict[str, Any]:
    """Where it is not said how long ago it began, it has just begun."""
    places = Places(structure)
    lines = [tuple(group) for _, group in groupby(structure.contacts, key=lambda one: one.group)]
    listed = [line for line in lines if _is_listed(places, line[0])]
    named = [line for line in lines if not _is_listed(places, line[0])]
    rungs = _timed(listed, severity)
    current, following = _turns([rung for rung in rungs if rung.applies], since.minutes or 0)
    return {
        "note": _note(structure, rungs),
        "minutes": since.minutes,
        "now": [_shown(places, rung) for rung in current],
        "next": _next(places, following, since) if following else None,
        "conditional": [_shown(places, rung) for rung in rungs if rung.applies is None],
        "contacts": [_shown(places, rung) for rung in rungs],
        "named": [_shown(places, Rung(line, None, None)) for line in named],
    }


def _is_listed(places: Places, contact: Contact) -> bool:
    """In a section about it or in a table of contacts; a step that says "tell the team" is no list."""
    place = places.section_at(contact.span)
    while place is not None:
        section = places.structure.sections[place]
        if section.kind == "escalation":
            return True
        place = section.parent
    return contact.order is not None or contact.waits is not None


def _timed(lines: list[tuple[Contact, ...]], severity: str) -> list[Rung]:
    """In their turn. "After another ten minutes" counts from the line before."""
    if any(line[0].order is not None for line in lines):
        lines = sorted(lines, key=lambda line: line[0].order if line[0].order is not None else 1_000_000)
    rungs: list[Rung] = []
    for line in lines:
        first = line[0]
        after = first.waits
        if after is None and not rungs and not first.condition:
            after = 0
        elif after is not None and rungs and rungs[-1].after is not None and _ANOTHER.search(first.condition):
            after += rungs[-1].after
        rungs.append(Rung(line, after, _applies(first, severity)))
    return rungs


def _applies(contact: Contact, severity: str) -> bool | None:
    if not contact.condition:
        return True
    said = {_level(found) for found in _SEVERITY.finditer(contact.condition)}
    if said and severity:
        wanted = re.sub(r"[ -]", "", severity.casefold())
        wanted = wanted.replace("severity", "sev").replace("priority", "p")
        if wanted in said:
            return True
        return None if _OR_MORE.search(contact.condition) else False
    return True if contact.waits is not None and not said else None


def _level(found: re.Match[str]) -> str:
    said = re.sub(r"[ -]", "", (found["level"] or found["before"] or found["after"]).casefold())
    return said.replace("severity", "sev").replace("priority", "p")


def _turns(rungs: list[Rung], minutes: int) -> tuple[list[Rung], Rung | None]:
    """Whose turn it is, and who is next. Lines without order and time have their turn together, at the start."""
    if not rungs:
        return [], None
    has_turns = any(rung.order is not None for rung in rungs) or any(rung.after for rung in rungs)
    if not has_turns:
        return rungs, None
    reached = max((n for n, rung in enumerate(rungs) if rung.after is not None and rung.after <= minutes), default=None)
    if reached is None:
        return [], rungs[0]
    at_once = [rung for rung in rungs[: reached + 1] if rung.after == rungs[reached].after]
    unordered = [rung for rung in rungs if rung.order is None and rung.after is None and rungs[reached].after == 0]
    later = [rung for rung in rungs[reached + 1 :] if rung not in unordered]
    return at_once + unordered, later[0] if later else None


def _next(places: Places, rung: Rung, since: Elapsed) -> dict[str, Any]:
    """``in_minutes`` is None where the document does not say when, ``at`` also where the start is not known."""
    if rung.after is None:
        return _shown(places, rung) | {"in_minutes": None, "at": None}
    at = (since.began + timedelta(minutes=rung.after)).astimezone(UTC) if since.began else None
    wait = max(0, rung.after - (since.minutes or 0))
    return _shown(places, rung) | {"in_minutes": wait, "at": at.isoformat(timespec="seconds") if at else None}


def _shown(places: Places, rung: Rung) -> dict[str, Any]:
    first = rung.contacts[0]
    return {
        "order": first.order,
        "condition": first.condition,
        "after_minutes": rung.after,
        "applies": rung.applies,
        "section": section_id(places.section_at(first.span)),
        "contacts": [
            {"kind": one.kind, "value": one.value, "span": places.structure.place(one.span)} for one in rung.contacts
        ],
    }


def _note(structure: Structure, rungs: list[Rung]) -> str:
    if rungs or not structure.contacts:
        return note_of(structure, "contacts")
    return "this document has no list of whom to turn to; who is named in its text is under 'named'"
