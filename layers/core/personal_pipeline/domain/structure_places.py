"""Where the items of a structure stand, and a step or a section by the name that a caller gives.

An id is a place in one revision of one document: ``s3`` is its third step, ``h2`` the section under its second heading,
``h0`` what stands before the first.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import cached_property

from personal_pipeline.domain.errors import InvalidQueryError, PlaceMissingError
from personal_pipeline.domain.extract.structure import Branch, Section, SectionKind, Span, Structure
from personal_pipeline.domain.safe_text import visible

_ID = re.compile(r"([sh])(\d{1,6})")
_MOST_NAMED = 12  # in an error


def step_id(place: int) -> str:
    return f"s{place + 1}"


def section_id(place: int | None) -> str:
    return f"h{0 if place is None else place + 1}"


class Places:
    def __init__(self, structure: Structure) -> None:
        self.structure = structure

    @cached_property
    def _starts(self) -> list[int]:
        return [section.span.start for section in self.structure.sections]

    def section_at(self, span: Span) -> int | None:
        """The innermost section that an item begins in."""
        place: int | None = bisect_right(self._starts, span.start) - 1
        if place == -1:
            return None
        while place is not None and self.structure.sections[place].span.end <= span.start:
            place = self.structure.sections[place].parent
        return place

    def within(self, section: int) -> set[int | None]:
        """The section and those inside it."""
        found: set[int | None] = {section}
        for place in range(section + 1, len(self.structure.sections)):
            if self.structure.sections[place].parent not in found:
                break
            found.add(place)
        return found

    @cached_property
    def _step_starts(self) -> list[int]:
        return [step.span.start for step in self.structure.steps]

    def step_in_action(self, branch: Branch) -> int | None:
        """The first step that stands in what a branch says to do: a heading is a condition for what is under it."""
        place = bisect_left(self._step_starts, branch.target.start)
        while place < len(self._step_starts) and self._step_starts[place] < branch.target.end:
            if place != branch.origin:
                return place
            place += 1
        return None

    def title(self, place: int | None) -> str:
        return self.structure.sections[place].title if place is not None else ""

    def kind(self, place: int | None) -> SectionKind:
        return self.structure.sections[place].kind if place is not None else ""

    def path(self, place: int) -> list[Section]:
        """From the outermost section down to this one."""
        found: list[Section] = []
        at: int | None = place
        while at is not None:
            found.insert(0, self.structure.sections[at])
            at = found[0].parent
        return found

    def find_section(self, name: str) -> int:
        """By id or title. Raises PlaceMissingError, and InvalidQueryError where several have the title."""
        given = _ID.fullmatch(name)
        if given and given[1] == "h" and 0 < int(given[2]) <= len(self.structure.sections):
            return int(given[2]) - 1
        wanted = " ".join(name.casefold().split())
        titled = (" ".join(section.title.casefold().split()) for section in self.structure.sections)
        found = [place for place, title in enumerate(titled) if title == wanted]
        if not found:
            there = _listed(f"{section_id(n)} {one.title}" for n, one in enumerate(self.structure.sections))
            raise PlaceMissingError(f"no section {visible(name, 100)!r} in this document: {there}")
        return _the_only(found, f"section {visible(name, 100)!r}", [section_id(place) for place in found])

    def find_step(self, name: str, section: int | None = None) -> int:
        """By id, or by its number as the document writes it. Raises as ``find_section`` does."""
        given = _ID.fullmatch(name)
        if given and given[1] == "s" and 0 < int(given[2]) <= len(self.structure.steps):
            return int(given[2]) - 1
        inside = None if section is None else self.within(section)
        found = [
            place
            for place, step in enumerate(self.structure.steps)
            if step.number and step.number == name.strip(" .") and (inside is None or step.section in inside)
        ]
        if not found:
            there = _listed(
                f"{step_id(n)} {f'({one.number}) ' if one.number else ''}{one.text}"
                for n, one in enumerate(self.structure.steps)
                if inside is None or one.section in inside
            )
            raise PlaceMissingError(f"no step {visible(name, 100)!r} here: {there}")
        said = [f"{step_id(n)} in {self.title(self.structure.steps[n].section)!r}" for n in found]
        return _the_only(found, f"step {visible(name, 100)!r}", said)


def _the_only(found: list[int], what: str, named: list[str]) -> int:
    if len(found) > 1:
        raise InvalidQueryError(f"there are several of {what}: name one by its id: {_listed(named)}")
    return found[0]


def _listed(names: Iterable[str]) -> str:
    found = [visible(name, 60) for name in names]
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return f"there are {', '.join(found[:_MOST_NAMED])}{more}" if found else "there are none"
