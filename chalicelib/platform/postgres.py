"""
PostgreSQL through a pool, with a deadline on every wait and no session state, so that RDS Proxy never pins.

One statement is one round trip: autocommit, no server-side prepare, no `SET`. Everything that means "not now"
(no connection, no answer in time, refused, failed over) becomes `DatabaseBusy`; after it nobody knows whether
a write took effect, so writers must be safe to repeat.
"""

import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib.platform import logs, metrics
from chalicelib.platform.settings import settings

if TYPE_CHECKING:
    from chalicelib.platform.pool import Connection, Pool

SLOW_QUERY_MS = 100
_PLACE = re.compile(r"%(?:%|s|\((\w+)\)s)")

log = logs.EventLog("postgres")
Row = dict[str, Any]
Parameters = Mapping[str, Any] | Sequence[Any] | None


class Database:
    """
    Statements over a pool to *url*, which is opened with the first of them.

    Threads share it; on Lambda it holds the one connection that its container may have.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: Pool | None = None
        self._making = threading.Lock()

    @property
    def _pool(self) -> "Pool":
        with self._making:
            if self._made is None:
                from chalicelib.platform.pool import Pool  # noqa: PLC0415  see there

                self._made = Pool(self._url)
            return self._made

    def rows(self, sql: str, parameters: Parameters = None) -> list[Row]:
        """Run one statement that commits by itself, in one round trip, and return its rows."""
        with self._pool.lend() as connection:
            return _execute(connection, sql, parameters)

    def row(self, sql: str, parameters: Parameters = None) -> Row | None:
        """Run one statement and return its first row, or None."""
        found = self.rows(sql, parameters)
        return found[0] if found else None

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """Several statements that commit together at the end of the block, or not at all."""
        with self._pool.lend() as connection, connection.transaction():
            yield Transaction(connection)

    def close(self) -> None:
        """Close every connection; the pool cannot be used afterwards."""
        if self._made is not None:
            self._made.close()


class Transaction:
    """Statements of one open transaction."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def rows(self, sql: str, parameters: Parameters = None) -> list[Row]:
        """Run one statement inside the transaction and return its rows."""
        return _execute(self._connection, sql, parameters)

    def row(self, sql: str, parameters: Parameters = None) -> Row | None:
        """Run one statement inside the transaction and return its first row, or None."""
        found = self.rows(sql, parameters)
        return found[0] if found else None


@lru_cache(maxsize=500)
def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """
    *sql* with PostgreSQL's $1, $2 … for each `%(name)s` or `%s`, and the names (or positions) in their order.

    psycopg can do it, too, but remembers it for statements of less than 4,096 characters only; a lead's is
    longer, and to take it apart anew cost each of them 0.25 ms.
    """
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        name = found[1] or str(len(names))
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _PLACE.sub(number, sql), tuple(names)


def _execute(connection: "Connection", sql: str, parameters: Parameters) -> list[Row]:
    statement, names = numbered(sql) if parameters is not None else (sql, ())
    if isinstance(parameters, Mapping):
        parameters = [parameters[name] for name in names]
    started = time.perf_counter()
    try:
        cursor = connection.execute(statement, parameters)
        found = cursor.fetchall() if cursor.description is not None else []
    finally:
        duration_s = time.perf_counter() - started
        metrics.observe(metrics.DB_DURATION, duration_s)
    duration_ms = duration_s * 1000
    if duration_ms > SLOW_QUERY_MS:
        log.warning(
            "db.slow_query", duration_ms=round(duration_ms, 1), statement=" ".join(sql.split())[:2000]
        )
    return found


@cache
def database() -> Database:
    """The process's one pool over `DATABASE_URL`."""
    return Database(settings().database_url.get_secret_value())
