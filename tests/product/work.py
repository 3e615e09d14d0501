"""Runs the real handler of a queue over everything in the ledger that is not finished, as messages would."""

import time
import uuid
from collections.abc import Callable
from typing import Any

from tests.product.conftest import Api, LambdaContext, Ledger

# What EventBridge hands to a schedule.
SCHEDULED = {"source": "aws.events", "detail": {}, "id": "1", "account": "0", "region": "x", "resources": [],
             "time": "2026-01-01T00:00:00Z", "version": "0", "detail-type": "Scheduled Event"}  # fmt: skip


def messages_of(ledger: Ledger, queue: str) -> list[dict[str, Any]]:
    """A message for each unfinished job of *queue*."""
    from chalicelib.jobs.envelope import Job, seal  # noqa: PLC0415

    found = ledger.rows(
        "SELECT id, type, correlation_id, epoch FROM jobs"
        " WHERE queue = %s AND state NOT IN ('done', 'dead') ORDER BY created_at, id",
        queue,
    )
    return [
        {
            "messageId": str(uuid.uuid4()),
            "receiptHandle": str(uuid.uuid4()),
            "body": seal(Job(row["id"], row["type"], row["correlation_id"], row["epoch"])),
        }
        for row in found
    ]


def work_off(ledger: Ledger, queue: str, *, remaining_ms: int = 20_000) -> list[str]:
    """Let the worker of *queue* do all that is due; returns the ids of the messages that it gives back."""
    import app  # noqa: PLC0415  the environment must stand before the app is imported

    handler = getattr(app, f"{queue}_worker")
    event = {"Records": messages_of(ledger, queue)}
    answer = handler(event, LambdaContext(remaining_ms))
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def drain(ledger: Ledger, queue: str) -> None:
    """Work off *queue* until the same jobs are left as before."""
    left: list[str] = []
    while (found := [message["body"] for message in messages_of(ledger, queue)]) != left:
        left = found
        work_off(ledger, queue)


def until(is_so: Callable[[], bool], *, within_s: float = 30) -> None:
    """Wait for something that another thread does."""
    ends = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.02)


def come_in(api: Api, new_lead: Callable[..., dict[str, Any]], number: int = 0) -> uuid.UUID:
    """A lead with a phone of its own; its id."""
    answer = api.call("POST", "/leads", new_lead(phone=f"0912 346 {number:03}"))
    assert answer.status == 201, answer.body
    return uuid.UUID(answer.json["id"])
