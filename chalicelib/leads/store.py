"""
The lead in SQL: one look before the captcha, and the one statement that stores everything or nothing.

The slot row (unique on phone and source) serialises two submissions at once; ON CONFLICT sees its latest
version, where a SELECT of the same statement would see an old snapshot. A merged submission is a lead of
its own with `merged_into`; nothing of the primary is updated, so nothing can be lost between two of them.
The slot also remembers what was asked (address and quote), so that a repeated submission mails nobody
twice.
"""

from typing import Any

from chalicelib.guards import store as idempotency
from chalicelib.jobs import store as jobs
from chalicelib.platform.postgres import Database, Row
from chalicelib.quotes.store import Question
from chalicelib.webhooks import store as webhooks

_NO_QUOTE = "SELECT NULL::jsonb"

_MERGEABLE = "slot.opened_at > %(merge_after)s"
_IS_NEW_ASK = "(%(ask)s::text <> ALL (slot.asked) AND cardinality(slot.asked) < %(asks_at_most)s)"

_SUBMIT = f"""
WITH idempotency AS ({idempotency.KEEP}
), mine AS (
    SELECT 1 WHERE coalesce((SELECT idempotency.mine FROM idempotency), true)
), opened AS (
    INSERT INTO lead_slots AS slot (phone, source, lead_id, opened_at, asked)
    SELECT %(phone)s, %(source)s, %(id)s::uuid, %(now)s, ARRAY[%(ask)s::text]
    FROM mine WHERE %(status)s = 'NEW'
    ON CONFLICT (phone, source) DO UPDATE SET
        lead_id = CASE WHEN {_MERGEABLE} THEN slot.lead_id ELSE excluded.lead_id END,
        opened_at = CASE WHEN {_MERGEABLE} THEN slot.opened_at ELSE excluded.opened_at END,
        asked = CASE WHEN NOT {_MERGEABLE} THEN excluded.asked
                     WHEN {_IS_NEW_ASK} THEN slot.asked || excluded.asked ELSE slot.asked END,
        is_new_ask = NOT {_MERGEABLE} OR {_IS_NEW_ASK}
    RETURNING lead_id, is_new_ask
), stored AS (
    INSERT INTO leads (id, status, source, name, phone, email, content, locale, quote, consent_version,
    consent_at,
                       utm, quarantine_reasons, merged_into, client_address, correlation_id, created_at, ask)
    SELECT %(id)s::uuid, %(status)s, %(source)s, %(name)s, %(phone)s, %(email)s, %(content)s, %(locale)s,
           %(quote)s::jsonb, %(consent_version)s, %(now)s, %(utm)s::jsonb, %(reasons)s::text[],
           nullif((SELECT lead_id FROM opened), %(id)s::uuid), %(client_address)s, %(correlation_id)s,
           %(now)s, %(ask)s::text
    FROM mine
    RETURNING id, status, merged_into
), job_source AS (
    SELECT 'google_sheets' AS type, coalesce(merged_into, id) AS subject_id FROM stored WHERE status = 'NEW'
    UNION ALL
    SELECT 'lead_notice', id FROM stored WHERE status = 'NEW' AND merged_into IS NULL
    UNION ALL
    SELECT %(mail_type)s::text, id FROM stored, opened WHERE is_new_ask AND %(mail_type)s::text IS NOT NULL
), queued AS ({jobs.INSERT}
), webhook_source AS (
    SELECT CASE WHEN merged_into IS NULL THEN 'lead.created' ELSE 'lead.updated' END AS event,
           coalesce(merged_into, id) AS lead_id
    FROM stored WHERE status = 'NEW'
), {webhooks.CALLS}
SELECT (SELECT to_jsonb(idempotency) FROM idempotency) AS idempotency,
       (SELECT merged_into FROM stored) AS merged_into,
       (SELECT array_agg(id) FROM queued) AS job_ids,
       (SELECT array_agg(id) FROM webhook_job) AS webhook_job_ids
"""


def look(
    database: Database, *, reservation: dict[str, Any] | None, reserve: bool, question: Question | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """
    What PostgreSQL knows before the captcha is spent, in one round trip.

    Returns the idempotency record that stands for the key (with *reserve* the call's own reservation, made
    now), and what the quote is computed from.
    """
    reserving, record = "", "SELECT NULL::jsonb"
    if reservation is not None:
        reserving, record = idempotency.LOOK_AND_RESERVE if reserve else idempotency.LOOK
    inputs, wanted = question or (_NO_QUOTE, {})
    sql = f"{reserving} SELECT ({record}) AS record, ({inputs}) AS price_inputs"
    row = database.row(sql, {**(reservation or {}), **wanted})
    if row is None:
        raise RuntimeError("a SELECT without FROM returned no row")
    return row["record"], row["price_inputs"]


def submit(database: Database, parameters: dict[str, Any]) -> Row:
    """
    Store lead, answer and jobs together, in one statement that commits by itself.

    The row tells what stands for the idempotency key (`mine`, or another's answer), and the primary if it
    was merged.
    """
    row = database.row(_SUBMIT, parameters)
    if row is None:
        raise RuntimeError("a SELECT without FROM returned no row")
    return row
