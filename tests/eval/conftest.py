from pathlib import Path

import pytest

from infra.evaluation.bench import read_bench
from infra.evaluation.evaluation import Evaluation, evaluate
from infra.evaluation.system import Choice
from tests.eval.small_bench import write_bench
from tests.unit.cli.conftest import data, pp, system

__all__ = ["data", "pp", "system"]  # the command as it is installed

BY_WORDS = Choice(semantic=False)


@pytest.fixture
def bench_folder(tmp_path: Path) -> Path:
    return write_bench(tmp_path / "bench")


@pytest.fixture(scope="session")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """Of the small benchmark, with everything that can be asked for."""
    folder = tmp_path_factory.mktemp("evaluated")
    return evaluate(read_bench(write_bench(folder / "bench")), folder / "out", BY_WORDS, ablate=True)
