"""
Password resets in SQL. Of several links to one account the first that is used makes the others void; asking
again does not, since anybody can ask.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.jobs import store as jobs
from chalicelib.platform.postgres import Database, Row

_ASK = f"""
WITH link AS (
    INSERT INTO link_tokens (id, user_id, purpose, created_at, expires_at)
    SELECT %(link_id)s::uuid, id, 'password_reset', %(now)s, %(link_expires_at)s
    FROM users WHERE email = %(email)s AND confirmed_at IS NOT NULL
    RETURNING id, user_id
), job_source AS (
    SELECT 'password_reset' AS type, id AS subject_id FROM link
), queued AS ({jobs.INSERT}
)
SELECT user_id FROM link
"""

_ACCOUNT = """
SELECT users.id, users.email, users.name FROM link_tokens AS link JOIN users ON users.id = link.user_id
WHERE link.id = %s AND link.purpose = 'password_reset' AND link.used_at IS NULL AND link.expires_at > %s
"""

# The account is locked first, so of two links at once the second finds itself void.
_CONFIRM = """
WITH account AS (
    SELECT users.id FROM link_tokens AS link JOIN users ON users.id = link.user_id
    WHERE link.id = %(link_id)s AND link.purpose = 'password_reset' AND link.expires_at > %(now)s
    FOR UPDATE OF users
), used AS (
    UPDATE link_tokens SET used_at = %(now)s FROM account
    WHERE link_tokens.user_id = account.id AND purpose = 'password_reset' AND used_at IS NULL
    RETURNING link_tokens.id
), changed AS (
    UPDATE users SET password_hash = %(password_hash)s, sessions_epoch = sessions_epoch + 1 FROM account
    WHERE users.id = account.id AND EXISTS (SELECT FROM used WHERE used.id = %(link_id)s)
    RETURNING users.id
), forgiven AS (
    DELETE FROM sign_in_failures
    WHERE account_digest = ANY(%(account_digests)s::text[]) AND EXISTS (SELECT FROM changed)
)
SELECT id FROM changed
"""


def ask(database: Database, parameters: dict[str, Any]) -> UUID | None:
    """Store a link and its job for the confirmed account of the address; whose it is, or None."""
    row = database.row(_ASK, parameters)
    return row["user_id"] if row else None


def find_account(database: Database, link_id: UUID, now: datetime) -> Row | None:
    """The account that the link can still change."""
    return database.row(_ACCOUNT, [link_id, now])


def confirm(database: Database, parameters: dict[str, Any]) -> bool:
    """
    Use every link of the account up, change its password, end its sessions and forget its failed sign-ins, in
    one statement; False when another was quicker.
    """
    return database.row(_CONFIRM, parameters) is not None
