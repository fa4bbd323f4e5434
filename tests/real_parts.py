"""Real parts that need more than Python: skipped with a reason where they are missing, required by REQUIRE_REAL=1."""

import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"
MAVEN_SECONDS = 300


def unavailable(reason: str) -> NoReturn:
    if os.environ.get("REQUIRE_REAL") == "1":
        pytest.fail(f"REQUIRE_REAL=1, but {reason}", pytrace=False)
    pytest.skip(reason)


def program(name: str, purpose: str) -> str:
    """The path of a program, or the test ends here."""
    return shutil.which(name) or unavailable(f"{purpose} needs {name}, which is not on the PATH")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def stop(process: subprocess.Popen[bytes], seconds: float = 10) -> None:
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
