"""What is asked how often, on one machine."""

import time
from collections.abc import Callable, Sequence

from personal_pipeline.adapters.serialisation import query_from_json, query_to_json
from personal_pipeline.adapters.sqlite.database import Database
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
