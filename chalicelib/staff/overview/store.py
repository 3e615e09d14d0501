"""The overview's figures in SQL, read off indexes that hold all that is counted."""

from datetime import datetime

from chalicelib.platform.postgres import Database, Row

_DAYS = """
SELECT (created_at AT TIME ZONE 'UTC')::date AS day, status, source, count(*) AS leads
FROM leads WHERE merged_into IS NULL AND created_at >= %(since)s
GROUP BY 1, 2, 3
"""

_COUNTED = """
SELECT count(*) FROM (SELECT FROM leads WHERE merged_into IS NULL AND {which} LIMIT %(at_most)s) AS counted
"""

_FIGURES = f"""
SELECT figures.*, ({_COUNTED.format(which="status = 'NEW'")}) AS new,
       ({_COUNTED.format(which="status = 'NEW' AND assigned_to IS NULL")}) AS unassigned,
       ({_COUNTED.format(which="status = 'QUARANTINED'")}) AS quarantined
FROM (
    SELECT count(*) AS leads,
           count(*) FILTER (WHERE status = 'CONVERTED') AS converted,
           count(waited_s) AS contacted,
           count(*) FILTER (WHERE came_at <= %(five_minutes_ago)s) AS due,
           count(*) FILTER (WHERE came_at <= %(five_minutes_ago)s AND waited_s <= 300) AS in_time,
           percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY waited_s) AS percentiles_s
    FROM (
        SELECT status, coalesce(released_at, created_at) AS came_at,
               extract(epoch FROM first_contact_at - coalesce(released_at, created_at))::float8 AS waited_s
        FROM leads
        WHERE merged_into IS NULL AND created_at >= %(since)s AND status NOT IN ('QUARANTINED', 'SPAM')
    ) AS called
) AS figures
"""


def list_days(database: Database, since: datetime) -> list[Row]:
    """How many leads came in since, by day, status and source; no row for none."""
    return database.rows(_DAYS, {"since": since})


def figures(database: Database, *, since: datetime, five_minutes_ago: datetime, at_most: int) -> Row:
    """What became of the leads since, and what is open now, counted up to *at_most*."""
    parameters = {"since": since, "five_minutes_ago": five_minutes_ago, "at_most": at_most}
    return database.rows(_FIGURES, parameters)[0]
