"""Remembers signed requests that were taken, so that who has copied one cannot send it again.

This process knows its own without asking. What it does not know is asked of the table, and when that does not answer
the request is taken: a copy only brings an alert that is known already, a refusal might lose one.
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from personal_pipeline.domain.errors import TableUnavailableError
from personal_pipeline.ports import Record, Records

MOST_KEPT = 10_000


class SeenRequests:
    def __init__(self, records: Records, clock: Callable[[], float], most_kept: int = MOST_KEPT) -> None:
        self._records = records
        self._clock = clock
        self._most_kept = most_kept
        self._kept: OrderedDict[tuple[str, str], float] = OrderedDict()  # until when, oldest first
        self._lock = Lock()

    def has(self, source: str, once: str) -> bool:
        key = (f"SEEN#{source}", once)
        with self._lock:
            if self._kept.get(key, 0.0) > self._clock():
                return True
        try:
            return key in self._records.get([key])
        except TableUnavailableError:
            return False

    def remember(self, source: str, once: str, seconds: int) -> None:
        partition, until = f"SEEN#{source}", self._clock() + seconds
        with self._lock:
            self._kept[partition, once] = until
            if len(self._kept) > self._most_kept:
                self._kept.popitem(last=False)
        try:
            self._records.put(Record(partition, once, "{}", until))
        except TableUnavailableError:
            return  # it is queued, and that is what was promised
