"""Queues again what a crash left between two steps: accepted by the catalog, never finished.

The catalog row is the record of work to do; this sweep is what makes "nothing is lost" true when a message
was lost, or ended in the dead-letter queue while the index was down.
"""

from collections.abc import Callable

from personal_pipeline.ports import Catalog, Queue
from personal_pipeline.services.reindex_documents import send_again

GRACE_SECONDS = 300.0  # longer than an ingest with its retries takes


class FinishPending:
    def __init__(self, catalog: Catalog, queue: Queue, bucket: str, clock: Callable[[], float]) -> None:
        self._catalog = catalog
        self._queue = queue
        self._bucket = bucket
        self._clock = clock

    def __call__(self) -> int:
        """Returns how many documents were queued, at most a hundred at a time, the oldest first."""
        return send_again(self._catalog.pending(self._clock() - GRACE_SECONDS), "finish", self._queue, self._bucket)
