"""What the server itself must remember over a restart: what it took from the watched folder, and past ticks.

A file of its own beside the pipeline's tables: it describes this machine, and is not part of a backup.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

SCHEMA = """
CREATE TABLE IF NOT EXISTS taken (key TEXT PRIMARY KEY, stamp TEXT NOT NULL, hash TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS root (id INTEGER PRIMARY KEY CHECK (id = 1), path TEXT NOT NULL, device INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS ticks (schedule TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """One file as it was when it was put. ``stamp`` is cheap to compare, ``hash`` decides."""

    stamp: str
    hash: str


class Journal:
    """Used by threads of one process at a time. Every method is one transaction, kept over ``kill -9``."""

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def taken(self) -> dict[str, Taken]:
        with self._cursor() as cursor:
            return {key: Taken(*rest) for key, *rest in cursor.execute("SELECT key, stamp, hash FROM taken")}

    def take(self, key: str, taken: Taken) -> None:
        with self._cursor() as cursor:
            cursor.execute("INSERT OR REPLACE INTO taken VALUES (?, ?, ?)", (key, taken.stamp, taken.hash))

    def drop(self, key: str) -> None:
        with self._cursor() as cursor:
            cursor.execute("DELETE FROM taken WHERE key = ?", (key,))

    def root(self) -> tuple[str, int] | None:
        """The folder of the last synchronisation, and the device that it was on."""
        with self._cursor() as cursor:
            row = cursor.execute("SELECT path, device FROM root").fetchone()
            return (str(row[0]), int(row[1])) if row else None

    def set_root(self, path: str, device: int) -> None:
        with self._cursor() as cursor:
            cursor.execute("INSERT OR REPLACE INTO root VALUES (1, ?, ?)", (path, device))

    def last_tick(self, schedule: str) -> float | None:
        with self._cursor() as cursor:
            row = cursor.execute("SELECT at FROM ticks WHERE schedule = ?", (schedule,)).fetchone()
            return float(row[0]) if row else None

    def set_tick(self, schedule: str, at: float) -> None:
        with self._cursor() as cursor:
            cursor.execute("INSERT OR REPLACE INTO ticks VALUES (?, ?)", (schedule, at))

    @contextmanager
    def _cursor(self) -> Iterator[sqlite3.Cursor]:
        with self._lock, closing(self._connection.cursor()) as cursor:
            yield cursor
