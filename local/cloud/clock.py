"""
The product's clock under `make run`: an offset in seconds in a file, which `local.clock` reads inside the
containers.

It is replaced in one step, so that nobody reads half a number, and it survives a restart, as the data do.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from local.cloud.containers import Function
from local.stack.files import write_atomically

_FARTHEST_S = 10 * 365 * 24 * 3600
_FINISH_WITHIN_S = 3.0
_LOOK_EVERY_S = 0.01


class ClockRefusedError(ValueError):
    """The clock cannot be moved like that; the message says why."""


def read_offset_s(file: Path) -> float:
    """How far the product's clock is ahead, in seconds."""
    try:
        return float(file.read_text())
    except (OSError, ValueError):
        return 0.0


def advance(file: Path, seconds: object) -> float:
    """
    Move the product's clock by *seconds* and return the offset it has now.

    Raises:
        ClockRefusedError: not a number, or the clock would go behind the real one.
    """
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not math.isfinite(seconds):
        raise ClockRefusedError("advanceSeconds is a number.")
    offset_s = read_offset_s(file) + seconds
    if offset_s > _FARTHEST_S:
        raise ClockRefusedError("The product's clock can be at most ten years ahead.")
    if offset_s < 0:
        raise ClockRefusedError("The product's clock cannot be behind the real one.")
    write_atomically(file, f"{offset_s:.3f}\n")
    return round(offset_s, 3)


@asynccontextmanager
async def workers_at_rest(workers: Sequence[Function]) -> AsyncIterator[None]:
    """
    Inside, no worker begins anything, and those that were at work have had 3 s to finish.

    A clock that jumps in the middle of a job makes its claim expire under a healthy worker, which no real
    time does: by then Lambda would have ended it. A worker that is frozen or waits for an answer is not
    waited for any longer.
    """
    for worker in workers:
        worker.hold_back()
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(_FINISH_WITHIN_S):
                while any(worker.is_busy for worker in workers):  # noqa: ASYNC110  nobody else waits for that
                    await asyncio.sleep(_LOOK_EVERY_S)
        yield
    finally:
        for worker in workers:
            worker.let_begin()
