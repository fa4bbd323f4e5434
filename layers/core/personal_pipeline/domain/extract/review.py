"""When a document wants to be reviewed again."""

from datetime import date

from personal_pipeline.domain.extract.structure import Fact
from personal_pipeline.domain.overview import review_of


def review_said(facts: tuple[Fact, ...]) -> tuple[str, str]:
    """When the last review was and how often there is to be one, as it is written; empty where that is not."""
    reviewed = next((fact.value for fact in facts if fact.kind == "reviewed" and fact.value[:4].isdigit()), "")
    review_in = next((fact.value for fact in facts if fact.kind == "review_in" and fact.value[:1].isdigit()), "")
    return reviewed, review_in


def review_due(facts: tuple[Fact, ...], today: date, every_days: int) -> tuple[date, bool] | None:
    """When the review is due, and whether that is past; None where no date of a review is written."""
    due = review_of(*review_said(facts), every_days).due
    return (due, due < today) if due else None
