"""
Forgets the people of a lead: in its submissions, notes and slots, and in its row of the sheet.

What is told to people elsewhere (notes in the app, mails that are still to go) is read from the lead when it
is told, so it is forgotten with it. Kept answers and jobs hold ids and prices only. What was erased is
recorded by id, in the table `erasures` and in the log, so that it can be done again after a restore.
"""

from datetime import datetime
from uuid import UUID

from chalicelib.jobs import ledger
from chalicelib.jobs.dispatch import dispatch
from chalicelib.platform import clock, logs
from chalicelib.platform.http import Call
from chalicelib.platform.postgres import Row, Transaction, database
from chalicelib.staff.leads.erasure import store
from chalicelib.staff.leads.journal import service as journal
from chalicelib.staff.leads.journal.service import Told
from chalicelib.staff.leads.work import store as work

log = logs.EventLog("erasure")


def erase(call: Call, lead_id: UUID) -> None:
    """
    Forget the people of *lead_id* and of all that was merged into it; a second time changes nothing.

    Raises:
        NotFound: there is no such lead.
    """
    with database().transaction() as transaction:
        lead, now = journal.get_locked(transaction, lead_id), clock.now()
        if lead["erased_at"] is not None:
            return
        own, joined = _forget(transaction, lead, now, "staff")
        jobs = journal.tell(transaction, call, [own], now)
        jobs += journal.cause(transaction, joined, call.correlation_id, now)
    dispatch(jobs, began_s=call.began_s)


def erase_unasked(lead_id: UUID, cause: str, correlation_id: str) -> bool:
    """
    Forget the people of *lead_id* because its time is over, or once more; False if there was nothing to do.

    No person does it, so no audit entry is written; the journey and `erasures` tell it. The relay sends the
    jobs.
    """
    with database().transaction() as transaction:
        (lead,) = journal.lock(transaction, lead_id)
        if lead is None or lead["erased_at"] is not None:
            return False
        now = clock.now()
        own, joined = _forget(transaction, lead, now, cause)
        jobs = journal.cause(transaction, [own, *joined], correlation_id, now)
    ledger.count_queued(jobs)
    return True


def _forget(transaction: Transaction, lead: Row, now: datetime, cause: str) -> tuple[Told, list[Told]]:
    """What is to be told of the locked *lead*, and of what was merged into it, after their erasure."""
    work.close_slots(transaction, lead["id"])  # first: whoever is joining now is waited for, and erased too
    primary_id, *joined = store.erase(transaction, lead["id"], now=now, cause=cause)
    log.info("erasure.recorded", target=f"leads/{primary_id}", cause=cause)
    own = Told(primary_id, "lead.erased", None, {"erased": ", ".join([*store.UNKEPT, "notes"])})
    return own, [Told(each, "lead.rewritten") for each in joined]
