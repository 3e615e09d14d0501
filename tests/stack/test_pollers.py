"""The event source mapping against the real emulator: batches, the window, partial failures, errors."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from local.cloud.containers import Function
from local.cloud.describe import FunctionSpec, QueueSpec
from local.cloud.faults import ContainerFaults
from local.cloud.pollers import Poller
from local.cloud.settings import CloudSettings
from local.cloud.sqs import Queues
from local.stack import Stack
from local.stack.ministack import REGION, call_sqs, queue_url


class Mapping:
    """A queue of its own with a poller on it, and what the toy's worker was given."""

    def __init__(self, port: int, queue: str, records: Path) -> None:
        self._port = port
        self._queue = queue
        self._records = records

    def send(self, bodies: Sequence[str]) -> None:
        for body in bodies:
            call_sqs(
                self._port,
                "SendMessage",
                {"QueueUrl": queue_url(self._port, self._queue), "MessageBody": body},
            )

    def batches(self) -> list[list[str]]:
        return (
            [json.loads(line) for line in self._records.read_text().splitlines()]
            if self._records.exists()
            else []
        )

    def left(self) -> int:
        """How many messages are in the queue, seen or unseen."""
        url = queue_url(self._port, self._queue)
        figures = call_sqs(self._port, "GetQueueAttributes", {"QueueUrl": url, "AttributeNames": ["All"]})[
            "Attributes"
        ]
        return sum(
            int(figures[f"ApproximateNumberOfMessages{kind}"]) for kind in ("", "NotVisible", "Delayed")
        )

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(15):
            while not condition():  # noqa: ASYNC110  it looks at an emulator, which sends no events
                await asyncio.sleep(0.02)


@asynccontextmanager
async def mapping(
    stack: Stack,
    settings: CloudSettings,
    *,
    handler: str = "app.sync_worker",
    batch_size: int = 10,
    window_s: float = 0,
    visibility_s: int = 30,
    waiting: Sequence[str] = (),
) -> AsyncIterator[Mapping]:
    port, queue = stack.ports["ministack"], f"test-{uuid.uuid4().hex[:8]}"
    call_sqs(
        port, "CreateQueue", {"QueueName": queue, "Attributes": {"VisibilityTimeout": str(visibility_s)}}
    )
    running = Mapping(port, queue, settings.data_dir / "records")
    running.send(waiting)
    spec = FunctionSpec("worker", handler, 10, 128)
    function = Function(spec, settings, concurrency=1, warm=True, faults=ContainerFaults(), kind="worker")
    await function.start()
    async with aiohttp.ClientSession() as session:
        queues = Queues(f"http://127.0.0.1:{port}", REGION, session)
        poller = Poller(QueueSpec(queue, spec, batch_size, window_s), function, queues)
        poller.start()
        try:
            yield running
        finally:
            await poller.stop()
            await function.stop()


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(30):
            await scenario()

    asyncio.run(main())


def flat(batches: list[list[str]]) -> list[str]:
    return [body for batch in batches for body in batch]


def test_only_the_messages_that_are_not_reported_are_deleted(
    running: Stack, cloud_settings: CloudSettings
) -> None:
    async def scenario() -> None:
        async with mapping(running, cloud_settings, waiting=["a", "bad", "b"]) as queue:
            await queue.until(lambda: len(flat(queue.batches())) == 3 and queue.left() == 1)

    run(scenario)


def test_a_reported_message_comes_again_after_its_visibility_timeout(
    running: Stack, cloud_settings: CloudSettings
) -> None:
    async def scenario() -> None:
        async with mapping(running, cloud_settings, visibility_s=1, waiting=["bad"]) as queue:
            started = time.monotonic()
            await queue.until(lambda: flat(queue.batches()).count("bad") == 2)
            assert time.monotonic() - started >= 0.9

    run(scenario)


def test_an_error_of_the_handler_deletes_nothing(running: Stack, cloud_settings: CloudSettings) -> None:
    async def scenario() -> None:
        # `serve` looks for event["do"], which an SQS event does not have: a KeyError in the handler.
        async with mapping(running, cloud_settings, handler="app.serve", waiting=["a", "b"]) as queue:
            await asyncio.sleep(0.5)
            assert queue.left() == 2

    run(scenario)


def test_a_window_gathers_messages_and_ends_early_when_the_batch_is_full(
    running: Stack, cloud_settings: CloudSettings
) -> None:
    async def scenario() -> None:
        bodies = [str(number) for number in range(12)]
        async with mapping(running, cloud_settings, batch_size=12, window_s=5, waiting=bodies[:5]) as queue:
            await asyncio.sleep(0.3)
            assert queue.batches() == []
            started = time.monotonic()
            queue.send(bodies[5:])
            await queue.until(lambda: bool(queue.batches()))
            assert time.monotonic() - started < 3
            assert [sorted(batch, key=int) for batch in queue.batches()] == [bodies]

    run(scenario)


def test_a_window_that_has_passed_sends_what_there_is(running: Stack, cloud_settings: CloudSettings) -> None:
    async def scenario() -> None:
        async with mapping(running, cloud_settings, batch_size=100, window_s=1, waiting=["1", "2"]) as queue:
            started = time.monotonic()
            await queue.until(lambda: bool(queue.batches()))
            assert 0.8 <= time.monotonic() - started < 3
            await queue.until(lambda: queue.left() == 0)

    run(scenario)


def test_the_running_stack_delivers_a_message_to_its_worker(running: Stack) -> None:
    records = running.data_dir / "records"
    port, body = running.ports["ministack"], f"hello-{uuid.uuid4().hex}"
    call_sqs(port, "SendMessage", {"QueueUrl": queue_url(port, "plumbline-sync"), "MessageBody": body})
    deadline = time.monotonic() + 10
    while not (records.exists() and body in records.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_queues_have_the_visibility_and_redrive_of_their_functions(running: Stack) -> None:
    port = running.ports["ministack"]

    def attributes(name: str) -> dict[str, Any]:
        arguments = {"QueueUrl": queue_url(port, name), "AttributeNames": ["All"]}
        found: dict[str, Any] = call_sqs(port, "GetQueueAttributes", arguments)["Attributes"]
        return found

    for queue, visibility_s in (("email", 120), ("sync", 270), ("notification", 120), ("webhook", 120)):
        found = attributes(f"plumbline-{queue}")
        assert int(found["VisibilityTimeout"]) == visibility_s
        redrive = json.loads(found["RedrivePolicy"])
        assert int(redrive["maxReceiveCount"]) == 50
        assert redrive["deadLetterTargetArn"].endswith(f":plumbline-{queue}-dlq")
        assert int(attributes(f"plumbline-{queue}-dlq")["MessageRetentionPeriod"]) == 14 * 24 * 3600
