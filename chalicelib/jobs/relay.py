"""
Sends what should have a message and has none: every minute, and the only reason why losing the broker loses
nothing.

Due are jobs that were never sent (5 s are left to the request itself), deferred ones whose time has come,
lost leases, and what was sent 60 s ago in vain. A doubled message is harmless: the claim decides.
"""

from datetime import timedelta
from typing import Any

from chalicelib.jobs import outbox, store
from chalicelib.jobs.envelope import Job
from chalicelib.platform import clock, deadline, logs
from chalicelib.platform.postgres import database

_FRESH = timedelta(seconds=5)
_STALE = timedelta(seconds=60)
_BATCH = 500
_SEND_BUDGET_S = 3.0
_RESERVE_S = 5.0
log = logs.EventLog("relay")


def run(context: Any) -> int:
    """Send until all is sent, the broker refuses, or time is nearly over; returns how many were."""
    total, budget_s = 0, deadline.left_of(context)
    with deadline.within(budget_s):
        while deadline.remaining_s(budget_s) > _RESERVE_S:
            now = clock.now()
            rows = store.to_send(database(), now=now, fresh=now - _FRESH, stale=now - _STALE, limit=_BATCH)
            if not rows:
                break
            jobs = [Job(row["id"], row["type"], row["correlation_id"], row["epoch"]) for row in rows]
            sent = outbox.send(jobs, budget_s=_SEND_BUDGET_S)
            store.mark_sent(database(), [job.id for job in sent], now)
            total += len(sent)
            if len(sent) < len(jobs):
                log.warning("relay.incomplete", sent=len(sent), due=len(jobs))
                break
    if total:
        log.info("relay.sent", jobs=total)
    return total
