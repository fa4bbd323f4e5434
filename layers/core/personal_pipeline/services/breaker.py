"""Leaves a failing dependency alone for a while, so that callers do not queue up behind its timeouts.

Kept in process memory on purpose: a shared breaker would put a table read in front of every search.
"""

from collections.abc import Callable


class Breaker:
    """Opens after so many failures in a row; after ``open_seconds`` one call is let through to try."""

    def __init__(self, failures: int, open_seconds: float, clock: Callable[[], float]) -> None:
        self._limit = failures
        self._open_seconds = open_seconds
        self._clock = clock
        self._failures = 0
        self._closed_again_at = 0.0

    def is_open(self) -> bool:
        return self._failures >= self._limit and self._clock() < self._closed_again_at

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        if self._failures >= self._limit:
            self._closed_again_at = self._clock() + self._open_seconds
