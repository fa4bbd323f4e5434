"""The catalog on one machine. Each method is one transaction, so that two processes never see half of one."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from personal_pipeline.adapters.serialisation import (
    card_from_json,
    card_to_json,
    keys_from_json,
    keys_to_json,
    names_from_json,
    names_to_json,
    overview_from_json,
    overview_to_json,
    services_from_json,
    services_to_json,
)
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.domain.catalog import (
    MAX_CARDS_PER_KEY,
    MAX_REASON_CHARS,
    AlertKey,
    Card,
    CatalogEntry,
    Claim,
    Commit,
    checked_keys,
    padded,
)
from personal_pipeline.domain.errors import DocumentMissingError, StaleRevisionError
from personal_pipeline.domain.ids import doc_id_of, source_and_path
from personal_pipeline.domain.service_map import Service

_COLUMNS = (
    "doc_id",
    "key",
    "rev",
    "sequencer",
    "version_id",
    "content_hash",
    "content_rev",
    "indexed_rev",
    "high",
    "deleted",
    "pending_since",
    "title",
    "groups",
    "keys",
    "error",
    "critical",
    "overview",
)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM documents "  # noqa: S608 - constants


class SQLiteCatalog:
    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, key: str, sequencer: str | None, version_id: str | None, now: float) -> Claim:
        source, path = source_and_path(key)
        doc_id = doc_id_of(key)
        offered = padded(sequencer) if sequencer is not None else None
        with self._database.transaction(durable=True) as connection:
            before = _entry(connection, doc_id)
            if before and before.sequencer and offered is not None:
                if offered == before.sequencer:
                    return Claim("replayed", before.rev, before)
                if offered < before.sequencer:
                    return Claim("stale", before.rev, before)
            connection.execute(
                """
                INSERT INTO documents VALUES (?, ?, ?, ?, 1, ?, ?, '', 0, 0, 0, 0, ?, '', '[]', '[]', '', 0, '')
                ON CONFLICT (doc_id) DO UPDATE SET rev = rev + 1, version_id = excluded.version_id,
                    sequencer = coalesce(nullif(excluded.sequencer, ''), sequencer),
                    pending_since = excluded.pending_since
                """,
                (doc_id, key, source, path, offered or "", version_id, now),
            )
            return Claim("accepted", before.rev + 1 if before else 1, before)

    def reserve(self, doc_id: str, rev: int, passages: int) -> int:
        with self._database.transaction() as connection:
            high = max(_newest(connection, doc_id, rev).high, passages)
            connection.execute("UPDATE documents SET high = ? WHERE doc_id = ?", (high, doc_id))
            return high

    def commit(self, commit: Commit) -> None:
        keys = checked_keys(commit)
        with self._database.transaction() as connection:
            before = _newest(connection, commit.doc_id, commit.rev)
            connection.executemany(
                "DELETE FROM alert_keys WHERE kind = ? AND value = ? AND doc_id = ?",
                [(key.kind, key.value, commit.doc_id) for key in before.keys],
            )
            cards = [(key, card) for key in keys if (card := commit.card_behind(key))]
            connection.executemany(
                "INSERT INTO alert_keys VALUES (?, ?, ?, ?)",
                [(key.kind, key.value, commit.doc_id, card_to_json(card)) for key, card in cards],
            )
            connection.execute(
                """
                UPDATE documents SET indexed_rev = rev, content_rev = ?, content_hash = ?, deleted = ?, title = ?,
                    groups = ?, keys = ?, critical = ?, overview = ?, error = '', pending_since = NULL
                WHERE doc_id = ?
                """,
                (
                    commit.content_rev,
                    commit.content_hash,
                    commit.deleted,
                    commit.title,
                    names_to_json(commit.groups),
                    keys_to_json(keys),
                    commit.critical,
                    overview_to_json(commit.overview),
                    commit.doc_id,
                ),
            )

    def settle(self, doc_id: str, rev: int) -> None:
        with self._database.transaction() as connection:
            _newest(connection, doc_id, rev)
            connection.execute(
                "UPDATE documents SET indexed_rev = rev, error = '', pending_since = NULL WHERE doc_id = ?", (doc_id,)
            )

    def refuse(self, doc_id: str, rev: int, reason: str) -> None:
        with self._database.transaction() as connection:
            _newest(connection, doc_id, rev)
            connection.execute(
                "UPDATE documents SET error = ?, pending_since = NULL WHERE doc_id = ?",
                (reason[:MAX_REASON_CHARS], doc_id),
            )

    def entry(self, doc_id: str) -> CatalogEntry | None:
        with self._database.snapshot() as connection:
            return _entry(connection, doc_id)

    def pending(self, before: float, limit: int = 100) -> list[CatalogEntry]:
        with self._database.snapshot() as connection:
            rows = connection.execute(
                _SELECT + "WHERE pending_since < ? ORDER BY pending_since, doc_id LIMIT ?",
                (before, limit),
            )
            return [_from_row(row) for row in rows]

    def cards(self, keys: Sequence[AlertKey]) -> dict[AlertKey, list[Card]]:
        found: dict[AlertKey, list[Card]] = {}
        with self._database.snapshot() as connection:
            for key in dict.fromkeys(keys):
                rows = connection.execute(
                    "SELECT card FROM alert_keys WHERE kind = ? AND value = ? LIMIT ?",
                    (key.kind, key.value, MAX_CARDS_PER_KEY + 1),
                ).fetchall()
                if 0 < len(rows) <= MAX_CARDS_PER_KEY:
                    cards = [card_from_json(card) for (card,) in rows]
                    found[key] = sorted(cards, key=lambda card: (card.title, card.doc_id))
        return found

    def entries(self, source: str, after: str = "", at_once: int = 500) -> Iterator[CatalogEntry]:
        """Page by page, so that a long walk holds no snapshot open: that would keep the WAL growing."""
        while True:
            with self._database.snapshot() as connection:
                rows = connection.execute(
                    _SELECT + "WHERE source = ? AND deleted = 0 AND path > ? ORDER BY path LIMIT ?",
                    (source, after, at_once),
                ).fetchall()
            page = [_from_row(row) for row in rows]
            yield from page
            if len(page) < at_once:
                return
            after = source_and_path(page[-1].key)[1]

    def count(self, source: str) -> int:
        with self._database.snapshot() as connection:
            sql = "SELECT count(*) FROM documents WHERE source = ? AND deleted = 0"
            return int(connection.execute(sql, (source,)).fetchone()[0])

    def groups(self, doc_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        wanted = list(dict.fromkeys(doc_ids))
        found: dict[str, tuple[str, ...]] = {}
        with self._database.snapshot() as connection:
            for doc_id in wanted:
                if (entry := _entry(connection, doc_id)) and not entry.deleted:
                    found[doc_id] = entry.groups
        return found

    def critical(self, source: str) -> list[str]:
        with self._database.snapshot() as connection:
            sql = "SELECT doc_id FROM documents WHERE source = ? AND deleted = 0 AND critical = 1 ORDER BY path"
            return [doc_id for (doc_id,) in connection.execute(sql, (source,))]

    def replace_services(self, source: str, services: Sequence[Service]) -> None:
        body = services_to_json(source, services)
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO services VALUES (?, ?)", (source, body))

    def services(self) -> list[Service]:
        with self._database.snapshot() as connection:
            rows = connection.execute("SELECT body FROM services ORDER BY source").fetchall()
        return [service for (body,) in rows for service in services_from_json(body)]


def _entry(connection: sqlite3.Connection, doc_id: str) -> CatalogEntry | None:
    row = connection.execute(_SELECT + "WHERE doc_id = ?", (doc_id,)).fetchone()
    return _from_row(row) if row else None


def _newest(connection: sqlite3.Connection, doc_id: str, rev: int) -> CatalogEntry:
    entry = _entry(connection, doc_id)
    if entry is None:
        raise DocumentMissingError(f"document {doc_id} was never claimed")
    if entry.rev != rev:
        raise StaleRevisionError(f"document {doc_id}: revision {rev} was overtaken by {entry.rev}")
    return entry


def _from_row(row: tuple[object, ...]) -> CatalogEntry:
    fields: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
    fields["deleted"], fields["critical"] = bool(fields["deleted"]), bool(fields["critical"])
    fields["groups"], fields["keys"] = names_from_json(fields["groups"]), keys_from_json(fields["keys"])
    fields["overview"] = overview_from_json(fields["overview"])
    return CatalogEntry(**fields, is_pending=fields["pending_since"] is not None)
