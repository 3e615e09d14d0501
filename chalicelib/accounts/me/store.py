"""
What is kept of one person in SQL, and its erasure, each in one statement.

Links, sessions, notifications and a contractor's listing go with the account; what others wrote keeps
standing without its author.
"""

from typing import Any
from uuid import UUID

from chalicelib.platform.postgres import Database, Row, Transaction

_EXPORT = """
SELECT to_jsonb(users) AS account,
       (SELECT coalesce(jsonb_agg(kept ORDER BY began_at, id), '[]')
        FROM sessions AS kept WHERE user_id = users.id) AS sessions,
       (SELECT coalesce(jsonb_agg(kept ORDER BY created_at, id), '[]')
        FROM link_tokens AS kept WHERE user_id = users.id) AS links,
       (SELECT coalesce(jsonb_agg(to_jsonb(kept) || jsonb_build_object('title', title, 'content', content)
                                  ORDER BY kept.created_at, kept.id), '[]')
        FROM notifications AS kept LEFT JOIN announcements ON announcements.id = announcement_id
        WHERE user_id = users.id) AS notifications,
       (SELECT coalesce(jsonb_agg(kept ORDER BY at, id), '[]')
        FROM audit_log AS kept WHERE actor_id = users.id) AS actions,
       (SELECT to_jsonb(listed) || jsonb_build_object(
            'projects', (SELECT coalesce(jsonb_agg(kept ORDER BY completed_at, id), '[]')
                         FROM projects AS kept WHERE contractor_id = listed.id),
            'reviews', (SELECT coalesce(jsonb_agg(kept ORDER BY created_at, id), '[]')
                        FROM reviews AS kept WHERE contractor_id = listed.id),
            'bids', (SELECT coalesce(jsonb_agg(kept ORDER BY invited_at, id), '[]')
                     FROM bids AS kept WHERE contractor_id = listed.id))
        FROM contractors AS listed WHERE user_id = users.id) AS contractor
FROM users WHERE id = %s
"""

_ERASE = """
WITH erased AS (
    DELETE FROM users WHERE id = %(user_id)s AND (role <> 'ADMIN' OR EXISTS (
        SELECT FROM users AS other
        WHERE other.role = 'ADMIN' AND other.id <> %(user_id)s AND other.confirmed_at IS NOT NULL
    ))
    RETURNING id, role
), unlisted AS (
    DELETE FROM contractors WHERE user_id = %(user_id)s AND EXISTS (SELECT FROM erased) RETURNING id
), unfenced AS (
    DELETE FROM fences WHERE name = 'refresh:' || %(user_id)s::text AND EXISTS (SELECT FROM erased)
), forgotten AS (
    DELETE FROM sign_in_failures WHERE account_digest = %(account_digest)s AND EXISTS (SELECT FROM erased)
), told AS (
    INSERT INTO audit_log (id, at, actor_id, actor_role, action, target, correlation_id)
    SELECT gen_random_uuid(), %(now)s, id, role, 'account.erased', 'users/' || id::text, %(correlation_id)s
    FROM erased
), recorded AS (
    INSERT INTO erasures (target, at, cause) SELECT 'users/' || id::text, %(now)s, 'owner' FROM erased
    ON CONFLICT (target) DO NOTHING
)
SELECT EXISTS (SELECT FROM unlisted) AS was_listed FROM erased
"""


def find_all(database: Database, user_id: UUID) -> Row | None:
    """The account of *user_id* and all that hangs on it, as it stands in the tables."""
    return database.row(_EXPORT, [user_id])


def erase(transaction: Transaction, parameters: dict[str, Any]) -> Row | None:
    """
    Erase the account, audited and recorded by id alone: whether a contractor was listed under it.

    None for the last one who administers.
    """
    return transaction.row(_ERASE, parameters)
