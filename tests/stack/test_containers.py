"""The Lambda service and its runtime client, as real processes: answers, errors, deaths, faults."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from local.cloud.containers import Function
from local.cloud.describe import FunctionSpec
from local.cloud.faults import ContainerFaults, FaultRefusedError
from local.cloud.runtime_api import Outcome
from local.cloud.settings import CloudSettings


@asynccontextmanager
async def function(
    settings: CloudSettings,
    *,
    concurrency: int = 1,
    timeout_s: float = 10,
    faults: ContainerFaults | None = None,
) -> AsyncIterator[Function]:
    """The toy's `serve` as a Lambda function."""
    running = Function(
        FunctionSpec("serve", "app.serve", timeout_s, 256),
        settings,
        concurrency=concurrency,
        warm=True,
        faults=faults or ContainerFaults(),
        kind="worker",
    )
    await running.start()
    try:
        yield running
    finally:
        await running.stop()


async def ask(running: Function, **event: Any) -> Outcome:
    return await running.invoke(json.dumps(event).encode())


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(30):
            await scenario()

    asyncio.run(main())


def test_a_handler_gets_lambdas_context_and_its_answer_comes_back(cloud_settings: CloudSettings) -> None:
    async def scenario() -> None:
        async with function(cloud_settings, timeout_s=7) as running:
            answer = json.loads((await ask(running, do="describe")).payload)
            assert answer["arn"] == "arn:aws:lambda:us-east-2:000000000000:function:plumbline-local-serve"
            assert answer["name"] == "plumbline-local-serve"
            assert answer["memory"] == "256"
            assert 6000 < answer["left"] <= 7000
            again = json.loads((await ask(running, do="describe")).payload)
            assert again["pid"] == answer["pid"]
            assert again["id"] != answer["id"]

    run(scenario)


def test_an_exception_is_reported_and_the_container_lives_on(cloud_settings: CloudSettings) -> None:
    async def scenario() -> None:
        async with function(cloud_settings) as running:
            outcome = await ask(running, do="raise")
            report = json.loads(outcome.payload)
            assert outcome.failure == "function"
            assert report["errorType"] == "LookupError"
            assert report["errorMessage"] == "there is no such thing"
            assert "serve" in "".join(report["stackTrace"])
            assert json.loads((await ask(running, do="unserialisable")).payload)["errorType"] == "TypeError"
            assert (await ask(running, do="nothing")).failure is None

    run(scenario)


@pytest.mark.parametrize(
    ("event", "reason"),
    [({"do": "exit", "code": 3}, "exit status 3"), ({"do": "die"}, "SIGKILL")],
    ids=["exits", "kill -9"],
)
def test_a_container_that_dies_ends_its_invocation_and_is_replaced(
    cloud_settings: CloudSettings, event: dict[str, Any], reason: str
) -> None:
    async def scenario() -> None:
        async with function(cloud_settings) as running:
            before = json.loads((await ask(running, do="nothing")).payload)["pid"]
            outcome = await ask(running, **event)
            assert outcome.failure == "crash"
            assert reason in json.loads(outcome.payload)["errorMessage"]
            assert json.loads((await ask(running, do="nothing")).payload)["pid"] != before

    run(scenario)


def test_a_container_killed_while_it_waits_is_replaced_unnoticed(cloud_settings: CloudSettings) -> None:
    async def scenario() -> None:
        async with function(cloud_settings) as running:
            (idle,) = running.list_containers()
            assert idle.pid is not None
            os.kill(idle.pid, signal.SIGKILL)
            while idle.state != "ended":  # noqa: ASYNC110  nobody but this test waits for it
                await asyncio.sleep(0)
            assert (await ask(running, do="nothing")).failure is None

    run(scenario)


def test_a_container_killed_while_it_starts_is_replaced_and_ends_nothing_else(
    cloud_settings: CloudSettings,
) -> None:
    async def scenario() -> None:
        running = Function(
            FunctionSpec("serve", "app.serve", 10, 256),
            cloud_settings,
            concurrency=1,
            warm=True,
            faults=ContainerFaults(),
            kind="worker",
        )
        starting = asyncio.ensure_future(running.start())
        while not (first := [one.pid for one in running.list_containers() if one.pid]):  # noqa: ASYNC110  a birth is nobody's event
            await asyncio.sleep(0)
        os.kill(first[0], signal.SIGKILL)
        await starting
        try:
            answer = json.loads((await ask(running, do="describe")).payload)
            assert answer["pid"] != first[0]
        finally:
            await running.stop()

    run(scenario)


def test_a_function_whose_container_died_while_starting_serves_the_next_event(
    cloud_settings: CloudSettings,
) -> None:
    async def scenario() -> None:
        running = Function(
            FunctionSpec("serve", "app.serve", 10, 256),
            cloud_settings,
            concurrency=1,
            warm=False,
            faults=ContainerFaults(),
            kind="schedule",
        )
        asking = asyncio.ensure_future(ask(running, do="describe"))
        while not (first := [one.pid for one in running.list_containers() if one.pid]):  # noqa: ASYNC110  a birth is nobody's event
            await asyncio.sleep(0)
        os.kill(first[0], signal.SIGKILL)
        try:
            assert (await asking).failure == "crash"
            await asyncio.sleep(0.5)  # the pause after a failed start is over, and nobody had asked
            answer = json.loads((await ask(running, do="describe")).payload)
            assert answer["pid"] != first[0]
        finally:
            await running.stop()

    run(scenario)


def test_an_invocation_past_its_timeout_is_ended_with_its_container(cloud_settings: CloudSettings) -> None:
    async def scenario() -> None:
        async with function(cloud_settings, timeout_s=0.3) as running:
            (container,) = running.list_containers()
            started = time.monotonic()
            outcome = await ask(running, do="sleep", seconds=30)
            assert outcome.failure == "timeout"
            assert "Task timed out after 0.30 seconds" in json.loads(outcome.payload)["errorMessage"]
            assert time.monotonic() - started < 2
            assert (await ask(running, do="nothing")).failure is None
            assert container.state == "ended"

    run(scenario)


def test_invocations_run_side_by_side_up_to_the_number_of_containers(cloud_settings: CloudSettings) -> None:
    async def scenario() -> None:
        async with function(cloud_settings, concurrency=2) as running:
            started = time.monotonic()
            outcomes = await asyncio.gather(*(ask(running, do="sleep", seconds=0.3) for _ in range(4)))
            assert 0.6 <= time.monotonic() - started < 1.1
            assert len({json.loads(outcome.payload)["pid"] for outcome in outcomes}) == 2

    run(scenario)


def test_who_finds_no_free_container_in_time_is_told_and_takes_none_with_him(
    cloud_settings: CloudSettings,
) -> None:
    async def scenario() -> None:
        async with function(cloud_settings) as running:
            slow = asyncio.ensure_future(ask(running, do="sleep", seconds=0.5))
            await asyncio.sleep(0.05)
            with pytest.raises(TimeoutError):
                await running.invoke(b'{"do": "nothing"}', wait_s=0.1)
            assert (await slow).failure is None
            assert (await running.invoke(b'{"do": "nothing"}', wait_s=1)).failure is None

    run(scenario)


def test_a_crash_fault_kills_exactly_one_invocation_in_its_middle(cloud_settings: CloudSettings) -> None:
    async def scenario() -> None:
        faults = ContainerFaults()
        async with function(cloud_settings, faults=faults) as running:
            faults.put({"target": "worker", "mode": "crash"})
            assert (await ask(running, do="nothing")).failure == "crash"
            assert faults.list_items() == []
            assert (await ask(running, do="nothing")).failure is None

    run(scenario)


def test_a_freeze_fault_stops_the_container_for_its_seconds(cloud_settings: CloudSettings) -> None:
    async def scenario() -> None:
        faults = ContainerFaults()
        async with function(cloud_settings, faults=faults) as running:
            faults.put({"target": "worker", "mode": "freeze", "seconds": 0.5})
            started = time.monotonic()
            assert (await ask(running, do="nothing")).failure is None
            assert time.monotonic() - started >= 0.5

    run(scenario)


def test_a_fault_that_makes_no_sense_is_refused() -> None:
    faults = ContainerFaults()
    for wish in (
        {"mode": "error"},
        {"mode": "crash", "count": 0},
        {"mode": "freeze", "seconds": -1},
        {"mode": "crash", "queue": "x"},
    ):
        with pytest.raises(FaultRefusedError):
            faults.put({"target": "worker", **wish})


def test_lines_of_json_go_to_the_functions_log(cloud_settings: CloudSettings, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with function(cloud_settings) as running:
            await ask(running, do="log")

    run(scenario)
    assert (tmp_path / "serve.jsonl").read_text().splitlines() == ['{"event": "hello"}']


def test_what_runs_at_shutdown_is_finished_before_the_container_ends(cloud_settings: CloudSettings) -> None:
    async def scenario() -> None:
        async with function(cloud_settings) as running:
            slow = asyncio.ensure_future(ask(running, do="sleep", seconds=0.5))
            await asyncio.sleep(0.1)
            await running.stop()
            assert (await slow).failure is None
            assert running.list_containers() == []

    run(scenario)


def test_a_handler_that_cannot_be_loaded_is_one_clear_error(cloud_settings: CloudSettings) -> None:
    async def scenario() -> None:
        broken = Function(
            FunctionSpec("broken", "app.nobody", 5, 128),
            cloud_settings,
            concurrency=1,
            warm=True,
            faults=ContainerFaults(),
            kind="api",
        )
        with pytest.raises(RuntimeError, match="AttributeError"):
            await broken.start()
        await broken.stop()

    run(scenario)
