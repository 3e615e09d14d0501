"""
Webhooks in SQL: what an event makes true in the statement that causes it, and what became of each delivery.

A use case adds `CALLS` to its statement; with no webhook that wants the event it finds an empty table and
writes nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.jobs import store as jobs
from chalicelib.platform.postgres import Database, Row, Transaction

# For the statement of a use case, as CTEs: needs a relation `webhook_source` (event, lead_id), of which each
# row is told to every webhook that wants it, and the parameters now and correlation_id. `webhook_job` then
# has the ids of the jobs.
CALLS = f"""
webhook_delivery AS (
    INSERT INTO webhook_deliveries (id, webhook_id, lead_id, event, job_id, created_at)
    SELECT gen_random_uuid(), webhooks.id, webhook_source.lead_id, webhook_source.event, gen_random_uuid(),
           %(now)s::timestamptz
    FROM webhook_source
    JOIN webhooks ON webhooks.disabled_at IS NULL AND webhook_source.event = ANY(webhooks.events)
    RETURNING id, job_id, lead_id
), job_each AS (
    SELECT job_id AS id, 'webhook' AS queue, 'webhook' AS type, lead_id AS subject_id, id AS recipient_id
    FROM webhook_delivery
), webhook_job AS ({jobs.INSERT_EACH}
)"""

# Who was never NEW, and who joined another on arrival, is no lead that a receiver has heard of.
_ANNOUNCE = f"""
WITH webhook_source AS (
    SELECT %(event)s::text AS event, id AS lead_id FROM leads
    WHERE id = ANY(%(lead_ids)s) AND (quarantine_reasons = '{{}}' OR released_at IS NOT NULL)
      AND (merged_into IS NULL OR merged_at IS NOT NULL)
), {CALLS}
SELECT id FROM webhook_job
"""

_CALL = """
SELECT delivery.id, delivery.webhook_id, delivery.event, delivery.created_at AS at, delivery.lead_id,
       webhook.url, webhook.includes_personal_data, webhook.secret_generation, webhook.previous_secret_until,
       webhook.disabled_at,
       lead.status, lead.source, lead.created_at, lead.merged_into, lead.erased_at, lead.phone, lead.locale,
       lead.assigned_to,
       latest.name, latest.email, latest.content, latest.quote, latest.submission_count
FROM webhook_deliveries AS delivery
JOIN webhooks AS webhook ON webhook.id = delivery.webhook_id
JOIN leads AS lead ON lead.id = delivery.lead_id
CROSS JOIN LATERAL (
    SELECT name, email, content, quote, count(*) OVER () AS submission_count FROM leads AS submission
    WHERE submission.id = lead.id OR submission.merged_into = lead.id
    ORDER BY submission.created_at DESC, submission.id LIMIT 1
) AS latest
WHERE delivery.id = %s
"""

_SUCCEED = """
WITH healthy AS (
    UPDATE webhooks SET failing_since = NULL WHERE id = %(webhook_id)s AND failing_since IS NOT NULL
)
UPDATE webhook_deliveries SET state = 'delivered', response_status = %(response_status)s WHERE id = %(id)s
"""
_FAIL = """
WITH answered AS (
    UPDATE webhook_deliveries SET response_status = %(response_status)s WHERE id = %(id)s
)
UPDATE webhooks SET failing_since = coalesce(failing_since, %(now)s)
WHERE id = %(webhook_id)s RETURNING failing_since
"""
_GIVE_UP = "UPDATE webhook_deliveries SET state = 'failed' WHERE id = %s"
_DISABLE = """
UPDATE webhooks SET disabled_at = %(now)s, disabled_reason = %(reason)s
WHERE id = %(webhook_id)s AND disabled_at IS NULL RETURNING id
"""

# What is due, by webhook; of one that was deleted meanwhile too, so that its jobs come to an end.
_DUE = f"""
SELECT coalesce(delivery.webhook_id, due.id) AS lane,
       (array_agg(due.id ORDER BY due.due_at, due.id))[1:%(limit)s] AS job_ids
FROM (
    SELECT id, recipient_id, due_at FROM jobs
    WHERE queue = 'webhook' AND type = 'webhook' AND state NOT IN ('done', 'dead') AND {jobs.CLAIMABLE}
) AS due LEFT JOIN webhook_deliveries AS delivery ON delivery.id = due.recipient_id
GROUP BY lane ORDER BY min(due.due_at)
"""

_DELETE_OLD = """
DELETE FROM webhook_deliveries WHERE id IN (
    SELECT delivery.id FROM webhook_deliveries AS delivery LEFT JOIN jobs ON jobs.id = delivery.job_id
    WHERE delivery.created_at < %(before)s AND (jobs.id IS NULL OR jobs.state IN ('done', 'dead'))
    LIMIT %(limit)s
) RETURNING id
"""


def announce(
    transaction: Transaction, *, event: str, lead_ids: Sequence[UUID], now: datetime, correlation_id: str
) -> list[UUID]:
    """Tell *event* of each lead to every webhook that wants it; returns the ids of the jobs."""
    parameters = {"event": event, "lead_ids": list(lead_ids), "now": now, "correlation_id": correlation_id}
    return [row["id"] for row in transaction.rows(_ANNOUNCE, parameters)]


def find_call(database: Database, delivery_id: UUID) -> Row | None:
    """Whom to call and what to say, from the latest state; None when webhook or delivery is gone."""
    return database.row(_CALL, [delivery_id])


def succeed(
    transaction: Transaction, *, delivery_id: UUID, webhook_id: UUID, response_status: int | None
) -> None:
    """The receiver took it."""
    parameters = {"id": delivery_id, "webhook_id": webhook_id, "response_status": response_status}
    transaction.rows(_SUCCEED, parameters)


def fail(
    database: Database, *, delivery_id: UUID, webhook_id: UUID, response_status: int | None, now: datetime
) -> datetime | None:
    """The receiver did not take it; returns since when it has failed, None if the webhook is gone."""
    parameters = {
        "id": delivery_id,
        "webhook_id": webhook_id,
        "response_status": response_status,
        "now": now,
    }
    row = database.row(_FAIL, parameters)
    return None if row is None else row["failing_since"]


def give_up(transaction: Transaction, delivery_id: UUID) -> None:
    """No further attempt will be made by itself."""
    transaction.rows(_GIVE_UP, [delivery_id])


def disable(database: Database, webhook_id: UUID, *, reason: str, now: datetime) -> bool:
    """Switch the webhook off; False when it was off already."""
    return database.row(_DISABLE, {"webhook_id": webhook_id, "reason": reason, "now": now}) is not None


def list_due(database: Database, *, now: datetime, limit: int) -> list[Row]:
    """For each webhook with due jobs the first *limit* of them, who has waited longest first."""
    return database.rows(_DUE, {"now": now, "limit": limit})


def delete_old(database: Database, *, before: datetime, limit: int) -> int:
    """Forget deliveries that are over and older than *before*; returns how many."""
    parameters: dict[str, Any] = {"before": before, "limit": limit}
    return len(database.rows(_DELETE_OLD, parameters))
