"""The benchmark of real alerts, where it is at hand: beside this repository, or where BENCH says."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / os.environ.get("BENCH", "../shared/bench/runbooks")
SCORER = BENCH.parent / "score.py"


def needed() -> Path:
    if not (BENCH / "corpus.jsonl").is_file():
        pytest.skip(f"there is no benchmark in {BENCH}: name its folder with BENCH")
    return BENCH
