"""
Brings what no script took along: half a second later where the process goes on, at once where it ends.

A request never waits for it. A container that Lambda freezes brings the rest with its next invocation, or
when it is shut down; what CloudWatch is told (`emf`) has been written by then.
"""

import threading
from functools import cache
from typing import Any

from chalicelib.platform import emf, start
from chalicelib.resilience.carrier import carrier
from chalicelib.resilience.valkey import Script, ValkeyAway, valkey

EVERY_S = 0.5
_AWAY_FOR_S = 2.0
_ROUNDS = 2  # what was sent in vain, and what was counted since
_CARRY_ONLY = Script()


def flush() -> bool:
    """Bring everything now; False when Valkey is away and it stays here. Never raises."""
    try:
        for _ in range(_ROUNDS):
            if carrier.is_loaded():
                valkey().run(_CARRY_ONLY, [])
    except ValkeyAway:
        return False
    return True


class Flusher:
    """The thread that brings the rest; *rest* stops it for good."""

    def __init__(self) -> None:
        self._is_resting = threading.Event()
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
        self._begin = threading.Lock()

    def wake(self) -> None:
        """Let it begin, once."""
        if self._thread.ident is None and self._begin.acquire(blocking=False):
            self._thread.start()

    def rest(self) -> None:
        """Bring nothing any more."""
        self._is_resting.set()

    def end(self) -> None:
        """Bring the last, unless it rests."""
        if not self._is_resting.is_set():
            flush()

    def _run(self) -> None:
        pause_s = EVERY_S
        while not self._is_resting.wait(pause_s):
            pause_s = EVERY_S if flush() else _AWAY_FOR_S


@cache
def flusher() -> Flusher:
    """The process's one, which also sees to it that nothing is left when the process ends."""
    found = Flusher()
    start.at_end(found.end)
    return found


def after_request(event: Any, get_response: Any) -> Any:
    """Chalice's middleware around a request: CloudWatch is told, the fleet hears of it later."""
    try:
        return get_response(event)
    finally:
        emf.write()
        flusher().wake()


def after_event(event: Any, get_response: Any) -> Any:
    """Chalice's middleware around a batch or a schedule, where nobody waits for an answer."""
    try:
        return get_response(event)
    finally:
        emf.write()
        flush()
