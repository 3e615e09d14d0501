"""
Calls people to leads that wait: one alert a lead that had no first contact in time, ever; one a quarter of an
hour while anything is held back.

The alert's own row remembers that it was raised, so a run that dies or meets another raises none twice.
"""

from datetime import timedelta

from chalicelib.alerts import service as alerts
from chalicelib.leads.sla import store
from chalicelib.platform import clock, deadline
from chalicelib.platform.postgres import database

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
    for lead_id in overdue:
        if deadline.remaining_s(60) < 1:
            return
        body = f"Call back soon, and say so: PATCH /api/admin/leads/{lead_id}."
        alerts.raise_alert(OVERDUE, f"{_SUBJECT}{lead_id}", body, window=None)
