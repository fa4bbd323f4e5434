"""When a document wants to be reviewed again."""

import re
from datetime import date

from personal_pipeline.domain.extract.structure import Fact

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_PERIOD = re.compile(r"(\d{1,3})\s*(day|week|month|year)", re.IGNORECASE)
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def review_due(facts: tuple[Fact, ...], today: date, every_days: int) -> tuple[date, bool] | None:
    """When the review is due, and whether that is past; None where no date of a review is written."""
    reviewed = next((found for fact in facts if fact.kind == "reviewed" and (found := _DATE.match(fact.value))), None)
    if reviewed is None:
        return None
    period = next((found for fact in facts if fact.kind == "review_in" and (found := _PERIOD.match(fact.value))), None)
    days = int(period[1]) * _DAYS[period[2].lower()] if period else every_days
    try:
        due = date.fromordinal(date(*map(int, reviewed.groups())).toordinal() + days)
    except ValueError:
        return None
    return due, due < today
