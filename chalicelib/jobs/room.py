"""
Is there room on a queue? Endpoints whose purpose is a job refuse when there is none; a lead is never
refused.

Room means that fewer than 5,000 jobs are unfinished, counted in PostgreSQL (SQS's figures are approximate)
and at most a second old here, so a burst may overshoot by what is in flight.
"""

import time

from chalicelib.jobs import store
from chalicelib.platform.errors import QueueFull
from chalicelib.platform.postgres import database

WARNING_DEPTH = 1_000
FULL_DEPTH = 5_000
_GOOD_FOR_S = 1.0
_AGAIN_AFTER_S = 30
_known: dict[str, tuple[float, int]] = {}


def check_room(queue: str) -> None:
    """
    See that *queue* takes another job.

    Raises:
        QueueFull: it does not; its workers need time.
    """
    counted_at, depth = _known.get(queue, (0.0, 0))
    if time.monotonic() - counted_at >= _GOOD_FOR_S:
        depth = store.count_unfinished(database(), queue, at_most=FULL_DEPTH)
        _known[queue] = (time.monotonic(), depth)
    if depth >= FULL_DEPTH:
        raise QueueFull(
            f"The queue {queue} is full; its jobs need time. Try again in {_AGAIN_AFTER_S} s.",
            retry_after_s=_AGAIN_AFTER_S,
        )
