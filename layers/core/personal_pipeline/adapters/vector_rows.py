"""Vectors beside the embedded index: rows of float32 in one file that only grows, compared exactly with numpy.

10,000 rows are compared in under a millisecond, so nothing approximate is needed where one machine is enough. The
same vector is stored once, so writing a document again adds nothing; rows whose passage is gone stay behind, at
1.5 KB each, until the next index version starts an empty file. A row is on disk before the commit that names it.
"""

import os
from collections.abc import Sequence
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
        self._numbers: dict[bytes, int] | None = None
        self._matrix: NDArray[np.float32] | None = None

    def append(self, vectors: Sequence[Vector]) -> list[int]:
        """The row of each, once they are on disk. One writer at a time. Raises OSError."""
        numbers = self._known()
        new = list(dict.fromkeys(raw for vector in vectors if (raw := vector.tobytes()) not in numbers))
        if new:
            with self._path.open("ab") as file:
                file.write(b"".join(new))
                file.flush()
                os.fsync(file.fileno())
            for raw in new:
                numbers[raw] = len(numbers)
        return [numbers[vector.tobytes()] for vector in vectors]

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
        if self._numbers is None or self._size() != self._row_bytes * len(self._numbers):
            raw = self._path.read_bytes() if self._path.exists() else b""
            whole = len(raw) // self._row_bytes * self._row_bytes
            if whole < len(raw):
                with self._path.open("r+b") as file:
                    file.truncate(whole)
            rows = [raw[start : start + self._row_bytes] for start in range(0, whole, self._row_bytes)]
            self._numbers = {row: number for number, row in enumerate(rows)}
        return self._numbers
