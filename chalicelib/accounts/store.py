"""Accounts in SQL."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chalicelib.guards import store as guards
from chalicelib.platform.postgres import Database, Row

# One row always: whether the password may be tried, and the account, if there is one.
_BEGIN_SIGN_IN = f"""
WITH counted AS ({guards.COUNT_FAILURE})
SELECT EXISTS (SELECT FROM counted) AS may_be_tried,
       account.id, account.email, account.name, account.role, account.password_hash, account.confirmed_at
FROM (SELECT %(email)s::text AS email) AS given LEFT JOIN users AS account USING (email)
"""
_ME = "SELECT id, email, name, role, phone, locale, created_at FROM users WHERE id = %s"


def begin_sign_in(
    database: Database,
    *,
    email: str,
    account_digest: str,
    now: datetime,
    window: timedelta,
    failures_limit: int,
) -> Row:
    """Count a sign-in as failed unless the limit is reached, and find the account, in one round trip."""
    parameters: dict[str, Any] = {
        "email": email,
        "account_digest": account_digest,
        "now": now,
        "failures_since": now - window,
        "failures_until": now + window,
        "failures_limit": failures_limit,
    }
    row = database.row(_BEGIN_SIGN_IN, parameters)
    if row is None:
        raise RuntimeError("a LEFT JOIN from one row returned none")
    return row


def take_back_failure(database: Database, account_digest: str, now: datetime) -> None:
    """The sign-in that was begun at *now* did not fail."""
    database.rows(guards.TAKE_BACK_FAILURE, {"account_digest": account_digest, "now": now})


def find_me(database: Database, user_id: UUID) -> Row | None:
    """The account of *user_id* as its owner sees it."""
    return database.row(_ME, [user_id])
