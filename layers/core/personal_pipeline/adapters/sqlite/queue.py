"""Durable queues on one machine, with the semantics of SQS.

At least once: a received message is hidden for the visibility timeout and comes back unless it is deleted.
One that was received ``max_receive_count`` times and would come back moves to the dead-letter queue instead,
with the last error noted on it. A FIFO queue hands out a group in order and nothing of a group that has a
message in flight; an equal deduplication id is swallowed for five minutes, even after its message is gone.
Beside the port: ``counts``, ``messages``, ``note_error`` and ``redrive`` for operators, ``return_in_flight`` for a
receiver that starts again.
"""

import math
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import uuid4

from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.domain.errors import InvalidMessageError, QueueUnavailableError
from personal_pipeline.ports import OutgoingMessage, ReceivedMessage

DEDUPLICATION_SECONDS = 300.0
MAX_BODY_BYTES = 1024 * 1024  # as SQS
MAX_ERROR_CHARS = 2000
POLL_SECONDS = 0.05  # how late a receiver notices what another process has sent

_VISIBLE = """
    SELECT id, message_id, body, message_group, sent_at, receive_count FROM messages
    WHERE queue = :queue AND visible_at <= :now ORDER BY visible_at, id LIMIT :limit
"""
_VISIBLE_IN_ORDER = """
    SELECT id, message_id, body, message_group, sent_at, receive_count FROM messages AS m
    WHERE queue = :queue AND visible_at <= :now AND NOT EXISTS (
        SELECT 1 FROM messages WHERE queue = :queue AND message_group = m.message_group AND message_group <> ''
        AND visible_at > :now
    ) ORDER BY id LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message as an operator sees it. ``origin`` is empty unless it is a dead letter."""

    message_id: str
    body: str
    group: str
    sent_at: float
    visible_at: float
    is_in_flight: bool
    attempts: int
    error: str
    origin: str


@dataclass(frozen=True, slots=True)
class QueueCounts:
    visible: int
    in_flight: int
    delayed: int


class SQLiteQueue:
    def __init__(
        self,
        database: Database,
        name: str,
        *,
        visibility_timeout_seconds: float = 30.0,
        max_receive_count: int | None = None,
        dead_letter_queue: str | None = None,
        fifo: bool = False,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if (max_receive_count is None) != (dead_letter_queue is None):
            raise ValueError(f"queue {name}: an attempt limit and a dead-letter queue come together")
        self.name = name
        self._database = database
        self._visibility_timeout_seconds = visibility_timeout_seconds
        self._max_receive_count = max_receive_count
        self._dead_letter_queue = dead_letter_queue
        self._fifo = fifo
        self._clock = clock
        self._sleep = sleep

    def send(self, messages: Sequence[OutgoingMessage]) -> None:
        for message in messages:
            self._check(message)
        now = self._clock()
        with self._database.transaction(QueueUnavailableError, durable=True) as connection:
            connection.executemany(
                "INSERT INTO messages VALUES (NULL, ?, ?, ?, ?, ?, ?, 0, NULL, '', '', 0)",
                [
                    (self.name, str(uuid4()), message.body, message.group, now, now + message.delay_seconds)
                    for message in messages
                    if self._is_first(connection, message, now)
                ],
            )

    def receive(self, limit: int = 10, wait_seconds: float = 0) -> list[ReceivedMessage]:
        for _ in range(math.ceil(wait_seconds / POLL_SECONDS)):
            if received := self._receive(limit):
                return received
            self._sleep(POLL_SECONDS)
        return self._receive(limit)

    def delete(self, receipt_handles: Sequence[str]) -> None:
        """A receipt that a later delivery has replaced deletes nothing: somebody else has the message now."""
        with self._database.transaction(QueueUnavailableError) as connection:
            connection.executemany(
                "DELETE FROM messages WHERE queue = ? AND receipt = ?", [(self.name, one) for one in receipt_handles]
            )

    def delay(self, receipt_handle: str, seconds: int) -> None:
        with self._database.transaction(QueueUnavailableError) as connection:
            connection.execute(
                "UPDATE messages SET visible_at = ? WHERE queue = ? AND receipt = ?",
                (self._clock() + seconds, self.name, receipt_handle),
            )

    def depth(self) -> int:
        with self._database.snapshot(QueueUnavailableError) as connection:
            sql = "SELECT count(*) FROM messages WHERE queue = ?"
            return int(connection.execute(sql, (self.name,)).fetchone()[0])

    def counts(self) -> QueueCounts:
        sql = (
            "SELECT count(*) FILTER (WHERE visible_at <= :now), "
            "count(*) FILTER (WHERE visible_at > :now AND receipt IS NOT NULL), "
            "count(*) FILTER (WHERE visible_at > :now AND receipt IS NULL) FROM messages WHERE queue = :name"
        )
        with self._database.snapshot(QueueUnavailableError) as connection:
            return QueueCounts(*connection.execute(sql, {"now": self._clock(), "name": self.name}).fetchone())

    def note_error(self, receipt_handle: str, error: str) -> None:
        """Why a received message could not be handled: it stays with the message until the next delivery's note."""
        with self._database.transaction(QueueUnavailableError) as connection:
            connection.execute(
                "UPDATE messages SET error = ? WHERE queue = ? AND receipt = ?",
                (error[:MAX_ERROR_CHARS], self.name, receipt_handle),
            )

    def return_in_flight(self) -> int:
        """Make every received message visible again: for the only receiver, when it starts after a crash."""
        now = self._clock()
        sql = "UPDATE messages SET visible_at = ?, receipt = NULL WHERE queue = ? AND receipt <> '' AND visible_at > ?"
        with self._database.transaction(QueueUnavailableError) as connection:
            return connection.execute(sql, (now, self.name, now)).rowcount

    def messages(self, limit: int = 100) -> list[QueuedMessage]:
        """The oldest messages, whether visible or not, without receiving them. Their text is untrusted."""
        with self._database.snapshot(QueueUnavailableError) as connection:
            rows = connection.execute(
                "SELECT message_id, body, message_group, sent_at, visible_at, receipt IS NOT NULL AND visible_at > ?, "
                "max(attempts, receive_count), error, origin FROM messages WHERE queue = ? ORDER BY id LIMIT ?",
                (self._clock(), self.name, limit),
            ).fetchall()
        return [
            QueuedMessage(message_id, body, group, sent_at, visible_at, bool(is_in_flight), attempts, error, origin)
            for message_id, body, group, sent_at, visible_at, is_in_flight, attempts, error, origin in rows
        ]

    def redrive(self, message_ids: Sequence[str] | None = None) -> int:
        """Send dead letters back to the queues they came from, all or those named, with their attempts at zero."""
        sql = (
            "UPDATE messages SET queue = origin, origin = '', receive_count = 0, attempts = 0, receipt = NULL, "
            "visible_at = ? WHERE queue = ? AND origin <> ''"
        )
        values = (self._clock(), self.name)
        with self._database.transaction(QueueUnavailableError, durable=True) as connection:
            if message_ids is None:
                return connection.execute(sql, values).rowcount
            return sum(
                connection.execute(f"{sql} AND message_id = ?", (*values, message_id)).rowcount
                for message_id in dict.fromkeys(message_ids)
            )

    def _check(self, message: OutgoingMessage) -> None:
        if self._fifo and not message.group:
            raise ValueError(f"queue {self.name} is FIFO: every message needs a group")
        size = len(message.body.encode(errors="replace"))
        if size > MAX_BODY_BYTES:
            raise InvalidMessageError(
                f"queue {self.name}: a message of {size} bytes, at most {MAX_BODY_BYTES} are taken"
            )

    def _is_first(self, connection: sqlite3.Connection, message: OutgoingMessage, now: float) -> bool:
        if not self._fifo:
            return True
        connection.execute("DELETE FROM deduplications WHERE queue = ? AND expires_at <= ?", (self.name, now))
        inserted = connection.execute(
            "INSERT OR IGNORE INTO deduplications VALUES (?, ?, ?)",
            (
                self.name,
                message.deduplication_id or sha256(message.body.encode()).hexdigest(),
                now + DEDUPLICATION_SECONDS,
            ),
        )
        return inserted.rowcount == 1

    def _receive(self, limit: int) -> list[ReceivedMessage]:
        if not self._has_visible():
            return []  # an idle receiver never takes the write lock
        now = self._clock()
        with self._database.transaction(QueueUnavailableError) as connection:
            self._move_dead_letters(connection, now)
            return [self._deliver(connection, row, now) for row in self._visible(connection, now, limit)]

    def _has_visible(self) -> bool:
        with self._database.snapshot(QueueUnavailableError) as connection:
            sql = "SELECT 1 FROM messages WHERE queue = ? AND visible_at <= ? LIMIT 1"
            return connection.execute(sql, (self.name, self._clock())).fetchone() is not None

    def _move_dead_letters(self, connection: sqlite3.Connection, now: float) -> None:
        if self._max_receive_count is None:
            return
        connection.execute(
            "UPDATE messages SET queue = ?, origin = queue, attempts = receive_count, receive_count = 0, "
            "receipt = NULL, visible_at = ? WHERE queue = ? AND visible_at <= ? AND receive_count >= ?",
            (self._dead_letter_queue, now, self.name, now, self._max_receive_count),
        )

    def _visible(
        self, connection: sqlite3.Connection, now: float, limit: int
    ) -> list[tuple[int, str, str, str, float, int]]:
        sql = _VISIBLE_IN_ORDER if self._fifo else _VISIBLE
        return connection.execute(sql, {"queue": self.name, "now": now, "limit": limit}).fetchall()

    def _deliver(
        self, connection: sqlite3.Connection, row: tuple[int, str, str, str, float, int], now: float
    ) -> ReceivedMessage:
        number, message_id, body, group, sent_at, receive_count = row
        receipt = str(uuid4())
        connection.execute(
            "UPDATE messages SET receipt = ?, visible_at = ?, receive_count = ? WHERE id = ?",
            (receipt, now + self._visibility_timeout_seconds, receive_count + 1, number),
        )
        attributes = {"MessageGroupId": group} if group else {}
        return ReceivedMessage(message_id, body, receipt, receive_count + 1, sent_at, attributes)
