"""
Buries what cannot be done: a copy on the dead-letter queue, and an alert that names it.

The ledger has the truth of a dead job, so a copy that cannot be sent is only logged. A message that no
worker can read has no row in the ledger; its copy must be sent before the message may be acknowledged.
"""

import json
from datetime import timedelta

from chalicelib.gateways import sqs
from chalicelib.gateways.aws import Refused
from chalicelib.gateways.http import NoAnswer
from chalicelib.jobs import alerts
from chalicelib.jobs.envelope import BODY_LIMIT_CHARACTERS, Envelope
from chalicelib.jobs.outcome import Claimed, Outcome
from chalicelib.platform import logs
from chalicelib.platform.settings import settings

_TIMEOUT_S = 3.0
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
