"""The book of faults: which target misbehaves now, how, and for how long.

One fault a target; a second replaces the first, different targets add up. The proxies (tcp_proxy, http_proxy)
ask the fault in front of them for each call; this module only parses, keeps the time and tells the proxies
when to begin and to end. Bad input raises InvalidInput, which app.py turns into a 422. Faults are not kept
over a restart on purpose.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

TARGETS = ("postgres", "redis", "sqs", "s3", "sheets", "turnstile", "email", "sms")
TCP_MODES = ("refuse", "reset", "timeout", "slow", "commit-then-timeout", "commit-then-reset")
HTTP_MODES = (*TCP_MODES, "error")
FIELDS = ("target", "mode", "status", "count", "seconds", "delaySeconds")
DEFAULT_STATUS = 503
DEFAULT_DELAY_S = 1.0
LONGEST_S = 86_400


class InvalidInput(Exception):  # it is the caller's mistake, not a failure
    """What was sent to a /dev endpoint is wrong; each problem is (JSON pointer, code, sentence)."""

    def __init__(self, *problems: tuple[str, str, str]) -> None:
        super().__init__(" ".join(sentence for _, _, sentence in problems))
        self.problems = problems


@dataclass(slots=True, eq=False)
class Fault:
    """One fault: *remaining* calls (None: any number) until *until* (Unix seconds; None: its deletion)."""

    target: str
    mode: str
    status: int | None = None
    delay_s: float = DEFAULT_DELAY_S
    remaining: int | None = None
    until: float | None = None

    def spend(self) -> bool:
        """Count one call and tell whether the fault hits it."""
        if self.remaining is None:
            return True
        if self.remaining == 0:
            return False
        self.remaining -= 1
        return True

    def describe(self) -> dict[str, Any]:
        """The item of `GET /dev/faults`; only what applies to this fault is in it."""
        item: dict[str, Any] = {"target": self.target, "mode": self.mode}
        if self.status is not None:
            item["status"] = self.status
        if self.mode == "slow":
            item["delaySeconds"] = self.delay_s
        if self.remaining is not None:
            item["remaining"] = self.remaining
        if self.until is not None:
            item["until"] = datetime.fromtimestamp(self.until, UTC).isoformat().replace("+00:00", "Z")
        return item


class Breakable(Protocol):
    """A proxy, as the book sees it."""

    kind: str

    async def begin_fault(self, fault: Fault) -> None:
        """Let *fault* hit calls from now on; break open connections if its mode says so."""

    async def end_fault(self) -> None:
        """Work again at once: listen, close what hangs, deliver what was held back."""


class FaultBook:
    """The faults in force, one a target at most."""

    def __init__(self, proxies: Mapping[str, Breakable]) -> None:
        self.proxies = proxies
        self._faults: dict[str, Fault] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def items(self) -> list[dict[str, Any]]:
        """The faults that still hit calls."""
        return [fault.describe() for fault in self._faults.values() if fault.remaining != 0]

    async def put(self, fault: Fault) -> None:
        """Replace the target's fault by *fault*."""
        await self.clear(fault.target)
        self._faults[fault.target] = fault
        if fault.until is not None:
            delay_s = max(0.0, fault.until - time.time())
            self._timers[fault.target] = asyncio.get_running_loop().call_later(delay_s, self._expire, fault)
        await self.proxies[fault.target].begin_fault(fault)

    async def clear(self, *targets: str) -> None:
        """End the faults of *targets*, of all targets if none is named; what hangs is closed."""
        for target in targets or tuple(self.proxies):
            self._faults.pop(target, None)
            timer = self._timers.pop(target, None)
            if timer is not None:
                timer.cancel()
            await self.proxies[target].end_fault()

    def _expire(self, fault: Fault) -> None:
        if self._faults.get(fault.target) is fault:
            task = asyncio.get_running_loop().create_task(self.clear(fault.target))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)


def parse_fault(body: object, proxies: Mapping[str, Breakable]) -> Fault:
    """
    Read the body of `POST /dev/faults`.

    Raises:
        InvalidInput: with one sentence for every field that is wrong.
    """
    if not isinstance(body, dict):
        raise InvalidInput(("", "type", "The body must be a JSON object."))
    target, mode = body.get("target"), body.get("mode")
    if target in ("worker", "api"):
        raise InvalidInput(
            ("/target", "target", f"The target '{target}' is not on the network; the cloud breaks it.")
        )
    if target not in TARGETS or target not in proxies:
        known = ", ".join(name for name in TARGETS if name in proxies)
        raise InvalidInput(("/target", "target", f"The target must be one of: {known}."))
    problems = [(f"/{name}", "unknown", f"Unknown field '{name}'.") for name in body if name not in FIELDS]
    modes = modes_of(target, proxies[target].kind)
    if mode not in modes:
        problems.append(("/mode", "mode", f"The mode for {target} must be one of: {', '.join(modes)}."))
    problems += _wrong_numbers(body)
    if body.get("status") is not None and mode != "error":
        problems.append(("/status", "status", "Only the mode 'error' takes a status."))
    if body.get("delaySeconds") is not None and mode != "slow":
        problems.append(("/delaySeconds", "delay", "Only the mode 'slow' takes delaySeconds."))
    if problems:
        raise InvalidInput(*problems)
    seconds = body.get("seconds")
    return Fault(
        target=target,
        mode=str(mode),
        status=body.get("status") or (DEFAULT_STATUS if mode == "error" else None),
        delay_s=float(body.get("delaySeconds") or DEFAULT_DELAY_S),
        remaining=body.get("count"),
        until=None if seconds is None else time.time() + seconds,
    )


def modes_of(target: str, kind: str) -> tuple[str, ...]:
    """The modes that make sense for *target*, whose proxy speaks `tcp` or `http`."""
    modes = HTTP_MODES if kind == "http" else TCP_MODES
    return (*modes, "flush") if target == "redis" else modes


def _wrong_numbers(body: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    problems = []
    status, count = body.get("status"), body.get("count")
    if status is not None and not (type(status) is int and 400 <= status <= 599):
        problems.append(("/status", "range", "The status must be a whole number from 400 to 599."))
    if count is not None and not (type(count) is int and count >= 1):
        problems.append(("/count", "range", "The count must be a whole number of calls, 1 or more."))
    for name in ("seconds", "delaySeconds"):
        value = body.get(name)
        if value is not None and not (type(value) in (int, float) and 0 < value <= LONGEST_S):
            problems.append((f"/{name}", "range", f"{name} must be a number above 0, a day at most."))
    return problems
