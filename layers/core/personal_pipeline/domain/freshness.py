"""Whether a document is still looked after: when it was reviewed, and when that is due again, by its own words."""

from datetime import date
from typing import Any

from personal_pipeline.domain.extract.review import review_said
from personal_pipeline.domain.extract.structure import Structure
from personal_pipeline.domain.overview import review_of


def freshness(structure: Structure, every_days: int, today: date) -> dict[str, Any]:
    """``state`` is unknown where no date of a review is written."""
    said, period = review_said(structure.facts)
    review = review_of(said, period, every_days)
    place = next((fact.span for fact in structure.facts if fact.kind == "reviewed" and fact.value == said), None)
    return {
        "reviewed": said or None,
        "review_due": review.due.isoformat() if review.due else None,
        "state": review.freshness(today),
        "span": structure.place(place) if place else None,
    }
