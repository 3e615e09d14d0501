"""
Runs one Lambda batch of queue messages against the ledger, and tells SQS which of them to keep.

The ledger decides: a message is only a wake-up call. After the work, each message's job is looked up once;
what is finished or deferred is acknowledged, what retries comes back after 1, 2, 4 s, what another worker
holds comes back when its lease has run out. Messages that nobody can read go to the dead-letter queue with
their reason. One bad job never makes its batch-mates run again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.gateways import sqs
from chalicelib.gateways.aws import Refused
from chalicelib.gateways.http import NoAnswer
from chalicelib.jobs import dead_letters, store
from chalicelib.jobs.envelope import Envelope, MalformedEnvelope, unseal
from chalicelib.platform import clock, deadline, logs
from chalicelib.platform.errors import DatabaseBusy
from chalicelib.platform.postgres import Row, database
from chalicelib.platform.settings import settings

_RESERVE_S = 3.0
_NOT_REACHED_S = 2
_LEASE_CHECK_S = 30
_TIMEOUT_S = 3.0
Work = Callable[
    [Sequence[UUID]], None
]  # drains what is due of one job type, woken by these jobs, within the deadline
log = logs.EventLog("batch")


@dataclass(frozen=True)
class _Message:
    id: str
    receipt_handle: str
    envelope: Envelope


def run(event: Mapping[str, Any], context: Any, queue: str, kinds: Mapping[str, Work]) -> dict[str, Any]:
    """Work off an SQS *event* with the *kinds* of job that this queue has; returns partial batch failures."""
    failed: set[str] = set()
    messages: list[_Message] = []
    for record in event.get("Records", []):
        try:
            messages.append(_open(record, kinds))
        except MalformedEnvelope as error:
            if not dead_letters.reject(queue, record["messageId"], record.get("body"), str(error)):
                failed.add(record["messageId"])
    with deadline.within(deadline.left_of(context) - _RESERVE_S):
        for job_type in sorted({message.envelope.type for message in messages}):
            woken_by = [message.envelope.job_id for message in messages if message.envelope.type == job_type]
            _work(job_type, kinds[job_type], woken_by)
    failed |= _return_unfinished(queue, messages)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in sorted(failed)]}


def _open(record: dict[str, Any], kinds: Mapping[str, Work]) -> _Message:
    envelope = unseal(record.get("body"))
    if envelope.type not in kinds:
        raise MalformedEnvelope(f"this queue has no job type {envelope.type}")
    return _Message(record["messageId"], record["receiptHandle"], envelope)


def _work(job_type: str, work: Work, woken_by: Sequence[UUID]) -> None:
    try:
        work(woken_by)
    except DatabaseBusy:
        log.warning("batch.database_busy", type=job_type)
    except Exception as error:  # noqa: BLE001  the ledger knows what is not done; its messages come back
        log.failure("batch.failed", error, type=job_type)


def _return_unfinished(queue: str, messages: Sequence[_Message]) -> set[str]:
    """Decide each message's fate by the ledger; everything comes back when the ledger cannot be asked."""
    if not messages:
        return set()
    try:
        with deadline.within(_TIMEOUT_S):
            ledger = store.find(database(), [message.envelope.job_id for message in messages])
    except DatabaseBusy:
        return {message.id for message in messages}
    now = clock.now()
    kept: set[str] = set()
    for message in messages:
        row = ledger.get(message.envelope.job_id)
        if row is None:
            if not dead_letters.reject(queue, message.id, message.envelope.model_dump_json(), "no such job"):
                kept.add(message.id)
            continue
        after_s = _comes_back_after_s(row, message.envelope, now)
        if after_s is not None:
            kept.add(message.id)
            _come_back(queue, message, after_s)
    return kept


def _comes_back_after_s(row: Row, envelope: Envelope, now: datetime) -> int | None:
    """Seconds until the message should be seen again; None when it may be acknowledged."""
    if row["epoch"] != envelope.epoch or row["state"] in {"done", "dead", "deferred"}:
        return None
    if row["state"] == "retrying":
        return max(1, _seconds_until(row["due_at"], now))
    if row["state"] == "running":
        return min(_LEASE_CHECK_S, max(1, _seconds_until(row["lease_until"], now) + 1))
    return _NOT_REACHED_S


def _seconds_until(instant: datetime, now: datetime) -> int:
    return round((instant - now).total_seconds())


def _come_back(queue: str, message: _Message, after_s: int) -> None:
    try:
        sqs.come_back(settings().queue_url(queue), message.receipt_handle, after_s, timeout_s=_TIMEOUT_S)
    except (NoAnswer, Refused) as error:
        log.warning("broker.unavailable", queue=queue, reason=str(error))
