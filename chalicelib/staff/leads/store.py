"""
Leads as staff see them, in SQL: a page of them, one with all that belongs to it, and its journey.

A merged submission is a lead of its own with `merged_into`; what staff ask about it is answered by its
primary.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.platform.postgres import Database, Row

# The words of the latest submission and how many there are; the sheet's row is made by the same order.
_LATEST = """
CROSS JOIN LATERAL (
    SELECT name, email, content, quote, count(*) OVER () AS submission_count FROM leads AS submission
    WHERE submission.id = lead.id OR submission.merged_into = lead.id
    ORDER BY submission.created_at DESC, submission.id LIMIT 1
) AS latest
"""
_SHOWN = """
lead.id, lead.status, lead.source, lead.phone, lead.assigned_to, lead.created_at, lead.correlation_id,
latest.name, latest.email, latest.content, latest.quote, latest.submission_count
"""

_HEAD = "id, status, source, phone, assigned_to, created_at, correlation_id"
_LATEST_FIRST = "ORDER BY created_at DESC, id DESC"
# Leads (never merged ones) that the filters leave, behind the position of the page before. Whichever filter
# is given, an index has them in this order.
_LEFT = """
FROM leads AS lead
WHERE merged_into IS NULL
  AND (%(status)s::text IS NULL OR status = %(status)s)
  AND (%(source)s::text IS NULL OR source = %(source)s)
  AND (%(assigned_to)s::uuid IS NULL OR assigned_to = %(assigned_to)s)
  AND (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR created_at < %(until)s)
  AND (%(before)s::timestamptz IS NULL OR (created_at, id) < (%(before)s::timestamptz, %(before_id)s::uuid))
"""
_LIST = f"""
WITH page AS (SELECT {_HEAD} {_LEFT} {_LATEST_FIRST} LIMIT %(limit)s)
SELECT {_SHOWN} FROM page AS lead {_LATEST} ORDER BY lead.created_at DESC, lead.id DESC
"""

_MATCHES = """
({name} ILIKE %(pattern)s OR email ILIKE %(pattern)s OR phone LIKE %(phone_pattern)s OR id = %(reference)s)
"""
# Found is a lead whose own words match, or those of what was merged into it. (The scalar sub-select is asked
# lead by lead; as EXISTS it might become a hash of every merged submission.)
_WALK = f"""
    SELECT {_HEAD} FROM (SELECT {_HEAD}, name, email {_LEFT} {_LATEST_FIRST} LIMIT %({{rows}})s) AS lead
    WHERE {{gate}} AND ({{matches}} OR (
        SELECT true FROM leads WHERE merged_into = lead.id AND {{matches}} LIMIT 1
    )) LIMIT %(limit)s
"""
# A frequent term fills a page within a few rows of the list; a rare one is found at once by its trigrams, of
# which a frequent one has half a million to sort. So: look at a sample of the list; where it promises a page,
# walk on for it; where it does not, or the walk was in vain, ask the trigrams. What was walked to the end of
# the list needs no trigrams, nor does a page that is full.
_PROMISES = "(SELECT count(*) FROM sample) BETWEEN %(promising)s AND %(limit)s::integer - 1"


def _search(walked: str, indexed: str) -> str:
    """The statement for a name as *walked* calls it row by row, and as an index knows it (*indexed*)."""
    met, asked = _MATCHES.format(name=walked), _MATCHES.format(name=indexed)
    return f"""
WITH sample AS MATERIALIZED ({_WALK.format(rows="sample", gate="true", matches=met)}
), walked AS MATERIALIZED ({_WALK.format(rows="walk", gate=_PROMISES, matches=met)}
), state AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM walked) AS has_walked,
           (SELECT count(*) FROM sample) >= %(limit)s OR (SELECT count(*) FROM walked) >= %(limit)s
           OR NOT EXISTS (
               SELECT {_LEFT} {_LATEST_FIRST}
               OFFSET CASE WHEN EXISTS (SELECT FROM walked) THEN %(walk)s ELSE %(sample)s END LIMIT 1
           ) AS is_whole
), found AS MATERIALIZED (
    SELECT {_HEAD}, merged_into FROM leads WHERE NOT (SELECT is_whole FROM state) AND {asked}
), far AS (
    SELECT {_HEAD} {_LEFT.replace("leads AS lead", "found AS lead")}
UNION
    SELECT primary_lead.* FROM (SELECT DISTINCT merged_into AS id FROM found) AS merged
    CROSS JOIN LATERAL (SELECT {_HEAD} {_LEFT} AND id = merged.id OFFSET 0) AS primary_lead
), page AS (
    SELECT * FROM sample WHERE (SELECT is_whole AND NOT has_walked FROM state)
UNION ALL
    SELECT * FROM walked WHERE (SELECT is_whole FROM state)
UNION ALL
    SELECT * FROM (SELECT * FROM far {_LATEST_FIRST} LIMIT %(limit)s) AS far
)
SELECT {_SHOWN} FROM page AS lead {_LATEST} ORDER BY lead.created_at DESC, lead.id DESC
"""


# Who types accents means them; who types none finds both. (`folded` takes three times what it calls.)
_SEARCH = _search("name", "name")
_UNACCENTED = "public.unaccent('public.unaccent', name)"
_SEARCH_FOLDED = _search(_UNACCENTED, "folded(name)")
_SEARCH_FOLDED_WITHOUT_TRIGRAMS = _search(_UNACCENTED, _UNACCENTED)
_SAMPLE, _PROMISING, _WALK_AT_MOST = 1_000, 3, 20_000

_PRIMARY = "(SELECT coalesce(merged_into, id) FROM leads WHERE id = %(id)s)"

_BY = "jsonb_build_object('id', by_id, 'email', users.email, 'role', by_role)"

_DETAIL = f"""
SELECT {_SHOWN}, lead.locale, lead.consent_version, lead.consent_at, lead.utm, lead.erased_at,
    lead.first_contact_at,
    (SELECT coalesce(jsonb_agg(to_jsonb(change) ORDER BY change.id), '[]') FROM (
        SELECT change.id, at, {_BY} AS by, from_status AS from, to_status AS to
        FROM lead_status_changes AS change LEFT JOIN users ON users.id = by_id WHERE lead_id = lead.id
    ) AS change) AS status_history,
    (SELECT coalesce(jsonb_agg(to_jsonb(note) ORDER BY note.seq), '[]') FROM (
        SELECT note.id, seq, at, {_BY} AS by, text
        FROM lead_notes AS note LEFT JOIN users ON users.id = by_id
        WHERE lead_id IN (SELECT id FROM leads WHERE id = lead.id OR merged_into = lead.id)
    ) AS note) AS notes,
    (SELECT jsonb_agg(to_jsonb(submission) ORDER BY submission.created_at, submission.id) FROM (
        SELECT id, name, email, content, quote, quarantine_reasons, created_at, correlation_id FROM leads
        WHERE id = lead.id OR merged_into = lead.id
    ) AS submission) AS submissions,
    (SELECT coalesce(jsonb_agg(to_jsonb(related)), '[]') FROM (
        SELECT id, source, status, created_at FROM leads
        WHERE phone = lead.phone AND id <> lead.id AND merged_into IS NULL
        ORDER BY created_at DESC, id DESC LIMIT 50
    ) AS related) AS related
FROM leads AS lead {_LATEST} WHERE lead.id = {_PRIMARY}
"""

# One row an event, from every table that knows one. At the same instant the cause comes before its effect:
# *anchor* is the line of job_events that an event belongs to (their numbers rise as things happen), *place*
# where it stands around that line.
_EVENTS = f"""
WITH submission AS (
    SELECT id, merged_into, merged_at, source, quarantine_reasons, erased_at, correlation_id, created_at
    FROM leads
    WHERE id = {_PRIMARY} OR merged_into = {_PRIMARY}
), job AS (
    SELECT id, queue, type, subject_id, recipient_id, parent_id, correlation_id, created_at FROM jobs
    WHERE subject_id IN (SELECT id FROM submission)
), step AS (
    SELECT job_id, at, seq, status, attempt, detail FROM job_events WHERE job_id IN (SELECT id FROM job)
), delivery AS (
    SELECT deliveries.*, (
        SELECT max(seq) FROM step
        WHERE step.job_id = deliveries.job_id AND step.status = 'started' AND step.at <= deliveries.started_at
    ) AS anchor
    FROM deliveries WHERE job_id IN (SELECT id FROM job)
), event (at, anchor, place, kind, status, job_id, attempt, type, detail, reference, correlation_id) AS (
    SELECT created_at, 0::bigint, 0, 'request', 'received', NULL::uuid, NULL::integer, NULL, source, NULL,
           correlation_id
    FROM submission
UNION ALL
    SELECT created_at, 0, CASE WHEN merged_into IS NULL THEN 1 ELSE 2 END, 'lead',
           CASE WHEN quarantine_reasons <> '{{}}' THEN 'quarantined'
                WHEN merged_into IS NULL OR merged_at IS NOT NULL THEN 'stored' ELSE 'merged' END,
           NULL, NULL, NULL, array_to_string(quarantine_reasons, ', '), NULL, correlation_id
    FROM submission
UNION ALL
    SELECT created_at, coalesce((
               SELECT max(seq) FROM step
               WHERE step.job_id = job.parent_id AND step.status = 'completed' AND step.at <= job.created_at
           ), 0), 3, 'job', 'queued', id, 1, type, NULL, recipient_id::text, correlation_id
    FROM job
UNION ALL
    SELECT at, seq, 0, 'job', status, job_id, attempt, NULL, detail, NULL, job.correlation_id
    FROM step JOIN job ON job.id = step.job_id
UNION ALL
    SELECT started_at, anchor, 1, 'delivery', 'started', job_id, attempt, channel, NULL, NULL,
           job.correlation_id
    FROM delivery JOIN job ON job.id = delivery.job_id
UNION ALL
    SELECT ended_at, anchor, 2, 'delivery', state, job_id, attempt, channel, detail, provider_id,
           job.correlation_id
    FROM delivery JOIN job ON job.id = delivery.job_id WHERE ended_at IS NOT NULL
UNION ALL
    SELECT step.at, seq, -1, 'delivery', 'written', job_id, attempt, 'sheet', NULL, row_number::text,
           job.correlation_id
    FROM step JOIN job ON job.id = step.job_id JOIN sheet_rows ON sheet_rows.lead_id = job.subject_id
    WHERE job.type = 'google_sheets' AND step.status = 'completed' AND step.detail IS NULL
      AND row_number IS NOT NULL
UNION ALL
    SELECT step.at, seq, -1, 'delivery', 'kept', job_id, attempt, 'in_app', NULL, NULL, job.correlation_id
    FROM step JOIN job ON job.id = step.job_id JOIN notifications ON notifications.id = job.id
    WHERE step.status = 'completed'
UNION ALL
    SELECT entry.at, coalesce((
               SELECT min(seq) FROM step
               WHERE 'jobs/' || job_id = entry.target AND status = 'redriven' AND step.at >= entry.at
           ), 0), -1, 'staff', entry.action, job.id, NULL, NULL,
           jsonb_build_array(entry.before, entry.after)::text, entry.actor_role, entry.correlation_id
    FROM audit_log AS entry LEFT JOIN job ON 'jobs/' || job.id = entry.target
    WHERE entry.target IN (SELECT 'jobs/' || id FROM job UNION ALL SELECT 'leads/' || id FROM submission)
UNION ALL
    SELECT erased_at, 0, 0, 'lead', 'erased', NULL, NULL, NULL, NULL, NULL, correlation_id
    FROM submission WHERE merged_into IS NULL AND erased_at IS NOT NULL
)
SELECT event.*, job.queue, {_PRIMARY} AS lead_id
FROM event LEFT JOIN job ON job.id = event.job_id
ORDER BY event.at DESC, anchor DESC, place DESC, job.type DESC, event.job_id DESC, event.correlation_id DESC
LIMIT %(limit)s
"""


def list_leads(
    database: Database, filters: Mapping[str, Any], *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """Leads, the latest first, older than *before*, as far as *filters* (`rules.filters_in`) leave them."""
    moment, lead_id = before or (None, None)
    parameters = {**filters, "before": moment, "before_id": lead_id, "limit": limit}
    if filters["pattern"] is None:
        return database.rows(_LIST, parameters)
    steps = {"sample": _SAMPLE, "promising": _PROMISING, "walk": _WALK_AT_MOST}
    statement = _SEARCH
    if filters["is_folded"]:
        statement = _SEARCH_FOLDED if filters["has_trigrams"] else _SEARCH_FOLDED_WITHOUT_TRIGRAMS
    return database.rows(statement, {**parameters, **steps})


def find_detail(database: Database, lead_id: UUID) -> Row | None:
    """The lead that *lead_id* is or was merged into, with its submissions and related leads."""
    return database.row(_DETAIL, {"id": lead_id})


def list_events(database: Database, lead_id: UUID, limit: int) -> list[Row]:
    """The journey of that lead's whole group, the latest event first; no rows if there is no such lead."""
    return database.rows(_EVENTS, {"id": lead_id, "limit": limit})
