"""
How much time the present call still has, so that no wait outlives the caller.

The HTTP edge and the batch runner set it from the Lambda context; every dependency call asks it.
Measured on the machine's monotonic clock: a function's timeout is a fact, not policy.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_ends_at: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def within(budget_s: float) -> Iterator[None]:
    """Give the block *budget_s* seconds, or what an outer block has left if that is less."""
    token = _ends_at.set(time.monotonic() + remaining_s(budget_s))
    try:
        yield
    finally:
        _ends_at.reset(token)


def remaining_s(at_most_s: float) -> float:
    """Seconds left of the present call, never negative and never above *at_most_s*."""
    ends_at = _ends_at.get()
    return at_most_s if ends_at is None else max(0.0, min(at_most_s, ends_at - time.monotonic()))


def left_of(context: Any) -> float:
    """Seconds that a Lambda *context* has left before the function is killed."""
    return float(context.get_remaining_time_in_millis()) / 1000
