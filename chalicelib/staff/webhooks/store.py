"""Webhooks and their deliveries in SQL, as staff keep and read them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.jobs import store as jobs
from chalicelib.platform.postgres import Database, Row, Transaction

_COLUMNS = """
id, url, events, description, includes_personal_data, secret_generation, previous_secret_until, failing_since,
disabled_at, disabled_reason, disabled_at IS NULL AS enabled, created_at
"""
_LIST = f"SELECT {_COLUMNS} FROM webhooks ORDER BY created_at DESC, id"
_FIND = f"SELECT {_COLUMNS} FROM webhooks WHERE id = %s"
_COUNT = "SELECT count(*) AS found FROM webhooks"
_INSERT = f"""
INSERT INTO webhooks (id, url, events, description, includes_personal_data, disabled_at, disabled_reason,
                      created_at)
VALUES (%(id)s, %(url)s, %(events)s, %(description)s, %(includes_personal_data)s, %(disabled_at)s,
        %(disabled_reason)s, %(created_at)s)
RETURNING {_COLUMNS}
"""
_UPDATE = f"""
UPDATE webhooks SET
    url = %(url)s, events = %(events)s, description = %(description)s,
    includes_personal_data = %(includes_personal_data)s, secret_generation = %(secret_generation)s,
    previous_secret_until = %(previous_secret_until)s, failing_since = %(failing_since)s,
    disabled_at = %(disabled_at)s, disabled_reason = %(disabled_reason)s
WHERE id = %(id)s RETURNING {_COLUMNS}
"""
_DELETE = "DELETE FROM webhooks WHERE id = %s"

# A delivery whose job came to an end without one, since we failed ourselves, is failed too.
_DELIVERY = """
SELECT delivery.id, delivery.event, delivery.lead_id, delivery.created_at AS at, delivery.response_status,
       CASE WHEN job.state IN ('done', 'dead') AND delivery.state = 'pending' THEN 'failed'
            ELSE delivery.state END AS status,
       delivery.earlier_attempts
           + (SELECT count(*) FROM deliveries WHERE job_id = delivery.job_id) AS attempts,
       CASE WHEN job.state NOT IN ('done', 'dead') THEN job.due_at END AS next_attempt_at
FROM webhook_deliveries AS delivery LEFT JOIN jobs AS job ON job.id = delivery.job_id
"""
_DELIVERIES = f"""
{_DELIVERY}
WHERE delivery.webhook_id = %(webhook_id)s
  AND (%(before)s::timestamptz IS NULL
       OR (delivery.created_at, delivery.id) < (%(before)s::timestamptz, %(before_id)s::uuid))
ORDER BY delivery.created_at DESC, delivery.id DESC LIMIT %(limit)s
"""
_FIND_DELIVERY = f"{_DELIVERY} WHERE delivery.webhook_id = %(webhook_id)s AND delivery.id = %(id)s"
_LOCK_DELIVERY = (
    "SELECT id FROM webhook_deliveries WHERE webhook_id = %(webhook_id)s AND id = %(id)s FOR UPDATE"
)
_REPLAY = f"""
WITH replayed AS (
    UPDATE webhook_deliveries SET
        state = 'pending', job_id = %(job_id)s,
        earlier_attempts = earlier_attempts
            + (SELECT count(*) FROM deliveries WHERE job_id = webhook_deliveries.job_id)
    WHERE id = %(id)s
    RETURNING id, lead_id
), job_each AS (
    SELECT %(job_id)s::uuid AS id, 'webhook' AS queue, 'webhook' AS type, lead_id AS subject_id,
           id AS recipient_id
    FROM replayed
)
{jobs.INSERT_EACH}
"""


def list_all(database: Database) -> list[Row]:
    """Every webhook, the latest first."""
    return database.rows(_LIST)


def find(within: Database | Transaction, webhook_id: UUID, *, is_locked: bool = False) -> Row | None:
    """One webhook; where *is_locked*, nobody else changes it until the commit."""
    return within.row(f"{_FIND} FOR UPDATE" if is_locked else _FIND, [webhook_id])


def count(transaction: Transaction) -> int:
    """How many there are."""
    row = transaction.row(_COUNT)
    return int(row["found"]) if row else 0


def insert(transaction: Transaction, wanted: dict[str, Any]) -> Row:
    """Add a webhook."""
    return _one(transaction.row(_INSERT, wanted))


def update(transaction: Transaction, wanted: dict[str, Any]) -> Row:
    """Let a webhook be as *wanted*."""
    return _one(transaction.row(_UPDATE, wanted))


def delete(transaction: Transaction, webhook_id: UUID) -> None:
    """Remove a webhook; its deliveries are forgotten in time."""
    transaction.rows(_DELETE, [webhook_id])


def list_deliveries(
    database: Database, webhook_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """Its deliveries, the latest first, older than *before* (when and which)."""
    moment, delivery_id = before or (None, None)
    parameters = {"webhook_id": webhook_id, "before": moment, "before_id": delivery_id, "limit": limit}
    return database.rows(_DELIVERIES, parameters)


def find_delivery(transaction: Transaction, webhook_id: UUID, delivery_id: UUID) -> Row | None:
    """One delivery, which nobody else replays until the commit."""
    parameters = {"webhook_id": webhook_id, "id": delivery_id}
    if transaction.row(_LOCK_DELIVERY, parameters) is None:
        return None
    return transaction.row(_FIND_DELIVERY, parameters)


def replay(
    transaction: Transaction, delivery_id: UUID, job_id: UUID, *, now: datetime, correlation_id: str
) -> None:
    """Let a new job work on a delivery."""
    parameters = {"id": delivery_id, "job_id": job_id, "now": now, "correlation_id": correlation_id}
    transaction.rows(_REPLAY, parameters)


def _one(row: Row | None) -> Row:
    if row is None:
        raise RuntimeError("a locked row was not there")
    return row
