"""
Changes a lead: lock, check, write, tell, in one transaction; the wake-up calls go out after it.

Two changes of one lead take turns at its row, so each is judged by the state that it meets.
"""

from typing import Any
from uuid import UUID

from chalicelib.guards.access import caller_of
from chalicelib.jobs.dispatch import dispatch
from chalicelib.leads.rules import mail_type
from chalicelib.leads.service import MERGE_WITHIN
from chalicelib.platform import clock
from chalicelib.platform.errors import FieldError, ValidationFailed
from chalicelib.platform.http import Call
from chalicelib.platform.postgres import Row, Transaction, database
from chalicelib.staff.leads.journal import service as journal
from chalicelib.staff.leads.journal.service import Told
from chalicelib.staff.leads.work import rules, store
from chalicelib.staff.leads.work.models import LeadPatch


def change(call: Call, lead_id: UUID, patch: LeadPatch) -> None:
    """
    Change what *patch* names; a change to what is there already is none, and leaves no trace.

    Raises:
        NotFound: there is no such lead.
        Conflict: it is erased, or may not go to that status.
        ValidationFailed: it is given to somebody who is not staff.
    """
    with database().transaction() as transaction:
        lead, now = journal.get_locked(transaction, lead_id), clock.now()
        journal.check_kept(lead)
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        if patch.status is not None and patch.status != lead["status"]:
            rules.check_way(lead["status"], patch.status)
            before["status"], after["status"] = lead["status"], patch.status
            journal.move(transaction, call, lead, patch.status, now)
            store.close_slots(transaction, lead["id"])
        if patch.assigns and patch.assigned_to != lead["assigned_to"]:
            _assign(transaction, lead, patch.assigned_to)
            before["assignedTo"], after["assignedTo"] = _text(lead["assigned_to"]), _text(patch.assigned_to)
        if patch.note is not None:
            caller = caller_of(call)
            said = {"lead_id": lead["id"], "now": now, "by_id": caller.id, "by_role": caller.role}
            store.note(transaction, {**said, "text": patch.note})
            after["notes"] = "one more"
        if not after:
            return
        told = Told(lead["id"], "lead.changed", before or None, after)
        jobs = journal.tell(transaction, call, [told], now)
    dispatch(jobs, began_s=call.began_s)


def _assign(transaction: Transaction, lead: Row, user_id: UUID | None) -> None:
    if user_id is not None and not store.is_staff(transaction, user_id):
        told = "A lead can only be given to a manager or an administrator with a confirmed address."
        raise ValidationFailed([FieldError("/assignedTo", "not_staff", told)])
    store.assign(transaction, lead["id"], user_id)


def _text(user_id: UUID | None) -> str | None:
    return None if user_id is None else str(user_id)


def release(call: Call, lead_id: UUID) -> None:
    """
    Let a lead out of quarantine: it is NEW, and causes all that a new lead causes, once.

    It stays a lead of its own, since staff looked at it as one; later submissions may join it.

    Raises:
        NotFound: there is no such lead.
        Conflict: it is not held back, or erased.
    """
    with database().transaction() as transaction:
        lead, now = journal.get_locked(transaction, lead_id), clock.now()
        journal.check_kept(lead)
        rules.check_held(lead["status"])
        journal.move(transaction, call, lead, "NEW", now)
        store.mark_released(transaction, lead["id"], now)
        store.open_slot(transaction, lead["id"], now=now, merge_after=now - MERGE_WITHIN)
        mail = mail_type(has_address=lead["email"] is not None, has_quote=lead["has_quote"])
        jobs = journal.tell(transaction, call, [_moved(lead, "lead.released", "NEW", mail)], now)
    dispatch(jobs, began_s=call.began_s)


def reject(call: Call, lead_id: UUID) -> None:
    """
    Call a lead that is held back spam; nobody is told.

    Raises:
        NotFound: there is no such lead.
        Conflict: it is not held back, or erased.
    """
    with database().transaction() as transaction:
        lead, now = journal.get_locked(transaction, lead_id), clock.now()
        journal.check_kept(lead)
        rules.check_held(lead["status"])
        journal.move(transaction, call, lead, "SPAM", now)
        jobs = journal.tell(transaction, call, [_moved(lead, "lead.rejected", "SPAM", None)], now)
    dispatch(jobs, began_s=call.began_s)


def _moved(lead: Row, action: str, to: str, mail: str | None) -> Told:
    return Told(lead["id"], action, {"status": lead["status"]}, {"status": to}, (mail,) if mail else ())


def merge(call: Call, lead_id: UUID, other_id: UUID) -> None:
    """
    Let *other_id* join *lead_id* with all its submissions; what is one lead already stays so.

    Status and assignment of *lead_id* stand; a lead that nobody has is taken over with the other's assignee.

    Raises:
        NotFound: there is no such lead.
        ValidationFailed: there is no such other lead, or it is the very same.
        Conflict: one of them is erased or held back.
    """
    if lead_id == other_id:
        raise ValidationFailed(
            [FieldError("/otherId", "same", "Name another lead than the one in the address.")]
        )
    with database().transaction() as transaction:
        lead, other = journal.lock(transaction, lead_id, other_id)
        if lead is None:
            journal.get_locked(transaction, lead_id)
        if lead is None or other is None:
            raise ValidationFailed([FieldError("/otherId", "unknown", "There is no such lead.")])
        if lead["id"] == other["id"]:
            return
        for each in (lead, other):
            journal.check_kept(each)
        rules.check_mergeable(lead["status"], other["status"])
        now = clock.now()
        if lead["status"] == "NEW":
            store.hand_slots_on(transaction, other["id"], lead["id"])
        else:
            store.close_slots(transaction, other["id"])
        count = store.merge(transaction, primary_id=lead["id"], other_id=other["id"], now=now)
        joined = Told(lead["id"], "lead.merged", None, {"joinedBy": str(other["id"]), "submissions": count})
        joining = Told(other["id"], "lead.merged", None, {"mergedInto": str(lead["id"])})
        jobs = journal.tell(transaction, call, [joined, joining], now)
    dispatch(jobs, began_s=call.began_s)
