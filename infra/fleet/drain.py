"""
How long each queue takes to drain after an hour in which nothing of it was done, while leads go on coming.

A simulation from call to call: leads arrive at random (Poisson), calls take random times (exponential) around
what is assumed of them, as many at once as there are containers, and never more a minute than the other side
allows. It begins when the other side is back, with the longest time until the first job is tried again: an
open circuit, a deferral, and the relay's minute.
"""

import heapq
import itertools
import random
from collections import deque
from dataclasses import dataclass

from chalicelib.resilience.breaker import OPEN_FOR_S
from chalicelib.sheets.outcomes import DEFER_S
from chalicelib.sheets.service import BATCH_ROWS
from infra.fleet import assumed
from infra.stages import Stage

OUTAGE_S = 3600
WAKE_S = OPEN_FOR_S + DEFER_S + 60
OBSERVED_S = 4 * 3600
LEADS_A_MINUTE = (1, 10, 100, 231, 350, 1000)  # 231: ten million a month
TARGET_S = 300  # R8.4
_SEED = 20


@dataclass(frozen=True)
class Sink:
    """What works off one queue: *workers* at once, each with calls of *jobs_a_call*."""

    queue: str
    jobs_a_lead: int
    workers: int
    jobs_a_call: int
    call_s: float
    calls_a_minute: int  # 0: as many as one likes


def sinks(stage: Stage) -> list[Sink]:
    """The four queues of a stage."""
    most = stage.worker_concurrency
    return [
        Sink("email", 1, most["email"], 1, assumed.MAIL_CALL_S, assumed.MAILS_A_MINUTE),
        # The lock lets one write at a time, however many containers there are.
        Sink("sync", 1, 1, BATCH_ROWS, assumed.SHEET_CALL_S, assumed.SHEET_CALLS_A_MINUTE),
        Sink("notification", 1 + assumed.STAFF, most["notification"], 1, assumed.TOLD_S, 0),
        Sink("webhook", 1, most["webhook"], 1, assumed.RECEIVER_CALL_S, 0),
    ]


def drain_s(sink: Sink, leads_a_minute: float, seed: int = _SEED) -> float | None:
    """Seconds from the end of the outage until nothing waits; None: not within four hours."""
    chance = random.Random(seed)  # noqa: S311  a simulation
    jobs_a_s = leads_a_minute * sink.jobs_a_lead / 60
    waiting, next_s, now_s = 0, chance.expovariate(jobs_a_s) - OUTAGE_S, WAKE_S
    free_s = [WAKE_S] * sink.workers
    called_s: deque[float] = deque(maxlen=sink.calls_a_minute or None)
    while now_s < OBSERVED_S:
        now_s = max(now_s, heapq.heappop(free_s))
        if sink.calls_a_minute and len(called_s) == sink.calls_a_minute:
            now_s = max(now_s, called_s[0] + 60)
        while next_s <= now_s:
            waiting += 1
            next_s += chance.expovariate(jobs_a_s)
        if not waiting:
            return now_s
        waiting -= min(waiting, sink.jobs_a_call)
        if sink.calls_a_minute:
            called_s.append(now_s)
        heapq.heappush(free_s, now_s + chance.expovariate(1 / sink.call_s))
    return None


def most_leads_a_minute(sink: Sink) -> int:
    """The highest rate, in tens, at which the queue is empty again within five minutes."""
    rates = itertools.count(10, 10)
    return max(
        itertools.takewhile(lambda rate: (drain_s(sink, rate) or OBSERVED_S) <= TARGET_S, rates), default=0
    )
