"""Which adapter stands behind which port: each is made once per process, on first use, and kept.

An adapter is imported inside the branch that chooses it, so that a function pays only for what it uses.
"""

from collections.abc import Callable
from functools import cache as once
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personal_pipeline.domain.vectors import EmbeddingSpace
from personal_pipeline.ports import (
    Activity,
    Cache,
    Catalog,
    DocumentStore,
    Embedder,
    Parser,
    Queue,
    Records,
    SearchIndex,
    Secrets,
)
from personal_pipeline.settings import (
    BucketSettings,
    DeliverSettings,
    EmbedderSettings,
    IndexSettings,
    ParserSettings,
    RoutingSettings,
    StorageSettings,
    TableSettings,
)

if TYPE_CHECKING:
    from personal_pipeline.adapters.aws_clients import AwsClients
    from personal_pipeline.adapters.sqlite.database import Database
    from personal_pipeline.domain.routing import Kind, Routes


@once
def index(writer: bool) -> SearchIndex:
    settings = IndexSettings.from_env()
    if settings.index_backend == "tantivy":
        from personal_pipeline.adapters.tantivy_index import TantivyIndex

        return TantivyIndex(settings.data_dir / "index", writer=writer, space=embedding_space())
    from personal_pipeline.adapters.opensearch_index import OpenSearchIndex

    return OpenSearchIndex(
        settings.opensearch_url,
        settings.index_alias,
        space=embedding_space(),
        auth=settings.opensearch_auth,
        timeout_seconds=settings.index_timeout_seconds,
        connect_timeout_seconds=settings.index_connect_timeout_seconds,
        write_timeout_seconds=settings.index_write_timeout_seconds,
    )


def embedding_space() -> EmbeddingSpace | None:
    chosen = embedder()
    return EmbeddingSpace(chosen.model, chosen.dimensions) if chosen else None


@once
def catalog() -> Catalog:
    settings = TableSettings.from_env()
    if settings.storage == "local":
        from personal_pipeline.adapters.sqlite.catalog import SQLiteCatalog

        return SQLiteCatalog(database())
    from personal_pipeline.adapters.dynamodb.catalog import DynamoDBCatalog

    return DynamoDBCatalog(dynamodb(settings), settings.catalog_table)


@once
def cache() -> Cache:
    settings = TableSettings.from_env()
    if settings.storage == "local":
        from personal_pipeline.adapters.sqlite.cache import SQLiteCache

        return SQLiteCache(database())
    from personal_pipeline.adapters.dynamodb.cache import DynamoDBCache

    return DynamoDBCache(dynamodb(settings), settings.cache_table)


@once
def activity() -> Activity:
    settings = TableSettings.from_env()
    if settings.storage == "local":
        from personal_pipeline.adapters.sqlite.activity import SQLiteActivity

        return SQLiteActivity(database())
    from personal_pipeline.adapters.dynamodb.activity import DynamoDBActivity

    return DynamoDBActivity(dynamodb(settings), settings.activity_table)


@once
def records() -> Records:
    settings = TableSettings.from_env()
    if settings.storage == "local":
        from personal_pipeline.adapters.sqlite.records import SQLiteRecords

        return SQLiteRecords(database())
    from personal_pipeline.adapters.dynamodb.records import DynamoDBRecords

    return DynamoDBRecords(dynamodb(settings), settings.activity_table)


@once
def store() -> DocumentStore:
    settings = BucketSettings.from_env()
    if settings.storage == "local":
        from personal_pipeline.adapters.directory_document_store import DirectoryDocumentStore

        return DirectoryDocumentStore(settings.data_dir / "documents")
    from personal_pipeline.adapters.s3_document_store import S3DocumentStore

    return S3DocumentStore(clients().factory("s3"), settings.documents_bucket)


@once
def queue(url: str, timeout_seconds: float = 5.0, attempts: int = 2) -> Queue:
    """On one machine the URL is the queue's name; its limits are those of who receives from it."""
    if StorageSettings.from_env().storage == "local":
        from personal_pipeline.adapters.sqlite.queue import SQLiteQueue

        return SQLiteQueue(database(), url, fifo=url.endswith(".fifo"))
    from personal_pipeline.adapters.sqs_queue import SqsQueue

    return SqsQueue(clients().factory("sqs", timeout_seconds=timeout_seconds, attempts=attempts), url)


@once
def parser() -> Parser:
    from personal_pipeline.adapters.parsing_process import ProcessParser

    settings = ParserSettings.from_env()
    return ProcessParser(settings.parse_timeout_seconds, settings.parse_memory_bytes)


@once
def embedder() -> Embedder | None:
    settings = EmbedderSettings.from_env()
    if settings.embedder == "none":
        return None
    if settings.embedder == "onnx":
        from personal_pipeline.adapters.onnx_embedder import OnnxEmbedder

        return OnnxEmbedder(settings.embedding_model_dir, settings.embedding_threads)
    from personal_pipeline.adapters.bedrock_embedder import BedrockEmbedder

    client = clients().factory(
        "bedrock-runtime",
        connect_timeout_seconds=settings.bedrock_connect_timeout_seconds,
        timeout_seconds=settings.bedrock_timeout_seconds,
        attempts=settings.bedrock_attempts,
    )
    return BedrockEmbedder(client, settings.bedrock_model_id)


@once
def secrets() -> Secrets:
    settings = StorageSettings.from_env()
    if settings.storage == "local":
        from personal_pipeline.adapters.secrets import FileSecrets

        return FileSecrets(settings.data_dir)
    from personal_pipeline.adapters.secrets import SecretsManagerSecrets

    return SecretsManagerSecrets(clients().factory("secretsmanager"))


@once
def target_secrets() -> Secrets:
    """Apart from our own: a routes file can name no secret but those of targets."""
    settings = DeliverSettings.from_env()
    if settings.storage == "local":
        from personal_pipeline.adapters.secrets import FileSecrets

        return FileSecrets(settings.data_dir / "targets")
    from personal_pipeline.adapters.secrets import SecretsManagerSecrets

    return SecretsManagerSecrets(clients().factory("secretsmanager"), prefix=settings.targets_prefix)


@once
def routes() -> "Routes":
    from personal_pipeline.routes import load_routes

    given = RoutingSettings.from_env().routes_file
    return load_routes(Path(given) if given else None)


@once
def delivery_queues() -> "dict[Kind, Queue]":
    """The terminal's is that of the bus, for which it stands in on one machine."""
    urls: dict[Any, str] = RoutingSettings.from_env().queue_urls
    return {kind: queue(url) for kind, url in urls.items()}


@once
def clients() -> "AwsClients":
    from personal_pipeline.adapters.aws_clients import AwsClients

    return AwsClients(StorageSettings.from_env().aws_endpoint_url)


def dynamodb(settings: TableSettings) -> Callable[[], Any]:
    return clients().factory(
        "dynamodb",
        connect_timeout_seconds=settings.table_connect_timeout_seconds,
        timeout_seconds=settings.table_timeout_seconds,
        attempts=settings.table_attempts,
    )


@once
def database() -> "Database":
    from personal_pipeline.adapters.sqlite.database import Database

    return Database(StorageSettings.from_env().data_dir / "pipeline.db")
