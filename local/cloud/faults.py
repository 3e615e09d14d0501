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
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

_LATEST_S = 0.03  # about as long as a job or a request takes, so that each instant of it is hit
_FREEZE_S = 5.0
TARGETS = ("worker", "api")
MODES = ("crash", "freeze")
QUEUES = ("email", "sync", "notification", "webhook")
FIELDS = ("target", "mode", "count", "seconds", "queue")


class FaultRefusedError(ValueError):
    """The fault that was asked for makes no sense: the message says why, *field* where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass
class ContainerFault:
    """A fault of the *target* (`worker` or `api`) that is still due *left* times."""

    target: str
    mode: Literal["crash", "freeze"]
    left: int
    seconds: float
    queue: str | None
    until: float | None

    def as_item(self) -> dict[str, Any]:
        """How `GET /dev/faults` shows it."""
        item: dict[str, Any] = {"target": self.target, "mode": self.mode, "count": self.left}
        if self.queue is not None:
            item["queue"] = self.queue
        if self.mode == "freeze":
            item["seconds"] = self.seconds
        if self.until is not None:
            item["until"] = datetime.fromtimestamp(self.until, UTC).isoformat().replace("+00:00", "Z")
        return item


class Strike:
    """One fault on its way to one invocation."""

    def __init__(self, mode: Literal["crash", "freeze"], seconds: float) -> None:
        self._mode = mode
        self._seconds = seconds
        self._answered = asyncio.Event()
        self._thawed = asyncio.Event()
        self._over: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def run(self, delivered: asyncio.Event, send_signal: Callable[[int], None]) -> None:
        """Wait for the event to be *delivered*, then hit."""
        await delivered.wait()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._answered.wait(), random.uniform(0, _LATEST_S))  # noqa: S311  any instant will do
        if self._mode == "crash":
            send_signal(signal.SIGKILL)
        else:
            send_signal(signal.SIGSTOP)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._thawed.wait(), self._seconds)
            send_signal(signal.SIGCONT)
        if not self._over.done():
            self._over.set_result(self._mode == "freeze")

    def thaw(self) -> None:
        """End a freeze before its time."""
        self._thawed.set()

    async def hold(self) -> bool:
        """Hold an answer back until the fault is over; False where its container did not live to give it."""
        self._answered.set()
        return await self._over


class ContainerFaults:
    """The faults that are set now: one for each target, a second replaces it."""

    def __init__(self) -> None:
        self._faults: dict[str, ContainerFault] = {}
        self._strikes: weakref.WeakSet[Strike] = weakref.WeakSet()

    def put(self, wish: dict[str, Any]) -> ContainerFault:
        """
        Set the fault that the body *wish* of `POST /dev/faults` asks for.

        A freeze lasts `seconds`; a crash waits at most so long for its invocation, without them for ever.

        Raises:
            FaultRefusedError: it makes no sense.
        """
        target, mode, queue = wish.get("target"), wish.get("mode"), wish.get("queue")
        for name in wish:
            if name not in FIELDS:
                raise FaultRefusedError(name, f"{target} takes {', '.join(FIELDS[1:])}; not {name}.")
        if mode not in MODES:
            raise FaultRefusedError("mode", f"{target} knows the modes {' and '.join(MODES)}.")
        if queue is not None and (target != "worker" or queue not in QUEUES):
            raise FaultRefusedError("queue", f"queue is one of {', '.join(QUEUES)}, and only for workers.")
        count, seconds = wish.get("count"), wish.get("seconds")
        count = 1 if count is None else count
        if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= 1000:
            raise FaultRefusedError("count", "count is a whole number from 1 to 1000.")
        if seconds is not None and not (type(seconds) in (int, float) and 0 < seconds <= 600):
            raise FaultRefusedError("seconds", "seconds is more than 0 and at most 600.")
        until = time.time() + seconds if mode == "crash" and seconds is not None else None
        fault = ContainerFault(str(target), mode, count, float(seconds or _FREEZE_S), queue, until)
        self._faults[fault.target] = fault
        return fault

    def clear(self) -> None:
        """Forget all faults that have not hit yet, and thaw what is frozen."""
        self._faults.clear()
        for strike in self._strikes:
            strike.thaw()

    def list_items(self) -> list[dict[str, Any]]:
        """What is still due, as `GET /dev/faults` shows it."""
        return [fault.as_item() for fault in self._faults.values() if not _is_over(fault)]

    def take(self, kind: str, queue: str | None) -> Strike | None:
        """The strike for an invocation of a function of *kind* (and *queue*), if one is due."""
        fault = self._faults.get(kind)
        if fault is None or _is_over(fault) or (fault.queue is not None and queue != fault.queue):
            return None
        fault.left -= 1
        if fault.left == 0:
            del self._faults[kind]
        strike = Strike(fault.mode, fault.seconds)
        self._strikes.add(strike)
        return strike


def _is_over(fault: ContainerFault) -> bool:
    return fault.until is not None and time.time() > fault.until
