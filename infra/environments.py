"""Python environments beside ``.venv``, for tools that pin old libraries or need another Python.

``python -m infra.environments sam lambda`` makes ``.venv-sam`` and ``.venv-lambda``, or brings them up to date with
their requirements.
"""

import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LAMBDA_PYTHON = "3.13"

# Which Python each environment needs; None takes the one that runs this.
PYTHONS: dict[str, str | None] = {"sam": None, "lambda": LAMBDA_PYTHON, "localstack": LAMBDA_PYTHON}
ASK = "import os, platform, sys; print(platform.python_version(), os.path.realpath(sys.executable))"


class MissingToolError(Exception):
    """Something that this machine does not have; the message says what and how to get it."""


def find_python(version: str) -> Path:
    """The interpreter of that version on the PATH or kept by pyenv."""
    candidates = [sys.executable, shutil.which(f"python{version}")]
    if pyenv := shutil.which("pyenv"):
        kept = _output([pyenv, "versions", "--bare"]).split()
        candidates += [f"{_output([pyenv, 'prefix', name])}/bin/python" for name in kept if _is(name, version)]
    for candidate in candidates:
        # A shim may stand on the PATH for a version that is not switched on: only running it tells.
        answer = _output([candidate, "-c", ASK]).split(maxsplit=1) if candidate else []
        if len(answer) == 2 and _is(answer[0], version):
            return Path(answer[1])
    raise MissingToolError(f"no Python {version} on the PATH or in pyenv; install one: pyenv install {version}")


def prepare(name: str) -> Path:
    """The ``bin`` folder of ``.venv-{name}``, made from ``infra/requirements/{name}.txt`` when that has changed."""
    requirements = PROJECT / "infra" / "requirements" / f"{name}.txt"
    folder = PROJECT / f".venv-{name}"
    stamp = folder / ".installed"
    wanted = requirements.read_text()
    if not stamp.is_file() or stamp.read_text() != wanted:
        version = PYTHONS[name]
        python = find_python(version) if version else Path(sys.executable)
        _uv("venv", "--clear", "--python", str(python), str(folder))
        _uv("pip", "install", "--python", str(folder / "bin" / "python"), "--requirement", str(requirements))
        stamp.write_text(wanted)
    return folder / "bin"


def unpack(name: str, target: Path) -> None:
    """The wheels of ``infra/requirements/{name}.txt`` as files in a folder, without what they depend on."""
    requirements = PROJECT / "infra" / "requirements" / f"{name}.txt"
    only = ("--no-deps", "--require-hashes", "--only-binary", ":all:")
    _uv("pip", "install", *only, "--target", str(target), "--requirement", str(requirements))


def _uv(*arguments: str) -> None:
    command = [sys.executable, "-m", "uv", "--quiet", *arguments]
    done = subprocess.run(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise MissingToolError(f"uv {arguments[0]} failed, perhaps without a network: {done.stderr.strip()[-500:]}")


def _is(full: str, version: str) -> bool:
    return full == version or full.startswith(f"{version}.")


def _output(command: list[str]) -> str:
    """What the command printed, or nothing when it failed."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


if __name__ == "__main__":
    try:
        for name in sys.argv[1:]:
            print(prepare(name))  # noqa: T201  # its answer
    except MissingToolError as error:
        sys.exit(str(error))
