"""The shared cache tier on one machine: answers, generations, rendered documents and vectors.

Answers lie uncompressed: the file is local, and unpacking would cost more than reading. The tables keep the
newest ``max_answers`` and ``max_vectors`` and drop the others as they go.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence

from personal_pipeline.adapters.serialisation import names_from_json, names_to_json, vector_from_bytes
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.domain.caching import CacheEntry, CacheLookup, Generations, RenderedDocument, Stamp
from personal_pipeline.domain.vectors import Vector

MAX_BODY_BYTES = 1024 * 1024

_GENERATIONS = "SELECT kind, name, count FROM generations"
_ADD_ONE = "INSERT INTO generations VALUES (?, ?, 1) ON CONFLICT (kind, name) DO UPDATE SET count = count + 1"


class SQLiteCache:
    def __init__(
        self,
        database: Database,
        clock: Callable[[], float] = time.time,
        max_answers: int = 10_000,
        max_vectors: int = 20_000,  # of 384 numbers: 30 MB
    ) -> None:
        self._database = database
        self._clock = clock
        self._max_answers = max_answers
        self._max_vectors = max_vectors

    def read(self, cache_key: str) -> CacheLookup:
        with self._database.snapshot() as connection:
            generations = connection.execute(_GENERATIONS).fetchall()
            row = connection.execute(
                "SELECT body, content, acl, computed_at, fresh_until, stale_until FROM answers "
                "WHERE cache_key = ? AND stale_until > ?",
                (cache_key, self._clock()),
            ).fetchone()
        entry = CacheEntry(row[0], Stamp(row[1], row[2]), *row[3:]) if row else None
        return CacheLookup(entry, _generations(generations))

    def write(self, cache_key: str, entry: CacheEntry) -> None:
        if len(entry.body) > MAX_BODY_BYTES:
            return
        stamp = entry.stamp
        with self._database.transaction() as connection:
            newest = connection.execute(
                "INSERT OR REPLACE INTO answers VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
                (
                    cache_key,
                    entry.body,
                    stamp.content,
                    stamp.acl,
                    entry.computed_at,
                    entry.fresh_until,
                    entry.stale_until,
                ),
            ).lastrowid
            connection.execute("DELETE FROM answers WHERE id <= ? - ?", (newest, self._max_answers))

    def generations(self) -> Generations:
        with self._database.snapshot() as connection:
            return _generations(connection.execute(_GENERATIONS).fetchall())

    def bump(self, sources: Sequence[str], groups: Sequence[str] = (), acl: bool = False) -> None:
        with self._database.transaction() as connection:
            connection.executemany(_ADD_ONE, [("source", source) for source in dict.fromkeys(sources)])
            connection.executemany(
                "INSERT OR IGNORE INTO generations VALUES ('group', ?, 0)", [(group,) for group in groups]
            )
            if acl:
                connection.execute(_ADD_ONE, ("acl", ""))

    def document(self, doc_id: str) -> RenderedDocument | None:
        with self._database.snapshot() as connection:
            row = connection.execute(
                "SELECT doc_id, rev, groups, body, structure, form FROM rendered WHERE doc_id = ? AND body IS NOT NULL",
                (doc_id,),
            ).fetchone()
        return RenderedDocument(row[0], row[1], names_from_json(row[2]), *row[3:]) if row else None

    def write_document(self, document: RenderedDocument) -> None:
        self._write_through(document.doc_id, document.rev, document.groups, document)

    def delete_document(self, doc_id: str, rev: int) -> None:
        self._write_through(doc_id, rev, ())

    def vectors(self, vector_keys: Sequence[str]) -> dict[str, Vector]:
        with self._database.snapshot() as connection:
            rows = connection.execute(
                "SELECT key, vector FROM vectors WHERE key IN (SELECT value FROM json_each(?)) AND expires_at > ?",
                (json.dumps(vector_keys), self._clock()),
            ).fetchall()
        found = {key: vector_from_bytes(packed) for key, packed in rows}
        return {key: vector for key, vector in found.items() if vector}

    def write_vectors(self, vectors: Mapping[str, Vector], expires_at: float) -> None:
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (NULL, ?, ?, ?)",
                [(key, vector.tobytes(), expires_at) for key, vector in vectors.items()],
            )
            connection.execute(
                "DELETE FROM vectors WHERE id <= (SELECT max(id) FROM vectors) - ?", (self._max_vectors,)
            )

    def _write_through(
        self, doc_id: str, rev: int, groups: tuple[str, ...], document: RenderedDocument | None = None
    ) -> None:
        kept = (document.body, document.structure, document.form) if document else (None, b"", 0)
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO rendered (doc_id, rev, groups, body, structure, form) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (doc_id) DO UPDATE SET rev = excluded.rev, groups = excluded.groups, "
                "body = excluded.body, structure = excluded.structure, form = excluded.form WHERE rev <= excluded.rev",
                (doc_id, rev, names_to_json(groups), *kept),
            )


def _generations(rows: list[tuple[str, str, int]]) -> Generations:
    return Generations(
        {name: count for kind, name, count in rows if kind == "source"},
        next((count for kind, _, count in rows if kind == "acl"), 0),
        frozenset(name for kind, name, _ in rows if kind == "group"),
    )
