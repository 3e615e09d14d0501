"""
Signs people in, and tells those who cannot be nothing but that.

Whatever is wrong (address, password, an unconfirmed account, too many failures), the answer is the same and
takes as long: one look-up and one Argon2 verification. The reason stands in the log, by identifiers only.
"""

from datetime import timedelta
from uuid import UUID

from chalicelib.accounts import passwords, store
from chalicelib.accounts.models import Credentials, Me
from chalicelib.accounts.sessions import service as sessions
from chalicelib.accounts.sessions.service import Continued
from chalicelib.accounts.sessions.tokens import RefreshToken
from chalicelib.guards import idempotency
from chalicelib.platform import clock, logs
from chalicelib.platform.errors import Unauthenticated
from chalicelib.platform.postgres import Row, database

FAILURES_LIMIT = 10
FAILURES_WINDOW = timedelta(seconds=900)
log = logs.EventLog("accounts")


def sign_in(
    credentials: Credentials, *, former: RefreshToken | None = None, device: str | None = None
) -> Continued:
    """
    A session for the account that *credentials* belong to; *former*, the browser's last, ends with it.

    A *device* in which the account was used before has failures of its own.

    Raises:
        Unauthenticated: they belong to none, it is not confirmed, or too many sign-ins have failed.
    """
    now, email = clock.now(), credentials.email.lower()
    digest = failures_digest(email, device)
    account = store.begin_sign_in(
        database(),
        email=email,
        account_digest=digest,
        now=now,
        window=FAILURES_WINDOW,
        failures_limit=FAILURES_LIMIT,
    )
    is_right = passwords.is_right(credentials.password, account["password_hash"])
    refused = _why_refused(account, is_right=is_right)
    begun = None
    if refused is None:
        begun = sessions.begin(account, account_digest=digest, begun_at=now, former=former)
    if begun is None:
        reason = refused or "password_changed"
        log.warning("sign_in.refused", reason=reason, user_id=account["id"], account=digest[:16])
        raise Unauthenticated("Address and password do not belong together, or cannot be used now.")
    log.info("sign_in.done", user_id=account["id"], role=account["role"])
    return begun


def failures_digest(email: str, device: str | None = None) -> str:
    """Under what the failed sign-ins of *email* are counted, on *device* or on all that are not known."""
    return idempotency.digest_of("sign-in-failures", email.lower(), *([device] if device else []))


def _why_refused(account: Row, *, is_right: bool) -> str | None:
    if not account["may_be_tried"]:
        return "too_many_failures"
    if account["id"] is None:
        return "unknown_address"
    if not is_right:
        return "wrong_password"
    return "unconfirmed" if account["confirmed_at"] is None else None


def get_me(user_id: UUID) -> Me:
    """
    The account of *user_id* as its owner sees it.

    Raises:
        Unauthenticated: it is gone, though its token lives for some minutes more.
    """
    found = store.find_me(database(), user_id)
    if found is None:
        raise gone()
    return Me(**found)


def gone() -> Unauthenticated:
    """The refusal for somebody whose account is gone."""
    return Unauthenticated("This account does not exist any more.", error="invalid_token")
