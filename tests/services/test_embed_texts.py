"""Vectors are computed once, and a cache that fails costs time only."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from personal_pipeline.adapters.sqlite.cache import SQLiteCache
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.domain.errors import EmbedderUnavailableError, TableUnavailableError
from personal_pipeline.domain.vectors import Vector
from personal_pipeline.services.embed_texts import AT_ONCE, KEPT_SECONDS, EmbedTexts


class CountingEmbedder:
    dimensions = 2

    def __init__(self, model: str = "counting") -> None:
        self.model = model
        self.asked: list[str] = []
        self.is_down = False
        self.most = 10**9

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        if self.is_down or len(self.asked) + len(texts) > self.most:
            raise EmbedderUnavailableError("down")
        self.asked += texts
        return [array("f", [len(text), 0.1]) for text in texts]


class FailingCache:
    def __init__(self, *fails: str) -> None:
        self._fails = fails

    def vectors(self, vector_keys: Sequence[str]) -> dict[str, Vector]:
        if "read" in self._fails:
            raise TableUnavailableError("down")
        return {}

    def write_vectors(self, vectors: Mapping[str, Vector], expires_at: float) -> None:
        if "write" in self._fails:
            raise TableUnavailableError("down")


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(tmp_path: Path, clock: Clock) -> Iterator[SQLiteCache]:
    database = Database(tmp_path / "pipeline.db")
    yield SQLiteCache(database, clock)
    database.close()


def test_a_text_is_computed_once(cache: SQLiteCache, clock: Clock) -> None:
    embedder = CountingEmbedder()
    embed = EmbedTexts(embedder, cache, clock)
    first = embed(["disk", "certificate"])

    second = embed(["certificate", "queue", "disk"])

    assert embedder.asked == ["disk", "certificate", "queue"]
    assert [second[2], second[0]] == first


def test_equal_texts_of_one_call_are_computed_once_and_order_stays(cache: SQLiteCache, clock: Clock) -> None:
    embedder = CountingEmbedder()

    vectors = EmbedTexts(embedder, cache, clock)(["ab", "abc", "ab", ""])

    assert embedder.asked == ["ab", "abc", ""]
    assert [vector[0] for vector in vectors] == [2, 3, 2, 0]


def test_no_texts_ask_nobody(clock: Clock) -> None:
    embedder: Any = CountingEmbedder()
    embedder.is_down = True

    assert EmbedTexts(embedder, FailingCache("read", "write"), clock)([]) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("fails", [("read",), ("write",), ("read", "write")], ids="+".join)
def test_a_failing_cache_is_a_miss(clock: Clock, fails: tuple[str, ...]) -> None:
    embedder = CountingEmbedder()

    vectors = EmbedTexts(embedder, FailingCache(*fails), clock)(["disk"])  # type: ignore[arg-type]

    assert [vector[0] for vector in vectors] == [4]


def test_vectors_of_another_model_are_not_taken(cache: SQLiteCache, clock: Clock) -> None:
    EmbedTexts(CountingEmbedder("old"), cache, clock)(["disk"])
    embedder = CountingEmbedder("new")

    EmbedTexts(embedder, cache, clock)(["disk"])

    assert embedder.asked == ["disk"]


def test_a_kept_vector_of_another_size_is_computed_again(cache: SQLiteCache, clock: Clock) -> None:
    EmbedTexts(CountingEmbedder(), cache, clock)(["disk"])
    embedder: Any = CountingEmbedder()
    embedder.dimensions = 3

    EmbedTexts(embedder, cache, clock)(["disk"])

    assert embedder.asked == ["disk"]


def test_a_vector_is_kept_for_thirty_days(cache: SQLiteCache, clock: Clock) -> None:
    embedder = CountingEmbedder()
    embed = EmbedTexts(embedder, cache, clock)
    embed(["disk"])

    clock.now += KEPT_SECONDS - 1
    embed(["disk"])
    assert embedder.asked == ["disk"]
    clock.now += 1
    embed(["disk"])
    assert embedder.asked == ["disk", "disk"]


def test_half_a_surrogate_pair_is_a_text(cache: SQLiteCache, clock: Clock) -> None:
    assert EmbedTexts(CountingEmbedder(), cache, clock)(["\ud800"])[0][0] == 1


def test_an_embedder_that_is_down_is_said_and_nothing_is_kept(cache: SQLiteCache, clock: Clock) -> None:
    embedder = CountingEmbedder()
    embed = EmbedTexts(embedder, cache, clock)
    embed(["disk"])
    embedder.is_down = True

    with pytest.raises(EmbedderUnavailableError):
        embed(["disk", "queue"])
    assert embed(["disk"])


def test_what_was_computed_before_a_failure_is_not_computed_again(cache: SQLiteCache, clock: Clock) -> None:
    texts = [f"passage {number}" for number in range(250)]
    embedder = CountingEmbedder()
    embedder.most = 2 * AT_ONCE
    embed = EmbedTexts(embedder, cache, clock)
    with pytest.raises(EmbedderUnavailableError):
        embed(texts)
    embedder.most = 10**9

    assert len(embed(texts)) == 250
    assert embedder.asked == texts
