"""
What time it is, and the only way to wait.

Everything in the product asks here, never `time` or `datetime`, so that tests and `make run` can move policy
time (rate windows, leases, deferrals) without waiting for it. Durations of calls are still measured with
`time.perf_counter`, since those are facts and not policy.
"""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """
    A source of time; the second implementation is the frozen clock of the tests and the movable one of `make
    run`.
    """

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...

    def sleep(self, duration_s: float) -> None:
        """Let *duration_s* seconds of this clock pass."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)

    def sleep(self, duration_s: float) -> None:
        """Block this thread for *duration_s* seconds."""
        time.sleep(duration_s)


_installed: Clock = SystemClock()


def install(clock: Clock) -> Clock:
    """Make *clock* the product's clock and return the one it replaces."""
    global _installed
    previous, _installed = _installed, clock
    return previous


def now() -> datetime:
    """The product's present instant, aware, in UTC."""
    return _installed.now()


def now_ms() -> int:
    """The product's present instant in milliseconds since the Unix epoch, as the Lua scripts take it."""
    return int(_installed.now().timestamp() * 1000)


def sleep(duration_s: float) -> None:
    """Wait *duration_s* seconds of the product's clock."""
    _installed.sleep(duration_s)


def rfc3339(instant: datetime) -> str:
    """*instant* as RFC 3339 in UTC with milliseconds, the form of every answer and log line."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
