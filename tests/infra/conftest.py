import platform
from pathlib import Path

import pytest

from infra.environments import MissingPythonError
from infra.packaging import Architecture, sam_build
from tests.real_parts import unavailable


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``sam build`` makes for the processor of this machine: a folder for each function and layer."""
    architecture = Architecture.ARM64 if platform.machine() in {"arm64", "aarch64"} else Architecture.X86_64
    folder = tmp_path_factory.mktemp("built")
    try:
        sam_build(architecture, folder)
    except MissingPythonError as error:
        unavailable(f"functions are built with the Python of Lambda: {error}")
    return folder
