"""Puts documents that are already known through ingest again, under new revisions.

For a new analyser or parser, for an index that was lost, and when a source's ``_services.yaml`` changes.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from personal_pipeline.domain.catalog import CatalogEntry
from personal_pipeline.domain.ids import object_key
from personal_pipeline.messages import IngestMessage
from personal_pipeline.ports import Cache, Catalog, OutgoingMessage, Queue
from personal_pipeline.services.build_document import SERVICES_FILE

SEND_AT_ONCE = 100


def reindex_source(catalog: Catalog, queue: Queue, bucket: str, source: str) -> int:
    return send_again(catalog.entries(source), "reindex", queue, bucket)


def send_again(entries: Iterable[CatalogEntry], kind: Literal["reindex", "finish"], queue: Queue, bucket: str) -> int:
    """One message a document; returns how many were sent."""
    sent = 0
    waiting: list[OutgoingMessage] = []
    for entry in entries:
        message = IngestMessage(bucket=bucket, key=entry.key, kind=kind)
        waiting.append(OutgoingMessage(message.model_dump_json()))
        if len(waiting) == SEND_AT_ONCE:
            queue.send(waiting)
            sent, waiting = sent + len(waiting), []
    if waiting:
        queue.send(waiting)
    return sent + len(waiting)


class ReindexDocuments:
    def __init__(self, catalog: Catalog, cache: Cache, queue: Queue, bucket: str) -> None:
        self._catalog = catalog
        self._cache = cache
        self._queue = queue
        self._bucket = bucket

    def __call__(self, sources: Sequence[str] = ()) -> int:
        """Every source when none is named, with their services; returns how many documents were queued."""
        wanted = sources or sorted(self._cache.generations().sources)
        for source in wanted:
            services = IngestMessage(bucket=self._bucket, key=object_key(source, SERVICES_FILE), kind="reindex")
            self._queue.send([OutgoingMessage(services.model_dump_json())])
        return sum(reindex_source(self._catalog, self._queue, self._bucket, source) for source in wanted)
