"""
Runs over the sheet in SQL: their progress, what the id column says, and what follows from it.

What is judged is judged in one transaction under the sheet's fence, so that no writer comes between.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.jobs import store as jobs
from chalicelib.platform.postgres import Database, Row, Transaction

# Of one kind one run at a time: who asks for a second is given the first.
_START = f"""
WITH started AS (
    INSERT INTO sheet_runs (id, kind, state, job_id, started_by, correlation_id, created_at)
    VALUES (%(run_id)s, %(kind)s, 'queued', %(job_id)s, %(started_by)s, %(correlation_id)s, %(now)s)
    ON CONFLICT (kind) WHERE state IN ('queued', 'running') DO NOTHING
    RETURNING id
), job_source AS (
    SELECT %(job_type)s AS type, id AS subject_id FROM started
), queued AS ({jobs.INSERT}
)
SELECT id FROM started
"""
_OPEN = "SELECT id FROM sheet_runs WHERE kind = %s AND state IN ('queued', 'running')"
_GIVE_UP = """
UPDATE sheet_runs AS run SET state = 'failed', finished_at = %(now)s FROM jobs
WHERE run.kind = %(kind)s AND run.state IN ('queued', 'running')
  AND jobs.id = run.job_id AND jobs.state = 'dead'
"""
_SHOWN = """
SELECT run.id, run.kind, run.done, run.total, run.refused, run.created_at, run.finished_at, run.started_by,
       CASE WHEN run.state <> 'done' AND job.state = 'dead' THEN 'failed' ELSE run.state END AS state,
       CASE WHEN run.state <> 'done' THEN job.reason END AS reason, found.*
FROM sheet_runs AS run LEFT JOIN jobs AS job ON job.id = run.job_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE finding = 'missing') AS missing,
           count(*) FILTER (WHERE finding = 'foreign') AS foreign_rows,
           count(*) FILTER (WHERE finding = 'moved') AS moved,
           count(*) FILTER (WHERE finding = 'doubled') AS doubled
    FROM sheet_findings WHERE run_id = run.id
) AS found
"""
_FIND = f"{_SHOWN} WHERE run.id = %s"
_LIST = f"""
{_SHOWN}
WHERE %(before)s::timestamptz IS NULL
   OR (run.created_at, run.id) < (%(before)s::timestamptz, %(before_id)s::uuid)
ORDER BY run.created_at DESC, run.id DESC LIMIT %(limit)s
"""
_FINDINGS = "SELECT finding, row_number, lead_id FROM sheet_findings WHERE run_id = %s ORDER BY seq LIMIT %s"
_TAKE = """
SELECT id, kind, state, done, total, after_at, after_id, created_at FROM sheet_runs WHERE id = %s
"""

# What belongs in the sheet: each lead that was ever new, and whatever has a row already. Never a submission
# that was merged on arrival, nor what is held in quarantine or is spam.
_BELONGS = """(
    lead.merged_into IS NULL AND lead.status NOT IN ('QUARANTINED', 'SPAM')
    OR EXISTS (SELECT FROM sheet_rows WHERE lead_id = lead.id)
)"""
_BEGIN_BACKFILL = f"""
UPDATE sheet_runs SET state = 'running', total = (
    SELECT count(*) FROM leads AS lead WHERE created_at <= sheet_runs.created_at AND {_BELONGS}
)
WHERE id = %s AND state = 'queued' RETURNING total
"""
_NEXT = f"""
SELECT id, created_at FROM leads AS lead
WHERE created_at <= %(until)s AND {_BELONGS}
  AND (%(after_at)s::timestamptz IS NULL
       OR (created_at, id) > (%(after_at)s::timestamptz, %(after_id)s::uuid))
ORDER BY created_at, id LIMIT %(limit)s
"""
_ADVANCE = """
UPDATE sheet_runs SET done = done + %(done)s, refused = refused + %(refused)s,
                      after_at = %(after_at)s, after_id = %(after_id)s
WHERE id = %(run_id)s
"""
_CARRY_ON = f"""
WITH carried AS (
    UPDATE sheet_runs SET job_id = (%(job_ids)s::uuid[])[1] WHERE id = %(run_id)s RETURNING id, correlation_id
), job_source AS (
    SELECT (%(job_types)s::text[])[1] AS type, id AS subject_id FROM carried
), queued AS ({jobs.INSERT}
)
SELECT id FROM carried
"""
_FINISH = """
UPDATE sheet_runs SET state = 'done', finished_at = %(now)s, done = coalesce(%(done)s, done),
                      total = coalesce(%(done)s, total)
WHERE id = %(run_id)s
"""
_BEGIN = "UPDATE sheet_runs SET state = 'running', total = (SELECT count(*) FROM sheet_rows) WHERE id = %s"

_UNSETTLED = """
SELECT count(*) AS unsettled FROM sheet_rows
WHERE moved_at IS NULL AND (in_flight_fence IS NOT NULL OR rewrite_at IS NOT NULL)
"""
# missing: our ledger says that it was written, and it is nowhere; or it belongs there, was never written, and
# no job will. moved: it stands in another row than ours. back: a person put it where it belongs. doubled: it
# stands in a second row. foreign: a row that is none of ours.
_COMPARE = f"""
WITH seen AS MATERIALIZED (
    SELECT * FROM unnest(%(rows)s::integer[], %(ids)s::uuid[]) AS seen (row_number, lead_id)
), spotted AS MATERIALIZED (
    SELECT lead_id, sheet_rows.row_number AS home, moved_at, bool_or(seen.row_number = sheet_rows.row_number)
           AS is_home, min(seen.row_number) AS first_place, count(*) AS places
    FROM sheet_rows JOIN seen USING (lead_id) GROUP BY lead_id
), finding AS (
    SELECT 'missing' AS finding, row_number, lead_id FROM sheet_rows
    WHERE (written_version > 0 OR moved_at IS NOT NULL)
      AND NOT EXISTS (SELECT FROM seen WHERE seen.lead_id = sheet_rows.lead_id)
UNION ALL
    SELECT 'missing', NULL, lead.id FROM leads AS lead LEFT JOIN sheet_rows ON sheet_rows.lead_id = lead.id
    WHERE {_BELONGS} AND coalesce(written_version, 0) = 0 AND moved_at IS NULL
      AND NOT EXISTS (SELECT FROM seen WHERE seen.lead_id = lead.id)
      AND NOT EXISTS (
          SELECT FROM jobs WHERE subject_id = lead.id AND type = 'google_sheets' AND state <> 'done'
      )
UNION ALL
    SELECT 'moved', first_place, lead_id FROM spotted WHERE is_home IS NOT TRUE
UNION ALL
    SELECT 'back', home, lead_id FROM spotted WHERE is_home AND moved_at IS NOT NULL
UNION ALL
    SELECT 'doubled', seen.row_number, lead_id FROM spotted JOIN seen USING (lead_id)
    WHERE places > 1 AND seen.row_number <> CASE WHEN is_home THEN home ELSE first_place END
UNION ALL
    SELECT 'foreign', seen.row_number, seen.lead_id FROM seen
    LEFT JOIN sheet_rows ON sheet_rows.lead_id = seen.lead_id WHERE sheet_rows.lead_id IS NULL
)
INSERT INTO sheet_findings (run_id, finding, row_number, lead_id)
SELECT %(run_id)s, finding, row_number, lead_id FROM finding ORDER BY finding, row_number, lead_id
RETURNING finding
"""
_FOUND = "SELECT row_number, lead_id FROM sheet_findings WHERE run_id = %(run_id)s AND finding = '{finding}'"
# Written anew in its own place where that is empty, else in a new one.
_MISSING = f"""
UPDATE sheet_rows SET written_version = 0, moved_at = NULL,
    row_number = CASE WHEN found.row_number = ANY(%(rows)s::integer[]) THEN NULL ELSE found.row_number END
FROM ({_FOUND.format(finding="missing")}) AS found WHERE sheet_rows.lead_id = found.lead_id
"""
_MOVED = f"""
UPDATE sheet_rows SET moved_at = %(now)s
FROM ({_FOUND.format(finding="moved")}) AS found WHERE sheet_rows.lead_id = found.lead_id AND moved_at IS NULL
"""
_BACK = f"""
UPDATE sheet_rows SET moved_at = NULL
FROM ({_FOUND.format(finding="back")}) AS found WHERE sheet_rows.lead_id = found.lead_id
"""
# First nobody has the numbers that change hands (a row that was to go there, but never did, gets another).
_VACATE = f"""
UPDATE sheet_rows SET row_number = NULL WHERE lead_id IN (
    SELECT lead_id FROM ({_FOUND.format(finding="moved")}) AS found
UNION ALL
    SELECT lead_id FROM sheet_rows WHERE row_number IN (
        SELECT row_number FROM ({_FOUND.format(finding="moved")}) AS found
    )
)
"""
_ADOPT = f"""
WITH adopted AS (
    UPDATE sheet_rows SET row_number = found.row_number, moved_at = NULL,
                          written_version = greatest(written_version, 1)
    FROM ({_FOUND.format(finding="moved")}) AS found WHERE sheet_rows.lead_id = found.lead_id
    RETURNING found.row_number
)
UPDATE sheets SET next_row = greatest(next_row, 1 + (SELECT max(row_number) FROM adopted))
"""
_ASK_AGAIN = """
INSERT INTO jobs (id, queue, type, subject_id, state, due_at, correlation_id, created_at, reason)
SELECT gen_random_uuid(), 'sync', 'google_sheets', lead_id, 'waiting', %(now)s::timestamptz,
       %(correlation_id)s, %(now)s::timestamptz, 'asked for by a reconciliation'
FROM sheet_findings WHERE run_id = %(run_id)s AND lead_id IS NOT NULL AND finding = ANY(%(findings)s::text[])
"""
_FORGET = "DELETE FROM sheet_runs WHERE state IN ('done', 'failed') AND created_at < %s RETURNING 1"


def start(within: Database | Transaction, parameters: dict[str, Any]) -> UUID | None:
    """Store a run and its job; None, and nothing stored, while one of its kind is under way."""
    row = within.row(_START, parameters)
    return row["id"] if row else None


def give_up_dead(within: Database | Transaction, kind: str, now: datetime) -> None:
    """A run of *kind* whose job is dead has failed for good: another may begin."""
    within.rows(_GIVE_UP, {"kind": kind, "now": now})


def find_open(within: Database | Transaction, kind: str) -> UUID | None:
    """The run of *kind* that is under way."""
    row = within.row(_OPEN, [kind])
    return row["id"] if row else None


def find(database: Database, run_id: UUID) -> Row | None:
    """A run as staff see it; `failed` while its job is dead, and under way again once that is redriven."""
    return database.row(_FIND, [run_id])


def list_runs(database: Database, *, before: tuple[datetime, UUID] | None, limit: int) -> list[Row]:
    """Runs, the latest first, older than *before*."""
    moment, run_id = before or (None, None)
    return database.rows(_LIST, {"before": moment, "before_id": run_id, "limit": limit})


def list_findings(database: Database, run_id: UUID, limit: int) -> list[Row]:
    """What the run found, up to *limit*."""
    return database.rows(_FINDINGS, [run_id, limit])


def take(database: Database, run_id: UUID) -> Row | None:
    """A run as its worker needs it."""
    return database.row(_TAKE, [run_id])


def begin_backfill(database: Database, run_id: UUID) -> None:
    """Count what there is to do, once."""
    database.rows(_BEGIN_BACKFILL, [run_id])


def next_leads(database: Database, run: Row, limit: int) -> list[Row]:
    """The leads behind the run's place that belong in the sheet, of those that there were when it began."""
    place = {"after_at": run["after_at"], "after_id": run["after_id"]}
    return database.rows(_NEXT, {"until": run["created_at"], **place, "limit": limit})


def advance(
    transaction: Transaction, run_id: UUID, *, done: int, refused: int, after_at: datetime, after_id: UUID
) -> None:
    """Commit how far a backfill has come."""
    place = {"after_at": after_at, "after_id": after_id}
    transaction.rows(_ADVANCE, {"run_id": run_id, "done": done, "refused": refused, **place})


def carry_on(transaction: Transaction, run_id: UUID, job: Any, now: datetime) -> None:
    """Hand the run over to *job* (`envelope.Job`), which another invocation will do."""
    parameters = {**jobs.insert_parameters([job]), "correlation_id": job.correlation_id, "now": now}
    transaction.rows(_CARRY_ON, {**parameters, "run_id": run_id})


def finish(transaction: Transaction, run_id: UUID, now: datetime, *, done: int | None = None) -> None:
    """The run is over, *done* being all that there was."""
    transaction.rows(_FINISH, {"run_id": run_id, "now": now, "done": done})


def begin(database: Database, run_id: UUID) -> None:
    """A reconciliation is under way."""
    database.rows(_BEGIN, [run_id])


def count_unsettled(transaction: Transaction) -> int:
    """Rows of which a call may still land."""
    row = transaction.row(_UNSETTLED)
    return int(row["unsettled"]) if row else 0


def compare(
    transaction: Transaction, run_id: UUID, *, rows: Sequence[int], ids: Sequence[UUID | None]
) -> list[str]:
    """Hold *ids* (None: no id at all), found in *rows*, against the ledger; keep and return the findings."""
    found = transaction.rows(_COMPARE, {"run_id": run_id, "rows": list(rows), "ids": list(ids)})
    return [row["finding"] for row in found]


def follow(
    transaction: Transaction,
    run_id: UUID,
    *,
    rows: Sequence[int],
    adopt: bool,
    now: datetime,
    correlation_id: str,
) -> None:
    """
    Draw the consequences: what is missing is asked for again, what is back is ours again, what was moved is
    left alone or, to *adopt* it, ours from now on where it is. *rows* are those in which something stands.
    """
    parameters: dict[str, Any] = {"run_id": run_id, "now": now, "rows": list(rows)}
    findings = ["missing", "back"]
    transaction.rows(_MISSING, parameters)
    transaction.rows(_BACK, parameters)
    if adopt:
        findings.append("moved")
        transaction.rows(_VACATE, parameters)
        transaction.rows(_ADOPT, parameters)
    else:
        transaction.rows(_MOVED, parameters)
    asked = {**parameters, "findings": findings, "correlation_id": correlation_id}
    transaction.rows(_ASK_AGAIN, asked)


def forget_before(database: Database, before: datetime) -> int:
    """Delete runs that are over, with their findings, and return how many that were."""
    return len(database.rows(_FORGET, [before]))
