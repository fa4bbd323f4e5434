"""How much of a notice fits into one message: each section gets the most detail that leaves the others their place."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from personal_pipeline.domain.notices import Section

Element = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of a section is shown: numbers of things, and characters of each."""

    title: int
    reasons: int
    reason: int
    steps: int
    step: int
    command: int
    candidates: int
    has_buttons: bool = True


DETAILS = (
    Detail(title=150, reasons=3, reason=200, steps=5, step=300, command=900, candidates=3),
    Detail(title=120, reasons=2, reason=120, steps=3, step=120, command=240, candidates=3),
    Detail(title=80, reasons=1, reason=80, steps=1, step=60, command=60, candidates=1),
    Detail(title=60, reasons=0, reason=0, steps=0, step=0, command=0, candidates=1, has_buttons=False),
)
LEAST = DETAILS[-1]


@dataclass(slots=True)
class Room:
    """What is left of a message while it is filled. ``kept_bytes``: the place of a section that is still to come."""

    elements: int
    size: int
    kept_bytes: int

    def fill(
        self,
        sections: Sequence[Section],
        lay_out: Callable[[Section, Detail], list[Element]],
        details: Sequence[Detail] = DETAILS,
    ) -> tuple[list[Element], list[Section]]:
        """The elements that are shown, and the sections of which nothing fitted."""
        shown: list[Element] = []
        left_out: list[Section] = []
        for place, section in enumerate(sections):
            made = self._best(section, lay_out, details, len(sections) - place - 1)
            shown += made
            left_out += [] if made else [section]
        return shown, left_out

    def _best(
        self,
        section: Section,
        lay_out: Callable[[Section, Detail], list[Element]],
        details: Sequence[Detail],
        still_to_come: int,
    ) -> list[Element]:
        for detail in details:
            made = lay_out(section, detail)
            size = size_of(made)
            kept = 0 if detail is LEAST else still_to_come
            if len(made) + kept <= self.elements and size + kept * self.kept_bytes <= self.size:
                self.elements -= len(made)
                self.size -= size
                return made
        return []


def size_of(made: Sequence[Element]) -> int:
    return len(json.dumps(made, ensure_ascii=False).encode(errors="replace"))
