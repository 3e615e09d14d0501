"""
EventBridge: invokes each schedule's function when its rule is due, with the documented event.

A rule runs by this machine's clock, not the product's; `run_now` is for everybody who does not want to
wait. Failures are printed; the next time comes anyway.
"""

import asyncio
import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from local.cloud.containers import ACCOUNT, Function
from local.cloud.cron import parse_schedule
from local.cloud.describe import ScheduleSpec
from local.cloud.runtime_api import Outcome


class UnknownScheduleError(LookupError):
    """There is no schedule of that name."""


def scheduled_event(name: str, region: str, due: datetime) -> dict[str, Any]:
    """The event of rule *name* that was due at *due*, as the EventBridge user guide shows it."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [f"arn:aws:events:{region}:{ACCOUNT}:rule/plumbline-local-{name}"],
        "detail": {},
    }


class Schedules:
    """All rules of the app, each with its function."""

    def __init__(self, rules: Iterable[tuple[ScheduleSpec, Function]], region: str) -> None:
        self._rules = {spec.name: (spec, function) for spec, function in rules}
        self._region = region
        self._tasks: list[asyncio.Task[None]] = []

    def list_specs(self) -> list[ScheduleSpec]:
        """The rules, by name."""
        return [spec for _, (spec, _) in sorted(self._rules.items())]

    def start(self) -> None:
        """Start to watch the clock."""
        for spec, function in self._rules.values():
            self._tasks.append(asyncio.get_running_loop().create_task(self._run(spec, function)))

    async def stop(self) -> None:
        """Stop to watch the clock; what runs goes on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def run_now(self, name: str) -> Outcome:
        """
        Invoke the function of schedule *name* and return how it ended.

        Raises:
            UnknownScheduleError: there is none.
        """
        if name not in self._rules:
            raise UnknownScheduleError(name)
        _, function = self._rules[name]
        event = scheduled_event(name, self._region, datetime.now(UTC))
        return await function.invoke(json.dumps(event).encode())

    async def _run(self, spec: ScheduleSpec, function: Function) -> None:
        next_run = parse_schedule(spec.expression)
        due = next_run(datetime.now(UTC))
        while True:
            await asyncio.sleep(max((due - datetime.now(UTC)).total_seconds(), 0))
            event = scheduled_event(spec.name, self._region, due)
            outcome = await function.invoke(json.dumps(event).encode())
            if outcome.failure is not None:
                print(f"schedule {spec.name}: {outcome.payload.decode(errors='replace')}", flush=True)
            due = next_run(max(due, datetime.now(UTC)))
