"""When a document is due to be looked through again."""

from datetime import date

import pytest

from personal_pipeline.domain.overview import review_of

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("reviewed", "review_in", "due", "freshness"),
    [
        ("2026-11-01", "", date(2027, 11, 1), "fresh"),
        ("2026-11-01", "4 weeks", date(2026, 11, 29), "fresh"),
        ("2026-11-01", "27 days", date(2026, 11, 28), "stale"),
        ("2026-01-05", "6 Months", date(2026, 7, 4), "stale"),
        ("2020-01-05T10:00:00Z", "1 year", date(2021, 1, 4), "stale"),
        ("2026-01-05", "often", date(2027, 1, 5), "fresh"),
        ("", "6 months", None, "unknown"),
        ("last spring", "", None, "unknown"),
        ("2026-02-30", "", None, "unknown"),
        ("0000-00-00", "", None, "unknown"),
        ("9999-12-31", "", None, "unknown"),
    ],
)
def test_a_review_is_due_as_long_after_the_last_as_the_document_says(
    reviewed: str, review_in: str, due: date | None, freshness: str
) -> None:
    review = review_of(reviewed, review_in, every_days=365)

    assert (review.due, review.freshness(TODAY)) == (due, freshness)
