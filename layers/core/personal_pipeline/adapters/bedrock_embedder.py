"""Embedding models on Amazon Bedrock: Titan Text Embeddings V2, and Cohere Embed 3 and 4.

Titan takes one text a request, Cohere up to 96. Sizes are asked for where a model offers them: 512, which by
Amazon's figures keeps 99 % of what 1,024 retrieve, at half the memory of the index. Cohere tells documents from
queries; both are embedded as documents here, so that equal texts have equal vectors.
"""

import json
import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from personal_pipeline.adapters.aws_clients import aws_errors
from personal_pipeline.domain.errors import EmbedderUnavailableError, RejectedError
from personal_pipeline.domain.vectors import Vector

SIZE = 512
MAX_CHARS = 2048  # Cohere 3 takes no more; some 512 tokens
NO_TEXT = "."  # stands for an empty text, which the models refuse


@dataclass(frozen=True, slots=True)
class _Family:
    dimensions: int
    texts_per_request: int
    request: Callable[[Sequence[str]], dict[str, Any]]
    embeddings: Callable[[Any], Any]


def _titan_request(texts: Sequence[str]) -> dict[str, Any]:
    return {"inputText": texts[0], "dimensions": SIZE, "normalize": True}


def _cohere_request(texts: Sequence[str], **asked: Any) -> dict[str, Any]:
    return {"texts": list(texts), "input_type": "search_document", "embedding_types": ["float"], **asked}


def _cohere_embeddings(answer: Any) -> Any:
    return answer["embeddings"]["float"]


_TITAN_2 = _Family(SIZE, 1, _titan_request, lambda answer: [answer["embedding"]])
_COHERE_3 = _Family(1024, 96, lambda texts: _cohere_request(texts, truncate="END"), _cohere_embeddings)
_COHERE_4 = _Family(
    SIZE, 96, lambda texts: _cohere_request(texts, truncate="RIGHT", output_dimension=SIZE), _cohere_embeddings
)
# By the beginning of the model's id.
_FAMILIES = {
    "amazon.titan-embed-text-v2": _TITAN_2,
    "cohere.embed-english-v3": _COHERE_3,
    "cohere.embed-multilingual-v3": _COHERE_3,
    "cohere.embed-v4": _COHERE_4,
}


class BedrockEmbedder:
    def __init__(self, client: Callable[[], Any], model_id: str) -> None:
        family = next((family for start, family in _FAMILIES.items() if model_id.startswith(start)), None)
        if family is None:
            raise RejectedError(
                f"BEDROCK_MODEL_ID {model_id!r} is not an embedding model that is known here: "
                f"set one that starts with {' or '.join(_FAMILIES)}"
            )
        self._client = client
        self._model_id = model_id
        self._family = family
        self.dimensions = family.dimensions
        self.model = f"{model_id}-{family.dimensions}"

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        clean = [text[:MAX_CHARS].encode(errors="replace").decode() for text in texts]
        wanted = [text if text.strip() else NO_TEXT for text in clean]
        step = self._family.texts_per_request
        return [vector for start in range(0, len(wanted), step) for vector in self._ask(wanted[start : start + step])]

    def _ask(self, texts: Sequence[str]) -> list[Vector]:
        body = json.dumps(self._family.request(texts))
        try:
            with aws_errors(f"Bedrock model {self._model_id}", EmbedderUnavailableError):
                answer = self._client().invoke_model(modelId=self._model_id, contentType="application/json", body=body)
                answered = answer["body"].read()
        except RejectedError as error:  # never because of the text: it is whole, and short enough
            raise EmbedderUnavailableError(f"{error}; check BEDROCK_MODEL_ID, and that the region has it") from error
        return self._vectors(answered, len(texts))

    def _vectors(self, answered: bytes, count: int) -> list[Vector]:
        try:
            vectors = [_unit(numbers) for numbers in self._family.embeddings(json.loads(answered))]
        except (ValueError, KeyError, TypeError, ZeroDivisionError) as error:
            raise EmbedderUnavailableError(f"Bedrock model {self._model_id} answers without vectors") from error
        if len(vectors) != count or any(len(vector) != self.dimensions for vector in vectors):
            raise EmbedderUnavailableError(f"Bedrock model {self._model_id} answers with vectors of another shape")
        return vectors


def _unit(numbers: Sequence[float]) -> Vector:
    length = math.hypot(*numbers)
    if not math.isfinite(length):
        raise ValueError("no number")
    return array("f", [number / length for number in numbers])
