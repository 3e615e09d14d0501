"""
Gets committed jobs going: a message for each, or, with the broker away, the work itself within the request.

What is begun here is never cut off: it goes on in its thread when the request's time is over, and its claim
tells everybody. What does not fit (a sheet's row, a mail in a cold process, anything once the time is
short) stays stored, and the relay sends it.
"""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import cache

from chalicelib.jobs import ledger, outbox
from chalicelib.jobs.envelope import Job
from chalicelib.jobs.runner import OneByOne
from chalicelib.platform import logs
from chalicelib.platform.errors import DatabaseBusy

ANSWER_WITHIN_S = 0.8
_RESERVE_S = 0.1  # for what the edge still has to do
_at_hand: dict[str, OneByOne] = {}
log = logs.EventLog("dispatch")


def offer(kinds: Mapping[str, OneByOne]) -> None:
    """Let requests do these *kinds* of job while the broker is away."""
    _at_hand.update(kinds)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="dispatch")


def dispatch(jobs: Sequence[Job], *, began_s: float) -> None:
    """
    Send *jobs*, or do what can be done of them; never raises.

    *began_s* is when the request began (`time.perf_counter`): all of its answer has 800 ms.
    """
    ledger.count_queued(jobs)
    sent = {job.id for job in outbox.send(jobs)}
    left = [job for job in jobs if job.id not in sent]
    if not left:
        return
    log.warning("outbox.fallback", jobs=len(left))
    ends_s = began_s + ANSWER_WITHIN_S - _RESERVE_S
    if time.perf_counter() >= ends_s:
        return
    work = _threads().submit(copy_context().run, _do_what_fits, left, ends_s)
    wait([work], timeout=max(0.0, ends_s - time.perf_counter()))


def _do_what_fits(jobs: Sequence[Job], ends_s: float) -> None:
    left = deque(jobs)
    while left:
        job = left.popleft()
        kind = _at_hand.get(job.type)
        if kind is None or kind.request_cost_s is None or not kind.is_warm():
            continue
        if time.perf_counter() + kind.request_cost_s > ends_s:
            continue
        try:
            left.extend(kind.do_one(job.id))
        except DatabaseBusy:
            return
        except Exception as error:  # noqa: BLE001  nobody waits for this thread; the ledger still has the job
            log.failure("dispatch.failed", error, job_id=str(job.id), type=job.type)
