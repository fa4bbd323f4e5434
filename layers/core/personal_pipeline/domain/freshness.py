"""Whether a document is still looked after: when it was reviewed, and when that is due again, by its own words."""

from datetime import date
from typing import Any

from personal_pipeline.domain.extract.review import review_due
from personal_pipeline.domain.extract.structure import Structure


def freshness(structure: Structure, every_days: int, today: date) -> dict[str, Any]:
    """``state`` is unknown where no date of a review is written."""
    due = review_due(structure.facts, today, every_days)
    reviewed = next((fact for fact in structure.facts if fact.kind == "reviewed"), None)
    return {
        "reviewed": reviewed.value if reviewed else None,
        "review_due": due[0].isoformat() if due else None,
        "state": ("stale" if due[1] else "fresh") if due else "unknown",
        "span": structure.place(reviewed.span) if reviewed else None,
    }
