"""
Forward-only migrations: `NNNN-what-it-does.sql` beside this file, applied in order while the old code serves.

`python -m chalicelib.platform.migrations` runs them against MIGRATION_DATABASE_URL (the cluster itself,
never RDS Proxy) under an advisory lock, so two runners meet safely. A file that was applied and then edited
stops the run.

Each file is one transaction with two limits, so that no request waits for it until its own 8 s are over: a
lock that is not had within 2 s is given up, with everything of the file, and tried again; a statement ends
after 6 s. A file that builds an index CONCURRENTLY, which holds nobody up, runs statement by statement and
has ten minutes for each. What files may say is in `infra/proof/migrations.py`.
"""

import hashlib
from pathlib import Path
from typing import Any

import psycopg

from chalicelib.platform import clock

LOCK = 7_310_424_019
_HISTORY = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""
CONNECT_TIMEOUT_S = 10
RUNNER_TIMEOUT_S = 120.0
LOCK_TIMEOUT_S = 2.0
STATEMENT_TIMEOUT_S = 6.0
CONCURRENT_TIMEOUT_S = 600.0
TRIES, PAUSE_S = 5, 3.0
CONCURRENTLY = "CONCURRENTLY"
_FOLDER = Path(__file__).parent


class MigrationError(Exception):
    """The database is as the last whole migration left it; the message says what to do."""


class MigrationChanged(MigrationError):
    """A migration that has been applied was edited afterwards; write a new file instead."""


class MigrationBlocked(MigrationError):
    """Another transaction kept a lock that a migration needs; run it again once that has ended."""


class MigrationTooSlow(MigrationError):
    """A statement would have held up the serving code for too long; it must be split."""


def migrate(url: str, folder: Path = _FOLDER) -> list[str]:
    """
    Apply what of *folder* is not yet applied to the database at *url*, and return the names that were.

    Raises:
        MigrationError: one could not be applied; those before it stay.
        psycopg.Error: PostgreSQL refused one, or is away.
    """
    applied: list[str] = []
    with psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S) as connection:
        _wait_for_other_runners(connection)
        connection.execute(_HISTORY)
        history: dict[str, str] = dict(
            connection.execute("SELECT name, checksum FROM schema_migrations").fetchall()
        )
        for file in sorted(folder.glob("*.sql")):
            text = file.read_text(encoding="utf-8")
            checksum = hashlib.sha256(text.encode()).hexdigest()
            if file.name not in history:
                _apply(connection, file.name, text, checksum)
                applied.append(file.name)
            elif history[file.name] != checksum:
                raise MigrationChanged(
                    f"{file.name} was applied and then edited; restore it and add a new file."
                )
    return applied


def _wait_for_other_runners(connection: psycopg.Connection[Any]) -> None:
    _limit(connection, "lock_timeout", RUNNER_TIMEOUT_S)
    try:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    except psycopg.errors.LockNotAvailable as error:
        raise MigrationBlocked(
            f"Another run of the migrations has been under way for {RUNNER_TIMEOUT_S:g} s; wait for its end."
        ) from error


def _apply(connection: psycopg.Connection[Any], name: str, text: str, checksum: str) -> None:
    is_concurrent = CONCURRENTLY in text
    _limit(connection, "lock_timeout", 0 if is_concurrent else LOCK_TIMEOUT_S)
    _limit(connection, "statement_timeout", CONCURRENT_TIMEOUT_S if is_concurrent else STATEMENT_TIMEOUT_S)
    for tries_left in reversed(range(TRIES)):
        try:
            if is_concurrent:
                for statement in filter(str.strip, text.split(";\n")):
                    connection.execute(statement)
            with connection.transaction():
                if not is_concurrent:
                    connection.execute(text)
                connection.execute("INSERT INTO schema_migrations VALUES (%s, %s)", [name, checksum])
        except psycopg.errors.LockNotAvailable as error:
            if not tries_left:
                raise MigrationBlocked(
                    f"{name}: no lock within {LOCK_TIMEOUT_S:g} s, {TRIES} times; nothing of it was applied. "
                    "Run it again once the transaction that holds the lock has ended."
                ) from error
            clock.sleep(PAUSE_S)
        except psycopg.errors.QueryCanceled as error:
            raise MigrationTooSlow(
                f"{name}: a statement took longer than its limit; split it, or build the index CONCURRENTLY."
            ) from error
        else:
            return


def _limit(connection: psycopg.Connection[Any], name: str, limit_s: float) -> None:
    connection.execute("SELECT set_config(%s, %s, false)", [name, f"{limit_s * 1000:.0f}ms"])
