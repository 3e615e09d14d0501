"""
Deliveries in SQL: a row for each call to a provider, committed before the call.

Beginning one needs the claim, so a worker that slept past its lease calls nobody.
"""

from datetime import datetime
from uuid import UUID

from chalicelib.platform.postgres import Database, Transaction

_BEGIN = """
WITH mine AS (
    SELECT id, attempts FROM jobs
    WHERE id = %(job_id)s AND claim_token = %(token)s AND state = 'running' AND lease_until > %(now)s
    FOR SHARE
), left_open AS (
    UPDATE deliveries SET state = 'unknown', ended_at = %(now)s, detail = 'its worker did not come back'
    WHERE job_id IN (SELECT id FROM mine) AND state = 'sending'
)
INSERT INTO deliveries (id, job_id, channel, attempt, state, started_at)
SELECT %(id)s, id, %(channel)s, attempts + 1, 'sending', %(now)s FROM mine
RETURNING id
"""
_END = """
UPDATE deliveries
SET state = %(state)s, provider_id = %(provider_id)s, detail = %(detail)s, ended_at = %(now)s
WHERE id = %(id)s AND state = 'sending'
"""


def begin(
    database: Database, *, delivery_id: UUID, job_id: UUID, token: UUID, channel: str, now: datetime
) -> bool:
    """Commit that *job_id* is about to be sent by the claim *token*; False when the claim is lost."""
    parameters = {"id": delivery_id, "job_id": job_id, "token": token, "channel": channel, "now": now}
    return database.row(_BEGIN, parameters) is not None


def end(
    within: Database | Transaction,
    *,
    delivery_id: UUID,
    state: str,
    now: datetime,
    provider_id: str | None = None,
    detail: str | None = None,
) -> None:
    """Write how the call ended: `sent`, `refused`, `not_reached` or `unknown`."""
    parameters = {
        "id": delivery_id,
        "state": state,
        "provider_id": provider_id,
        "detail": detail,
        "now": now,
    }
    within.rows(_END, parameters)
