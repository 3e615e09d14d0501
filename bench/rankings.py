"""
How fast the rankings are recalculated, beside the ways in which one would do it plainly.

`python -m bench.rankings` starts a PostgreSQL of its own, with fsync on, fills it (100,000 contractors,
1,000,000 reviews, 500,000 bids, 500,000 projects, and a tenth and a hundredth of that), and measures
alternating rounds: medians. It prints a table and writes bench/results/rankings.json.
"""

import argparse
import contextlib
import io
import math
import statistics
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from bench import rankings_peers as peers
from bench.measure import keep, markdown, say
from bench.parts import data_parts
from chalicelib.platform.postgres import Database
from chalicelib.rankings import store
from chalicelib.rankings.service import LOCK, calculate_under
from chalicelib.resilience.store import issue_fence

_PER_CONTRACTOR = {"reviews": 10, "bids": 5, "projects": 5}
_LOOP_THREADS = 4


class Bench:
    """One database, its product and its peers; each product connection is the only one of its pool."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.admin = psycopg.connect(url, autocommit=True)
        self.product = Database(f"{url}?connection_limit=1")
        self.now = datetime.now(UTC)
        self.product_pid = int(self._value("SELECT pg_backend_pid() AS value"))

    def _value(self, sql: str) -> Any:
        row = self.product.row(sql)
        return row and row["value"]

    def fill(self, contractors: int) -> None:
        """So many contractors, unevenly busy, vacuumed as autovacuum would in the end."""
        for table in ("rankings", "ranking_runs", "contractors", "reviews", "bids", "projects"):
            self.admin.execute(f"TRUNCATE {table} CASCADE")
        self.admin.execute("SELECT setseed(0.5)")
        self.admin.execute(peers.CONTRACTORS, {"count": contractors, "now": self.now})
        self.admin.execute("DROP TABLE IF EXISTS drawn")
        self.admin.execute(peers.DRAWN)
        for table, each in _PER_CONTRACTOR.items():
            rows = {"count": contractors, "rows": contractors * each, "now": self.now}
            self.admin.execute(peers.ROWS[table], rows)
        self.admin.execute("DROP TABLE drawn")
        self.admin.execute(
            "CREATE TABLE IF NOT EXISTS plain (id uuid PRIMARY KEY, score float8, rank bigint)"
        )
        self.admin.execute("TRUNCATE plain")
        self.admin.execute("VACUUM ANALYZE contractors, reviews, bids, projects")

    def recalculate(self) -> None:
        """The product's own way, with fence, previous ranks and old runs."""
        calculate_under(self.product, issue_fence(self.product, LOCK))

    def compute_plainly(self) -> None:
        """The scores alone, summed up so that only one row travels."""
        with self.product.transaction() as transaction:
            transaction.rows(f"SELECT sum(score) FROM ({peers.SCORES}) AS scores", {"now": self.now})

    def store_plainly(self) -> None:
        """Scores and ranks into a table with a primary key, replacing what it held."""
        with self.product.transaction() as transaction:
            transaction.rows("DELETE FROM plain")
            transaction.rows(f"INSERT INTO plain {peers.RANKED}", {"now": self.now})

    def loop(self) -> float:
        """Contractor by contractor, over a pool, by as many threads as it pays; seconds."""
        pool = Database(f"{self.url}?connection_limit={_LOOP_THREADS}")
        ids = [row["id"] for row in pool.rows("SELECT id FROM contractors")]
        started = time.perf_counter()
        with ThreadPoolExecutor(_LOOP_THREADS) as threads:
            for _ in threads.map(lambda id_: pool.row(peers.ONE, {"id": id_, "now": self.now}), ids):
                pass
        pool.close()
        return time.perf_counter() - started

    def agree(self) -> float:
        """By how many points the product and the plain statement differ at most."""
        self.recalculate()
        self.store_plainly()
        row = self.admin.execute(peers.DIFFERENCE).fetchone()
        return float(row[0]) if row else math.nan

    def memory_mb(self) -> float:
        """The most private memory that the session's process has while it recalculates."""
        most, over = [0], threading.Event()

        def watch() -> None:
            while not over.wait(0.005):
                status = Path(f"/proc/{self.product_pid}/status").read_text()
                most[0] = max(most[0], int(status.split("RssAnon:")[1].split()[0]))

        watcher = threading.Thread(target=watch)
        watcher.start()
        self.recalculate()
        over.set()
        watcher.join()
        return most[0] / 1024

    def readers_ms(self) -> tuple[float, float]:
        """The 95th percentile and the longest of page reads while a run is under way."""
        reader, took = Database(self.url), list[float]()
        run = threading.Thread(target=self.recalculate)
        run.start()
        while run.is_alive():
            started = time.perf_counter()
            store.list_rankings(reader, region=None, run_of=None, after=0, limit=21)
            took.append((time.perf_counter() - started) * 1000)
            time.sleep(0.002)
        reader.close()
        return statistics.quantiles(took, n=20)[-1], max(took)


def _timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure(contractors: int, rounds: int) -> dict[str, Any]:
    """Everything, at *contractors* and at a tenth and a hundredth of it."""
    found: dict[str, Any] = {"contractors": contractors, "rounds": rounds, "growth": {}}
    with data_parts() as stack:
        bench = Bench(stack.database_url)
        for size in (contractors // 100, contractors // 10, contractors):
            say(f"{size} contractors, {size * 10} reviews")
            bench.fill(size)
            bench.recalculate()
            times: dict[str, list[float]] = {"ours": [], "computed": [], "stored": []}
            for _ in range(rounds):
                times["ours"].append(_timed(bench.recalculate))
                times["computed"].append(_timed(bench.compute_plainly))
                times["stored"].append(_timed(bench.store_plainly))
            found["growth"][size] = {name: statistics.median(each) for name, each in times.items()}
            found["growth"][size]["all"] = times
        found["difference_points"] = bench.agree()
        found["memory_mb"] = bench.memory_mb()
        found["readers_p95_ms"], found["readers_max_ms"] = bench.readers_ms()
        say("the loop")
        found["loop_s"] = bench.loop()
    return found


def table(found: dict[str, Any]) -> str:
    """*found* as a page."""
    growth = found["growth"]
    heads = ["contractors", "ours", "computed", "stored", "ours / computed", "ours / stored"]
    sizes = []
    for size, each in growth.items():
        times = [f"{each[name]:.3f} s" for name in ("ours", "computed", "stored")]
        ratios = [f"{each['ours'] / each[name]:.2f}" for name in ("computed", "stored")]
        sizes.append([f"{size:,}", *times, *ratios])
    first, last = min(growth), max(growth)
    whole = growth[last]["ours"]
    allowed = (last * math.log(last * 10)) / (first * math.log(first * 10))
    grown = f"{whole / growth[first]['ours']:.0f} × from {first:,} to {last:,} (n log n: {allowed:.0f} ×)"
    memory = f"{found['memory_mb']:.0f} MB of the session's own, at most"
    readers = f"p95 {found['readers_p95_ms']:.1f} ms, at most {found['readers_max_ms']:.1f} ms"
    others = [
        ["growth", grown],
        ["contractor by contractor", f"{found['loop_s']:.1f} s, {found['loop_s'] / whole:.0f} × ours"],
        ["memory", memory],
        ["reads meanwhile", readers],
        ["difference to the plain statement", f"{found['difference_points']:.4f} points at most"],
    ]
    title = (
        "Rankings (medians; computed: the plain statement's scores alone; stored: with ranks, into a table)"
    )
    return f"\n{title}\n\n{markdown(heads, sizes)}\n\n{markdown(['rankings', 'figure'], others)}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.rankings", description="Time the rankings.")
    parser.add_argument("--contractors", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with contextlib.redirect_stdout(io.StringIO()):  # the product's log lines
        found = measure(arguments.contractors, arguments.rounds)
    keep("rankings", found)
    sys.stdout.write(table(found) + "\n")


if __name__ == "__main__":
    main()
