"""Which adapter stands behind which port: one builder per use case, each built once per process.

An adapter is imported inside the branch that chooses it, so that a function pays only for what it uses.
Clients are made on first use and kept.
"""

import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from personal_pipeline import __version__
from personal_pipeline.domain.caching import RenderedDocument
from personal_pipeline.domain.vectors import EmbeddingSpace
from personal_pipeline.ports import (
    Activity,
    Cache,
    Catalog,
    Delivery,
    DocumentStore,
    Embedder,
    Parser,
    Queue,
    SearchIndex,
    Secrets,
)
from personal_pipeline.settings import (
    BreakerSettings,
    BucketSettings,
    CacheSettings,
    DeliverySettings,
    EmbedderSettings,
    IndexSettings,
    ParserSettings,
    QueueSettings,
    StorageSettings,
    TableSettings,
    WarmSettings,
    WebhookSettings,
)

if TYPE_CHECKING:
    from personal_pipeline.adapters.aws_clients import AwsClients
    from personal_pipeline.adapters.sqlite.database import Database
    from personal_pipeline.services.answer_alerts import AnswerAlerts
    from personal_pipeline.services.breaker import Breaker
    from personal_pipeline.services.embed_texts import EmbedTexts
    from personal_pipeline.services.find_documents import FindDocuments
    from personal_pipeline.services.finish_pending import FinishPending
    from personal_pipeline.services.give_feedback import GiveFeedback
    from personal_pipeline.services.ingest_documents import IngestDocuments
    from personal_pipeline.services.list_sources import ListSources
    from personal_pipeline.services.match_alert import MatchAlert
    from personal_pipeline.services.measure_coverage import MeasureCoverage
    from personal_pipeline.services.read_document import ReadDocument
    from personal_pipeline.services.recall_feedback import RecallFeedback
    from personal_pipeline.services.receive_alert import ReceiveAlert
    from personal_pipeline.services.reindex_documents import ReindexDocuments
    from personal_pipeline.services.report_health import ReportHealth
    from personal_pipeline.services.search_runbooks import SearchRunbooks
    from personal_pipeline.services.suggest_names import SuggestNames
    from personal_pipeline.services.warm_cache import WarmCache

VERSION = __version__
_OVERHEAD_BYTES = 400  # a cache entry's objects besides its body


@cache
def search_runbooks() -> "SearchRunbooks":
    from personal_pipeline.services.memory_cache import MemoryCache
    from personal_pipeline.services.popularity import Popularity
    from personal_pipeline.services.search_runbooks import CachePolicy, SearchRunbooks

    policy = CacheSettings.from_env()
    return SearchRunbooks(
        find=_find_documents(),
        cache=_cache(),
        catalog=_catalog(),
        refresh_queue=_queue(QueueSettings.from_env().refresh_queue_url, timeout_seconds=0.25, attempts=1),
        popularity=Popularity(_activity(), time.time),
        memory=MemoryCache(policy.l1_max_bytes, policy.l1_ttl_seconds, lambda entry: len(entry.body) + _OVERHEAD_BYTES),
        policy=CachePolicy(
            policy.generation_max_age_seconds,
            policy.fresh_seconds,
            policy.empty_fresh_seconds,
            policy.stale_seconds,
            policy.stale_list_seconds,
        ),
        clock=time.time,
    )


def suggest_names() -> "SuggestNames":
    from personal_pipeline.services.suggest_names import SuggestNames

    return SuggestNames(_index(writer=False), _breaker("index"))


@cache
def read_document() -> "ReadDocument":
    from personal_pipeline.services.read_document import ReadDocument

    return ReadDocument(_cache(), _restore_document)


def give_feedback() -> "GiveFeedback":
    from personal_pipeline.services.give_feedback import GiveFeedback

    return GiveFeedback(_activity(), read_document(), time.time)


def list_sources() -> "ListSources":
    from personal_pipeline.services.list_sources import ListSources

    return ListSources(_cache(), _catalog())


def report_health() -> "ReportHealth":
    from personal_pipeline.services.report_health import ReportHealth

    return ReportHealth(_index(writer=False), _cache())


def ingest_documents() -> "IngestDocuments":
    from personal_pipeline.services.ingest_documents import IngestDocuments

    index = _index(writer=True)
    queue = _queue(QueueSettings.from_env().ingest_queue_url)
    return IngestDocuments(_catalog(), _store(), index, _cache(), _parser(), queue, time.time, embed_texts())


def reindex_documents() -> "ReindexDocuments":
    from personal_pipeline.services.reindex_documents import ReindexDocuments

    queue = _queue(QueueSettings.from_env().ingest_queue_url)
    return ReindexDocuments(_catalog(), _cache(), queue, BucketSettings.from_env().documents_bucket)


def finish_pending() -> "FinishPending":
    from personal_pipeline.services.finish_pending import FinishPending

    queue = _queue(QueueSettings.from_env().ingest_queue_url)
    return FinishPending(_catalog(), queue, BucketSettings.from_env().documents_bucket, time.time)


def warm_cache() -> "WarmCache":
    from personal_pipeline.services.warm_cache import WarmCache

    settings = WarmSettings.from_env()
    return WarmCache(
        search_runbooks(),
        _restore_document,
        _activity(),
        _catalog(),
        _cache(),
        time.time,
        settings.warm_limit,
        settings.warm_days,
    )


def receive_alert() -> "ReceiveAlert":
    from personal_pipeline.alert_mappings import alert_sources
    from personal_pipeline.services.receive_alert import ReceiveAlert

    queue = _queue(QueueSettings.from_env().alert_queue_url)
    return ReceiveAlert(alert_sources(), _secrets(), WebhookSettings.from_env().webhook_secret_name, queue, time.time)


def answer_alerts() -> "AnswerAlerts":
    from personal_pipeline.alert_mappings import alert_sources
    from personal_pipeline.services.answer_alerts import AnswerAlerts

    return AnswerAlerts(alert_sources(), match_alert(), _delivery())


def match_alert() -> "MatchAlert":
    from personal_pipeline.services.match_alert import MatchAlert

    return MatchAlert(_catalog(), _find_documents(), recall_feedback=_recall_feedback())


def measure_coverage() -> "MeasureCoverage":
    from personal_pipeline.services.measure_coverage import MeasureCoverage

    return MeasureCoverage(match_alert())


def _restore_document(doc_id: str) -> RenderedDocument | None:
    """Parsers are imported when a copy is really lost."""
    from personal_pipeline.services.restore_document import RestoreDocument

    return RestoreDocument(_catalog(), _store(), _parser())(doc_id)


def ingest_retries() -> tuple[Queue, tuple[int, ...]]:
    settings = QueueSettings.from_env()
    return _queue(settings.ingest_queue_url), settings.retry_delays


def alert_retries() -> tuple[Queue, tuple[int, ...]]:
    settings = QueueSettings.from_env()
    return _queue(settings.alert_queue_url), settings.retry_delays


def prepare_index() -> int:
    """Create what is missing of the index, as its writer; returns how many passages it holds."""
    index = _index(writer=True)
    index.prepare()
    return index.count()


@cache
def _index(writer: bool) -> SearchIndex:
    settings = IndexSettings.from_env()
    if settings.index_backend == "tantivy":
        from personal_pipeline.adapters.tantivy_index import TantivyIndex

        return TantivyIndex(settings.data_dir / "index", writer=writer, space=_embedding_space())
    from personal_pipeline.adapters.opensearch_index import OpenSearchIndex

    return OpenSearchIndex(
        settings.opensearch_url,
        settings.index_alias,
        space=_embedding_space(),
        auth=settings.opensearch_auth,
        timeout_seconds=settings.index_timeout_seconds,
        connect_timeout_seconds=settings.index_connect_timeout_seconds,
        write_timeout_seconds=settings.index_write_timeout_seconds,
    )


@cache
def embed_texts() -> "EmbedTexts | None":
    from personal_pipeline.services.embed_texts import EmbedTexts

    embedder = _embedder()
    return EmbedTexts(embedder, _cache(), time.time) if embedder else None


@cache
def _recall_feedback() -> "RecallFeedback":
    from personal_pipeline.services.recall_feedback import RecallFeedback

    return RecallFeedback(_activity(), time.time)


@cache
def _find_documents() -> "FindDocuments":
    from personal_pipeline.services.find_documents import FindDocuments

    return FindDocuments(_index(writer=False), _breaker("index"), embed_texts(), _breaker("embedder"), time.time)


@cache
def _breaker(of: str) -> "Breaker":  # noqa: ARG001  # one for each part that may fail
    from personal_pipeline.services.breaker import Breaker

    settings = BreakerSettings.from_env()
    return Breaker(settings.breaker_failures, settings.breaker_open_seconds, time.monotonic)


def _embedding_space() -> EmbeddingSpace | None:
    embedder = _embedder()
    return EmbeddingSpace(embedder.model, embedder.dimensions) if embedder else None


@cache
def _catalog() -> Catalog:
    settings = TableSettings.from_env()
    if settings.storage == "local":
        from personal_pipeline.adapters.sqlite.catalog import SQLiteCatalog

        return SQLiteCatalog(_database())
    from personal_pipeline.adapters.dynamodb.catalog import DynamoDBCatalog

    return DynamoDBCatalog(_dynamodb(settings), settings.catalog_table)


@cache
def _cache() -> Cache:
    settings = TableSettings.from_env()
    if settings.storage == "local":
        from personal_pipeline.adapters.sqlite.cache import SQLiteCache

        return SQLiteCache(_database())
    from personal_pipeline.adapters.dynamodb.cache import DynamoDBCache

    return DynamoDBCache(_dynamodb(settings), settings.cache_table)


@cache
def _activity() -> Activity:
    settings = TableSettings.from_env()
    if settings.storage == "local":
        from personal_pipeline.adapters.sqlite.activity import SQLiteActivity

        return SQLiteActivity(_database())
    from personal_pipeline.adapters.dynamodb.activity import DynamoDBActivity

    return DynamoDBActivity(_dynamodb(settings), settings.activity_table)


@cache
def _store() -> DocumentStore:
    settings = BucketSettings.from_env()
    if settings.storage == "local":
        from personal_pipeline.adapters.directory_document_store import DirectoryDocumentStore

        return DirectoryDocumentStore(settings.data_dir / "documents")
    from personal_pipeline.adapters.s3_document_store import S3DocumentStore

    return S3DocumentStore(_clients().factory("s3"), settings.documents_bucket)


@cache
def _queue(url: str, timeout_seconds: float = 5.0, attempts: int = 2) -> Queue:
    """On one machine the URL is the queue's name; its limits are those of who receives from it."""
    if StorageSettings.from_env().storage == "local":
        from personal_pipeline.adapters.sqlite.queue import SQLiteQueue

        return SQLiteQueue(_database(), url, fifo=url.endswith(".fifo"))
    from personal_pipeline.adapters.sqs_queue import SqsQueue

    return SqsQueue(_clients().factory("sqs", timeout_seconds=timeout_seconds, attempts=attempts), url)


@cache
def _parser() -> Parser:
    from personal_pipeline.adapters.parsing_process import ProcessParser

    settings = ParserSettings.from_env()
    return ProcessParser(settings.parse_timeout_seconds, settings.parse_memory_bytes)


@cache
def _embedder() -> Embedder | None:
    settings = EmbedderSettings.from_env()
    if settings.embedder == "none":
        return None
    if settings.embedder == "onnx":
        from personal_pipeline.adapters.onnx_embedder import OnnxEmbedder

        return OnnxEmbedder(settings.embedding_model_dir, settings.embedding_threads)
    from personal_pipeline.adapters.bedrock_embedder import BedrockEmbedder

    client = _clients().factory(
        "bedrock-runtime",
        connect_timeout_seconds=settings.bedrock_connect_timeout_seconds,
        timeout_seconds=settings.bedrock_timeout_seconds,
        attempts=settings.bedrock_attempts,
    )
    return BedrockEmbedder(client, settings.bedrock_model_id)


@cache
def _secrets() -> Secrets:
    settings = StorageSettings.from_env()
    if settings.storage == "local":
        from personal_pipeline.adapters.secrets import FileSecrets

        return FileSecrets(settings.data_dir)
    from personal_pipeline.adapters.secrets import SecretsManagerSecrets

    return SecretsManagerSecrets(_clients().factory("secretsmanager"))


@cache
def _delivery() -> Delivery:
    settings = DeliverySettings.from_env()
    if settings.storage == "local":
        from personal_pipeline.adapters.terminal_delivery import TerminalDelivery

        return TerminalDelivery()
    from personal_pipeline.adapters.eventbridge_delivery import EventBridgeDelivery

    return EventBridgeDelivery(_clients().factory("events"), settings.event_bus_name)


@cache
def _clients() -> "AwsClients":
    from personal_pipeline.adapters.aws_clients import AwsClients

    return AwsClients(StorageSettings.from_env().aws_endpoint_url)


def _dynamodb(settings: TableSettings) -> Callable[[], Any]:
    return _clients().factory(
        "dynamodb",
        connect_timeout_seconds=settings.table_connect_timeout_seconds,
        timeout_seconds=settings.table_timeout_seconds,
        attempts=settings.table_attempts,
    )


@cache
def _database() -> "Database":
    from personal_pipeline.adapters.sqlite.database import Database

    return Database(StorageSettings.from_env().data_dir / "pipeline.db")
