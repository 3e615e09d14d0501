"""The SQLite file of the stand-ins: its schema, opened once, written in short transactions.

WAL with synchronous=NORMAL: what was committed survives a kill -9 of the process (not a power cut, which a
laptop's stand-ins need not). Each stand-in keeps the statements on its own tables.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS turnstile_tokens (
    token TEXT PRIMARY KEY, result TEXT NOT NULL,
    action TEXT NOT NULL, cdata TEXT NOT NULL, hostname TEXT NOT NULL,
    issued_at REAL NOT NULL, idempotency_key TEXT, answer TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS turnstile_tokens_by_age ON turnstile_tokens (issued_at);
CREATE TABLE IF NOT EXISTS service_account (
    one INTEGER PRIMARY KEY CHECK (one = 1), private_key TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS access_tokens (
    token TEXT PRIMARY KEY, scope TEXT NOT NULL, expires_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spreadsheets (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, is_shared INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tabs (
    spreadsheet_id TEXT NOT NULL, sheet_id INTEGER NOT NULL, title TEXT NOT NULL, position INTEGER NOT NULL,
    row_count INTEGER NOT NULL, column_count INTEGER NOT NULL, PRIMARY KEY (spreadsheet_id, sheet_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sheet_rows (
    spreadsheet_id TEXT NOT NULL, sheet_id INTEGER NOT NULL, n INTEGER NOT NULL, cells TEXT NOT NULL,
    PRIMARY KEY (spreadsheet_id, sheet_id, n)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sheet_calls (
    id INTEGER PRIMARY KEY, spreadsheet_id TEXT NOT NULL, at REAL NOT NULL, method TEXT NOT NULL,
    row_total INTEGER NOT NULL, status INTEGER NOT NULL, ranges TEXT NOT NULL, note TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS sheet_calls_by_spreadsheet ON sheet_calls (spreadsheet_id, id);
CREATE TABLE IF NOT EXISTS sent_messages (
    n INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL UNIQUE, at REAL NOT NULL,
    content TEXT NOT NULL, answer TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS sent_messages_by_kind ON sent_messages (kind, n);
"""


def open_database(folder: Path) -> sqlite3.Connection:
    """Open the file in *folder*, which is made if need be, with its tables."""
    folder.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(folder / "world.sqlite", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("PRAGMA busy_timeout = 2000")
    database.executescript(_SCHEMA)
    return database


@contextlib.contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """All of the block's statements, or none."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
