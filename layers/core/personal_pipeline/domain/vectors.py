"""What an embedder makes of a text: float32 numbers of unit length, so that a dot product is the cosine."""

from array import array
from dataclasses import dataclass
from typing import TypeAlias

Vector: TypeAlias = "array[float]"  # with the type code "f"


@dataclass(frozen=True, slots=True)
class EmbeddingSpace:
    """Vectors can be compared only within one: those of one model, with one number of dimensions."""

    model: str
    dimensions: int
