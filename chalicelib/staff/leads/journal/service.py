"""
Locks leads for a change, and writes down what was done to them with the jobs that it causes.

`tell` is called inside the transaction of the change, so the change, its audit entry and its jobs commit
together or not at all. Whatever should follow from a change of a lead has its line in `CAUSES`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.guards.access import caller_of
from chalicelib.jobs import store as jobs_store
from chalicelib.jobs.envelope import Job
from chalicelib.platform import logs
from chalicelib.platform.errors import Conflict, NotFound
from chalicelib.platform.http import Call
from chalicelib.platform.postgres import Row, Transaction
from chalicelib.staff.audit import service as audit
from chalicelib.staff.leads.journal import store
from chalicelib.webhooks import service as webhooks
from chalicelib.webhooks.models import Event

# What staff (or retention) do to a lead → the jobs that follow, whatever else the change itself causes.
CAUSES: dict[str, tuple[str, ...]] = {
    "lead.changed": ("google_sheets",),
    "lead.merged": ("google_sheets",),
    "lead.released": ("google_sheets", "lead_notice"),
    "lead.rejected": (),
    "lead.erased": ("google_sheets",),
    "lead.rewritten": ("google_sheets",),  # what had been merged into an erased lead: its row alone
}
# What of it other programs are told, unless only a note was written.
_EVENTS: dict[str, Event] = {
    "lead.changed": "lead.updated",
    "lead.merged": "lead.updated",
    "lead.released": "lead.created",
    "lead.erased": "lead.erased",
    "lead.rewritten": "lead.erased",
}
log = logs.EventLog("leads")


@dataclass(frozen=True)
class Told:
    """One change: *action* is a key of `CAUSES`, *before* and *after* name fields and hold nobody's data."""

    lead_id: UUID
    action: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    causes: tuple[str, ...] = field(default=())  # further jobs, of this change alone


def lock(transaction: Transaction, *lead_ids: UUID) -> list[Row | None]:
    """
    The primaries of *lead_ids*, locked until the commit; None for what is no lead.

    A merge that commits while we wait for its rows sends us on to the primary of them.
    """
    while True:
        primaries = store.find_primaries(transaction, lead_ids)
        locked = store.lock(transaction, list(primaries.values()))
        if all(row["merged_into"] is None for row in locked.values()):
            return [locked.get(primaries.get(lead_id)) for lead_id in lead_ids]


def get_locked(transaction: Transaction, lead_id: UUID) -> Row:
    """
    The primary of *lead_id*, locked until the commit.

    Raises:
        NotFound: there is no such lead.
    """
    (row,) = lock(transaction, lead_id)
    if row is None:
        raise NotFound("There is no such lead.")
    return row


def check_kept(row: Row) -> None:
    """
    See that the lead is not erased.

    Raises:
        Conflict: it is; there is nothing left that could be changed.
    """
    if row["erased_at"] is not None:
        raise Conflict("This lead is erased, so nothing of it can be changed any more.")


def move(transaction: Transaction, call: Call, row: Row, to: str, now: datetime) -> None:
    """Give the locked lead *row* the status *to*, and write that into its history."""
    caller = caller_of(call)
    parameters = {
        "lead_id": row["id"],
        "from": row["status"],
        "to": to,
        "now": now,
        "by_id": caller.id,
        "by_role": caller.role,
    }
    store.move(transaction, parameters)


def tell(transaction: Transaction, call: Call, changes: Sequence[Told], now: datetime) -> list[Job]:
    """Write the audit entries and the jobs of *changes* by staff; returns the jobs, to be dispatched."""
    for change in changes:
        target = f"leads/{change.lead_id}"
        audit.record(
            transaction, call, change.action, target=target, before=change.before, after=change.after, now=now
        )
    return cause(transaction, changes, call.correlation_id, now)


def cause(transaction: Transaction, changes: Sequence[Told], correlation_id: str, now: datetime) -> list[Job]:
    """Write the jobs of *changes* without an audit entry: for what no person does, like retention."""
    caused = []
    for change in changes:
        types = [*CAUSES[change.action], *change.causes]
        jobs = [Job.new(job_type, correlation_id) for job_type in types]
        parameters = {
            **jobs_store.insert_parameters(jobs),
            "lead_id": change.lead_id,
            "correlation_id": correlation_id,
            "now": now,
        }
        written = store.insert_jobs(transaction, parameters)
        caused += [job for job in jobs if job.id in written]
        event = _EVENTS.get(change.action)
        if event is not None and set(change.after or ()) != {"notes"}:
            caused += webhooks.announce(
                transaction, event, [change.lead_id], now=now, correlation_id=correlation_id
            )
        log.info(change.action, lead_id=str(change.lead_id), detail=json.dumps(change.after))
    return caused
