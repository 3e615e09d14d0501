"""
What a request costs: ours under AWS's runtime client beside a floor and a conventional stack, all warm.

`python -m bench.requests` starts PostgreSQL, Valkey, the queue emulator and the captcha's stand-in, and hands
each subject in turn the events of API Gateway. The figures hold the runtime client's own part, for all alike
but Node, which is plain HTTP (`bench.node`). The conventional peers judge the body by a model, and keep their
connections and their SQS client, as their libraries' documentation shows.
"""

import asyncio
import contextlib
import functools
import http.client
import json
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import redis

from bench import lambdas, node
from bench.measure import Row, Table, no_faster_than, quantile, say, show
from bench.parts import scratch
from local.cloud.containers import Function
from local.stack import Stack

_HANDLERS = {"ours": "app.app", "floor": "app.app", "plain": "app.app", "fastapi": "app.app"}
_TITLES = {
    "ours": "ours",
    "floor": "floor",
    "plain": "plain Chalice",
    "fastapi": "FastAPI + Mangum",
    "node": "hono, ioredis, BullMQ, pg over HTTP",
}
_TABLE = "CREATE TABLE IF NOT EXISTS bench_leads (id uuid PRIMARY KEY, body jsonb NOT NULL)"
_COUNTED = 20  # leads of which Valkey's commands are counted
Times = dict[str, list[float]]
Ask = Callable[[bytes, int], Awaitable[float]]  # an event and the status to expect; milliseconds


@contextlib.contextmanager
def stack_and_folders(names: tuple[str, ...]) -> Iterator[tuple[Stack, dict[str, Path], Path]]:
    """The parts, and each subject's folder, and a scratch folder."""
    with scratch() as folder, Stack(folder / "stack", with_cloud=False) as stack:
        say("laying out the functions")
        folders = {"ours": lambdas.make_ours(folder / "ours")}
        for name in names:
            if name != "ours":
                folders[name] = lambdas.make_peer(name, folder / name, folders["ours"])
        with psycopg.connect(stack.database_url, autocommit=True) as connection:
            connection.execute(_TABLE)
            connection.execute("GRANT ALL ON bench_leads TO PUBLIC")
        yield stack, folders, folder


def token(stack: Stack) -> str:
    """A fresh captcha token."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.ports["world"], timeout=10)
    try:
        connection.request("POST", "/dev/turnstile/token", b'{"action": "lead"}')
        return str(json.load(connection.getresponse())["token"])
    finally:
        connection.close()


class Leads:
    """Events of leads that nobody sent before, each of a client of its own."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._count = 0

    def next(self) -> bytes:
        """One lead."""
        self._count += 1
        body = {
            "name": "Trần Văn Minh",
            "phone": f"09{self._count + 10_000_000:08d}",
            "email": f"guest{self._count}@example.test",
            "content": "Tôi muốn sửa lại phòng tắm.",
            "source": "CONTACT_FORM",
            "consent": {"version": "2026-01", "accepted": True},
            "turnstileToken": token(self._stack),
        }
        address = f"10.{self._count >> 16 & 255}.{self._count >> 8 & 255}.{self._count & 255}"
        return lambdas.event(
            "POST", "/leads", body, address=address, headers={"idempotency-key": str(uuid.uuid4())}
        )


async def _measure(
    stack: Stack, folders: dict[str, Path], scratch: Path, client: redis.Redis, *, rounds: int, calls: int
) -> tuple[Times, Times, dict[str, float]]:
    environment, leads = lambdas.straight(stack), Leads(stack)
    posts: Times = {name: [] for name in (*folders, "node")}
    gets: Times = {name: [] for name in (*folders, "node")}
    async with contextlib.AsyncExitStack() as functions:
        asked: dict[str, Ask] = {}
        for name, folder in folders.items():
            settings = lambdas.settings_of(folder, environment, scratch)
            running = lambdas.running(name, _HANDLERS[name], settings)
            asked[name] = functools.partial(_one, await functions.enter_async_context(running))
        asked["node"] = functools.partial(_node, functions.enter_context(node.serving(environment)))
        for turn in range(rounds + 1):
            for name, ask in asked.items():
                for times, event_of, status in ((posts, leads.next, 201), (gets, _categories, 200)):
                    sent = [event_of() for _ in range(calls)]
                    took = [await ask(each, status) for each in sent]
                    if turn:  # the first one warms up
                        times[name] += took
            say(f"round {turn} of {rounds}")
        commands = {}
        for name, ask in asked.items():
            before = _commands(client)
            for _ in range(_COUNTED):
                await ask(leads.next(), 201)
            commands[name] = (_commands(client) - before) / _COUNTED
    return posts, gets, commands


def _commands(client: redis.Redis) -> int:
    """How many commands Valkey has run, those within scripts too."""
    known: Any = client.info("commandstats")
    return sum(each["calls"] for name, each in known.items() if name != "cmdstat_info")


def _categories() -> bytes:
    address = f"10.200.{uuid.uuid4().bytes[0]}.{uuid.uuid4().bytes[0]}"
    return lambdas.event("GET", "/service-categories", None, address=address, headers={})


async def _one(function: Function, sent: bytes, status: int) -> float:
    took_ms, outcome = await lambdas.timed(function, sent)
    found = lambdas.status_of(outcome)
    if found != status:
        raise RuntimeError(f"{function.spec.name} answered {found}: {outcome.payload[:500]!r}")
    return took_ms


async def _node(server: node.LeadServer, sent: bytes, status: int) -> float:
    return server.ask(node.Request.of(sent), status)


def measure(rounds: int, calls: int) -> Table:
    """Everything."""
    names = ("ours", "floor", "plain", "fastapi")
    table = Table("requests", "Cost of a request (ms under the runtime client, warm)")
    node.install()
    with stack_and_folders(names) as (stack, folders, scratch):
        client = redis.Redis.from_url(lambdas.straight(stack)["REDIS_URL"])
        client.set("bench:categories", b'{"items": [], "nextCursor": null}' + b" " * 2000)
        posts, gets, commands = asyncio.run(
            _measure(stack, folders, scratch, client, rounds=rounds, calls=calls)
        )
    for title, times, limits in (
        ("POST /leads", posts, {"floor": 1.5, "node": 1.0, "plain": 0.5, "fastapi": 0.5}),
        ("GET, cached", gets, {"floor": 1.5}),
    ):
        medians = {name: quantile(each, 0.5) for name, each in times.items()}
        for name in (*names, "node"):
            row = Row(f"{title}: {_TITLES[name]}", medians[name], "ms p50")
            row.note = f"p95 {quantile(times[name], 0.95):.2f} ms, {len(times[name])} calls"
            if times is posts:
                row.note += f", {commands[name]:.0f} commands of Valkey each"
            table.rows.append(row)
        for peer, limit in limits.items():
            ratio, is_met = no_faster_than(medians["ours"], medians[peer], limit)
            row = Row(f"{title}: ours", medians["ours"], "ms p50", _TITLES[peer], ratio)
            row.target, row.is_met = f"≤ {limit}", is_met
            table.rows.append(row)
    return table


if __name__ == "__main__":
    show(measure, rounds=7, calls=40)
