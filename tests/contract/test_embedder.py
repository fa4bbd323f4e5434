"""What every embedder promises."""

from collections.abc import Sequence
from typing import Any

import pytest

TEXTS = [
    "The disk of a database node is full",
    "Certificate of the ingress controller expired",
    "x",
    "Restart the payment worker " * 40,
    "Über die Warteschlange: 日本語 🙂",
]


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_every_text_has_a_vector_of_unit_length(embedder: Any) -> None:
    vectors = embedder.embed(TEXTS)

    assert [len(vector) for vector in vectors] == [embedder.dimensions] * len(TEXTS)
    assert {vector.typecode for vector in vectors} == {"f"}
    assert [cosine(vector, vector) for vector in vectors] == pytest.approx([1.0] * len(TEXTS), abs=1e-5)


def test_no_texts_have_no_vectors(embedder: Any) -> None:
    assert embedder.embed([]) == []
    assert len(embedder.embed(["disk"])[0]) == embedder.dimensions


def test_a_vector_depends_on_its_text_alone(embedder: Any) -> None:
    together = embedder.embed(TEXTS * 25)

    for place, text in enumerate(TEXTS):
        (alone,) = embedder.embed([text])
        assert cosine(alone, together[place]) == pytest.approx(1.0, abs=1e-6)
        assert cosine(alone, together[place + 24 * len(TEXTS)]) == pytest.approx(1.0, abs=1e-6)


def test_texts_that_are_alike_are_near(embedder: Any) -> None:
    query, alike, other = embedder.embed(["disk is full", "what to do when the disk is full", "expired certificate"])

    assert cosine(query, alike) > cosine(query, other) + 0.2


def test_a_long_text_is_cut(embedder: Any) -> None:
    short, long, blob = embedder.embed(["disk full " * 5_000, "disk full " * 50_000 + "certificate", "a" * 1_000_000])

    assert cosine(short, long) == pytest.approx(1.0, abs=1e-6)
    assert cosine(blob, blob) == pytest.approx(1.0, abs=1e-5)


def test_a_text_without_words_has_always_the_same_vector(embedder: Any) -> None:
    empty, spaces, again = embedder.embed(["", " \n\t ", ""])

    assert cosine(empty, empty) == pytest.approx(1.0, abs=1e-5)
    assert cosine(empty, spaces) == cosine(empty, again) == cosine(empty, empty)


@pytest.mark.parametrize("text", ["\x00", "\ud800 half a pair", "\ufeff\u202e", "e\u0301" * 5_000, "[SEP]" * 300])
def test_an_odd_text_has_a_vector(embedder: Any, text: str) -> None:
    (vector,) = embedder.embed([text])

    assert cosine(vector, vector) == pytest.approx(1.0, abs=1e-5)


def test_the_model_is_named(embedder: Any) -> None:
    assert isinstance(embedder.model, str)
    assert embedder.model
