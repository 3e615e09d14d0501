"""
Two hundred leads a second into a fleet of runtime clients: is anything lost, and how long does it take?

`python -m bench.load` starts the whole product from the deployed zip, hands API Gateway's events to eight
containers at a steady rate (open loop: a slow answer makes nobody wait with the next), and then waits until
every effect is there. Who counts are the stand-ins' sheet and mail box, not our ledger. The containers reach
their dependencies without the fault proxies; the workers, which are the stack's own, through them.
"""

import asyncio
import json
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bench import lambdas
from bench.measure import Row, Table, quantile, say, show
from bench.parts import scratch
from local.cloud.containers import Function
from local.stack import Stack

_CONTAINERS = 8
_ANSWERS_WITHIN_S = 29.0  # as long as API Gateway waits
_SENDERS = 200  # addresses, so that nobody's window is full
_DRAIN_WITHIN_S = 300


@dataclass
class Sent:
    """What came back."""

    leads: dict[str, str] = field(default_factory=dict)  # id to address
    times_ms: list[float] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)  # by status; "none" where nobody answered


async def _one(function: Function, token: str, number: int, sent: Sent) -> None:
    body: dict[str, Any] = {
        "name": "Trần Văn Minh",
        "phone": f"09{number + 20_000_000:08d}",
        "email": f"load{number}@example.test",
        "content": "Tôi muốn sửa lại phòng tắm.",
        "source": "CONTACT_FORM",
        "consent": {"version": "2026-01", "accepted": True},
        "turnstileToken": token,
    }
    sender = number % _SENDERS
    address = f"127.9.{sender // 200}.{sender % 200 + 1}"
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    request = lambdas.event("POST", "/leads", body, address=address, headers=headers)
    started = time.perf_counter()
    try:
        outcome = await function.invoke(request, wait_s=_ANSWERS_WITHIN_S)
    except TimeoutError:
        sent.others["none"] += 1
        return
    sent.times_ms.append((time.perf_counter() - started) * 1000)
    status = lambdas.status_of(outcome)
    if status == 201:
        sent.leads[json.loads(json.loads(outcome.payload)["body"])["id"]] = body["email"]
    else:
        sent.others[str(status)] += 1


async def _tokens(stack: Stack, count: int) -> list[str]:
    url = f"http://127.0.0.1:{stack.ports['world']}/dev/turnstile/token"
    async with aiohttp.ClientSession() as session:
        found = []
        for _ in range(count):
            async with session.post(url, json={"action": "lead"}) as answer:
                found.append((await answer.json())["token"])
        return found


async def _send(function: Function, tokens: list[str], rate: float, first: int) -> Sent:
    sent, loop = Sent(), asyncio.get_running_loop()
    begun, tasks = loop.time(), []
    for place, token in enumerate(tokens):
        await asyncio.sleep(max(0.0, begun + place / rate - loop.time()))
        tasks.append(asyncio.create_task(_one(function, token, first + place, sent)))
    await asyncio.gather(*tasks)
    return sent


async def _get(url: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.json()


async def _drain(stack: Stack, leads: dict[str, str]) -> tuple[float, int, int]:
    """Seconds until every lead has its row and its mail; what is missing; doubled rows and mails."""
    begun, addresses = time.monotonic(), set(leads.values())
    while True:
        tabs = (await _get(f"{stack.url}/dev/sheets/demo"))["tabs"]
        rows = [row[0] for row in tabs[0]["rows"][1:] if row and row[0] in leads]
        mails = [item["to"][0] for item in (await _get(f"{stack.url}/dev/mail"))["items"]]
        visitors = [to for to in mails if to in addresses]
        waited_s = time.monotonic() - begun
        lost = 2 * len(leads) - len(set(rows)) - len(set(visitors))
        if not lost or waited_s > _DRAIN_WITHIN_S:
            return waited_s, lost, len(rows) + len(visitors) - len(set(rows)) - len(set(visitors))
        await asyncio.sleep(1)


async def _measure(stack: Stack, artefact: Path, scratch_dir: Path, rate: float, seconds: int) -> Table:
    table = Table("load", f"Load: {rate:g} leads a second for {seconds} s, fleet and senders on one machine")
    settings = lambdas.settings_of(artefact, lambdas.straight(stack), scratch_dir)
    async with lambdas.running("load", "app.app", settings, concurrency=_CONTAINERS) as function:
        await _send(function, await _tokens(stack, 50), 20, first=0)
        tokens = await _tokens(stack, int(rate * seconds))
        say("sending")
        begun = time.monotonic()
        sent = await _send(function, tokens, rate, first=100)
        took_s = time.monotonic() - begun
    say(f"answered after {took_s:.0f} s; waiting for every effect")
    drained_s, lost, doubled = await _drain(stack, sent.leads)
    others = sum(sent.others.values())
    told = ", ".join(f"{count} × {status}" for status, count in sorted(sent.others.items()))
    table.rows = [
        Row("leads accepted", len(sent.leads), "", note=f"in {took_s:.1f} s"),
        Row("other answers", others, "", target="0", is_met=not others, note=told),
        Row("answer p50", quantile(sent.times_ms, 0.5), "ms"),
        Row("answer p95", quantile(sent.times_ms, 0.95), "ms"),
        Row("answer p99", quantile(sent.times_ms, 0.99), "ms"),
        Row("missing in a sink", lost, "", target="0", is_met=lost == 0),
        Row("doubled in a sink", doubled, "", target="0", is_met=doubled == 0),
        Row("backlog drained", drained_s, "s", target="≤ 120", is_met=drained_s <= 120),
    ]
    return table


def measure(rate: float, seconds: int) -> Table:
    """Everything."""
    with scratch() as folder:
        artefact = lambdas.make_ours(folder / "ours")
        with Stack(
            folder / "stack", artefact_dir=artefact, api_containers=1, sheets_quota_per_minute=100_000
        ) as stack:
            return asyncio.run(_measure(stack, artefact, folder, rate, seconds))


if __name__ == "__main__":
    show(measure, rate=200, seconds=60)
