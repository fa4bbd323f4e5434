"""MiniLM from the definition of BERT, in plain numpy and one text at a time: what the graph is compared with.

No padding, no mask, no batch: a text's tokens are a matrix with a row for each.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

HEAD = 32  # numbers of an attention head

_erf = np.vectorize(math.erf, otypes=[np.float64])


def embedding(weights: Mapping[str, Any], ids: Sequence[int]) -> Any:
    """The mean of the last layer's tokens, of unit length, in float64 from the first addition on."""
    named = {name.removeprefix("bert."): value for name, value in weights.items()}
    words = named["embeddings.word_embeddings.weight"].astype(np.float64)[list(ids)]
    places = named["embeddings.position_embeddings.weight"][: len(ids)]
    tokens = _norm(named, "embeddings", words + places + named["embeddings.token_type_embeddings.weight"][0])
    for layer in range(6):
        tokens = _layer(named, f"encoder.layer.{layer}", tokens)
    mean = tokens.mean(axis=0)
    return mean / np.linalg.norm(mean)


def _layer(named: Mapping[str, Any], name: str, tokens: Any) -> Any:
    query, key, value = (_linear(named, f"{name}.attention.self.{part}", tokens) for part in ("query", "key", "value"))
    heads = []
    for start in range(0, tokens.shape[1], HEAD):
        one = slice(start, start + HEAD)
        scores = np.exp(query[:, one] @ key[:, one].T / math.sqrt(HEAD))
        heads.append(scores / scores.sum(axis=1, keepdims=True) @ value[:, one])
    attended = _linear(named, f"{name}.attention.output.dense", np.concatenate(heads, axis=1))
    tokens = _norm(named, f"{name}.attention.output", attended + tokens)
    inner = _linear(named, f"{name}.intermediate.dense", tokens)
    inner = inner * (1 + _erf(inner / math.sqrt(2))) / 2
    return _norm(named, f"{name}.output", _linear(named, f"{name}.output.dense", inner) + tokens)


def _linear(named: Mapping[str, Any], name: str, tokens: Any) -> Any:
    return tokens @ named[f"{name}.weight"].T + named[f"{name}.bias"]


def _norm(named: Mapping[str, Any], name: str, tokens: Any) -> Any:
    centred = tokens - tokens.mean(axis=1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-12)
    return scaled * named[f"{name}.LayerNorm.weight"] + named[f"{name}.LayerNorm.bias"]
