"""The audit log in SQL."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.platform.postgres import Database, Row, Transaction

# For the statement of a use case: needs a relation `audit_source` (target, before, after), of which each
# row is one entry, and the parameters of `service.entry`.
INSERT = """
INSERT INTO audit_log (id, at, actor_id, actor_role, action, target, before, after, ip, correlation_id)
SELECT gen_random_uuid(), %(now)s, %(actor_id)s, %(actor_role)s, %(action)s,
       audit_source.target, audit_source.before, audit_source.after, %(ip)s, %(correlation_id)s
FROM audit_source
"""
_RECORD = f"""
WITH audit_source AS (
    SELECT %(target)s::text AS target, %(before)s::jsonb AS before, %(after)s::jsonb AS after
)
{INSERT}
"""
_LIST = """
SELECT entry.id, entry.at, entry.action, entry.target, entry.before, entry.after, entry.ip,
       entry.correlation_id, entry.actor_id, entry.actor_role, actor.email AS actor_email
FROM audit_log AS entry LEFT JOIN users AS actor ON actor.id = entry.actor_id
WHERE %(before)s::timestamptz IS NULL OR (entry.at, entry.id) < (%(before)s::timestamptz, %(before_id)s::uuid)
ORDER BY entry.at DESC, entry.id DESC LIMIT %(limit)s
"""


def record(transaction: Transaction, parameters: dict[str, Any]) -> None:
    """Write one entry, in the transaction of what it tells."""
    transaction.rows(_RECORD, parameters)


def list_entries(database: Database, *, before: tuple[datetime, UUID] | None, limit: int) -> list[Row]:
    """The entries, the latest first, older than *before* (when and which)."""
    moment, entry_id = before or (None, None)
    return database.rows(_LIST, {"before": moment, "before_id": entry_id, "limit": limit})
