"""What is asked how often and what helped, on one machine."""

import time
from collections.abc import Callable, Sequence

from personal_pipeline.adapters.serialisation import query_from_json, query_to_json
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.domain.feedback import Tally, Vote
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

    def vote(self, signature: str, doc_id: str, user: str, helpful: bool | None, expires_at: float) -> None:
        now = self._clock()
        with self._database.transaction() as connection:
            for table in ("votes", "feedback"):
                connection.execute(f"DELETE FROM {table} WHERE expires_at <= ?", (now,))  # noqa: S608 - one of two names
            voted = connection.execute(
                "DELETE FROM votes WHERE signature = ? AND doc_id = ? AND voter = ? RETURNING helpful, cast_at",
                (signature, doc_id, user),
            ).fetchone()
            counted = connection.execute(
                "SELECT up, down, as_of, expires_at FROM feedback WHERE signature = ? AND doc_id = ?",
                (signature, doc_id),
            ).fetchone()
            *tally, last = counted or (0.0, 0.0, 0.0, expires_at)
            before = Vote(bool(voted[0]), voted[1]) if voted else None
            after = Vote(helpful, now) if helpful is not None else None
            if after:
                last = max(last, expires_at)
                connection.execute(
                    "INSERT INTO votes (signature, doc_id, voter, helpful, expires_at, cast_at) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    (signature, doc_id, user, helpful, expires_at, now),
                )
            changed = Tally(*tally).changed(before, after)
            connection.execute(
                "INSERT OR REPLACE INTO feedback (signature, doc_id, up, down, as_of, expires_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (signature, doc_id, changed.up, changed.down, changed.as_of, last),
            )

    def feedback(self, signature: str) -> dict[str, tuple[float, float]]:
        now = self._clock()
        with self._database.snapshot() as connection:
            rows = connection.execute(
                "SELECT doc_id, up, down, as_of FROM feedback WHERE signature = ? AND expires_at > ? AND up + down > 0",
                (signature, now),
            ).fetchall()
        tallies = {doc_id: Tally(*kept).at(now) for doc_id, *kept in rows}
        return {doc_id: (tally.up, tally.down) for doc_id, tally in tallies.items()}
