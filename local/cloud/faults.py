"""
Faults of containers: kill or freeze one in the middle of its next invocation. `dev` sets them, `containers`
carries them out.

"In the middle" is kept literally: the signal comes a few milliseconds after the event was delivered, and an
answer that is faster than that is held back, so that each fault hits exactly one invocation that is under
way.
"""

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

_SOONEST_S, _LATEST_S = 0.0, 0.01
_FREEZE_S = 5.0
_QUEUES = ("email", "sync", "notification")


class FaultRefusedError(ValueError):
    """The fault that was asked for makes no sense; the message says why."""


@dataclass
class ContainerFault:
    """A fault of the *target* (`worker` or `api`) that is still due *left* times."""

    target: str
    mode: Literal["crash", "freeze"]
    left: int
    seconds: float
    queue: str | None
    set_at: float

    def as_item(self) -> dict[str, Any]:
        """How `GET /dev/faults` shows it."""
        item = {
            "target": self.target,
            "mode": self.mode,
            "count": self.left,
            "queue": self.queue,
            "seconds": self.seconds,
        }
        return {
            name: value
            for name, value in item.items()
            if value is not None and (name != "seconds" or self.mode == "freeze")
        }


class Strike:
    """One fault on its way to one invocation."""

    def __init__(self, mode: Literal["crash", "freeze"], seconds: float) -> None:
        self._mode = mode
        self._seconds = seconds
        self._answered = asyncio.Event()
        self._over: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def run(self, delivered: asyncio.Event, send_signal: Callable[[int], None]) -> None:
        """Wait for the event to be *delivered*, then hit."""
        await delivered.wait()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._answered.wait(), random.uniform(_SOONEST_S, _LATEST_S))  # noqa: S311  any instant will do
        if self._mode == "crash":
            send_signal(signal.SIGKILL)
        else:
            send_signal(signal.SIGSTOP)
            await asyncio.sleep(self._seconds)
            send_signal(signal.SIGCONT)
        if not self._over.done():
            self._over.set_result(self._mode == "freeze")

    async def hold(self) -> bool:
        """Hold an answer back until the fault is over; False where its container did not live to give it."""
        self._answered.set()
        return await self._over


class ContainerFaults:
    """The faults that are set now: one for each target, a second replaces it."""

    def __init__(self) -> None:
        self._faults: dict[str, ContainerFault] = {}

    def put(self, wish: dict[str, Any]) -> ContainerFault:
        """
        Set the fault that the body *wish* of `POST /dev/faults` asks for.

        Raises:
            FaultRefusedError: it makes no sense.
        """
        target, mode, queue = wish.get("target"), wish.get("mode"), wish.get("queue")
        if mode not in ("crash", "freeze"):
            raise FaultRefusedError(f"{target} knows the modes crash and freeze.")
        if queue is not None and (target != "worker" or queue not in _QUEUES):
            raise FaultRefusedError("queue is one of email, sync, notification, and only for workers.")
        count, seconds = wish.get("count", 1), wish.get("seconds", _FREEZE_S)
        if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= 1000:
            raise FaultRefusedError("count is a whole number from 1 to 1000.")
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 < seconds <= 600:
            raise FaultRefusedError("seconds is more than 0 and at most 600.")
        fault = ContainerFault(str(target), mode, count, float(seconds), queue, time.time())
        self._faults[fault.target] = fault
        return fault

    def clear(self) -> None:
        """Forget all faults that have not hit yet."""
        self._faults.clear()

    def list_items(self) -> list[dict[str, Any]]:
        """What is still due, as `GET /dev/faults` shows it."""
        return [fault.as_item() for fault in self._faults.values()]

    def take(self, kind: str, queue: str | None) -> Strike | None:
        """The strike for an invocation of a function of *kind* (and *queue*), if one is due."""
        fault = self._faults.get(kind)
        if fault is None or (fault.queue is not None and queue != fault.queue):
            return None
        fault.left -= 1
        if fault.left == 0:
            del self._faults[kind]
        return Strike(fault.mode, fault.seconds)
