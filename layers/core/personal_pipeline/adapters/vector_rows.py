"""Vectors beside the embedded index: rows of float32 in one file that only grows, compared exactly with numpy.

10,000 rows are compared in under a millisecond, so nothing approximate is needed where one machine is enough. The
same vector is stored once, so writing a document again adds nothing; rows whose passage is gone stay behind, at
1.5 KB each, until the next index version starts an empty file. A row is on disk before the commit that names it.
"""

import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from personal_pipeline.domain.vectors import Vector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class VectorRows:
    def __init__(self, path: Path, dimensions: int) -> None:
        self._path = path
        self._row_bytes = 4 * dimensions
        self._dimensions = dimensions
        self._numbers: dict[bytes, int] | None = None  # by a hash of the row, and what the file measured then
        self._known_bytes = 0
        self._matrix: NDArray[np.float32] | None = None

    def append(self, vectors: Sequence[Vector]) -> list[int]:
        """The row of each, once they are on disk. One writer at a time. Raises OSError."""
        numbers = self._known()
        keys = [_key(vector.tobytes()) for vector in vectors]
        new = {key: vector for key, vector in zip(keys, vectors, strict=True) if key not in numbers}
        if new:
            with self._path.open("ab") as file:
                first = file.tell() // self._row_bytes
                file.write(b"".join(vector.tobytes() for vector in new.values()))
                file.flush()
                os.fsync(file.fileno())
            numbers |= {key: first + n for n, key in enumerate(new)}
            self._known_bytes = self._size()
        return [numbers[key] for key in keys]

    def refresh(self) -> None:
        """Look at the file again: it may have grown. At once: no other thread must keep the old one."""
        self._matrix = self._mapped()

    def nearest(self, vector: Vector, limit: int) -> dict[int, float]:
        """Cosine by row, of the nearest rows that the file has."""
        import numpy as np

        cosines = self._load() @ np.frombuffer(vector, dtype=np.float32)
        rows = np.argpartition(-cosines, limit)[:limit] if len(cosines) > limit else np.arange(len(cosines))
        return {int(row): float(cosines[row]) for row in rows}

    def similarities(self, vector: Vector, rows: Sequence[int]) -> list[float]:
        import numpy as np

        return [float(cosine) for cosine in self._load()[list(rows)] @ np.frombuffer(vector, dtype=np.float32)]

    def __len__(self) -> int:
        return len(self._load())

    def _load(self) -> "NDArray[np.float32]":
        if self._matrix is None:
            self._matrix = self._mapped()
        return self._matrix

    def _mapped(self) -> "NDArray[np.float32]":
        import numpy as np

        shape = (self._size() // self._row_bytes, self._dimensions)
        return np.memmap(self._path, np.float32, "r", shape=shape) if shape[0] else np.zeros(shape, np.float32)

    def _size(self) -> int:
        return self._path.stat().st_size if self._path.exists() else 0

    def _known(self) -> dict[bytes, int]:
        """Row numbers by content, read anew when the file is not as we left it: a write failed, or it was moved away.

        A row that was cut short is cut away; the next one takes its place.
        """
        if self._numbers is None or self._size() != self._known_bytes:
            whole = self._size() // self._row_bytes
            self._numbers = {}
            if self._path.exists():
                with self._path.open("r+b") as file:
                    for number in range(whole):
                        self._numbers.setdefault(_key(file.read(self._row_bytes)), number)
                    file.truncate(whole * self._row_bytes)
            self._known_bytes = self._size()
        return self._numbers


def _key(raw: bytes) -> bytes:
    return blake2b(raw, digest_size=16).digest()
