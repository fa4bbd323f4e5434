"""The contracts can fail: against an adapter that keeps nothing, no test of them passes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real_parts import ROOT

SUITES = (
    "catalog",
    "catalog_lists",
    "cache",
    "activity",
    "feedback",
    "records",
    "services",
    "queue",
    "document_store",
    "secrets",
    "embedder",
)


@pytest.fixture(scope="module")
def outcomes() -> dict[str, list[str]]:
    """The outcome of every test that asks an adapter, by suite."""
    folder = Path(__file__).parent
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=no", "-p", "no:cacheprovider"]
    command += ["-k", "null", *(str(folder / f"test_{suite}.py") for suite in SUITES)]
    environment = os.environ | {"CONTRACT_ADAPTERS": "null"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    found: dict[str, list[str]] = {suite: [] for suite in SUITES}
    for outcome, suite in re.findall(r"^(\w+) tests/contract/test_(\w+)\.py::", done.stdout, re.MULTILINE):
        found[suite].append(outcome)
    return found


@pytest.mark.parametrize("suite", SUITES)
def test_an_adapter_that_keeps_nothing_passes_no_test(suite: str, outcomes: dict[str, list[str]]) -> None:
    assert outcomes[suite]
    assert set(outcomes[suite]) == {"FAILED"}
