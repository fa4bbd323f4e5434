"""What is sent to the models on Bedrock, and what is made of answers that are none."""

import json
from collections.abc import Iterator

import pytest

from personal_pipeline.adapters.aws_clients import AwsClients
from personal_pipeline.adapters.bedrock_embedder import BedrockEmbedder
from personal_pipeline.domain.errors import EmbedderUnavailableError, RejectedError
from tests.integration.fault_server import Answer, FaultServer, a_fault_server

TITAN = "amazon.titan-embed-text-v2:0"
COHERE_3 = "cohere.embed-english-v3"
COHERE_4 = "cohere.embed-v4:0"


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with a_fault_server() as server:
        yield server


def an_embedder(server: FaultServer, model_id: str = TITAN, timeout_seconds: float = 5) -> BedrockEmbedder:
    factory = AwsClients(server.url).factory("bedrock-runtime", timeout_seconds=timeout_seconds, attempts=1)
    return BedrockEmbedder(factory, model_id)


def titan(vector: list[float]) -> Answer:
    return Answer(json.dumps({"embedding": vector, "inputTextTokenCount": 1}).encode())


def cohere(*vectors: list[float]) -> Answer:
    return Answer(json.dumps({"embeddings": {"float": vectors}, "response_type": "embeddings_by_type"}).encode())


def sent(server: FaultServer) -> list[dict[str, object]]:
    return [json.loads(body) for _, _, body, _ in server.requests]


def test_titan_is_asked_for_512_numbers_a_text_at_a_time(server: FaultServer) -> None:
    server.answer = titan([3.0, 4.0] + [0.0] * 510)
    embedder = an_embedder(server)

    vectors = embedder.embed(["disk", "queue"])

    assert sent(server) == [
        {"inputText": "disk", "dimensions": 512, "normalize": True},
        {"inputText": "queue", "dimensions": 512, "normalize": True},
    ]
    assert {path for _, path, _, _ in server.requests} == {"/model/amazon.titan-embed-text-v2%3A0/invoke"}
    assert list(vectors[0][:3]) == pytest.approx([0.6, 0.8, 0.0])
    assert (embedder.model, embedder.dimensions) == ("amazon.titan-embed-text-v2:0-512", 512)


def test_cohere_takes_96_texts_at_once(server: FaultServer) -> None:
    embedder = an_embedder(server, COHERE_3)
    server.answer = cohere(*([[1.0] + [0.0] * 1023] * 96))

    assert len(embedder.embed(["disk"] * 192)) == 192

    first, second = sent(server)
    assert first == second
    assert len(first.pop("texts")) == 96  # type: ignore[arg-type]
    assert first == {"input_type": "search_document", "embedding_types": ["float"], "truncate": "END"}


def test_cohere_4_is_asked_for_512_numbers(server: FaultServer) -> None:
    server.answer = cohere([1.0] + [0.0] * 511)

    assert len(an_embedder(server, COHERE_4).embed(["disk"])[0]) == 512

    (asked,) = sent(server)
    assert (asked["output_dimension"], asked["truncate"]) == (512, "RIGHT")


def test_a_model_that_is_not_known_is_refused_before_it_is_asked(server: FaultServer) -> None:
    with pytest.raises(RejectedError, match=r"BEDROCK_MODEL_ID 'amazon\.nova-lite'.* amazon\.titan-embed-text-v2"):
        an_embedder(server, "amazon.nova-lite")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, b'{"__type": "ThrottlingException", "message": "Too many requests"}'),
        (403, b'{"__type": "AccessDeniedException", "message": "no access to the model"}'),
        (404, b'{"__type": "ResourceNotFoundException", "message": "no such model"}'),
        (400, b'{"__type": "ValidationException", "message": "The provided model identifier is invalid."}'),
        (424, b'{"__type": "ModelErrorException", "message": "failed"}'),
        (408, b'{"__type": "ModelTimeoutException", "message": "too slow"}'),
        (500, b"<html>"),
    ],
)
def test_an_error_of_bedrock_is_unavailable_and_names_the_model(server: FaultServer, status: int, body: bytes) -> None:
    server.answer = Answer(body, status)

    with pytest.raises(EmbedderUnavailableError, match=r"Bedrock model amazon\.titan"):
        an_embedder(server).embed(["disk"])
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"{}"),
        Answer(b"not json"),
        Answer(b"[]"),
        titan([]),
        titan([0.0] * 512),
        titan([1.0] * 256),
        Answer(b'{"embedding": ["a"]}'),
        Answer(b'{"embedding": null}'),
        titan([float("inf")] + [1.0] * 511),
        titan([float("nan")] + [1.0] * 511),
    ],
)
def test_an_answer_without_vectors_is_unavailable(server: FaultServer, answer: Answer) -> None:
    server.answer = answer

    with pytest.raises(EmbedderUnavailableError, match="answers with"):
        an_embedder(server).embed(["disk"])


def test_fewer_vectors_than_texts_are_none(server: FaultServer) -> None:
    server.answer = cohere([1.0] + [0.0] * 1023)

    with pytest.raises(EmbedderUnavailableError, match="another shape"):
        an_embedder(server, COHERE_3).embed(["disk", "queue"])


@pytest.mark.parametrize("answer", [Answer(hangs=True), Answer(hangs_up=True), Answer(b"{}", missing_bytes=10)])
def test_a_model_that_does_not_answer_in_time_is_unavailable(server: FaultServer, answer: Answer) -> None:
    server.answer = answer

    with pytest.raises(EmbedderUnavailableError, match=r"Bedrock model amazon\.titan"):
        an_embedder(server, timeout_seconds=0.2).embed(["disk"])
