"""
Buries what cannot be done: a copy on the dead-letter queue, and an alert that names it.

The ledger has the truth of a dead job, so a copy that cannot be sent is only logged. A message that no
worker can read has no row in the ledger; its copy must be sent before the message may be acknowledged.
`drain` looks through the dead-letter queues: SQS itself moves a message there that was received 50 times,
whatever the ledger says.
"""

import json
from datetime import timedelta
from typing import Any

from chalicelib.alerts import service as alerts
from chalicelib.gateways import sqs
from chalicelib.gateways.aws import Refused
from chalicelib.gateways.http import NoAnswer
from chalicelib.jobs import outbox, store
from chalicelib.jobs.envelope import (
    BODY_LIMIT_CHARACTERS,
    QUEUES,
    Envelope,
    Job,
    MalformedEnvelope,
    unseal,
)
from chalicelib.jobs.outcome import Claimed, Outcome
from chalicelib.platform import deadline, logs
from chalicelib.platform.errors import DatabaseBusy
from chalicelib.platform.postgres import database
from chalicelib.platform.settings import settings

_TIMEOUT_S = 3.0
_RESERVE_S = 5.0
_HIDDEN_FOR_S = 30
_ROUNDS = 10  # of ten messages each
_WINDOW = timedelta(minutes=15)
log = logs.EventLog("dead_letters")


def bury(job: Claimed, outcome: Outcome) -> None:
    """Copy a job that the ledger calls dead to the dead-letter queue, and alert. Never raises."""
    reason = outcome.reason or "unknown"
    envelope = Envelope(v=1, job_id=job.id, epoch=job.epoch, type=job.type, correlation_id=job.correlation_id)
    copy = {"reason": reason, "envelope": envelope.model_dump(mode="json", by_alias=True)}
    log.error(
        "job.dead",
        job_id=str(job.id),
        type=job.type,
        attempt=job.attempts + outcome.spent,
        reason=reason,
        job_correlation_id=job.correlation_id,
    )
    try:
        sqs.send(settings().dead_letter_queue_url(job.queue), [json.dumps(copy)], timeout_s=_TIMEOUT_S)
    except (NoAnswer, Refused) as error:
        log.warning("dead_letter.not_copied", job_id=str(job.id), reason=str(error))
    alerts.raise_alert("job_dead", f"{job.type} job {job.id} is dead", f"Reason: {reason}", window=_WINDOW)


def reject(queue: str, message_id: str, body: object, reason: str) -> bool:
    """Move a message that nobody can read to the dead-letter queue; False when that failed."""
    text = body if isinstance(body, str) else json.dumps(body)
    copy = {"reason": reason, "messageId": message_id, "body": text[:BODY_LIMIT_CHARACTERS]}
    log.error("job.dead", queue=queue, message_id=message_id, reason=reason)
    try:
        sent = sqs.send(settings().dead_letter_queue_url(queue), [json.dumps(copy)], timeout_s=_TIMEOUT_S)
    except (NoAnswer, Refused) as error:
        log.warning("dead_letter.not_copied", message_id=message_id, reason=str(error))
        return False
    if not sent:
        return False
    alerts.raise_alert(
        "message_malformed", f"A malformed message on {queue}", f"Reason: {reason}", window=_WINDOW
    )
    return True


def drain(context: Any) -> int:
    """
    Wake again what lies on a dead-letter queue without being dead, and clear away what is over.

    A dead job's copy and what nobody can read stay. Returns how many jobs were woken; never raises for an
    outage.
    """
    woken = 0
    with deadline.within(deadline.left_of(context) - _RESERVE_S):
        for queue in sorted(set(QUEUES.values())):
            try:
                woken += _drain(queue, settings().dead_letter_queue_url(queue))
            except (NoAnswer, Refused) as error:
                log.warning("broker.unavailable", queue=queue, reason=str(error))
            except DatabaseBusy:
                log.warning("dead_letters.not_drained", queue=queue)
    return woken


def _drain(queue: str, url: str) -> int:
    """Look at each message once, at most a hundred of them; what stays is visible again at once."""
    woken, kept = 0, []
    for _ in range(_ROUNDS):
        received = sqs.receive(url, hidden_for_s=_HIDDEN_FOR_S, timeout_s=_TIMEOUT_S)
        if not received:
            break
        envelopes = {message.receipt_handle: _envelope_in(message.body) for message in received}
        known = store.find(database(), [envelope.job_id for envelope in envelopes.values() if envelope])
        for handle, envelope in envelopes.items():
            row = known.get(envelope.job_id) if envelope else None
            if envelope is None or row is None or (row["state"] == "dead" and row["epoch"] == envelope.epoch):
                kept.append(handle)
                continue
            if row["state"] not in {"done", "dead"} and row["epoch"] == envelope.epoch:
                job = Job(envelope.job_id, envelope.type, envelope.correlation_id, envelope.epoch)
                if not outbox.send([job], budget_s=_TIMEOUT_S):
                    kept.append(handle)
                    continue
                log.warning("dead_letter.woken", queue=queue, job_id=str(job.id), type=job.type)
                woken += 1
            sqs.delete(url, handle, timeout_s=_TIMEOUT_S)
    for handle in kept:
        sqs.come_back(url, handle, 0, timeout_s=_TIMEOUT_S)
    return woken


def _envelope_in(body: str) -> Envelope | None:
    """The envelope of a message on a dead-letter queue: bare when SQS moved it, else inside our copy."""
    try:
        document = json.loads(body)
        inner = document.get("envelope") if isinstance(document, dict) else None
        return unseal(json.dumps(inner) if inner is not None else body)
    except (ValueError, MalformedEnvelope):
        return None
