"""
Tells a receiver of an event: a call that is signed, counted, and made to an address that was looked at.

Its body is built when the call is made, from the lead as it then is, so an erasure reaches every call that
comes after it. Whatever is not 2xx spends an attempt by the schedule of `rules`; after the last one the
delivery is failed, people are told, and staff may replay it under the same id.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from chalicelib.alerts import service as alerts
from chalicelib.deliveries.service import deliver
from chalicelib.gateways import webhook_receiver
from chalicelib.gateways.aws import Refused
from chalicelib.jobs.envelope import Job
from chalicelib.jobs.ledger import Claim
from chalicelib.jobs.outcome import Claimed
from chalicelib.jobs.runner import Effect, Impossible, Later, Refusal
from chalicelib.platform import clock, logs
from chalicelib.platform.errors import ServiceUnavailable
from chalicelib.platform.postgres import Row, Transaction, database
from chalicelib.webhooks import rules, signatures, store

_ALERT_WINDOW = timedelta(hours=6)
log = logs.EventLog("webhooks")


def announce(
    transaction: Transaction, event: str, lead_ids: Sequence[UUID], *, now: datetime, correlation_id: str
) -> list[Job]:
    """
    Tell *event* of each lead to every webhook that wants it, in the transaction of what happened; send the
    jobs after it.
    """
    made = store.announce(transaction, event=event, lead_ids=lead_ids, now=now, correlation_id=correlation_id)
    return jobs_of(made, correlation_id)


def jobs_of(job_ids: Sequence[UUID], correlation_id: str) -> list[Job]:
    """The jobs with these ids of `store.CALLS`."""
    return [Job(job_id, "webhook", correlation_id) for job_id in job_ids]


def call(job: Claimed, claim: Claim) -> Effect:
    """Make one attempt of one delivery."""
    if job.recipient_id is None:
        raise Impossible("the job names no delivery")
    found = store.find_call(database(), job.recipient_id)
    if found is None:
        return Effect(note="the webhook is gone")
    if found["disabled_at"] is not None:
        return _given_up(found, "the webhook is disabled")
    attempt = _Attempt(found)
    try:
        sent = deliver(
            job,
            claim,
            channel="webhook",
            circuit=f"webhook:{found['webhook_id']}",
            call_timeout_s=webhook_receiver.TIMEOUT_S,
            call=attempt.make,
        )
    except ServiceUnavailable:
        return _not_taken(job, found, None, "not called: the receiver was silent and rests")
    except Later as later:
        return _not_taken(job, found, attempt.status, later.reason)
    except Refusal as refusal:
        return _not_taken(job, found, attempt.status, str(refusal))

    def write(transaction: Transaction) -> Sequence[Job]:
        store.succeed(
            transaction,
            delivery_id=found["id"],
            webhook_id=found["webhook_id"],
            response_status=attempt.status,
        )
        return sent.write(transaction)

    return Effect(write)


class _Attempt:
    """One call, and the status that it was answered with."""

    def __init__(self, found: Row) -> None:
        self._found = found
        self.status: int | None = None

    def make(self) -> str:
        found, now = self._found, clock.now()
        body = rules.body_of(found)
        signature = signatures.signature_of(
            found["webhook_id"],
            found["secret_generation"],
            found["previous_secret_until"],
            message_id=found["id"],
            now=now,
            body=body,
        )
        headers = {
            "webhook-id": str(found["id"]),
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }
        self.status = webhook_receiver.post(found["url"], body, headers)
        if not 200 <= self.status < 300:
            known = self.status in set(HTTPStatus)
            raise Refused(self.status, HTTPStatus(self.status).phrase if known else "unknown status")
        return str(found["id"])


def _not_taken(job: Claimed, found: Row, status: int | None, reason: str) -> Effect:
    """
    Note the failure; the last one ends the delivery, and days of them the webhook.

    Raises:
        Refusal: there are attempts left.
    """
    now, webhook_id = clock.now(), found["webhook_id"]
    failing_since = store.fail(
        database(), delivery_id=found["id"], webhook_id=webhook_id, response_status=status, now=now
    )
    why_not = "gone" if status == rules.GONE else "failing" if rules.is_hopeless(failing_since, now) else None
    if why_not is not None:
        _disable(webhook_id, why_not, now)
    if why_not is None and job.attempts + 1 < rules.ATTEMPTS:
        raise Refusal(reason)
    log.warning("webhook.delivery_failed", webhook_id=str(webhook_id), delivery_id=str(found["id"]))
    alerts.raise_alert(
        "webhook_failed",
        f"Webhook {webhook_id} does not take its deliveries",
        f"The latest reason: {reason}. Its deliveries say more, and can be replayed.",
        window=_ALERT_WINDOW,
    )
    return _given_up(found, f"given up: {reason}")


def _disable(webhook_id: UUID, why: str, now: datetime) -> None:
    if not store.disable(database(), webhook_id, reason=why, now=now):
        return
    log.warning("webhook.disabled", webhook_id=str(webhook_id), reason=why)
    told = {
        "gone": "It answered 410 Gone, which asks for no more calls.",
        "failing": f"It has failed for {rules.FAILING_AT_MOST.days} days without a success between.",
    }[why]
    alerts.raise_alert(
        "webhook_disabled", f"Webhook {webhook_id} is switched off", told, window=_ALERT_WINDOW
    )


def _given_up(found: Row, note: str) -> Effect:
    def write(transaction: Transaction) -> Sequence[Job]:
        store.give_up(transaction, found["id"])
        return ()

    return Effect(write, note=note)
