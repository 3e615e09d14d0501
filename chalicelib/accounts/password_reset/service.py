"""
Lets people choose a new password by way of their mail box; tells nobody who has an account.

For an unknown address SQS is spoken to as well, so that the answer takes as long; nothing is sent.
"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from chalicelib.accounts import passwords, rules
from chalicelib.accounts.links import refused_link
from chalicelib.accounts.password_reset import store
from chalicelib.accounts.service import failures_digest
from chalicelib.accounts.sessions import device
from chalicelib.gateways import sqs
from chalicelib.guards import link_token
from chalicelib.jobs import outbox
from chalicelib.jobs import store as jobs_store
from chalicelib.jobs.dispatch import dispatch
from chalicelib.jobs.envelope import Job
from chalicelib.platform import clock, logs
from chalicelib.platform.http import Call
from chalicelib.platform.postgres import database
from chalicelib.platform.settings import settings

LINK_VALID_FOR = timedelta(minutes=30)
log = logs.EventLog("accounts")


def ask(call: Call, email: str) -> None:
    """Send a link to the owner of the confirmed account of *email*; for any other address nothing."""
    now, job = clock.now(), Job.new("password_reset", call.correlation_id)
    parameters: dict[str, Any] = {
        **jobs_store.insert_parameters([job]),
        "now": now,
        "correlation_id": call.correlation_id,
        "email": email.lower(),
        "link_id": uuid4(),
        "link_expires_at": now + LINK_VALID_FOR,
    }
    user_id = store.ask(database(), parameters)
    log.info("password_reset.asked", user_id=user_id)
    if user_id is not None:
        dispatch([job], began_s=call.began_s)
    else:
        sqs.is_reachable(settings().queue_url(job.queue), timeout_s=outbox.REQUEST_BUDGET_S)


def confirm(call: Call, token: str, password: str) -> None:
    """
    Make *password* that of the account which *token* was sent to, end its sessions and forgive its failures.

    Raises:
        ValidationFailed: the token is wrong, used or expired, or the password too common; then it may be used
            with another.
    """
    link_id = link_token.link_of(token, link_token.PASSWORD_RESET)
    account = store.find_account(database(), link_id, clock.now()) if link_id else None
    if account is None:
        raise refused_link()
    rules.check_password(password, email=account["email"], name=account["name"])
    parameters: dict[str, Any] = {
        "link_id": link_id,
        "now": clock.now(),
        "password_hash": passwords.hash_of(password),
        "account_digests": [
            failures_digest(account["email"]),
            failures_digest(account["email"], device.find(call, account["email"])),
        ],
    }
    if not store.confirm(database(), parameters):
        raise refused_link()
    log.info("password_reset.done", user_id=account["id"])
