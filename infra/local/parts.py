"""The stores and queues behind the events: embedded in the data folder, or at an AWS endpoint.

Functions get theirs from ``personal_pipeline.bootstrap``. This is for what AWS does itself: receiving from
queues under the template's limits, and telling of changed objects.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Protocol

from infra.local.notifications import BucketNotifications
from infra.local.topology import Topology
from personal_pipeline.adapters.directory_document_store import DirectoryDocumentStore
from personal_pipeline.adapters.sqlite.catalog import SQLiteCatalog
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.adapters.sqlite.queue import SQLiteQueue
from personal_pipeline.ports import Catalog, DocumentStore, Queue


class WritableStore(Protocol):
    def put(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> object: ...

    def delete(self, key: str) -> None: ...


class Parts(Protocol):
    @property
    def store(self) -> WritableStore: ...

    @property
    def catalog(self) -> Catalog: ...

    def queue(self, id_: str) -> Queue:
        """By the template's logical id."""

    def note_error(self, id_: str, receipt_handle: str, reason: str) -> None:
        """Best effort: SQS has no place for it."""


class EmbeddedParts:
    def __init__(self, topology: Topology, data_dir: Path) -> None:
        self.database = Database(data_dir / "pipeline.db")
        self._topology = topology
        self._data_dir = data_dir

    @cached_property
    def queues(self) -> Mapping[str, SQLiteQueue]:
        return {id_: self._queue(id_) for id_ in self._topology.queues}

    @cached_property
    def store(self) -> DirectoryDocumentStore:
        """The bucket that the template has, and tells of: one is all that a folder can play."""
        (bucket,) = self._topology.buckets.values()
        return DirectoryDocumentStore(self._data_dir / "documents", BucketNotifications(bucket, self.queue))

    @cached_property
    def catalog(self) -> Catalog:
        return SQLiteCatalog(self.database)

    def queue(self, id_: str) -> SQLiteQueue:
        return self.queues[id_]

    def note_error(self, id_: str, receipt_handle: str, reason: str) -> None:
        self.queues[id_].note_error(receipt_handle, reason)

    def _queue(self, id_: str) -> SQLiteQueue:
        spec = self._topology.queues[id_]
        dead = self._topology.queues.get(spec.dead_letter_queue)
        return SQLiteQueue(
            self.database,
            spec.name,
            visibility_timeout_seconds=spec.visibility_timeout_seconds,
            max_receive_count=spec.max_receive_count,
            dead_letter_queue=dead.name if dead else None,
            fifo=spec.is_fifo,
        )


class ToldStore:
    """moto tells nobody of a delete marker, so each delete is told from here too; twice is harmless."""

    def __init__(self, store: DocumentStore, notifications: BucketNotifications) -> None:
        self._store = store
        self._notifications = notifications

    def put(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> object:
        return self._store.put(key, body, metadata)

    def delete(self, key: str) -> None:
        self._store.delete(key)
        self._notifications("delete", key, None)


class AwsParts:
    """The endpoint tells of changed objects and counts attempts itself."""

    def __init__(self, topology: Topology, endpoint: str) -> None:
        from personal_pipeline.adapters.aws_clients import AwsClients

        self._topology = topology
        self._clients = AwsClients(endpoint)

    @cached_property
    def store(self) -> ToldStore:
        from personal_pipeline.adapters.s3_document_store import S3DocumentStore

        (bucket,) = self._topology.buckets.values()
        store = S3DocumentStore(self._clients.factory("s3"), bucket.name)
        return ToldStore(store, BucketNotifications(bucket, self.queue))

    @cached_property
    def catalog(self) -> Catalog:
        from personal_pipeline.adapters.dynamodb.catalog import DynamoDBCatalog

        table = next(table.name for id_, table in self._topology.tables.items() if "catalog" in id_.lower())
        return DynamoDBCatalog(self._clients.factory("dynamodb"), table)

    def queue(self, id_: str) -> Queue:
        from personal_pipeline.adapters.sqs_queue import SqsQueue

        return SqsQueue(self._clients.factory("sqs"), self._topology.queues[id_].url)

    def note_error(self, id_: str, receipt_handle: str, reason: str) -> None:
        pass
