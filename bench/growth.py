"""
How memory and calls grow: with the clients of the rate limiter, with the series of the figures, and with
the leads of a sheet.

`python -m bench.growth` starts parts of its own. Keys and memory are what Valkey says of itself, calls are
what the stand-in of Google has recorded; Google's quota a minute is lifted, since calls are counted and not
timed.
"""

import argparse
import contextlib
import io
import json
import os
import sys
import urllib.request
import uuid
from typing import Any

import psycopg
import redis

from bench.measure import keep, markdown, say
from bench.parts import scratch
from local.stack import Stack
from local.stack.environment import SPREADSHEET_ID

_AT_ONCE = 1000
_FLUSHED_AT = 200  # so many names a process holds at the most
_GROUP = "LOGIN"  # of all windows the longest but one: none ends while a million are counted
_LEADS = """
WITH lead AS (
    INSERT INTO leads (id, status, source, name, phone, content, consent_version, consent_at, correlation_id,
                       created_at)
    SELECT gen_random_uuid(), 'NEW', 'CONTACT_FORM', 'Lead ' || n, '+849' || n, 'Stored as number ' || n,
           '2026-01', now(), 'bench', now()
    FROM generate_series(%(first)s::integer, %(last)s::integer) AS n RETURNING id
)
INSERT INTO jobs (id, queue, type, subject_id, state, due_at, correlation_id, created_at)
SELECT gen_random_uuid(), 'sync', 'google_sheets', id, 'waiting', now(), 'bench', now() FROM lead
"""
_WRITE = "spreadsheets.values.batchUpdate"


def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


class Clients:
    """Calls of many clients through the limiter's own script, a thousand in one go."""

    def __init__(self, client: redis.Redis, url: str) -> None:
        from bench.peers.ours import Ours  # noqa: PLC0415  the environment must stand before
        from chalicelib.guards import admission, rate_limit  # noqa: PLC0415
        from chalicelib.platform import clock  # noqa: PLC0415

        Ours(url).limiter()  # of the second address, in READS, as the product itself counts it
        self._client, self._now_ms, self._key = client, clock.now_ms, rate_limit.window_key
        self._digest = admission._ADMIT._digest  # noqa: SLF001  the script that has just run
        limit = rate_limit.limit_of(_GROUP)
        self._limits = [limit.count, limit.window_s * 1000] * 3
        self._call(client, 1)
        both = (self._key("READS", _address(1)), self._key(_GROUP, _address(1)))
        costs = {self._client.memory_usage(key) for key in both}
        if len(costs) > 1:
            raise RuntimeError(f"a client does not cost what one of the product's does: {costs} bytes")

    def _call(self, client: Any, number: int) -> None:
        key = self._key(_GROUP, _address(number))
        arguments = [self._now_ms(), uuid.uuid4().hex, *self._limits, "", "", 0, "", "", 0, ""]
        client.evalsha(self._digest, 4, key, key, "", "", *arguments)

    def come(self, first: int, last: int) -> None:
        """Each of the clients from *first* to *last* calls once."""
        for start in range(first, last + 1, _AT_ONCE):
            pipeline = self._client.pipeline(transaction=False)
            for number in range(start, min(start + _AT_ONCE, last + 1)):
                self._call(pipeline, number)
            pipeline.execute()


def clients(client: redis.Redis, url: str, sizes: list[int]) -> dict[int, dict[str, float]]:
    """Keys and bytes of so many distinct clients, each within their window."""
    many, found = Clients(client, url), {}
    used, keys, known = _used(client), _keys(client), 1
    for size in sizes:
        many.come(known + 1, size + 1)
        known = size + 1
        taken = _used(client) - used
        found[size] = {"keys": _keys(client) - keys, "bytes": taken, "bytes_each": taken / size}
        say(f"{size:,} clients: {taken / 2**20:.1f} MB")
    return found


def series(client: redis.Redis, sizes: list[int]) -> dict[int, dict[str, float]]:
    """Series and bytes of the figures when so many distinct networks were refused."""
    from chalicelib.platform import metrics  # noqa: PLC0415
    from chalicelib.resilience.carrier import REFUSED_KEY  # noqa: PLC0415
    from chalicelib.resilience.flusher import flush  # noqa: PLC0415

    found, known = {}, 0
    for size in sizes:
        for number in range(known, size):
            network = metrics.network_of(f"{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}.1")
            metrics.count(metrics.RATE_LIMITED, network, "/leads")
            if number % _FLUSHED_AT == 0:
                flush()
        flush()
        known = size
        kept = client.memory_usage(REFUSED_KEY, samples=0)
        found[size] = {"series": client.hlen(REFUSED_KEY), "bytes": kept}
        say(f"{size:,} networks refused: {found[size]['series']} series")
    return found  # type: ignore[return-value]  the client is not async


def sheet(stack: Stack, sizes: list[int]) -> dict[int, dict[str, float]]:
    """Calls to Google for so many new leads, as its stand-in recorded them, and the rows that stand there."""
    from chalicelib.platform import deadline  # noqa: PLC0415
    from chalicelib.sheets import jobs  # noqa: PLC0415

    found, leads = {}, 0
    for size in sizes:
        before = _calls(stack)
        with psycopg.connect(stack.database_url, autocommit=True) as connection:
            connection.execute(_LEADS, {"first": leads + 1, "last": leads + size})
        leads += size
        while _rows(stack) < leads:  # an invocation has 45 s
            with deadline.within(40):
                jobs.sync([])
        made = _calls(stack)[len(before) :]
        writes = sum(call["method"] == _WRITE for call in made)
        found[size] = {"writes": writes, "calls": len(made), "rows": _rows(stack) - leads + size}
        say(f"{size:,} leads: {writes} writing calls of {len(made)}")
    return found


def _used(client: redis.Redis) -> int:
    return int(client.info("memory")["used_memory"])  # type: ignore[index]  the client is not async


def _keys(client: redis.Redis) -> int:
    return int(client.dbsize())  # type: ignore[arg-type]  the client is not async


def _shown(stack: Stack) -> dict[str, Any]:
    url = f"http://127.0.0.1:{stack.ports['world']}/dev/sheets/{SPREADSHEET_ID}"
    with urllib.request.urlopen(url, timeout=30) as answer:
        shown: dict[str, Any] = json.load(answer)
    return shown


def _calls(stack: Stack) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = _shown(stack)["calls"]
    return calls


def _rows(stack: Stack) -> int:
    tabs = _shown(stack)["tabs"]
    return sum(bool(row) for row in tabs[0]["rows"][1:])


def measure(most: int, leads: int) -> dict[str, Any]:
    """Everything, up to *most* clients and networks, and *leads* leads."""
    sizes = [size for size in (1_000, 10_000, 100_000, 1_000_000) if size <= most]
    with scratch() as folder, Stack(folder, with_cloud=False, sheets_quota_per_minute=100_000) as stack:
        os.environ.update(stack.environment)
        client = redis.Redis.from_url(stack.environment["REDIS_URL"])
        return {
            "clients": clients(client, stack.environment["REDIS_URL"], sizes),
            "series": series(client, sizes),
            "sheet": sheet(stack, [size for size in (100, 1_000, 10_000) if size <= leads]),
        }


def table(found: dict[str, Any]) -> str:
    """*found* as a page."""
    many = [
        [f"{size:,}", f"{each['keys']:,}", f"{each['bytes'] / 2**20:.1f} MB", f"{each['bytes_each']:.0f}"]
        for size, each in found["clients"].items()
    ]
    named = [
        [f"{size:,}", f"{each['series']:,}", f"{each['bytes'] / 1024:.0f} kB"]
        for size, each in found["series"].items()
    ]
    written = [
        [f"{size:,}", str(each["writes"]), str(each["calls"]), f"{each['rows']:,}"]
        for size, each in found["sheet"].items()
    ]
    return "\n\n".join(
        [
            "\nGrowth",
            markdown(["clients in their windows", "keys", "memory", "bytes each"], many),
            markdown(["networks refused", "series", "memory"], named),
            markdown(["leads to the sheet", "writing calls", "calls in all", "rows there"], written),
        ]
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description="See what grows.")
    parser.add_argument("--clients", type=int, default=1_000_000)
    parser.add_argument("--leads", type=int, default=10_000)
    arguments = parser.parse_args()
    with contextlib.redirect_stdout(io.StringIO()):  # the product's log lines
        found = measure(arguments.clients, arguments.leads)
    keep("growth", found)
    sys.stdout.write(table(found) + "\n")


if __name__ == "__main__":
    main()
