"""One database file in WAL mode, opened by any number of threads and processes.

What a method wrote before it returned survives ``kill -9``. A power cut can take the last commits (never
part of one), except those marked ``durable``: a message taken from a sender, and a claimed revision, which
must not be minted twice because the index may have kept it.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from personal_pipeline.adapters.sqlite.schema import MIGRATIONS
from personal_pipeline.domain.errors import RejectedError, TableUnavailableError, UnavailableError

_ADVICE = {
    sqlite3.SQLITE_BUSY: "another process holds the write lock: try again, and look for a hanging one if it stays",
    sqlite3.SQLITE_LOCKED: "another process holds the write lock: try again, and look for a hanging one if it stays",
    sqlite3.SQLITE_FULL: "the disk is full: free some space",
    sqlite3.SQLITE_READONLY: "the file or its folder is not writable: check the owner and the mount",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened: check that its folder exists and who may read it",
    sqlite3.SQLITE_IOERR: "the disk does not answer properly: check the disk and the space on it",
    sqlite3.SQLITE_CORRUPT: "the file is damaged: stop, move it away, then restore a backup or ingest anew",
    sqlite3.SQLITE_NOTADB: "the file is damaged: stop, move it away, then restore a backup or ingest anew",
}


class _Connection(sqlite3.Connection):
    def __del__(self) -> None:
        """A thread that ends leaves its connection to the garbage collector, which would warn."""
        with suppress(sqlite3.ProgrammingError):  # it was never opened
            self.close()


class Database:
    def __init__(self, path: Path, busy_timeout_seconds: float = 5.0) -> None:
        self.path = path
        self._busy_timeout_seconds = busy_timeout_seconds
        self._local = threading.local()
        self._inherited: list[sqlite3.Connection] = []
        self._migrated = False

    @contextmanager
    def transaction(
        self, unavailable: type[UnavailableError] = TableUnavailableError, durable: bool = False
    ) -> Iterator[sqlite3.Connection]:
        """All or nothing, and alone: the write lock is taken at the start."""
        with self._translated(unavailable):
            connection = self._connection(unavailable)
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self, unavailable: type[UnavailableError] = TableUnavailableError) -> Iterator[sqlite3.Connection]:
        """Reads of one moment, which wait for no writer."""
        with self._translated(unavailable):
            connection = self._connection(unavailable)
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close this thread's connection; the others close with their threads."""
        connection = getattr(self._local, "connection", None)
        if connection is not None and self._local.pid == os.getpid():
            del self._local.connection
            connection.close()

    @contextmanager
    def _translated(self, unavailable: type[UnavailableError]) -> Iterator[None]:
        try:
            yield
        except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
            raise  # ours to mend
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest is the extended code
            advice = _ADVICE.get(code, "run 'pp doctor'")
            raise unavailable(f"{self.path}: {error}; {advice}") from error
        except UnicodeEncodeError as error:
            raise RejectedError(f"text that is no valid Unicode cannot be stored: {error}") from error

    def _connection(self, unavailable: type[UnavailableError]) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None and self._local.pid == os.getpid():
            return connection
        if connection is not None:
            self._inherited.append(connection)  # a child must neither use nor close what it got by fork
        connection = sqlite3.connect(
            self.path,
            timeout=self._busy_timeout_seconds,
            isolation_level=None,
            check_same_thread=False,  # each thread uses its own, but the collector may close it from another
            cached_statements=256,
            factory=_Connection,
        )
        if not self._migrated:
            self._migrate(connection, unavailable)
            self._migrated = True
        self._local.connection, self._local.pid = connection, os.getpid()
        return connection

    def _migrate(self, connection: sqlite3.Connection, unavailable: type[UnavailableError]) -> None:
        self._switch_to_wal(connection)
        version = self._version(connection)
        if version > len(MIGRATIONS):
            raise unavailable(
                f"{self.path} was written by a newer release (schema {version}, this one knows {len(MIGRATIONS)}): "
                "upgrade, or name another DATA_DIR"
            )
        if version == len(MIGRATIONS):
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statements in MIGRATIONS[self._version(connection) :]:  # another process may have been faster
                for statement in statements:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise

    @staticmethod
    def _version(connection: sqlite3.Connection) -> int:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])

    def _switch_to_wal(self, connection: sqlite3.Connection) -> None:
        """SQLite does not wait for the lock here, so two processes that open a new file at once collide."""
        deadline = time.monotonic() + self._busy_timeout_seconds
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        connection.execute(f"PRAGMA journal_size_limit = {64 * 1024 * 1024}")
