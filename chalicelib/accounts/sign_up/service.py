"""
Takes a sign-up, and confirms its address; neither tells anybody whose address has an account.

Whether it has one, the same is done: one hash, one statement, one mail to its owner. What fails how:
PostgreSQL or siteverify away → 503 and nothing stored; the queues away → stored, and the mail goes out later.
"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from chalicelib.accounts import passwords, rules
from chalicelib.accounts.links import refused_link
from chalicelib.accounts.sign_up import store
from chalicelib.accounts.sign_up.models import NewAccount, SignUpReceived
from chalicelib.guards import captcha, idempotency, link_token
from chalicelib.guards import store as guards_store
from chalicelib.guards.idempotency import Reservation
from chalicelib.jobs import store as jobs_store
from chalicelib.jobs.dispatch import dispatch
from chalicelib.jobs.envelope import Job
from chalicelib.platform import clock, logs
from chalicelib.platform.errors import CaptchaUnavailable
from chalicelib.platform.http import Answer, Call
from chalicelib.platform.postgres import database

LINK_VALID_FOR = timedelta(hours=24)
_ACTION = "signup"
log = logs.EventLog("accounts")


def sign_up(call: Call, account: NewAccount, reservation: Reservation | None) -> Answer:
    """
    Store *account* unless its address has a confirmed one, and write to its owner either way.

    An unconfirmed account becomes what was sent last, and its former links are void: else whoever signs up
    with a stranger's address first would have chosen the password that the stranger confirms.

    Raises:
        ValidationFailed, CaptchaFailed, CaptchaUnavailable, IdempotencyKeyReused, RequestInProgress: nothing
            is stored.
        DatabaseBusy: not known to be stored; the same key may be sent again.
    """
    rules.check_password(account.password, email=account.email, name=account.name)
    if reservation is not None:
        record = guards_store.look(database(), reservation.parameters(), reserve=reservation.in_postgres)
        kept = idempotency.found_in_postgres(record, reservation)
        if kept is not None:
            reservation.answer = kept
            return kept
    if not captcha.spend(call, account.turnstile_token, action=_ACTION, reservation=reservation):
        log.warning("sign_up.refused", reason="captcha_unavailable")
        raise CaptchaUnavailable("The captcha cannot be checked now; please try again.", retry_after_s=5)
    return _store(call, account, reservation)


def _store(call: Call, account: NewAccount, reservation: Reservation | None) -> Answer:
    answer, now = Answer.of(SignUpReceived(), status=201), clock.now()
    job = Job.new("welcome", call.correlation_id)
    parameters: dict[str, Any] = {
        **idempotency.keep_parameters(reservation, answer),
        **jobs_store.insert_parameters([job]),
        "now": now,
        "correlation_id": call.correlation_id,
        "user_id": uuid4(),
        "email": account.email.lower(),
        "name": account.name,
        "phone": account.phone,
        "role": account.role,
        "locale": account.locale,
        "password_hash": passwords.hash_of(account.password),
        "link_id": uuid4(),
        "link_expires_at": now + LINK_VALID_FOR,
    }
    row = store.sign_up(database(), parameters)
    standing = idempotency.settle(row["idempotency"], reservation, answer)
    if standing is answer:
        log.info("sign_up.received", user_id=row["user_id"], is_new=row["user_id"] == parameters["user_id"])
        dispatch([job], began_s=call.began_s)
    return standing


def confirm(token: str) -> None:
    """
    Confirm the address of the account that *token* was sent to; the same token may come again.

    Raises:
        ValidationFailed: it is not one that we made, or it has expired, or a later sign-up made it void.
    """
    link_id = link_token.link_of(token, link_token.CONFIRM)
    user_id = store.confirm(database(), link_id, clock.now()) if link_id else None
    if user_id is None:
        raise refused_link()
    log.info("sign_up.confirmed", user_id=user_id)
