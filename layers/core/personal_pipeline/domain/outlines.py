"""The outline of a document, and its text section by section."""

from typing import Any

from personal_pipeline.domain.extract.structure import Span, Structure
from personal_pipeline.domain.structure_places import Places, section_id


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
    """All of it, or one section with those inside it. Raises PlaceMissingError and InvalidQueryError."""
    places = Places(structure)
    place = places.find_section(section) if section else None
    span = structure.sections[place].span if place is not None else Span(0, len(text))
    return {
        "section": {"id": section_id(place), "title": places.title(place)} if place is not None else None,
        "text": text[span.start : span.end],
        "span": structure.place(span),
    }
