"""
Forward-only migrations: `NNNN-what-it-does.sql` beside this file, applied in order, each in one
transaction.

`python -m chalicelib.platform.migrations` runs them against MIGRATION_DATABASE_URL (the cluster itself,
never RDS Proxy) under an advisory lock, so two runners meet safely. A file that was applied and then edited
stops the run.
"""

import hashlib
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

_LOCK = 7_310_424_019
_HISTORY = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""
_GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
    "REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM {}",
)


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


def let_in(url: str, users_url: str) -> None:
    """
    See that the user of *users_url* exists in the database at *url*, has its password and may read and write.

    The product's user owns nothing and can change no table; whoever runs the migrations owns them. A rotated
    password becomes true here.
    """
    parts = urlsplit(users_url)
    user = sql.Identifier(unquote(parts.username or ""))
    password = sql.Literal(unquote(parts.password or ""))
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        known = connection.execute(
            "SELECT 1 FROM pg_roles WHERE rolname = %s", [unquote(parts.username or "")]
        ).fetchone()
        verb = sql.SQL("ALTER" if known else "CREATE")
        connection.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, user, password))
        for grant in _GRANTS:
            connection.execute(sql.SQL(grant).format(user))
