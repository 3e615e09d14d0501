"""
Writes and sends the mail of one job.

What can no longer be told to anybody (erased, expired, gone) ends well, with a note in the timeline; a job
that speaks of what never was is dead at once. Nothing here names a person, since notes and reasons are kept.
"""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from chalicelib.deliveries.service import deliver
from chalicelib.gateways import ses
from chalicelib.guards import link_token
from chalicelib.guards.idempotency import digest_of
from chalicelib.jobs.ledger import Claim
from chalicelib.jobs.outcome import Claimed
from chalicelib.jobs.runner import Effect, Impossible
from chalicelib.mail import letters, render, store
from chalicelib.mail.letters import Letter
from chalicelib.platform import clock
from chalicelib.platform.postgres import Row, database
from chalicelib.platform.settings import settings

ALLOWANCE = 3
ALLOWANCE_WINDOW = timedelta(hours=1)
# Whose address it is. An owner's mails have an allowance of their own: else three forms with their address,
# which anybody can fill in, would keep a password reset from them.
_STRANGER, _OWNER = "stranger", "owner"


def send_quotation(job: Claimed, claim: Claim) -> Effect:
    """To the visitor: the price of their very submission, also where it was merged."""

    def write(lead: Row) -> Letter:
        if lead["quote"] is None:
            raise Impossible("the lead has no quote")
        return letters.quotation(lead["id"], lead["quote"], lead["locale"])

    return _to_visitor(job, claim, write)


def send_notification(job: Claimed, claim: Claim) -> Effect:
    """To the recipient: a new lead or an announcement; without a recipient, to the visitor: we have it."""
    if job.recipient_id is None:
        return _to_visitor(job, claim, lambda lead: letters.confirmation(lead["id"], lead["locale"]))
    found = store.find_notice(database(), job.subject_id, job.recipient_id)
    if found["lead_id"] is None and found["announcement_id"] is None:
        raise Impossible("there is neither such a lead nor such an announcement")
    if found["email"] is None:
        return Effect(note="not sent: the account is gone")
    if not found["is_confirmed"]:
        return Effect(note="not sent: the address is not confirmed")
    if found["lead_id"] is None:
        letter = letters.announcement(found["title"], found["content"], found["locale"])
    elif not found["is_staff"]:
        return Effect(note="not sent: the account is not staff's any more")
    elif found["erased_at"] is not None:
        return Effect(note="not sent: the lead is erased")
    else:
        address = _page(f"/admin/leads/{found['lead_id']}")
        letter = letters.new_lead(
            address, found["source"], found["created_at"], found["total"], found["locale"]
        )
    return _post(job, claim, found["email"], letter)


def send_welcome(job: Claimed, claim: Claim) -> Effect:
    """To who signed up: a link's row as subject brings the link, an account as subject: "you have one"."""
    account = store.find_account(database(), job.subject_id, link_token.CONFIRM)
    if account is None:
        return Effect(note="not sent: the link or its account is gone")
    if account["link_id"] is None:
        letter = letters.account_exists(_page("/login"), account["locale"])
    elif (reason := _spent(account)) is not None:
        return Effect(note=reason)
    elif account["is_confirmed"]:
        return Effect(note="not sent: the address is confirmed already")
    else:
        address = _link("/verify", account["link_id"], link_token.CONFIRM)
        letter = letters.confirm_address(address, account["expires_at"], account["locale"])
    return _post(job, claim, account["email"], letter, _OWNER if account["is_confirmed"] else _STRANGER)


def send_password_reset(job: Claimed, claim: Claim) -> Effect:
    """To an account's owner: the link to a new password, as long as it can be used."""
    account = store.find_account(database(), job.subject_id, link_token.PASSWORD_RESET)
    if account is None:
        return Effect(note="not sent: the link or its account is gone")
    if account["link_id"] is None:
        raise Impossible("a password reset needs a link")
    if (reason := _spent(account)) is not None:
        return Effect(note=reason)
    address = _link("/reset", account["link_id"], link_token.PASSWORD_RESET)
    letter = letters.password_reset(address, account["expires_at"], account["locale"])
    return _post(job, claim, account["email"], letter, _OWNER if account["is_confirmed"] else _STRANGER)


def _spent(account: Row) -> str | None:
    """Why its link is of no use any more; None while it is."""
    if account["is_void"]:
        return "not sent: the link was used already, or a later one took its place"
    return "not sent: the link has expired" if account["expires_at"] <= clock.now() else None


def _to_visitor(job: Claimed, claim: Claim, write: Callable[[Row], Letter]) -> Effect:
    lead = store.find_lead(database(), job.subject_id)
    if lead is None:
        raise Impossible("there is no such lead")
    if lead["erased_at"] is not None or lead["email"] is None:
        return Effect(note="not sent: the lead is erased, or has no address")
    return _post(job, claim, lead["email"], write(lead), _STRANGER)


def _post(job: Claimed, claim: Claim, to: str, letter: Letter, whose: str | None = None) -> Effect:
    """Send *letter*, within the allowance of *whose* mails (None: staff's doing, which has no limit)."""
    site = settings().site_url.rstrip("/")
    mail = ses.Mail(to, letter.subject, render.to_html(letter, site), render.to_text(letter, site))
    if whose is not None and not _is_allowed(job, to, whose):
        return Effect(note="not sent: three mails to this address within the hour")
    return deliver(
        job,
        claim,
        channel="email",
        call_timeout_s=ses.TIMEOUT_S,
        call=lambda: ses.send(mail, job.correlation_id),
    )


def _is_allowed(job: Claimed, to: str, whose: str) -> bool:
    """Whether the address may have one more mail; a job's first execution spends, its repeats are free."""
    if job.attempts or job.lost_leases or job.deferred_since is not None:
        return True
    now = clock.now()
    return store.spend_allowance(
        database(),
        digest=digest_of("mail-allowance", whose, to.lower()),
        now=now,
        since=now - ALLOWANCE_WINDOW,
        at_most=ALLOWANCE,
    )


def _page(path: str) -> str:
    return settings().site_url.rstrip("/") + path


def _link(path: str, link_id: UUID, purpose: str) -> str:
    return _page(f"{path}?token={link_token.token_of(link_id, purpose)}")
