"""What is asked how often and what helped, on one machine."""

import time
from collections.abc import Callable, Sequence

from personal_pipeline.adapters.serialisation import query_from_json, query_to_json
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.domain.feedback import changed_counts
from personal_pipeline.ports import AskedQuery


class SQLiteActivity:
    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def add(self, day: str, asked: Sequence[AskedQuery], expires_at: float) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM asked WHERE expires_at <= ?", (self._clock(),))
            connection.executemany(
                "INSERT INTO asked VALUES (?, ?, ?, ?) ON CONFLICT (day, query) DO UPDATE SET "
                "count = count + excluded.count, expires_at = max(expires_at, excluded.expires_at)",
                [(day, query_to_json(one.query), one.count, expires_at) for one in asked],
            )

    def most_asked(self, day: str, limit: int) -> list[AskedQuery]:
        with self._database.snapshot() as connection:
            rows = connection.execute(
                "SELECT query, count FROM asked WHERE day = ? AND expires_at > ? "
                "ORDER BY count DESC, json_extract(query, '$[0]'), query LIMIT ?",
                (day, self._clock(), limit),
            ).fetchall()
        return [AskedQuery(query_from_json(query), count) for query, count in rows]

    def vote(self, signature: str, doc_id: str, user: str, helpful: bool, expires_at: float) -> None:
        now = self._clock()
        with self._database.transaction() as connection:
            for table in ("votes", "feedback"):
                connection.execute(f"DELETE FROM {table} WHERE expires_at <= ?", (now,))  # noqa: S608 - one of two names
            before = connection.execute(
                "SELECT helpful FROM votes WHERE signature = ? AND doc_id = ? AND voter = ?", (signature, doc_id, user)
            ).fetchone()
            connection.execute(
                "INSERT OR REPLACE INTO votes VALUES (?, ?, ?, ?, ?)", (signature, doc_id, user, helpful, expires_at)
            )
            up, down = changed_counts((0, 0), None if before is None else bool(before[0]), helpful)
            connection.execute(
                "INSERT INTO feedback VALUES (?, ?, ?, ?, ?) ON CONFLICT (signature, doc_id) DO UPDATE SET "
                "up = max(0, up + excluded.up), down = max(0, down + excluded.down), "
                "expires_at = max(expires_at, excluded.expires_at)",
                (signature, doc_id, up, down, expires_at),
            )

    def feedback(self, signature: str) -> dict[str, tuple[int, int]]:
        with self._database.snapshot() as connection:
            rows = connection.execute(
                "SELECT doc_id, up, down FROM feedback WHERE signature = ? AND expires_at > ?",
                (signature, self._clock()),
            ).fetchall()
        return {doc_id: (up, down) for doc_id, up, down in rows}
