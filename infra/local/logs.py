"""Where the output of functions goes: their log lines to a file, anything else to the terminal.

In the cloud a function's output is its log. Here a person looks at the terminal, so of all that the handlers
print only what is meant for people gets there: log records and metrics are lines of JSON.
"""

import io
import logging
import os
import sys
from pathlib import Path
from typing import TextIO

MAX_LOG_BYTES = 10 * 1024 * 1024


class SplitOutput(io.TextIOBase):
    """A stand-in for ``sys.stdout``. Whole lines only, so that two threads never share one."""

    def __init__(self, terminal: TextIO, log: TextIO) -> None:
        self._terminal = terminal
        self._log = log
        self._rest = ""

    def write(self, text: str, /) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            target = self._log if line.startswith(("{", "[")) else self._terminal
            target.write(f"{line}\n")
            target.flush()
        return len(text)

    def writable(self) -> bool:
        return True


def log_path(data_dir: Path, process: str) -> Path:
    return data_dir / "log" / f"{process}.log"


def rotate_logs(data_dir: Path) -> None:
    """At the start of a server, before anybody writes: one old file of each is kept."""
    folder = data_dir / "log"
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.log"):
        if path.stat().st_size > MAX_LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))


def send_output_to_log(data_dir: Path, process: str, *, shows_lines: bool) -> None:
    """From here on, ``print`` and logging of this process go to its log; plain lines to the terminal if asked."""
    path = log_path(data_dir, process)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    log = os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace", buffering=1)
    if shows_lines:
        sys.stdout = SplitOutput(sys.stdout, log)
        sys.stderr = log
    else:
        sys.stdout = sys.stderr = log
    form = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    handler = logging.StreamHandler(log)
    handler.setFormatter(form)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
