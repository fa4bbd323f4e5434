"""The data folder belongs to one process at a time: a server, or a command that works on it while none runs."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(data_dir: Path, refused: type[Exception]) -> Iterator[None]:
    """Raises ``refused`` saying what to do. The system gives the lock back when the process ends, however it ends."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise refused(f"{data_dir} cannot be used ({error.strerror}): set PP_DATA to another folder") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise refused(
            f"a server runs on {data_dir} already: stop it first (Ctrl-C), or set PP_DATA to another folder"
        ) from error
    try:
        yield
    finally:
        os.close(lock)
