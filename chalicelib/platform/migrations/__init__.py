"""
Forward-only migrations: `NNNN-what-it-does.sql` beside this file, applied in order, each in one
transaction.

`python -m chalicelib.platform.migrations` runs them against MIGRATION_DATABASE_URL (the cluster itself,
never RDS Proxy) under an advisory lock, so two runners meet safely. A file that was applied and then edited
stops the run.
"""

import hashlib
from pathlib import Path

import psycopg

_LOCK = 7_310_424_019
_HISTORY = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


class MigrationChanged(Exception):
    """A migration that has been applied was edited afterwards; write a new file instead."""


def migrate(url: str) -> list[str]:
    """Apply what is not yet applied to the database at *url*, and return the names that were."""
    files = sorted(Path(__file__).parent.glob("*.sql"))
    applied: list[str] = []
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        connection.execute(_HISTORY)
        history: dict[str, str] = dict(
            connection.execute("SELECT name, checksum FROM schema_migrations").fetchall()
        )
        for file in files:
            text = file.read_text(encoding="utf-8")
            checksum = hashlib.sha256(text.encode()).hexdigest()
            if file.name in history:
                if history[file.name] != checksum:
                    raise MigrationChanged(
                        f"{file.name} was applied and then edited; restore it and add a new file."
                    )
                continue
            with connection.transaction():
                connection.execute(text)
                connection.execute("INSERT INTO schema_migrations VALUES (%s, %s)", [file.name, checksum])
            applied.append(file.name)
    return applied
