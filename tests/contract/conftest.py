"""Which adapters each contract runs against.

With CONTRACT_ADAPTERS=null every port is answered by something that accepts all and keeps nothing: a test of
the tests runs the suites that way and expects each of them to fail.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from moto import mock_aws

from infra.local.topology import Topology, read_topology
from personal_pipeline.adapters.aws_clients import AwsClients
from personal_pipeline.adapters.bedrock_embedder import BedrockEmbedder
from personal_pipeline.adapters.directory_document_store import DirectoryDocumentStore
from personal_pipeline.adapters.dynamodb.activity import DynamoDBActivity
from personal_pipeline.adapters.dynamodb.cache import DynamoDBCache
from personal_pipeline.adapters.dynamodb.catalog import DynamoDBCatalog
from personal_pipeline.adapters.dynamodb.records import DynamoDBRecords
from personal_pipeline.adapters.onnx_embedder import OnnxEmbedder
from personal_pipeline.adapters.s3_document_store import S3DocumentStore
from personal_pipeline.adapters.secrets import FileSecrets, SecretsManagerSecrets
from personal_pipeline.adapters.sqlite.activity import SQLiteActivity
from personal_pipeline.adapters.sqlite.cache import SQLiteCache
from personal_pipeline.adapters.sqlite.catalog import SQLiteCatalog
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.adapters.sqlite.queue import SQLiteQueue
from personal_pipeline.adapters.sqlite.records import SQLiteRecords
from personal_pipeline.adapters.sqs_queue import SqsQueue
from tests.contract.bedrock_stub import bedrock
from tests.contract.null_adapter import NullAdapter
from tests.real_parts import ROOT

BEDROCK_MODELS = ("amazon.titan-embed-text-v2:0", "cohere.embed-multilingual-v3", "cohere.embed-v4:0")
REAL = pytest.param("dynamodb-local", marks=pytest.mark.real)


def adapters(*names: Any) -> Any:
    return ["null"] if os.environ.get("CONTRACT_ADAPTERS") == "null" else names


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@dataclass
class Tables:
    """The ports over tables, from one backend. ``database`` or ``client`` is for who must reach behind the port."""

    catalog: Any
    cache: Any
    activity: Any
    client: Any = None
    names: dict[str, str] = field(default_factory=dict)
    records: Any = None


@pytest.fixture(scope="session")
def topology() -> Topology:
    return read_topology(ROOT / "template.yaml")


@pytest.fixture(params=adapters("sqlite", "moto", REAL))
def tables(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Tables]:
    if request.param == "null":
        yield Tables(NullAdapter(), NullAdapter(), NullAdapter(), records=NullAdapter())
    elif request.param == "sqlite":
        database = Database(tmp_path / "pipeline.db")
        yield Tables(
            SQLiteCatalog(database),
            SQLiteCache(database, clock),
            SQLiteActivity(database, clock),
            records=SQLiteRecords(database, clock),
        )
        database.close()
    elif request.param == "moto":
        with mock_aws():
            yield dynamodb_tables("", request.getfixturevalue("topology"), clock)
    else:
        url = request.getfixturevalue("dynamodb_local_url")
        yield dynamodb_tables(url, request.getfixturevalue("topology"), clock)


def dynamodb_tables(endpoint_url: str, topology: Topology, clock: Callable[[], float]) -> Tables:
    factory = AwsClients(endpoint_url).factory("dynamodb", timeout_seconds=10)
    names = {table.id: f"{table.id}-{uuid4().hex[:8]}" for table in topology.tables.values()}
    for table in topology.tables.values():
        indexes = [
            {"IndexName": index.name, "KeySchema": _schema(index.key), "Projection": dict(index.projection)}
            for index in table.indexes
        ]
        factory().create_table(
            TableName=names[table.id],
            BillingMode="PAY_PER_REQUEST",
            KeySchema=_schema(table.key),
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": kind} for name, kind in table.attribute_types.items()
            ],
            **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
        )
    return Tables(
        DynamoDBCatalog(factory, names["CatalogTable"]),
        DynamoDBCache(factory, names["CacheTable"], clock),
        DynamoDBActivity(factory, names["ActivityTable"], clock),
        factory(),
        names,
        DynamoDBRecords(factory, names["ActivityTable"], clock),
    )


def _schema(key: Any) -> list[dict[str, str]]:
    ranged = [{"AttributeName": key.range, "KeyType": "RANGE"}] if key.range else []
    return [{"AttributeName": key.hash, "KeyType": "HASH"}, *ranged]


@pytest.fixture
def catalog(tables: Tables) -> Any:
    return tables.catalog


@pytest.fixture
def cache(tables: Tables) -> Any:
    return tables.cache


@pytest.fixture
def activity(tables: Tables) -> Any:
    return tables.activity


@pytest.fixture
def records(tables: Tables) -> Any:
    return tables.records


@dataclass
class Queues:
    """``make(fifo=…)`` gives a queue and its dead letters: visible again after 30 s, parked after two attempts."""

    make: Callable[..., tuple[Any, Any]]
    forward: Callable[[float], None]


@pytest.fixture(params=adapters("sqlite", "moto"))
def queues(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Queues]:
    if request.param == "null":
        yield Queues(lambda **_: (NullAdapter(), NullAdapter()), clock.forward)
    elif request.param == "sqlite":
        database = Database(tmp_path / "pipeline.db")

        def make(*, fifo: bool = False) -> tuple[Any, Any]:
            dead = SQLiteQueue(database, "dead", fifo=fifo, clock=clock)
            limits: Any = {"visibility_timeout_seconds": 30, "max_receive_count": 2, "dead_letter_queue": "dead"}
            return SQLiteQueue(database, "work", fifo=fifo, clock=clock, sleep=clock.forward, **limits), dead

        yield Queues(make, clock.forward)
        database.close()
    else:
        with mock_aws(), _moto_time(clock) as forward:
            yield Queues(_sqs_queues, forward)


def _sqs_queues(*, fifo: bool = False) -> tuple[Any, Any]:
    factory = AwsClients().factory("sqs", timeout_seconds=25)
    ending, attributes = (".fifo", {"FifoQueue": "true"}) if fifo else ("", {})
    dead = factory().create_queue(QueueName=f"dead{ending}", Attributes=attributes)["QueueUrl"]
    arn = factory().get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    limits = {"VisibilityTimeout": "30", "RedrivePolicy": redrive}
    work = factory().create_queue(QueueName=f"work{ending}", Attributes=attributes | limits)["QueueUrl"]
    return SqsQueue(factory, work), SqsQueue(factory, dead)


@contextmanager
def _moto_time(clock: Clock) -> Iterator[Callable[[float], None]]:
    """moto's SQS reads the wall clock through one function: it is moved, nothing waits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("moto.sqs.models.unix_time_millis", lambda *_: clock.now * 1000)
        patch.setattr("moto.sqs.models.unix_time", lambda *_: clock.now)
        yield clock.forward


@pytest.fixture(params=adapters("directory", "moto"))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param == "null":
        yield NullAdapter()
    elif request.param == "directory":
        yield DirectoryDocumentStore(tmp_path / "documents", max_bytes=1000)
    else:
        with mock_aws():
            factory = AwsClients().factory("s3")
            factory().create_bucket(Bucket="documents")
            factory().put_bucket_versioning(Bucket="documents", VersioningConfiguration={"Status": "Enabled"})
            yield S3DocumentStore(factory, "documents", max_bytes=1000)


@dataclass
class SecretKeeper:
    secrets: Any
    write: Callable[[str, str], None]
    forward: Callable[[float], None]


@pytest.fixture(params=adapters("file", "moto"))
def keeper(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[SecretKeeper]:
    if request.param == "null":
        yield SecretKeeper(NullAdapter(), lambda _name, _text: None, clock.forward)
    elif request.param == "file":
        yield SecretKeeper(
            FileSecrets(tmp_path), lambda name, text: (tmp_path / name).write_text(text) and None, clock.forward
        )
    else:
        with mock_aws():
            factory = AwsClients().factory("secretsmanager")

            def write(name: str, text: str) -> None:
                known = {secret["Name"] for secret in factory().list_secrets()["SecretList"]}
                if name in known:
                    factory().put_secret_value(SecretId=name, SecretString=text)
                else:
                    factory().create_secret(Name=name, SecretString=text)

            yield SecretKeeper(SecretsManagerSecrets(factory, 300, clock), write, clock.forward)


@pytest.fixture(params=adapters(pytest.param("onnx", marks=pytest.mark.real), *BEDROCK_MODELS))
def embedder(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "null":
        yield NullAdapter()
    elif request.param == "onnx":
        yield OnnxEmbedder(request.getfixturevalue("models").int8)
    else:
        with bedrock() as url:
            yield BedrockEmbedder(AwsClients(url).factory("bedrock-runtime"), request.param)
