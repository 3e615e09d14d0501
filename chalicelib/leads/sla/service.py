"""
Calls people to leads that wait: for a lead that had no first contact in time one alert, and one note in the
app for who has it, ever; one alert a quarter of an hour while anything is held back.

The alert's own row remembers that it was raised, so a run that dies or meets another raises none twice; the
note's job comes first, and its id is made of the lead's.
"""

import time
from datetime import datetime, timedelta
from uuid import uuid5

from chalicelib.alerts import service as alerts
from chalicelib.jobs import store as jobs_store
from chalicelib.jobs.dispatch import dispatch
from chalicelib.jobs.envelope import Job
from chalicelib.leads.sla import store
from chalicelib.platform import clock, deadline
from chalicelib.platform.postgres import Row, database

OVERDUE, HELD = "lead_overdue", "leads_held"
_WINDOW = timedelta(minutes=15)
_BATCH = 100
_SUBJECT = "No first contact with lead "


def watch() -> None:
    """Look once; what does not fit into the time is found by the next run."""
    held = store.count_held(database())
    if held:
        body = f"{held} held back: release or reject them (GET /api/admin/leads?status=QUARANTINED)."
        alerts.raise_alert(HELD, "Leads in quarantine wait for somebody", body, window=_WINDOW)
    overdue = store.list_overdue(
        database(),
        now=clock.now(),
        prefix=alerts.key_of(OVERDUE, _SUBJECT),
        suffix=alerts.ONCE,
        limit=_BATCH,
    )
    for lead in overdue:
        if deadline.remaining_s(60) < 1:
            return
        lead_id = lead["id"]
        _tell_holder(lead)
        body = f"Call back soon, and say so: PATCH /api/admin/leads/{lead_id}."
        alerts.raise_alert(OVERDUE, f"{_SUBJECT}{lead_id}", body, window=None)


def oldest_uncalled_at() -> datetime | None:
    """
    Since when the lead that waits longest has been without a first contact; None where none waits.

    Raises:
        DatabaseBusy: PostgreSQL is away.
    """
    return store.oldest_uncalled_at(database())


def _tell_holder(lead: Row) -> None:
    if lead["assigned_to"] is None:
        return
    job = Job(uuid5(lead["id"], OVERDUE), OVERDUE, lead["correlation_id"])
    if jobs_store.insert_once(
        database(), job, subject_id=lead["id"], recipient_id=lead["assigned_to"], now=clock.now()
    ):
        dispatch([job], began_s=time.perf_counter())
