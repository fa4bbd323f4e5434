"""all-MiniLM-L6-v2 on the processor at hand, from the files that ``make model`` builds.

Each text is computed by itself. The int8 graph quantises what flows through it with one scale for a whole tensor, so
padding and neighbours would move a vector (down to a cosine of 0.985 in a batch of 16), and on one thread a batch is
slower. The libraries and the model are loaded by the first text, in 160 ms.
"""

import threading
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from personal_pipeline.domain.errors import EmbedderUnavailableError
from personal_pipeline.domain.vectors import Vector

if TYPE_CHECKING:
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]
    from tokenizers import Tokenizer

MAX_TOKENS = 256  # what the model was made for, the two around the text included
MAX_CHARS = 16_384  # of a text that is tokenised: 64 for each token, which only a blob exceeds


class OnnxEmbedder:
    model = "all-minilm-l6-v2-int8"  # change it with the weights or the quantisation: vectors are kept under it
    dimensions = 384

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._folder = folder
        self._threads = threads
        self._lock = threading.Lock()
        self._loaded: tuple[Tokenizer, InferenceSession] | None = None

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        return [self._embed(text) for text in texts]

    def _embed(self, text: str) -> Vector:
        tokenizer, session = self._load()
        clean = text[:MAX_CHARS].encode(errors="replace").decode()  # halves of surrogate pairs
        return _computed(session, tokenizer.encode(clean).ids)

    def _load(self) -> "tuple[Tokenizer, InferenceSession]":
        if self._loaded is None:
            with self._lock:
                self._loaded = self._loaded or self._open()
        return self._loaded

    def _open(self) -> "tuple[Tokenizer, InferenceSession]":
        try:
            tokenizer, session = _opened(self._folder, self._threads)
            dimensions = len(_computed(session, tokenizer.encode("").ids))
        except Exception as error:  # both libraries raise Exception itself
            raise self._unusable(str(error)) from error
        if dimensions != self.dimensions:
            raise self._unusable(f"its vectors have {dimensions} numbers, not {self.dimensions}")
        return tokenizer, session

    def _unusable(self, reason: str) -> EmbedderUnavailableError:
        return EmbedderUnavailableError(
            f"the embedding model in {self._folder} cannot be used: {reason}; run 'make model', "
            "or set EMBEDDING_MODEL_DIR to where it is"
        )


def _opened(folder: Path, threads: int) -> "tuple[Tokenizer, InferenceSession]":
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong is raised
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
    return tokenizer, session


def _computed(session: "InferenceSession", ids: Sequence[int]) -> Vector:
    import numpy as np

    tokens = np.array([ids], dtype=np.int64)
    (embeddings,) = session.run(None, {"input_ids": tokens, "attention_mask": np.ones_like(tokens)})
    return array("f", np.asarray(embeddings, dtype=np.float32).tobytes())
