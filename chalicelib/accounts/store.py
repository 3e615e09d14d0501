"""Accounts in SQL."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chalicelib.guards import store as guards
from chalicelib.platform.postgres import Database, Row

UNCONFIRMED_FOR = timedelta(days=7)

# One row always: whether the password may be tried, and the account, if there is one.
_BEGIN_SIGN_IN = f"""
WITH counted AS ({guards.COUNT_FAILURE})
SELECT EXISTS (SELECT FROM counted) AS may_be_tried,
       account.id, account.email, account.name, account.role, account.password_hash, account.confirmed_at
FROM (SELECT %(email)s::text AS email) AS given LEFT JOIN users AS account USING (email)
"""
_EXPIRE_LINKS = """
DELETE FROM link_tokens WHERE ctid IN (
    SELECT ctid FROM link_tokens WHERE expires_at <= %s ORDER BY expires_at LIMIT %s
)
RETURNING 1
"""
_EXPIRE_UNCONFIRMED = """
DELETE FROM users WHERE ctid IN (
    SELECT ctid FROM users
    WHERE confirmed_at IS NULL AND role IN ('CONTRACTOR', 'HOMEOWNER') AND created_at <= %s
      AND NOT EXISTS (SELECT FROM link_tokens WHERE user_id = users.id)
    LIMIT %s
)
RETURNING 1
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


def find_me(database: Database, user_id: UUID) -> Row | None:
    """The account of *user_id* as its owner sees it."""
    return database.row(_ME, [user_id])


def delete_expired_links(database: Database, now: datetime, at_most: int) -> int:
    """Delete up to *at_most* links whose time has passed, and return how many that were."""
    return len(database.rows(_EXPIRE_LINKS, [now, at_most]))


def delete_unconfirmed(database: Database, now: datetime, at_most: int) -> int:
    """Delete up to *at_most* accounts that nobody confirmed within a week, and return how many that were."""
    return len(database.rows(_EXPIRE_UNCONFIRMED, [now - UNCONFIRMED_FOR, at_most]))
