"""Clients, queues, buckets and secrets in AWS: what the contracts do not reach."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.response import StreamingBody
from moto import mock_aws

from personal_pipeline.adapters.aws_clients import AwsClients, aws_errors
from personal_pipeline.adapters.s3_document_store import S3DocumentStore
from personal_pipeline.adapters.secrets import RETRY_SECONDS, SecretsManagerSecrets
from personal_pipeline.adapters.sqs_queue import SqsQueue
from personal_pipeline.domain.documents import ObjectRef
from personal_pipeline.domain.errors import (
    DocumentMissingError,
    InvalidDocumentError,
    InvalidMessageError,
    QueueUnavailableError,
    RejectedError,
    SecretMissingError,
    StoreUnavailableError,
    TableUnavailableError,
    UnavailableError,
)
from personal_pipeline.ports import OutgoingMessage

KEY = "runbooks/disk.md"


@pytest.fixture(autouse=True)
def _moto() -> Iterator[None]:
    with mock_aws():
        yield


def answering(client: Any, operation: str, answer: dict[str, Any], seen: list[Any] | None = None) -> None:
    """Every call of the operation gets this answer; nothing is sent."""

    class Response:
        status_code = 200
        raw = None

    def answer_call(model: Any, params: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        if seen is not None:
            seen.append(params)
        return Response, answer

    client.meta.events.register(f"before-call.*.{operation}", answer_call)


def failing(client: Any, operation: str, code: str) -> None:
    class Response:
        status_code = 403

    client.meta.events.register(
        f"before-call.*.{operation}", lambda **_: (Response, {"Error": {"Code": code, "Message": "no"}})
    )


def test_equal_clients_are_made_once_and_others_apart() -> None:
    clients = AwsClients()
    one = clients.factory("dynamodb", timeout_seconds=0.25, attempts=1)

    assert one() is one() is clients.factory("dynamodb", timeout_seconds=0.25, attempts=1)()
    assert one() is not clients.factory("dynamodb")()


def test_a_client_has_our_timeouts_our_attempts_and_our_endpoint() -> None:
    factory = AwsClients("http://127.0.0.1:4566").factory(
        "dynamodb", connect_timeout_seconds=0.2, timeout_seconds=0.25, attempts=1
    )

    config = factory().meta.config
    assert (config.connect_timeout, config.read_timeout) == (0.2, 0.25)
    assert (config.retries["mode"], config.retries["total_max_attempts"]) == ("standard", 1)
    assert factory().meta.endpoint_url == "http://127.0.0.1:4566"


@pytest.mark.parametrize(
    ("code", "family", "advice"),
    [
        ("ThrottlingException", TableUnavailableError, "try again"),
        ("ResourceNotFoundException", TableUnavailableError, "that the stack is deployed"),
        ("AccessDeniedException", TableUnavailableError, "allow it in the role's policy"),
        ("ValidationException", RejectedError, "refuses the request"),
    ],
)
def test_an_error_of_aws_says_what_to_do(code: str, family: type[Exception], advice: str) -> None:
    error = ClientError({"Error": {"Code": code, "Message": "no"}}, "GetItem")

    with pytest.raises(family, match=f"table x.*{advice}"), aws_errors("table x", TableUnavailableError):
        raise error


def test_missing_credentials_and_region_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(QueueUnavailableError, match="set AWS_DEFAULT_REGION"):
        SqsQueue(AwsClients().factory("sqs"), "https://sqs/x").depth()


@pytest.fixture
def sqs() -> Callable[[], Any]:
    return AwsClients().factory("sqs")


@pytest.fixture
def queue(sqs: Callable[[], Any]) -> SqsQueue:
    return SqsQueue(sqs, sqs().create_queue(QueueName="work")["QueueUrl"])


def test_messages_travel_in_batches_as_full_as_sqs_takes_them(queue: SqsQueue, sqs: Callable[[], Any]) -> None:
    seen: list[Any] = []
    answering(sqs(), "SendMessageBatch", {"Successful": []}, seen)

    queue.send([OutgoingMessage("x")] * 23)
    queue.send([OutgoingMessage("x" * 600_000)] * 3)

    assert len(seen) == 3 + 3


def test_a_message_that_sqs_refuses_is_invalid_and_one_it_drops_is_unavailable(
    queue: SqsQueue, sqs: Callable[[], Any]
) -> None:
    failed = {"Id": "0", "Code": "InvalidMessageContents", "Message": "bad character", "SenderFault": True}
    answering(sqs(), "SendMessageBatch", {"Failed": [failed]})
    with pytest.raises(InvalidMessageError, match=r"work.*bad character"):
        queue.send([OutgoingMessage("\x01")])


def test_an_answer_of_200_with_failures_is_not_taken_for_success(queue: SqsQueue, sqs: Callable[[], Any]) -> None:
    failed = {"Id": "0", "Code": "InternalError", "Message": "later", "SenderFault": False}
    answering(sqs(), "SendMessageBatch", {"Successful": [{"Id": "1"}], "Failed": [failed]})
    answering(sqs(), "DeleteMessageBatch", {"Failed": [failed]})

    with pytest.raises(QueueUnavailableError, match="1 messages failed: InternalError"):
        queue.send([OutgoingMessage("a"), OutgoingMessage("b")])
    with pytest.raises(QueueUnavailableError):
        queue.delete(["handle"])


def test_a_queue_that_is_not_there_is_named(sqs: Callable[[], Any]) -> None:
    with pytest.raises(QueueUnavailableError, match=r"queue nowhere.*check the queue's URL"):
        SqsQueue(sqs, "https://sqs.us-east-1.amazonaws.com/123456789012/nowhere").receive()


@pytest.fixture
def s3() -> Callable[[], Any]:
    factory = AwsClients().factory("s3")
    factory().create_bucket(Bucket="documents")
    factory().put_bucket_versioning(Bucket="documents", VersioningConfiguration={"Status": "Enabled"})
    return factory


@pytest.fixture
def store(s3: Callable[[], Any]) -> S3DocumentStore:
    return S3DocumentStore(s3, "documents")


def test_the_version_that_an_event_named_is_read(store: S3DocumentStore) -> None:
    first = store.put(KEY, b"old")
    second = store.put(KEY, b"new")

    assert store.read(first).body == b"old"
    assert store.read(ObjectRef(KEY)).ref == second
    store.delete(KEY)
    assert store.read(first).body == b"old"


def test_a_delete_marker_is_a_missing_document_with_and_without_its_version(
    store: S3DocumentStore, s3: Callable[[], Any]
) -> None:
    store.put(KEY, b"text")
    marker = s3().delete_object(Bucket="documents", Key=KEY)["VersionId"]

    for ref in (ObjectRef(KEY), ObjectRef(KEY, marker)):
        with pytest.raises(DocumentMissingError, match=KEY):
            store.read(ref)


@pytest.mark.parametrize("code", ["NoSuchVersion", "405", "404", "MethodNotAllowed"])
def test_every_way_of_s3_to_say_not_there_is_missing(store: S3DocumentStore, s3: Callable[[], Any], code: str) -> None:
    failing(s3(), "GetObject", code)

    with pytest.raises(DocumentMissingError):
        store.read(ObjectRef(KEY, "v"))


def test_a_forbidden_read_is_not_taken_for_a_missing_document(store: S3DocumentStore, s3: Callable[[], Any]) -> None:
    """S3 answers 403 for a missing key to who may not list: taking it for a delete would empty the index."""
    failing(s3(), "GetObject", "AccessDenied")

    with pytest.raises(StoreUnavailableError, match="allow it in the role's policy"):
        store.read(ObjectRef(KEY))


def test_a_bucket_that_is_not_there_is_unavailable(s3: Callable[[], Any]) -> None:
    with pytest.raises(StoreUnavailableError, match="check DOCUMENTS_BUCKET"):
        S3DocumentStore(s3, "elsewhere").read(ObjectRef(KEY))


def test_a_body_over_the_limit_is_not_read(store: S3DocumentStore, s3: Callable[[], Any]) -> None:
    class Unreadable(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("the body was read")

    body = StreamingBody(Unreadable(), 10**9)
    answering(s3(), "GetObject", {"ContentLength": 10**9, "Body": body, "Metadata": {}})

    with pytest.raises(InvalidDocumentError, match=f"{KEY} has 1000000000 bytes"):
        store.read(ObjectRef(KEY))


def test_a_connection_that_breaks_while_the_body_is_read_is_unavailable(
    store: S3DocumentStore, s3: Callable[[], Any]
) -> None:
    body = StreamingBody(io.BytesIO(b"half"), 8)
    answering(s3(), "GetObject", {"ContentLength": 8, "Body": body, "Metadata": {}})

    with pytest.raises(StoreUnavailableError, match="documents"):
        store.read(ObjectRef(KEY))


def test_metadata_over_the_limit_of_s3_names_the_document(store: S3DocumentStore, s3: Callable[[], Any]) -> None:
    failing(s3(), "PutObject", "MetadataTooLarge")  # moto takes any size

    with pytest.raises(InvalidDocumentError, match=f"{KEY}: its metadata exceeds"):
        store.put(KEY, b"text", {"title": "x" * 5000})


def test_metadata_that_others_wrote_is_read_as_it_is(store: S3DocumentStore, s3: Callable[[], Any]) -> None:
    s3().put_object(Bucket="documents", Key=KEY, Body=b"", Metadata={"share": "50% off"})

    assert store.read(ObjectRef(KEY)).metadata == {"share": "50% off"}


def test_more_keys_than_a_page_are_all_listed(store: S3DocumentStore, s3: Callable[[], Any]) -> None:
    for number in range(7):
        store.put(f"runbooks/{number}.md", b"")
    s3().meta.events.register("provide-client-params.s3.ListObjectsV2", lambda params, **_: params | {"MaxKeys": 3})

    assert len(list(store.keys("runbooks/"))) == 7


def test_secrets_that_were_read_once_outlive_an_outage() -> None:
    now = 0.0
    factory = AwsClients().factory("secretsmanager")
    factory().create_secret(Name="webhook", SecretString="one\ntwo")
    secrets = SecretsManagerSecrets(factory, 300, lambda: now)
    assert secrets.values("webhook") == ("one", "two")
    asked: list[int] = []

    def refuse(**_: Any) -> None:
        asked.append(1)
        raise EndpointConnectionError(endpoint_url="https://secretsmanager")

    factory().meta.events.register("before-call.secrets-manager.GetSecretValue", refuse)

    now = 301.0
    assert secrets.values("webhook") == ("one", "two")
    assert secrets.values("webhook") == ("one", "two")
    assert len(asked) == 1, "an outage is not asked about on every request"
    now += RETRY_SECONDS
    assert secrets.values("webhook") == ("one", "two")
    assert len(asked) == 2
    with pytest.raises(UnavailableError, match="secret other"):
        secrets.values("other")


def test_that_a_secret_is_not_there_is_remembered_for_a_while() -> None:
    now = 0.0
    asked = []
    factory = AwsClients().factory("secretsmanager")
    factory().meta.events.register("before-call.secrets-manager.GetSecretValue", lambda **_: asked.append(1) and None)
    secrets = SecretsManagerSecrets(factory, 300, lambda: now)

    for _ in range(3):
        with pytest.raises(SecretMissingError, match="secret own"):
            secrets.values("own")
    factory().create_secret(Name="own", SecretString="one")
    now = 301.0

    assert secrets.values("own") == ("one",)
    assert len(asked) == 2


def test_a_binary_secret_is_read_too() -> None:
    factory = AwsClients().factory("secretsmanager")
    factory().create_secret(Name="webhook", SecretBinary=b"one\n")

    assert SecretsManagerSecrets(factory).values("webhook") == ("one",)
