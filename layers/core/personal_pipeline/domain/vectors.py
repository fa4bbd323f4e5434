"""What an embedder makes of a text: float32 numbers of unit length, so that a dot product is the cosine."""

from array import array
from typing import TypeAlias

Vector: TypeAlias = "array[float]"  # with the type code "f"
