"""
Keeps webhooks, rotates their secrets and replays their deliveries.

What is audited names the receiver's host, never the rest of its address, which may hold a secret of theirs.
"""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from chalicelib.gateways import webhook_receiver
from chalicelib.jobs.dispatch import dispatch
from chalicelib.jobs.envelope import Job
from chalicelib.platform import clock
from chalicelib.platform.errors import Conflict, FieldError, NotFound, ValidationFailed
from chalicelib.platform.http import Call
from chalicelib.platform.models import Body
from chalicelib.platform.postgres import Row, Transaction, database
from chalicelib.staff.audit import service as audit
from chalicelib.staff.webhooks import store
from chalicelib.staff.webhooks.models import NewWebhook
from chalicelib.webhooks import signatures
from chalicelib.webhooks.jobs import WEBHOOKS_AT_MOST

_TOLD = ("events", "includes_personal_data", "enabled", "disabled_reason")


def create(call: Call, body: NewWebhook) -> Row:
    """
    Add a webhook, and return it.

    Raises:
        ValidationFailed: its address may not be called.
        Conflict: there are as many as there may be.
    """
    _check_url(body.url)
    now = clock.now()
    wanted = {
        **body.model_dump(),
        "id": uuid4(),
        "disabled_at": None if body.enabled else now,
        "disabled_reason": None if body.enabled else "staff",
        "created_at": now,
    }
    with database().transaction() as transaction:
        if store.count(transaction) >= WEBHOOKS_AT_MOST:
            raise Conflict(f"There may be {WEBHOOKS_AT_MOST} webhooks; delete one that is not needed.")
        after = store.insert(transaction, wanted)
        _record(transaction, call, "webhook.created", None, after)
    return after


def change(call: Call, webhook_id: UUID, body: Body) -> Row:
    """
    Change the fields that *body* names, and return the whole; switching it on forgets its failures.

    Raises:
        NotFound: there is no such webhook.
        ValidationFailed: its new address may not be called.
    """
    named = body.model_dump(exclude_unset=True)
    if "url" in named:
        _check_url(named["url"])
    with database().transaction() as transaction:
        before = _get(transaction, webhook_id)
        wanted = {**before, **named}
        if wanted == before:
            return before
        if wanted["enabled"] and not before["enabled"]:
            wanted |= {"disabled_at": None, "disabled_reason": None, "failing_since": None}
        elif before["enabled"] and not wanted["enabled"]:
            wanted |= {"disabled_at": clock.now(), "disabled_reason": "staff"}
        after = store.update(transaction, wanted)
        _record(transaction, call, "webhook.changed", before, after)
    return after


def remove(call: Call, webhook_id: UUID) -> None:
    """
    Remove a webhook; what has not been delivered is not any more.

    Raises:
        NotFound: there is no such webhook.
    """
    with database().transaction() as transaction:
        before = _get(transaction, webhook_id)
        store.delete(transaction, webhook_id)
        _record(transaction, call, "webhook.deleted", before, None)


def rotate_secret(call: Call, webhook_id: UUID) -> Row:
    """
    Give it a new secret; for a day the one before signs as well, and any older one no more.

    Raises:
        NotFound: there is no such webhook.
    """
    with database().transaction() as transaction:
        before = _get(transaction, webhook_id)
        wanted = {
            **before,
            "secret_generation": before["secret_generation"] + 1,
            "previous_secret_until": clock.now() + signatures.BOTH_SIGN_FOR,
        }
        after = store.update(transaction, wanted)
        _record(transaction, call, "webhook.secret_rotated", before, after)
    return after


def replay(call: Call, webhook_id: UUID, delivery_id: UUID) -> Row:
    """
    Deliver it again under the same id, with all attempts, and return the delivery.

    Raises:
        NotFound: there is no such delivery of this webhook.
        Conflict: it is being delivered, or the webhook is off.
    """
    job, now = Job.new("webhook", call.correlation_id), clock.now()
    with database().transaction() as transaction:
        webhook = _get(transaction, webhook_id)
        if not webhook["enabled"]:
            raise Conflict("The webhook is switched off; switch it on first.")
        before = store.find_delivery(transaction, webhook_id, delivery_id)
        if before is None:
            raise NotFound("The webhook has no such delivery.")
        if before["status"] == "pending":
            raise Conflict("It is being delivered already; wait until it is delivered or failed.")
        store.replay(transaction, delivery_id, job.id, now=now, correlation_id=call.correlation_id)
        after = store.find_delivery(transaction, webhook_id, delivery_id)
        audit.record(
            transaction,
            call,
            "webhook.replayed",
            target=f"webhooks/{webhook_id}",
            before={"delivery": str(delivery_id), "status": before["status"]},
            after={"delivery": str(delivery_id), "status": "pending"},
            now=now,
        )
    dispatch([job], began_s=call.began_s)
    return after or before


def _get(transaction: Transaction, webhook_id: UUID) -> Row:
    row = store.find(transaction, webhook_id, is_locked=True)
    if row is None:
        raise NotFound("There is no such webhook.")
    return row


def _check_url(url: str) -> None:
    try:
        webhook_receiver.check(url)
    except webhook_receiver.TargetRefused as refusal:
        raise ValidationFailed([FieldError("/url", "not_allowed", str(refusal))]) from None


def _told(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {"host": urlsplit(row["url"]).netloc, **{name: row[name] for name in _TOLD}}


def _record(transaction: Transaction, call: Call, action: str, before: Row | None, after: Row | None) -> None:
    audit.record(
        transaction,
        call,
        action,
        target=f"webhooks/{(after or before or {})['id']}",
        before=_told(before),
        after=_told(after),
        now=clock.now(),
    )
