"""Records of alerts, incidents and deliveries, on one machine.

An expired record stays for an hour, and whoever writes in its place goes on counting its versions: a writer that read
it in time and comes late finds another version. A write takes away a few of those that are older.
"""

import time
from collections.abc import Callable, Sequence

from personal_pipeline.adapters.records import checked_body, refuse_too_many
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.ports import Record

KEPT_EXPIRED_SECONDS = 3600.0
_PURGED_AT_ONCE = 20  # more than one: a burst is gone again after a twentieth of its writes
_SELECT = "SELECT partition, sort, body, expires_at, version, listing, place FROM records "


class SQLiteRecords:
    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def get(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Record]:
        wanted = tuple(dict.fromkeys(keys))
        refuse_too_many(len(wanted))
        found: dict[tuple[str, str], Record] = {}
        with self._database.snapshot() as connection:
            for key in wanted:
                sql = _SELECT + "WHERE partition = ? AND sort = ? AND expires_at > ?"
                row = connection.execute(sql, (*key, self._clock())).fetchone()
                if row:
                    found[key] = Record(*row)
        return found

    def put(self, record: Record) -> bool:
        checked_body(record)
        now = self._clock()
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM records WHERE id IN (SELECT id FROM records WHERE expires_at <= ? LIMIT ?)",
                (now - KEPT_EXPIRED_SECONDS, _PURGED_AT_ONCE),
            )
            alive = connection.execute(
                "SELECT version FROM records WHERE partition = ? AND sort = ? AND expires_at > ?",
                (record.partition, record.sort, now),
            ).fetchone()
            if record.version != (alive[0] if alive else 0):
                return False
            connection.execute(
                """
                INSERT INTO records (partition, sort, body, expires_at, version, listing, place)
                VALUES (?, ?, ?, ?, 1, ?, ?)
                ON CONFLICT (partition, sort) DO UPDATE SET body = excluded.body, expires_at = excluded.expires_at,
                    version = version + 1, listing = excluded.listing, place = excluded.place
                """,
                (record.partition, record.sort, record.body, record.expires_at, record.listing, record.place),
            )
            return True

    def under(self, partition: str, limit: int = 1000) -> list[Record]:
        with self._database.snapshot() as connection:
            sql = _SELECT + "WHERE partition = ? AND expires_at > ? ORDER BY sort LIMIT ?"
            return [Record(*row) for row in connection.execute(sql, (partition, self._clock(), limit))]

    def listed(self, listing: str, limit: int, before: str = "") -> list[Record]:
        with self._database.snapshot() as connection:
            rows = connection.execute(
                _SELECT + "WHERE listing = ? AND listing <> '' AND (? = '' OR place < ?) AND expires_at > ? "
                "ORDER BY place DESC, partition DESC, sort DESC LIMIT ?",
                (listing, before, before, self._clock(), limit),
            )
            return [Record(*row) for row in rows]
