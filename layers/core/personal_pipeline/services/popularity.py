"""Counts what is asked, off the request path.

A request only adds one in memory. A daemon thread writes the counts in batches; in Lambda it runs while
later requests keep the environment thawed. Counts are lost when the process dies or the table refuses:
popularity steers warming, and nothing else depends on it.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from personal_pipeline.domain.errors import UnavailableError
from personal_pipeline.domain.search import SearchQuery
from personal_pipeline.ports import Activity, AskedQuery

KEEP_SECONDS = 30 * 86400.0
MAX_DISTINCT = 5_000  # between two flushes; what comes beyond is not counted


def day_of(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()


class Popularity:
    def __init__(self, activity: Activity, clock: Callable[[], float], flush_seconds: float = 10.0) -> None:
        self._activity = activity
        self._clock = clock
        self._flush_seconds = flush_seconds
        self._counts: dict[SearchQuery, int] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self.lost = 0

    def count(self, query: SearchQuery) -> None:
        with self._lock:
            if query in self._counts or len(self._counts) < MAX_DISTINCT:
                self._counts[query] = self._counts.get(query, 0) + 1
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_behind, name="popularity", daemon=True)
            self._thread.start()

    def flush(self) -> None:
        with self._lock:
            counts, self._counts = self._counts, {}
        if not counts:
            return
        now = self._clock()
        try:
            self._activity.add(day_of(now), [AskedQuery(q, n) for q, n in counts.items()], now + KEEP_SECONDS)
        except UnavailableError:
            self.lost += sum(counts.values())

    def close(self) -> None:
        self._stopped.set()
        self.flush()

    def _write_behind(self) -> None:
        while not self._stopped.wait(self._flush_seconds):
            self.flush()
