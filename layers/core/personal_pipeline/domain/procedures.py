"""What is answered of a procedure: all of it, or one step with what comes next. Every item says where it stands.

Steps follow one another as the document has them, section after section; those of a way back or of an escalation follow
only one another, because nobody walks into them by accident.
"""

from collections.abc import Iterable
from functools import cached_property
from itertools import groupby
from typing import Any

from personal_pipeline.domain.besides import Besides, Piece
from personal_pipeline.domain.extract.structure import Branch, Command, Expected, Remark, Span, Structure
from personal_pipeline.domain.structure_places import Places, section_id, step_id

MAX_ACTION = 400  # characters: what a branch leads to may be a whole section
_APART = ("rollback", "escalation")
_KINDS = {"steps": "step", "commands": "command", "branches": "branch", "contacts": "contact", "remarks": "remark"}

Fields = dict[str, Any]


def procedure(structure: Structure, text: str, markup: str, step: str = "", section: str = "") -> Fields:
    """Spans count in ``text``.

    Raises PlaceMissingError and InvalidQueryError for a step or section that is not there, or there twice.
    """
    shown = _Procedure(structure, Besides(structure, text, markup))
    inside = shown.places.find_section(section) if section else None
    if step:
        return shown.one(shown.places.find_step(step, inside))
    return shown.whole(inside)


def note_of(structure: Structure, wanted: str = "steps") -> str:
    """What to say where nothing of that kind was found, and what there is instead; empty where there is some."""
    if getattr(structure, wanted):
        return ""
    counts = {one: len(getattr(structure, kind)) for kind, one in _KINDS.items() if getattr(structure, kind)}
    there = ", ".join(f"{n} {one}{'es' * (n != 1) if one == 'branch' else 's' * (n != 1)}" for one, n in counts.items())
    return f"no {wanted} were found in this document; {f'it has {there}' if there else 'read its text'}"


class _Procedure:
    def __init__(self, structure: Structure, besides: Besides) -> None:
        self.structure = structure
        self.besides = besides
        self.places = Places(structure)

    def whole(self, section: int | None) -> Fields:
        inside = None if section is None else self.places.within(section)
        steps = [n for n, step in enumerate(self.structure.steps) if inside is None or step.section in inside]
        remarks = [
            one for one in self.structure.remarks if inside is None or self.places.section_at(one.span) in inside
        ]
        return {
            "note": note_of(self.structure),
            "start": step_id(self._start(steps)) if steps else None,
            "sections": self._sections(inside),
            "steps": [self._step(n) for n in steps],
            "prerequisites": [self._remark(one) for one in remarks if one.kind == "prerequisite"],
            "verification": [self._remark(one) for one in remarks if one.kind == "verification"],
            "rollback": [self._remark(one) for one in remarks if one.kind == "rollback"],
        }

    def one(self, place: int) -> Fields:
        step = self.structure.steps[place]
        following = self._following[place]
        before = self._following.index(place) if place in self._following else None
        return {
            "step": self._step(place),
            "section": {"id": section_id(step.section), "title": self.places.title(step.section)},
            "next": self._brief(following) if following is not None else None,
            "previous": self._brief(before) if before is not None else None,
        }

    def _start(self, steps: list[int]) -> int:
        return next((n for n in steps if not self._apart(n)), steps[0])

    def _apart(self, place: int) -> str:
        kind = self.places.kind(self.structure.steps[place].section)
        return kind if kind in _APART else ""

    @cached_property
    def _following(self) -> list[int | None]:
        """For each step the one after it."""
        found: list[int | None] = [None] * len(self.structure.steps)
        last: dict[str, int] = {}
        for place in range(len(found)):
            if (before := last.get(self._apart(place))) is not None:
                found[before] = place
            last[self._apart(place)] = place
        return found

    @cached_property
    def _branches(self) -> dict[int | None, list[Branch]]:
        """By the step that they are asked in."""
        found: dict[int | None, list[Branch]] = {}
        for branch in self.structure.branches:
            found.setdefault(branch.origin, []).append(branch)
        return found

    def _step(self, place: int) -> Fields:
        step = self.structure.steps[place]
        following = self._following[place]
        return {
            "id": step_id(place),
            "number": step.number,
            "text": step.text,
            "depth": step.depth,
            "section": section_id(step.section),
            "parent": step_id(step.parent) if step.parent is not None else None,
            "commands": [self._command(self.structure.commands[n]) for n in step.commands],
            "expected": [self._expected(self.structure.expected[n]) for n in step.expected],
            "branches": [self._branch(one) for one in self._branches.get(place, ())],
            "also": [self._also(one) for one in self.besides.of_step.get(place, ())],
            "next": step_id(following) if following is not None else None,
            "span": self._span(step.span),
        }

    def _brief(self, place: int) -> Fields:
        step = self.structure.steps[place]
        return {
            "id": step_id(place),
            "number": step.number,
            "text": step.text,
            "section": {"id": section_id(step.section), "title": self.places.title(step.section)},
            "span": self._span(step.span),
        }

    def _sections(self, inside: set[int | None] | None) -> list[Fields]:
        """Those in which something stands. Commands, results and branches that belong to no step are listed here."""
        of_steps = {n for step in self.structure.steps for n in step.commands}
        seen = {n for step in self.structure.steps for n in step.expected}
        steps = self._grouped((step.section, step_id(n)) for n, step in enumerate(self.structure.steps))
        commands = self._loose(one for n, one in enumerate(self.structure.commands) if n not in of_steps)
        expected = self._loose(one for n, one in enumerate(self.structure.expected) if n not in seen)
        branches = self._loose(self._branches.get(None, ()))
        remarked = self._loose(self.structure.remarks)
        also = self.besides.of_section
        found = sorted(
            {*steps, *commands, *expected, *branches, *remarked, *also}, key=lambda n: -1 if n is None else n
        )
        return [
            self._section(n)
            | {
                "steps": steps.get(n, []),
                "commands": [self._command(one) for one in commands.get(n, ())],
                "expected": [self._expected(one) for one in expected.get(n, ())],
                "branches": [self._branch(one) for one in branches.get(n, ())],
                "also": [self._also(one) for one in also.get(n, ())],
            }
            for n in found
            if inside is None or n in inside
        ]

    def _section(self, place: int | None) -> Fields:
        if place is None:
            first = self.structure.sections[0].span.start if self.structure.sections else None
            span = Span(0, first) if first is not None else None
            return {"id": "h0", "title": "", "level": 0, "kind": "", "span": self._span(span) if span else None}
        found = self.structure.sections[place]
        return {
            "id": section_id(place),
            "title": found.title,
            "level": found.level,
            "kind": found.kind,
            "span": self._span(found.span),
        }

    def _loose(self, items: Iterable[Any]) -> dict[int | None, list[Any]]:
        return self._grouped((self.places.section_at(item.span), item) for item in items)

    def _grouped(self, pairs: Iterable[tuple[int | None, Any]]) -> dict[int | None, list[Any]]:
        found: dict[int | None, list[Any]] = {}
        for section, group in groupby(pairs, key=lambda pair: pair[0]):
            found.setdefault(section, []).extend(item for _, item in group)
        return found

    def _command(self, command: Command) -> Fields:
        return {
            "text": command.text,
            "language": command.language,
            "risk": command.risk.value,
            "why": command.why,
            "placeholders": list(command.placeholders),
            "span": self._span(command.span),
        }

    def _expected(self, expected: Expected) -> Fields:
        return {"text": expected.text, "span": self._span(expected.span)}

    def _also(self, piece: Piece) -> Fields:
        return {"text": piece.text, "span": self._span(piece.span)}

    def _remark(self, remark: Remark) -> Fields:
        section = section_id(self.places.section_at(remark.span))
        return {"text": remark.text, "section": section, "span": self._span(remark.span)}

    def _branch(self, branch: Branch) -> Fields:
        action = branch.action if len(branch.action) <= MAX_ACTION else f"{branch.action[: MAX_ACTION - 1]}…"
        return {
            "condition": branch.condition,
            "span": self._span(branch.span),
            "action": action,
            "action_span": self._span(branch.target),
            "leads_to": self._leads_to(branch),
        }

    def _leads_to(self, branch: Branch) -> Fields | None:
        """The place or the page that it names, else the first step that stands in what is to be done then."""
        if branch.step is not None:
            return {"kind": "step", "id": step_id(branch.step), "text": self.structure.steps[branch.step].text}
        if branch.section is not None:
            inside = self.places.within(branch.section)
            first = next((n for n, step in enumerate(self.structure.steps) if step.section in inside), None)
            title = self.places.title(branch.section)
            start = step_id(first) if first is not None else None
            return {"kind": "section", "id": section_id(branch.section), "text": title, "start": start}
        if branch.link:
            return {"kind": "document", "link": branch.link}
        if (place := self.places.step_in_action(branch)) is not None:
            return {"kind": "step", "id": step_id(place), "text": self.structure.steps[place].text}
        return None

    def _span(self, span: Span) -> dict[str, str | int]:
        return self.structure.place(span)
