import platform
import sys
from pathlib import Path

import pytest

from infra.environments import MissingToolError
from infra.packaging import Architecture, sam_build
from tests.embedding_model import Models
from tests.real_parts import unavailable


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, models: Models) -> Path:
    """What ``sam build`` makes for the processor of this machine: a folder for each function and layer."""
    if sys.platform != "linux":
        unavailable("what is built for Lambda, and its runtime emulator, run on Linux only")
    architecture = Architecture.ARM64 if platform.machine() in {"arm64", "aarch64"} else Architecture.X86_64
    folder = tmp_path_factory.mktemp("built")
    try:
        sam_build(architecture, folder)
    except MissingToolError as error:
        unavailable(f"building the functions needs SAM and the Python of Lambda: {error}")
    return folder
