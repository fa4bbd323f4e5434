"""The embedding model as `make model` builds it, and before it was quantised."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from infra import model
from tests.real_parts import ROOT, unavailable


@dataclass(frozen=True)
class Models:
    int8: Path
    float32: Path


def built() -> Models:
    """Quick when they are there."""
    command = [sys.executable, "-m", "infra.model", "--float32"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        unavailable(done.stderr.strip())
    return Models(model.MODEL, model.FLOAT32_MODEL)
