"""The outline of a document, and its text section by section."""

import re
from typing import Any

from personal_pipeline.domain.extract.structure import Span, Structure
from personal_pipeline.domain.structure_places import Places, section_id

_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,9}[.)])[ \t]")


def outline(structure: Structure, title: str) -> list[dict[str, Any]]:
    """A section ends where the next one of its level begins. The document's own title is no part of the paths."""
    places = Places(structure)
    steps: dict[int | None, int] = {}
    for step in structure.steps:
        steps[step.section] = steps.get(step.section, 0) + 1
    found = []
    for place, section in enumerate(structure.sections):
        path = [each.title for each in places.path(place)]
        found.append(
            {
                "id": section_id(place),
                "heading": path[1:] if len(path) > 1 and path[0] == title else path,
                "kind": section.kind,
                "steps": steps.get(place, 0),
                "start": section.span.start,
                "end": section.span.end,
            }
        )
    return found


def section_text(structure: Structure, text: str, section: str = "") -> dict[str, Any]:
    """All of it as Markdown, or one section with those inside it; ``span`` is that of the source.

    Raises PlaceMissingError and InvalidQueryError.
    """
    places = Places(structure)
    place = places.find_section(section) if section else None
    span = structure.sections[place].span if place is not None else Span(0, len(text))
    return {
        "section": {"id": section_id(place), "title": places.title(place)} if place is not None else None,
        "text": _markdown(structure, span) if structure.markdown else text[span.start : span.end],
        "span": structure.place(span),
    }


def _markdown(structure: Structure, span: Span) -> str:
    pieces = [piece for piece in structure.markdown if span.start <= piece.span.start < max(span.end, 1)]
    written: list[str] = []
    for before, piece in zip([None, *pieces], pieces, strict=False):
        together = before and _ITEM.match(before.text) and _ITEM.match(piece.text)
        written.append(("\n" if together else "\n\n") + piece.text if before else piece.text)
    return "".join(written) + "\n" * bool(written)
