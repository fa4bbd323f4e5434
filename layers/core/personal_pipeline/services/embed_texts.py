"""Texts to vectors, each computed once in thirty days: by search, by ingest, by any process.

The cache saves time and nothing else. One that does not answer is a miss, and what it cannot take is computed again.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b

from personal_pipeline.domain.errors import EmbedderUnavailableError, TableUnavailableError
from personal_pipeline.domain.vectors import Vector
from personal_pipeline.ports import Cache, Embedder

KEPT_SECONDS = 30 * 86400.0
AT_ONCE = 100  # texts; a large document that runs out of time goes on from there when it is tried again


class EmbedTexts:
    def __init__(self, embedder: Embedder, cache: Cache, clock: Callable[[], float]) -> None:
        self._embedder = embedder
        self._cache = cache
        self._clock = clock

    @property
    def model(self) -> str:
        return self._embedder.model

    def problem(self) -> str:
        """Why nothing can be embedded now; empty when it can."""
        try:
            self._embedder.embed(["a question"])
        except EmbedderUnavailableError as error:
            return str(error)
        return ""

    def __call__(self, texts: Sequence[str]) -> list[Vector]:
        """One vector for each text, in order. Raises EmbedderUnavailableError."""
        keys = [self._key(text) for text in texts]
        vectors = self._kept(keys)
        missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in vectors}.items())
        for start in range(0, len(missing), AT_ONCE):
            vectors |= self._made(dict(missing[start : start + AT_ONCE]))
        return [vectors[key] for key in keys]

    def _kept(self, keys: Sequence[str]) -> dict[str, Vector]:
        try:
            kept = self._cache.vectors(keys) if keys else {}
        except TableUnavailableError:
            return {}
        return {key: vector for key, vector in kept.items() if len(vector) == self._embedder.dimensions}

    def _made(self, texts: Mapping[str, str]) -> dict[str, Vector]:
        made = dict(zip(texts, self._embedder.embed(list(texts.values())), strict=True))
        with suppress(TableUnavailableError):
            self._cache.write_vectors(made, self._clock() + KEPT_SECONDS)
        return made

    def _key(self, text: str) -> str:
        digest = blake2b(text.encode(errors="surrogatepass"), digest_size=16)
        return f"{self._embedder.model}#{digest.hexdigest()}"
