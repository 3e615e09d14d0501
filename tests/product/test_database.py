"""The pool: connections are reused and closed, queues for them end, slow queries are told without values."""

import json
import os
import select
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

import pytest

from local.stack import Stack
from local.world.tcp_proxy import counting_proxy
from tests.product.conftest import Api, Ledger

_SCRIPT = """
import os, sys
from chalicelib.platform.postgres import database
from tests.product.conftest import Api
end = os._exit

def say_and_end(code):
    print("CLOSED" if database()._pool._pool.closed else "OPEN", flush=True)
    end(code)

os._exit = say_and_end
api = Api()
for _ in range(50):
    assert api.call("GET", "/materials").status == 200
print("DONE", flush=True)
sys.stdin.readline()
"""


@pytest.mark.proves("P8")
def test_a_slow_query_is_logged_with_its_text_and_without_its_values(
    parts: Stack,  # noqa: ARG001  the product may only be imported in its environment
    capsys: pytest.CaptureFixture[str],
) -> None:
    """P8: over 100 ms a line with duration and statement, under it none; never a parameter's value."""
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    database().rows("SELECT pg_sleep(%s), %s::text AS fast", [0.001, "hunter2"])
    assert "db.slow_query" not in capsys.readouterr().out
    database().rows("SELECT pg_sleep(%s),\n  %s::text AS slow", [0.12, "hunter2"])
    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert (line["event"], line["statement"]) == ("db.slow_query", "SELECT pg_sleep(%s), %s::text AS slow")
    assert line["durationMs"] > 100
    assert "hunter2" not in json.dumps(line)


def test_parameters_may_be_named_or_not_and_a_name_may_stand_twice(
    parts: Stack,  # noqa: ARG001  the product may only be imported in its environment
) -> None:
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    named = "SELECT %(b)s::int AS b, %(a)s::int AS a, %(b)s::int + 1 AS more, 7 %% 4 AS rest, '%%s' AS text"
    answer = {"b": 2, "a": 1, "more": 3, "rest": 3, "text": "%s"}
    for _ in range(2):
        assert database().rows(named, {"a": 1, "b": 2, "unused": "x"}) == [answer]
    with database().transaction() as transaction:
        assert transaction.row("SELECT %s::int AS a, %s::text AS b", [1, "$1 %s"]) == {"a": 1, "b": "$1 %s"}
    assert database().row("SELECT 7 % 4 AS rest, '%s' AS text") == {"rest": 3, "text": "%s"}


@pytest.mark.proves("P9")
def test_fifty_requests_open_one_connection_and_the_end_of_the_process_closes_it(
    parts: Stack, api: Api
) -> None:
    """P9: connections are reused, and SIGTERM leaves none open."""
    assert api.call("GET", "/health").status == 200
    with counting_proxy(parts.ports["postgres"]) as proxy:
        url = urlsplit(parts.environment["DATABASE_URL"])
        netloc = f"{url.username}:{url.password}@127.0.0.1:{proxy.listen_port}"
        query = f"{url.query}&application_name=plumbline-p9"
        process = subprocess.Popen(
            [sys.executable, "-c", _SCRIPT],
            env={**os.environ, "DATABASE_URL": urlunsplit(url._replace(netloc=netloc, query=query))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert any(line.startswith("DONE") for line in process.stdout)
        assert proxy.connections == 1
        ledger = Ledger(parts.environment["MIGRATION_DATABASE_URL"])
        assert _open_connections(ledger) == 1
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "CLOSED\n", "before the process ends, and not by its end"
        assert process.wait(timeout=10) == 0
        closed = threading.Event()
        for _ in range(100):
            if _open_connections(ledger) == 0:
                break
            closed.wait(0.05)
        assert _open_connections(ledger) == 0


@pytest.mark.proves("P9")
def test_under_load_a_pool_of_five_opens_five_and_lends_them_in_turn(parts: Stack) -> None:
    """P9: 400 statements and transactions of 20 threads at once; who finds none free waits for one."""
    from chalicelib.platform.postgres import Database  # noqa: PLC0415

    with counting_proxy(parts.ports["postgres"]) as proxy:
        url = urlsplit(parts.environment["DATABASE_URL"])
        netloc = f"{url.username}:{url.password}@127.0.0.1:{proxy.listen_port}"
        pool = Database(urlunsplit(url._replace(netloc=netloc, query="connection_limit=5&pool_timeout=30")))
        try:

            def use(number: int) -> int:
                if number % 2:
                    with pool.transaction() as transaction:
                        return int(transaction.rows("SELECT %s::int AS number", [number])[0]["number"])
                return int(pool.rows("SELECT %s::int AS number", [number])[0]["number"])

            with ThreadPoolExecutor(20) as threads:
                assert list(threads.map(use, range(400))) == list(range(400))
            assert 1 <= proxy.connections <= 5
        finally:
            pool.close()


def _open_connections(ledger: Ledger) -> int:
    sql = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'plumbline-p9'"
    return len(ledger.rows(sql))


def test_an_exhausted_pool_makes_callers_queue_and_then_says_so(parts: Stack) -> None:
    from chalicelib.platform import deadline  # noqa: PLC0415
    from chalicelib.platform.errors import DatabaseBusy  # noqa: PLC0415
    from chalicelib.platform.postgres import Database  # noqa: PLC0415

    url = parts.environment["DATABASE_URL"].replace("connection_limit=50", "connection_limit=1")
    small = Database(url)
    try:
        started = threading.Event()

        def hold() -> None:
            with small.transaction() as transaction:
                started.set()
                transaction.rows("SELECT pg_sleep(1.2)")

        holder = threading.Thread(target=hold)
        holder.start()
        started.wait()
        with deadline.within(0.3), pytest.raises(DatabaseBusy):
            small.rows("SELECT 1")
        assert small.rows("SELECT 1 AS one") == [{"one": 1}]
        holder.join()
    finally:
        small.close()


def test_a_connection_that_died_while_idle_is_replaced_without_an_error(parts: Stack, api: Api) -> None:
    import psycopg  # noqa: PLC0415

    from chalicelib.platform.postgres import database  # noqa: PLC0415

    assert api.call("GET", "/materials").status == 200
    with psycopg.connect(parts.superuser_url, autocommit=True) as superuser:
        superuser.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = 'plumbline' AND pid <> pg_backend_pid()"
        )
    for idle in tuple(database()._pool._pool._pool):  # until its farewell has arrived, it has not died yet
        assert select.select([idle.pgconn.socket], [], [], 5)[0]
    assert [api.call("GET", "/materials").status for _ in range(3)] == [200] * 3


def test_a_server_that_was_demoted_is_busy_and_its_connections_are_not_lent_again(parts: Stack) -> None:
    """As after a failover: the old primary answers 25006 to writes, and keeps whoever is connected to it."""
    import psycopg  # noqa: PLC0415

    from chalicelib.platform.errors import DatabaseBusy  # noqa: PLC0415
    from chalicelib.platform.postgres import Database  # noqa: PLC0415

    write = "UPDATE settings SET key = key WHERE false"
    with psycopg.connect(parts.superuser_url, autocommit=True) as superuser:
        database = Database(parts.environment["DATABASE_URL"])
        superuser.execute("ALTER DATABASE plumbline SET default_transaction_read_only = on")
        try:
            with pytest.raises(DatabaseBusy):
                database.rows(write)
            with pytest.raises(DatabaseBusy), database.transaction() as transaction:
                transaction.rows(write)
            superuser.execute("ALTER DATABASE plumbline RESET default_transaction_read_only")
            with suppress(DatabaseBusy):  # the pool's one connection may be from before
                database.rows(write)
            assert database.rows(write) == []
        finally:
            superuser.execute("ALTER DATABASE plumbline RESET default_transaction_read_only")
            database.close()
