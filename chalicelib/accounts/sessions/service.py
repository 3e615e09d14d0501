"""
Begins, continues and ends sessions.

Continuing happens under the account's lock and its fence: with Valkey away the lock is skipped, and of two
that meet the later one's fence lets the earlier write nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from chalicelib.accounts.models import SignedIn, UserView
from chalicelib.accounts.sessions import cookie, rules, store
from chalicelib.accounts.sessions.rules import Verdict
from chalicelib.accounts.sessions.tokens import RefreshToken
from chalicelib.guards import access
from chalicelib.platform import clock, logs
from chalicelib.platform.errors import LockTimeout, Unauthenticated
from chalicelib.platform.postgres import Row, database
from chalicelib.resilience.lock import held
from chalicelib.resilience.store import FenceLost, hold_fence, issue_fence
from chalicelib.resilience.valkey import valkey

_TRIES = 3
log = logs.EventLog("sessions")


@dataclass(frozen=True)
class Continued:
    """What somebody who is signed in gets: an access token in the body, a refresh token in the cookie."""

    body: SignedIn
    cookie: str

    @classmethod
    def of(cls, user: Row, token: RefreshToken, *, ends_at: datetime) -> "Continued":
        """For *user*, with *token* for as long as it can be used, which is until *ends_at* at the latest."""
        view = UserView(**{name: user[name] for name in UserView.model_fields})
        body = SignedIn(
            access_token=access.issue(view.id, view.role),
            expires_in=int(access.VALID_FOR.total_seconds()),
            user=view,
        )
        for_s = int(min(ends_at - clock.now(), rules.IDLE_FOR).total_seconds())
        return cls(body, cookie.of(token, for_s=for_s))


def begin(
    account: Row, *, account_digest: str, begun_at: datetime, former: RefreshToken | None
) -> Continued | None:
    """
    A session for *account*, whose password was right when the sign-in began; *former* ends with it.

    None when the password has been changed meanwhile.
    """
    token, ends_at = RefreshToken(uuid4(), 0), begun_at + rules.VALID_FOR
    parameters: dict[str, Any] = {
        "now": begun_at,
        "account_digest": account_digest,
        "session_id": token.session_id,
        "former_id": former.session_id if former else None,
        "user_id": account["id"],
        "password_hash": account["password_hash"],
        "ends_at": ends_at,
    }
    if not store.begin(database(), parameters):
        return None
    return Continued.of(account, token, ends_at=ends_at)


def refresh(token: RefreshToken | None) -> Continued:
    """
    Exchange *token* for the next of its session, or give the same again to who asks within 10 s.

    Raises:
        Unauthenticated: it is none of ours, its session is over, or it was exchanged before; then all tokens
            of the session end here.
        LockTimeout: others of the account were busy for 5 s.
    """
    owner = store.find_owner(database(), token.session_id) if token else None
    if token is None or owner is None:
        raise _refuse("unknown", token)
    with held(valkey(), f"refresh:{owner}"):
        verdict, session, following = _judge_under_fence(owner, token)
    if session is None or following is None:
        raise _refuse(verdict.value, token)
    log.info("session.continued", session_id=str(token.session_id), generation=following.generation)
    return Continued.of(session, following, ends_at=session["ends_at"])


def _judge_under_fence(owner: UUID, token: RefreshToken) -> tuple[Verdict, Row | None, RefreshToken | None]:
    name = f"refresh:{owner}"
    for _ in range(_TRIES):
        fence = issue_fence(database(), name)
        try:
            return _judge(name, fence, token)
        except FenceLost:
            log.info("session.overtaken", session_id=str(token.session_id))
    raise LockTimeout("Others of this account are busy; try again in a moment.", retry_after_s=1)


def _judge(
    fence_name: str, fence: int, token: RefreshToken
) -> tuple[Verdict, Row | None, RefreshToken | None]:
    session_id = token.session_id
    with database().transaction() as transaction:
        hold_fence(transaction, fence_name, fence)
        session, now = store.lock(transaction, session_id), clock.now()
        verdict = rules.judge(session, token.generation, now)
        if session is None or verdict is Verdict.REFUSED:
            return verdict, None, None
        if verdict is Verdict.REUSED:
            store.end(transaction, session_id, now, by="reuse")
            return verdict, None, None
        if verdict is Verdict.EXCHANGE:
            rotated_at = rules.within_grace(session["rotated_at"], now)
            store.exchange(transaction, session_id, now, rotated_at=rotated_at)
        is_new = verdict is Verdict.EXCHANGE
        return verdict, session, RefreshToken(session_id, session["generation"] + is_new)


def _refuse(reason: str, token: RefreshToken | None) -> Unauthenticated:
    """The refusal, the same for every reason; it takes the cookie away."""
    log.warning("session.refused", reason=reason, session_id=str(token.session_id) if token else None)
    refusal = Unauthenticated("You are not signed in any more; please sign in again.", error="invalid_token")
    refusal.headers["Set-Cookie"] = cookie.CLEARED
    return refusal


def end(token: RefreshToken | None) -> None:
    """End the session of *token*, also when it is not the latest; without one there is nothing to end."""
    if token is not None:
        store.end(database(), token.session_id, clock.now(), by="sign_out")
        log.info("session.ended", session_id=str(token.session_id))
