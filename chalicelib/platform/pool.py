"""
The pool of connections, and all that is psycopg's: imported with the first statement, since a container that
answers from the cache needs none of it, and loading it is a fifth of a cold start.

A connection that died while it lay idle is noticed without a round trip and replaced.
"""

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import pq
from psycopg.abc import PQGen
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from chalicelib.platform import deadline, logs, metrics
from chalicelib.platform.errors import DatabaseBusy

STATEMENT_TIMEOUT_S = 8.0
CONNECT_TIMEOUT_S = 2
_CLOSE_TIMEOUT_S = 1
_ACQUIRE_SLICE_S = 0.5

log = logs.EventLog("postgres")
RV = TypeVar("RV")


class Connection(psycopg.Connection[DictRow]):
    """
    A connection whose every wait ends with the call's deadline instead of lasting as long as the server is
    silent.
    """

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Drive *gen* until it returns, or close the connection and raise when the deadline passes."""
        limit_s = deadline.remaining_s(STATEMENT_TIMEOUT_S) if timeout is None else timeout
        try:
            return super().wait(gen, interval, limit_s)
        except psycopg.errors._WaitTimeout as error:  # noqa: SLF001  psycopg's only name for it
            self.pgconn.finish()
            raise psycopg.OperationalError("no answer within the deadline") from error


def _refuse_dead(connection: psycopg.Connection[DictRow]) -> None:
    """An idle connection with something to read has been left by its server. Costs no round trip."""
    socket = connection.pgconn.socket
    if not select.select([socket], [], [], 0)[0]:
        return
    connection.pgconn.consume_input()
    if connection.pgconn.status != pq.ConnStatus.OK or select.select([socket], [], [], 0)[0]:
        raise psycopg.OperationalError("the connection died while idle")


def _count_opened(_connection: psycopg.Connection[DictRow]) -> None:
    metrics.count(metrics.CONNECTIONS_OPENED)


class Pool:
    """Connections to *url*, whose query may carry `connection_limit` (50) and `pool_timeout` (30 s)."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        self._pool_timeout_s = float(query.pop("pool_timeout", "30"))
        limit = int(query.pop("connection_limit", "50"))
        self._failures = 0
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            urlunsplit(parts._replace(query=urlencode(query))),
            connection_class=Connection,
            kwargs={
                "autocommit": True,
                "prepare_threshold": None,
                "row_factory": dict_row,
                "cursor_factory": psycopg.RawCursor,  # statements come with $1, $2 …: `postgres.numbered`
                "connect_timeout": CONNECT_TIMEOUT_S,
            },
            min_size=0,
            max_size=limit,
            max_idle=300,
            num_workers=1,
            reconnect_timeout=0,
            reconnect_failed=self._count_failure,
            check=_refuse_dead,
            configure=_count_opened,
            open=False,
        )

    def _count_failure(self, _pool: ConnectionPool[Connection]) -> None:
        self._failures += 1

    @contextmanager
    def lend(self) -> Iterator[Connection]:
        """
        Lend a connection: wait for a busy pool up to the deadline, but give up at once when PostgreSQL
            refuses us.

        Raises:
            DatabaseBusy: no connection in time, or it broke while lent.
        """
        self._pool.open()
        failures, ends_at = self._failures, time.monotonic() + deadline.remaining_s(self._pool_timeout_s)
        while True:
            try:
                connection = self._pool.getconn(
                    timeout=max(0.05, min(_ACQUIRE_SLICE_S, ends_at - time.monotonic()))
                )
                break
            except PoolTimeout as error:
                refused = self._failures > failures
                if refused or time.monotonic() >= ends_at:
                    log.warning("db.unavailable", reason="refused" if refused else "exhausted")
                    raise DatabaseBusy(
                        "The database cannot take this request now; please try again."
                    ) from error
        try:
            yield connection
        except psycopg.errors.ReadOnlySqlTransaction as error:
            connection.close()  # after a failover a new one finds the primary; this one never would
            log.warning("db.unavailable", reason="read_only", sqlstate=error.sqlstate)
            raise DatabaseBusy("The database takes no changes at the moment; please try again.") from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            log.warning("db.unavailable", reason=type(error).__name__, sqlstate=error.sqlstate)
            raise DatabaseBusy("The database did not answer in time; please try again.") from error
        finally:
            self._pool.putconn(connection)

    def close(self) -> None:
        """Close every connection; the pool cannot be used afterwards."""
        self._pool.close(timeout=_CLOSE_TIMEOUT_S)
