"""
Signing up in SQL: the one statement that stores everything or nothing, whoever the address belongs to.

The upsert locks the account's row and sees its latest version, so two sign-ups of one address come one
after the other. Which link confirms it stands in that row too: the links that another statement stored
meanwhile are not seen here, and so could not be made void one by one.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.guards import store as guards
from chalicelib.jobs import store as jobs
from chalicelib.platform.postgres import Database, Row

_OPEN = "(kept.confirmed_at IS NULL AND kept.role IN ('CONTRACTOR', 'HOMEOWNER'))"
_COLUMNS = ("name", "phone", "role", "password_hash", "locale")
_REPLACED = ", ".join(
    f"{name} = CASE WHEN {_OPEN} THEN excluded.{name} ELSE kept.{name} END" for name in _COLUMNS
)
_SIGN_UP = f"""
WITH idempotency AS ({guards.KEEP}
), mine AS (
    SELECT 1 WHERE coalesce((SELECT idempotency.mine FROM idempotency), true)
), account AS (
    INSERT INTO users AS kept
        (id, email, name, phone, role, password_hash, locale, confirm_link_id, created_at)
    SELECT %(user_id)s::uuid, %(email)s, %(name)s, %(phone)s, %(role)s, %(password_hash)s, %(locale)s,
           %(link_id)s::uuid, %(now)s
    FROM mine
    ON CONFLICT (email) DO UPDATE SET {_REPLACED},
        confirm_link_id = CASE WHEN kept.confirmed_at IS NULL THEN excluded.confirm_link_id
                               ELSE kept.confirm_link_id END
    RETURNING id, confirmed_at IS NULL AS is_unconfirmed
), link AS (
    INSERT INTO link_tokens (id, user_id, purpose, created_at, expires_at)
    SELECT %(link_id)s::uuid, id, 'confirm', %(now)s, %(link_expires_at)s FROM account WHERE is_unconfirmed
    RETURNING id
), job_source AS (
    SELECT 'welcome' AS type, coalesce((SELECT id FROM link), account.id) AS subject_id FROM account
), queued AS ({jobs.INSERT}
)
SELECT (SELECT to_jsonb(idempotency) FROM idempotency) AS idempotency, (SELECT id FROM account) AS user_id
"""

_CONFIRM = """
WITH account AS (
    SELECT users.id, users.confirmed_at, link.used_at
    FROM link_tokens AS link JOIN users ON users.id = link.user_id
    WHERE link.id = %(link_id)s AND link.purpose = 'confirm' AND link.expires_at > %(now)s
      AND coalesce(users.confirm_link_id, link.id) = link.id
    FOR UPDATE OF users
), used AS (
    UPDATE link_tokens SET used_at = %(now)s FROM account
    WHERE link_tokens.id = %(link_id)s AND link_tokens.used_at IS NULL
    RETURNING user_id
), confirmed AS (
    UPDATE users SET confirmed_at = %(now)s FROM used WHERE users.id = used.user_id AND confirmed_at IS NULL
)
SELECT user_id FROM used UNION ALL SELECT id FROM account WHERE used_at = confirmed_at
"""


def sign_up(database: Database, parameters: dict[str, Any]) -> Row:
    """
    Store account, link, answer and job together, in one statement that commits by itself.

    The row tells what stands for the idempotency key (`mine`, or another's answer), and whose account it is.
    """
    row = database.row(_SIGN_UP, parameters)
    if row is None:
        raise RuntimeError("a SELECT without FROM returned no row")
    return row


def confirm(database: Database, link_id: UUID, now: datetime) -> UUID | None:
    """Use the link up and confirm its account, or find that it did so before; None when it leads nowhere."""
    row = database.row(_CONFIRM, {"link_id": link_id, "now": now})
    return row["user_id"] if row else None
