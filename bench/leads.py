"""
How fast staff read leads when there are a million of them: list, search, export, overview.

`python -m bench.leads` starts a PostgreSQL of its own, with fsync on, fills it set-based
(`bench.leads_rows`), and asks it what the routes ask, over one connection. It prints p50 and p95 of each
question, and the processor time that the session took for one, which a busy machine stretches less; and
writes bench/results/leads.json.
"""

import argparse
import contextlib
import io
import os
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from bench import leads_rows
from bench.measure import keep, markdown, say
from bench.parts import data_parts
from chalicelib.platform.postgres import Database
from chalicelib.staff.exports import rules, service
from chalicelib.staff.leads import store
from chalicelib.staff.leads.rules import filters_in
from chalicelib.staff.overview import store as overview

_PAGE = 51
Position = tuple[datetime, UUID]
# What is asked, beside the list itself: some of it frequent, some rare, some that nobody has.
QUESTIONS: dict[str, dict[str, str]] = {
    "list": {},
    "status NEW": {"status": "NEW"},
    "status SPAM": {"status": "SPAM"},
    "status that no lead has": {"status": "QUARANTINED"},
    "source": {"source": "FURNITURE_QUOTE"},
    "status and source": {"status": "CONVERTED", "source": "FURNITURE_QUOTE"},
    "one person's": {"assignedTo": str(leads_rows.STAFF[3])},
    "one person's, by status": {"assignedTo": str(leads_rows.STAFF[3]), "status": "CONVERTED"},
    "a month": {"from": "2026-03-01", "to": "2026-03-31"},
    "search, half of all": {"search": "nguyễn"},
    "search, half of all, SPAM": {"search": "nguyễn", "status": "SPAM"},
    "search, 1 in 20": {"search": "hoa"},
    "search, 1 in 200": {"search": "nguyễn thị hoa"},
    "search, 1 in 2,000": {"search": "bùi ngọc vy"},
    "search, half of all, no accents": {"search": "nguyen"},
    "search, 1 in 200, no accents": {"search": "nguyen thi hoa"},
    "search, 1 in 2,000, no accents": {"search": "bui ngoc vy"},
    "search, phone": {"search": "0900 123 456"},
    "search, part of a phone": {"search": "12345"},
    "search, address": {"search": "khach777777@"},
    "search, reference": {"search": "6f0e6c1a-9a52-4a4b-8a57-1f0b1c9d2e34"},
    "search, nobody": {"search": "zzqqxx"},
    "search, two letters": {"search": "an"},
}
# Not within the promise, and shown so that it is known.
HARD = {
    "two letters that nobody has": {"search": "zq"},
    "half of the oldest tenth, nobody since": {"search": "Lâu Rồi"},
}


class Bench:
    """One database full of leads, and the product's own way to it."""

    def __init__(self, url: str) -> None:
        self.admin = psycopg.connect(url, autocommit=True)
        self.product = Database(f"{url}?connection_limit=1")
        self.now = datetime.now(UTC)
        row = self.product.row("SELECT pg_backend_pid() AS pid")
        self._stat = Path(f"/proc/{row and row['pid']}/stat")

    def fill(self, leads: int) -> None:
        """So many over two years, a tenth of them merged, vacuumed as autovacuum would in the end."""
        self.admin.execute("TRUNCATE leads, users CASCADE")
        self.admin.execute(leads_rows.USERS, {"ids": leads_rows.STAFF, "now": self.now})
        self.admin.execute("SELECT setseed(0.5)")
        self.admin.execute(leads_rows.LEADS, {"count": leads, "now": self.now, "ids": leads_rows.STAFF})
        self.admin.execute("VACUUM ANALYZE leads")

    def positions(self) -> dict[str, Position | None]:
        """Where pages begin: at the latest lead, in the middle, deep down, and at the end."""
        found: dict[str, Position | None] = {"first": None}
        span = timedelta(days=leads_rows.DAYS)
        for name, part in (("middle", 0.5), ("deep", 0.95), ("last", 0.9999)):
            found[name] = (self.now - span * part, UUID(int=0))
        return found

    def ask(self, query: dict[str, str], before: Position | None) -> int:
        """One page; how many leads are on it."""
        return len(store.list_leads(self.product, filters_in(query), before=before, limit=_PAGE))

    def export(self) -> tuple[int, int]:
        """Every lead as CSV, page by page as the job does it: rows and bytes."""
        rows = size = 0
        for page in service.pages(self.product, {}, None):
            size += len(rules.lines_of(page).encode())
            rows += len(page)
        return rows, size

    def timed_export(self) -> dict[str, float]:
        """The export's rows, bytes and seconds."""
        started = time.perf_counter()
        rows, size = self.export()
        took_s = time.perf_counter() - started
        return {"rows": rows, "bytes": size, "s": took_s, "rows_per_s": rows / took_s}

    def worst_p95_ms(self, question: str, rounds: int) -> float:
        """The longest p95 of *question*, whichever page is asked for."""
        query = QUESTIONS[question]
        pages = self.positions().values()
        return max(self.spread(lambda page=page: self.ask(query, page), rounds)["p95_ms"] for page in pages)  # type: ignore[misc]

    def cpu_ms(self) -> float:
        """The processor time that the product's session has taken so far."""
        fields = self._stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def spread(self, work: Callable[[], Any], rounds: int) -> dict[str, float]:
        """How long *work* takes."""
        work()
        before = self.cpu_ms()
        took = [_timed(work) for _ in range(rounds)]
        p95 = statistics.quantiles(took, n=20)[-1]
        return {"p50_ms": statistics.median(took), "p95_ms": p95, "cpu_ms": (self.cpu_ms() - before) / rounds}

    def overview(self) -> None:
        """What the overview reads of leads."""
        since = self.now - timedelta(days=30)
        overview.list_days(self.product, since)
        overview.figures(self.product, since=since, five_minutes_ago=self.now, at_most=10_000)


def _timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def measure(leads: int, rounds: int) -> dict[str, Any]:
    """Everything, with *leads* of them."""
    found: dict[str, Any] = {"leads": leads, "rounds": rounds, "questions": {}, "hard": {}, "growth": {}}
    with data_parts() as stack:
        bench = Bench(stack.database_url)
        for size in (leads // 100, leads // 10, leads):
            say(f"{size} leads")
            bench.fill(size)
            export = bench.timed_export()
            found["growth"][size] = {
                "list_p95_ms": bench.worst_p95_ms("list", rounds),
                "search_p95_ms": bench.worst_p95_ms("search, 1 in 20", rounds),
                "export_s": export["s"],
            }
        found["export"] = export
        for kind, questions in (("questions", QUESTIONS), ("hard", HARD)):
            for name, query in questions.items():
                for place, before in bench.positions().items():
                    spread = bench.spread(lambda query=query, before=before: bench.ask(query, before), rounds)  # type: ignore[misc]
                    items = bench.ask(query, before)
                    found[kind][f"{name} · {place}"] = {**spread, "items": min(items, _PAGE - 1)}
        say("the overview")
        found["overview"] = bench.spread(bench.overview, rounds)
        say("the export's memory")
        tracemalloc.start()
        service.text_of(bench.product, {})
        found["export"]["answer_peak_mb"] = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.reset_peak()
        for n, page in enumerate(service.pages(bench.product, {}, None)):
            rules.lines_of(page)
            if n == 100:
                break
        found["export"]["pages_peak_mb"] = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    return found


def table(found: dict[str, Any]) -> str:
    """*found* as a page."""
    rows = []
    for kind in ("questions", "hard"):
        for name, each in found[kind].items():
            times = [f"{each[one]:.1f} ms" for one in ("p50_ms", "p95_ms", "cpu_ms")]
            rows.append([name, str(each["items"]), *times])
    worst, slowest = max(found["questions"].items(), key=lambda item: item[1]["p95_ms"])
    overview_, export = found["overview"], found["export"]
    size = f"{export['rows']:,} rows, {export['bytes'] / 1e6:.0f} MB"
    answer_mb, pages_mb = export["answer_peak_mb"], export["pages_peak_mb"]
    others = [
        ["worst p95 of what the promise is about", f"{slowest['p95_ms']:.1f} ms ({worst})"],
        ["overview", f"p50 {overview_['p50_ms']:.1f} ms, p95 {overview_['p95_ms']:.1f} ms (30 days)"],
        ["export", f"{size} in {export['s']:.1f} s: {export['rows_per_s']:,.0f} rows/s"],
        ["its memory", f"at most {answer_mb:.1f} MB for an answer, {pages_mb:.1f} MB over 100 pages"],
    ]
    grown = [
        [
            f"{size:,}",
            f"{each['list_p95_ms']:.1f} ms",
            f"{each['search_p95_ms']:.1f} ms",
            f"{each['export_s']:.1f} s",
        ]
        for size, each in found["growth"].items()
    ]
    heads = ["question · place", "items", "p50", "p95", "processor"]
    title = f"{found['leads']:,} leads"
    return f"\n{title}\n\n{markdown(heads, rows)}\n\n{markdown(['leads', 'figure'], others)}" + (
        "\n\n" + markdown(["leads", "list, worst p95", "search 1 in 20, worst p95", "export"], grown)
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.leads", description="Time the desk's reading.")
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    with contextlib.redirect_stdout(io.StringIO()):  # the product's log lines
        found = measure(arguments.leads, arguments.rounds)
    keep("leads", found)
    sys.stdout.write(table(found) + "\n")


if __name__ == "__main__":
    main()
