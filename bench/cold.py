"""
Cold starts: from the spawn of a container to its first answer, its code folder read-only.

`python -m bench.cold` gives each subject a new process in turn. Peers: the same libraries imported at the top
(with bytecode), and the conventional stacks, Node's as plain HTTP. AWS's own part (download, sandbox) is in
none of them.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from pathlib import Path

from bench import lambdas, node
from bench.measure import Row, Table, no_faster_than, quantile, say, show
from bench.requests import stack_and_folders
from local.stack import Stack

_PEERS = ("eager", "plain", "fastapi")
_SHOWN = {
    "eager": "eager imports",
    "plain": "plain Chalice",
    "fastapi": "FastAPI + Mangum",
    "node": "hono, ioredis, BullMQ, pg over HTTP",
}
Subject = tuple[str, str, Callable[[], bytes]]  # folder, handler, event


def _get() -> bytes:
    return lambdas.event("GET", "/service-categories", None, address="10.1.2.3", headers={})


def _batch(queue: str) -> Callable[[], bytes]:
    """One message that no job stands behind; the worker has to look."""
    record = {
        "messageId": "m-1", "receiptHandle": "r-1", "body": "{}", "attributes": {}, "messageAttributes": {},
        "eventSource": "aws:sqs", "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:plumbline-{queue}",
        "awsRegion": "us-east-1", "md5OfBody": "",
    }  # fmt: skip
    return lambda: json.dumps({"Records": [record]}).encode()


_SUBJECTS: dict[str, Subject] = {
    "GET": ("ours", "app.app", _get),
    "e-mail worker": ("ours", "app.email_worker", _batch("email")),
    "sync worker": ("ours", "app.sync_worker", _batch("sync")),
    "notification worker": ("ours", "app.notification_worker", _batch("notification")),
    **{name: (name, "app.app", _get) for name in _PEERS},
}


async def _start(stack: Stack, folder: Path, handler: str, sent: bytes, scratch: Path) -> float:
    settings = lambdas.settings_of(folder, lambdas.straight(stack), scratch)
    async with contextlib.AsyncExitStack() as functions:
        function = await functions.enter_async_context(lambdas.running("cold", handler, settings, warm=False))
        took_ms, outcome = await lambdas.timed(function, sent)
        if outcome.failure is not None:
            raise RuntimeError(f"{handler}: {outcome.payload[:500]!r}")
        return took_ms


def _start_node(stack: Stack) -> float:
    asked, started = node.Request.of(_get()), time.perf_counter()
    with node.serving(lambdas.straight(stack)) as server:
        server.ask(asked, 200)
        return (time.perf_counter() - started) * 1000


def measure(rounds: int) -> Table:
    """Everything."""
    table = Table("cold", "Cold start (ms from spawn to the first answer, read-only code with bytecode)")
    times: dict[str, list[float]] = {name: [] for name in (*_SUBJECTS, "node")}
    node.install()
    with stack_and_folders(("ours", *_PEERS)) as (stack, folders, scratch):
        for turn in range(rounds + 1):
            for name, (folder, handler, event_of) in _SUBJECTS.items():
                took = asyncio.run(_start(stack, folders[folder], handler, event_of(), scratch))
                if turn:  # the first one warms the disk's cache
                    times[name].append(took)
            took = _start_node(stack)
            if turn:
                times["node"].append(took)
            say(f"round {turn} of {rounds}")
    medians = {name: quantile(each, 0.5) for name, each in times.items()}
    for name in times:
        table.rows.append(Row(_SHOWN.get(name, f"ours, {name}"), medians[name], "ms"))
    for name in ("GET", "e-mail worker", "sync worker", "notification worker"):
        ratio, is_met = no_faster_than(medians[name], medians["eager"], 0.6)
        row = Row(f"cold start, {name}", medians[name], "ms", "eager imports", ratio, "≤ 0.6", is_met)
        table.rows.append(row)
    for name, title in (("fastapi", "FastAPI"), ("node", "Node")):
        ratio, is_met = no_faster_than(medians["GET"], medians[name], 1.0)
        row = Row("cold start, GET", medians["GET"], "ms", title, ratio, "≤ 1", is_met)
        table.rows.append(row)
    return table


if __name__ == "__main__":
    show(measure, rounds=9)
