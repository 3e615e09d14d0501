"""
SQS event source mappings: fetch messages, invoke the function with a batch, delete what succeeded.

As AWS does it: a batch is full at its size or when its window has passed since the first message; with
ReportBatchItemFailures only the messages that the function does not name are deleted; an error, or an
answer that cannot be understood, deletes none. What is not deleted comes again after its visibility
timeout.
"""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from local.cloud.containers import Function
from local.cloud.describe import QueueSpec
from local.cloud.runtime_api import Outcome
from local.cloud.sqs import Queues, SqsError

_LONG_POLL_S = 2  # AWS waits 20; the emulator ends only when its waits have ended
_RECEIVE_LIMIT = 10
_BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)


class Poller:
    """One slot of a mapping: one batch at a time, from *spec*'s queue to *function*."""

    def __init__(self, spec: QueueSpec, function: Function, queues: Queues) -> None:
        self._spec = spec
        self._function = function
        self._queues = queues
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start to poll."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Fetch nothing more; a batch that is under way is finished."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                batch = await self._until_stopped(self._gather())
                if batch:
                    await self._process(batch)
                failures = 0
            except SqsError as error:
                print(f"poller of {self._spec.queue}: {error}", flush=True)
                await self._until_stopped(asyncio.sleep(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)]))
                failures += 1

    async def _until_stopped(self, work: Any) -> Any:
        """The result of *work*, or None when told to stop before it came."""
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((task, stop), return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            stop.cancel()
            task.cancel()

    async def _gather(self) -> list[dict[str, Any]]:
        size, queue = self._spec.batch_size, self._spec.queue
        batch = await self._queues.receive(queue, count=min(size, _RECEIVE_LIMIT), wait_s=_LONG_POLL_S)
        closes_at = time.monotonic() + self._spec.window_s
        while batch and len(batch) < size and not self._stopping.is_set():
            left_s = closes_at - time.monotonic()
            if left_s <= 0:
                break
            wait_s = int(left_s)
            if wait_s == 0:
                await asyncio.sleep(min(left_s, 0.1))
            batch += await self._queues.receive(
                queue, count=min(size - len(batch), _RECEIVE_LIMIT), wait_s=wait_s
            )
        return batch

    async def _process(self, batch: Sequence[Mapping[str, Any]]) -> None:
        event = sqs_event(batch, self._queues.arn(self._spec.queue), self._queues.region)
        outcome = await self._function.invoke(json.dumps(event).encode())
        failed = failed_ids(outcome, {message["MessageId"] for message in batch})
        if failed is None:
            text = outcome.payload.decode(errors="replace")[:500]
            print(f"poller of {self._spec.queue}: the whole batch of {len(batch)} failed: {text}", flush=True)
            return
        done = [message for message in batch if message["MessageId"] not in failed]
        await self._queues.delete(self._spec.queue, done)


def sqs_event(messages: Sequence[Mapping[str, Any]], queue_arn: str, region: str) -> dict[str, Any]:
    """The event for a batch, as "Using Lambda with Amazon SQS" of the Lambda developer guide shows it."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": dict(message.get("Attributes") or {}),
                "messageAttributes": {
                    name: _attribute(value)
                    for name, value in (message.get("MessageAttributes") or {}).items()
                },
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": queue_arn,
                "awsRegion": region,
            }
            for message in messages
        ]
    }


def failed_ids(outcome: Outcome, sent: set[str]) -> set[str] | None:
    """
    Which messages the function reports as failed, by the rules of ReportBatchItemFailures; None: all of them.

    Nothing, null, an empty object and an empty or null list mean that all succeeded. Anything that cannot be
    understood, and an identifier that was not sent, mean that all failed.
    """
    if outcome.failure is not None:
        return None
    try:
        failed = _read_failures(outcome.payload)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return failed if failed <= sent else None


def _read_failures(payload: bytes) -> set[str]:
    answer = json.loads(payload) if payload.strip() else None
    items = () if answer is None else answer.get("batchItemFailures") or ()
    return {item["itemIdentifier"] for item in items}


def _attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    """A message attribute in the writing of Lambda's event."""
    converted: dict[str, Any] = {
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value.get("DataType"),
    }
    if "StringValue" in value:
        converted["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        converted["binaryValue"] = value["BinaryValue"]
    return converted
