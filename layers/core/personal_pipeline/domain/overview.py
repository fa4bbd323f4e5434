"""What a list says of a document, kept in its row: a page of a list reads rows and nothing else."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_PERIOD = re.compile(r"(\d{1,3})\s*(day|week|month|year)", re.IGNORECASE)
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}

Freshness = Literal["fresh", "stale", "unknown"]


@dataclass(frozen=True, slots=True)
class Overview:
    """``updated`` is an ISO time; ``reviewed`` and ``review_in`` are as the document writes them, empty if it does not.

    ``links`` are those to other pages of its source, as it writes them, None where that was not looked for.
    """

    type: str
    url: str
    services: tuple[str, ...]
    severity: str
    owner: str
    updated: str
    reviewed: str
    review_in: str
    links: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """When a document was looked through last, and when that is due again: both None where it writes no date."""

    reviewed: date | None
    due: date | None

    def freshness(self, today: date) -> Freshness:
        if self.due is None:
            return "unknown"
        return "stale" if self.due < today else "fresh"


def review_of(reviewed: str, review_in: str, every_days: int) -> Review:
    """``every_days`` counts where the document does not say how often it wants to be reviewed."""
    found, period = _DATE.match(reviewed), _PERIOD.match(review_in)
    days = int(period[1]) * _DAYS[period[2].lower()] if period else every_days
    try:
        last = date(*map(int, found.groups())) if found else None
        return Review(last, date.fromordinal(last.toordinal() + days) if last else None)
    except ValueError:  # no day of any calendar
        return Review(None, None)
