"""
Jobs a second of one worker, ours beside BullMQ's, for jobs that do nothing and for jobs that post over HTTP.

Ours is the batch runner over the ledger: each job is claimed in PostgreSQL, done, and settled there in a
transaction with its effect. BullMQ's (bench/peers/node/worker.js) keeps its jobs in Valkey, which writes to
no disk here. All jobs wait before the clock starts. What AWS's poller does (receive, delete) is in neither
figure.
"""

import contextlib
import io
import statistics
import subprocess
import time
import uuid
from dataclasses import dataclass
from typing import Any

import psycopg

from bench import node
from bench.measure import Row
from local.stack import Stack

_TYPE, _QUEUE = "sms", "notification"
_FILL = """
INSERT INTO jobs (id, queue, type, subject_id, state, due_at, correlation_id, created_at)
SELECT gen_random_uuid(), %(queue)s, %(type)s, gen_random_uuid(), 'queued', now() - interval '1 minute',
       'bench', now()
FROM generate_series(1, %(jobs)s) RETURNING id
"""
_GUARANTEE = (
    "PostgreSQL's truth: end and effect commit together, fsync on; a lost Valkey or queue loses no job"
)


@dataclass
class _Context:
    """What Lambda hands to a handler."""

    milliseconds: int = 300_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def _ours(database_url: str, jobs: int, url: str | None) -> float:
    """Seconds in which our worker does so many jobs, woken by one batch of ten messages."""
    from chalicelib.gateways import http  # noqa: PLC0415  the environment must stand before
    from chalicelib.jobs import batch  # noqa: PLC0415
    from chalicelib.jobs.envelope import Job, seal  # noqa: PLC0415
    from chalicelib.jobs.runner import Effect, OneByOne  # noqa: PLC0415

    def do(*_: Any) -> Effect:
        if url is not None:
            http.post(url, b"{}", {}, timeout_s=3.0)
        return Effect()

    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DELETE FROM jobs WHERE type = %s", [_TYPE])
        found = connection.execute(_FILL, {"queue": _QUEUE, "type": _TYPE, "jobs": jobs}).fetchall()
        connection.execute("VACUUM ANALYZE jobs")
    records = [
        {
            "messageId": str(uuid.uuid4()),
            "receiptHandle": "none",
            "body": seal(Job(job_id, _TYPE, "bench")),
        }
        for (job_id,) in found[:10]
    ]
    started = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):  # the product's log lines
        kept = batch.run({"Records": records}, _Context(), _QUEUE, {_TYPE: OneByOne(_TYPE, do, reserve_s=1)})
    took_s = time.perf_counter() - started
    if kept["batchItemFailures"]:
        raise RuntimeError(f"our worker left {kept!r}")
    return took_s


def rows(stack: Stack, *, rounds: int, jobs: int = 300) -> list[Row]:
    """The figures; the product's environment must point to *stack*."""
    node.install()
    found: dict[tuple[str, str], list[float]] = {}
    with (
        node.running("sink.js", stack.environment) as sink,
        node.running("worker.js", stack.environment) as worker,
    ):
        url = f"http://127.0.0.1:{node.line_of(sink)}/"
        node.line_of(worker)
        for turn in range(rounds + 1):
            for kind, where in (("job that does nothing", None), ("job that posts", url)):
                took = {
                    "ours": _ours(stack.database_url, jobs, where),
                    "BullMQ": _theirs(worker, jobs, 1, where),
                    "BullMQ, ten at once": _theirs(worker, jobs, 10, where),
                }
                for name, took_s in took.items():
                    if turn:  # the first one warms up
                        found.setdefault((kind, name), []).append(jobs / took_s)
    medians = {key: statistics.median(each) for key, each in found.items()}
    shown = []
    for (kind, name), rate in medians.items():
        if name == "ours":
            ratio = rate / medians[kind, "BullMQ"]
            shown.append(Row(kind, rate, "1/s", "BullMQ", ratio, "≥ 1", ratio >= 1, _GUARANTEE))
        else:
            shown.append(Row(f"  {name}", rate, "1/s"))
    return shown


def _theirs(worker: subprocess.Popen[str], jobs: int, concurrency: int, url: str | None) -> float:
    return node.ask_worker(worker, jobs=jobs, concurrency=concurrency, url=url)
