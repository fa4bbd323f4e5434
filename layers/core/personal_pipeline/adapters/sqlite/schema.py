"""The tables of ``pipeline.db``, as steps from one schema version to the next.

``PRAGMA user_version`` counts the steps a file has been through. A step that was released is never edited:
a change is a new step at the end.
"""

_FIRST = (
    """
    CREATE TABLE documents (
        doc_id TEXT PRIMARY KEY, key TEXT NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL,
        rev INTEGER NOT NULL, sequencer TEXT NOT NULL, version_id TEXT,
        content_hash TEXT NOT NULL, content_rev INTEGER NOT NULL, indexed_rev INTEGER NOT NULL, high INTEGER NOT NULL,
        deleted INTEGER NOT NULL, pending_since REAL, title TEXT NOT NULL, groups TEXT NOT NULL, keys TEXT NOT NULL,
        error TEXT NOT NULL, critical INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE INDEX documents_by_source ON documents (source, path) WHERE deleted = 0",
    "CREATE INDEX documents_pending ON documents (pending_since) WHERE pending_since IS NOT NULL",
    """
    CREATE TABLE alert_keys (
        kind TEXT NOT NULL, value TEXT NOT NULL, doc_id TEXT NOT NULL, card TEXT NOT NULL,
        PRIMARY KEY (kind, value, doc_id)
    ) WITHOUT ROWID
    """,
    # id grows with every write: dropping the lowest ids bounds the table to the newest answers
    """
    CREATE TABLE answers (
        id INTEGER PRIMARY KEY AUTOINCREMENT, cache_key TEXT NOT NULL UNIQUE, body BLOB NOT NULL,
        content TEXT NOT NULL, acl INTEGER NOT NULL,
        computed_at REAL NOT NULL, fresh_until REAL NOT NULL, stale_until REAL NOT NULL
    )
    """,
    # kind: source or acl, which count; group, which is only remembered
    """
    CREATE TABLE generations (
        kind TEXT NOT NULL, name TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (kind, name)
    ) WITHOUT ROWID
    """,
    # body NULL is a tombstone
    "CREATE TABLE rendered (doc_id TEXT PRIMARY KEY, rev INTEGER NOT NULL, groups TEXT NOT NULL, body BLOB)",
    """
    CREATE TABLE asked (
        day TEXT NOT NULL, query TEXT NOT NULL, count INTEGER NOT NULL, expires_at REAL NOT NULL,
        PRIMARY KEY (day, query)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX asked_expiry ON asked (expires_at)",
    # receipt is set while a message is in flight; origin and attempts tell where a dead letter comes from
    """
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, message_id TEXT NOT NULL UNIQUE, body TEXT NOT NULL,
        message_group TEXT NOT NULL, sent_at REAL NOT NULL, visible_at REAL NOT NULL,
        receive_count INTEGER NOT NULL, receipt TEXT UNIQUE, error TEXT NOT NULL,
        origin TEXT NOT NULL, attempts INTEGER NOT NULL
    )
    """,
    "CREATE INDEX messages_by_time ON messages (queue, visible_at)",
    "CREATE INDEX messages_by_group ON messages (queue, message_group, visible_at) WHERE message_group <> ''",
    """
    CREATE TABLE deduplications (
        queue TEXT NOT NULL, deduplication_id TEXT NOT NULL, expires_at REAL NOT NULL,
        PRIMARY KEY (queue, deduplication_id)
    ) WITHOUT ROWID
    """,
)

_VECTORS = (
    # id grows with every write, as in answers
    """
    CREATE TABLE vectors (
        id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, vector BLOB NOT NULL, expires_at REAL NOT NULL
    )
    """,
)

_FEEDBACK = (
    """
    CREATE TABLE feedback (
        signature TEXT NOT NULL, doc_id TEXT NOT NULL, up INTEGER NOT NULL, down INTEGER NOT NULL,
        expires_at REAL NOT NULL, PRIMARY KEY (signature, doc_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE votes (
        signature TEXT NOT NULL, doc_id TEXT NOT NULL, voter TEXT NOT NULL, helpful INTEGER NOT NULL,
        expires_at REAL NOT NULL, PRIMARY KEY (signature, doc_id, voter)
    ) WITHOUT ROWID
    """,
)

_RECORDS = (
    # bodies are large: not without rowid
    """
    CREATE TABLE records (
        id INTEGER PRIMARY KEY, partition TEXT NOT NULL, sort TEXT NOT NULL, body TEXT NOT NULL,
        expires_at REAL NOT NULL, version INTEGER NOT NULL, listing TEXT NOT NULL, place TEXT NOT NULL,
        UNIQUE (partition, sort)
    )
    """,
    "CREATE INDEX records_by_place ON records (listing, place) WHERE listing <> ''",
    "CREATE INDEX records_expiry ON records (expires_at)",
)

_SERVICES = ("CREATE TABLE services (source TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID",)

_FADING = (  # votes counted whole until then, so all of a document's are taken for as old as its last
    "ALTER TABLE feedback ADD COLUMN as_of REAL NOT NULL DEFAULT 0",
    "ALTER TABLE votes ADD COLUMN cast_at REAL NOT NULL DEFAULT 0",
    "UPDATE feedback SET as_of = expires_at - 7776000",
    "UPDATE votes SET cast_at = expires_at - 7776000",
)

_STRUCTURES = (  # copies from before are of form 0
    "ALTER TABLE rendered ADD COLUMN structure BLOB NOT NULL DEFAULT x''",
    "ALTER TABLE rendered ADD COLUMN form INTEGER NOT NULL DEFAULT 0",
)

_OVERVIEWS = ("ALTER TABLE documents ADD COLUMN overview TEXT NOT NULL DEFAULT ''",)

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    _FIRST,
    _VECTORS,
    _FEEDBACK,
    _RECORDS,
    _SERVICES,
    _FADING,
    _STRUCTURES,
    _OVERVIEWS,
)
