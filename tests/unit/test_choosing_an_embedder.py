"""The environment decides what makes vectors."""

from typing import Any

import pytest

from personal_pipeline import parts
from personal_pipeline.adapters.bedrock_embedder import BedrockEmbedder
from personal_pipeline.adapters.onnx_embedder import OnnxEmbedder
from personal_pipeline.domain.errors import RejectedError
from personal_pipeline.settings import InvalidSettingsError


def chosen(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Any:
    for name in ("EMBEDDER", "EMBEDDING_MODEL_DIR", "BEDROCK_MODEL_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return parts.embedder.__wrapped__()


def test_nothing_makes_vectors_unless_it_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(monkeypatch) is None


def test_a_model_of_ours_or_of_bedrock_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(chosen(monkeypatch, EMBEDDER="onnx"), OnnxEmbedder)
    assert isinstance(chosen(monkeypatch, EMBEDDER="bedrock"), BedrockEmbedder)
    assert chosen(monkeypatch, EMBEDDER="bedrock", BEDROCK_MODEL_ID="cohere.embed-english-v3").dimensions == 1024


def test_a_wrong_choice_stops_the_start_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidSettingsError, match="EMBEDDER"):
        chosen(monkeypatch, EMBEDDER="torch")
    with pytest.raises(RejectedError, match=r"BEDROCK_MODEL_ID 'cohere\.rerank-v3'"):
        chosen(monkeypatch, EMBEDDER="bedrock", BEDROCK_MODEL_ID="cohere.rerank-v3")
