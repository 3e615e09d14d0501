"""
A cache in Valkey that cannot serve what was invalidated, and loads a missing value once for the whole
fleet.

Each namespace has a generation, a random id; invalidating sets a fresh one, so nothing is searched for or
deleted, and a slow reader of the old state fills a generation where nobody looks any more. (A counter would
start again after an eviction and revive old entries.) With Valkey away everybody loads for themselves.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chalicelib.platform import clock, deadline, logs
from chalicelib.resilience.valkey import Script, Valkey, ValkeyAway

FILLING_S = 3.0  # a loader that takes longer, or died, is not waited for
_POLL_S, _POLL_AT_MOST_S = 0.02, 0.25
_HERE = Path(__file__).parent
LOOK = _HERE / "cache_look.lua"
_GET = Script(LOOK, _HERE / "cache_get.lua")
_KEEP = Script(_HERE / "cache_keep.lua")
log = logs.EventLog("cache")


def generation_key(namespace: str) -> str:
    """Where the present generation of *namespace* stands."""
    return f"cache:{namespace}"


def fresh_generation() -> str:
    """A generation that nobody has had."""
    return uuid.uuid4().hex


@dataclass(frozen=True)
class Found:
    """What the cache said: the *value* on a hit, else under which generation to keep it, and who loads it."""

    verdict: str
    generation: str
    value: str

    @classmethod
    def of(cls, answer: list[bytes]) -> "Found":
        """Read the answer of `cache_look`."""
        verdict, generation, value = (part.decode() for part in answer)
        return cls(verdict, generation, value)


class Cache:
    """Texts by namespace and key, over *valkey*."""

    def __init__(self, valkey: Valkey) -> None:
        self._valkey = valkey

    def get_or_set(
        self, namespace: str, key: str, ttl_s: float, loader: Callable[[], str]
    ) -> tuple[str, bool]:
        """
        The value of *key*, loaded by *loader* if nobody has it, and whether it came from the cache.

        A thousand callers who miss it together load it once: the others wait for that one, for three
        seconds at the most. A value that others loaded meanwhile counts as a miss.
        """
        try:
            found = self.look(namespace, key)
            if found.verdict == "hit":
                return found.value, True
            if found.verdict == "wait":
                found = self.wait_for(namespace, key)
                if found.verdict == "hit":
                    return found.value, False
        except ValkeyAway:
            return loader(), False
        try:
            value = loader()
        except BaseException:
            self.give_up(namespace, key, found.generation)
            raise
        self.keep(namespace, key, found.generation, value, ttl_s)
        return value, False

    def look(self, namespace: str, key: str) -> Found:
        """
        What is there now, in one round trip; on `fill` the caller loads the value, and `keep`s it or gives
        up.

        Raises:
            ValkeyAway: load it without.
        """
        arguments = [key, fresh_generation(), clock.now_ms(), int(FILLING_S * 1000)]
        return Found.of(self._valkey.run(_GET, [generation_key(namespace)], arguments))

    def wait_for(self, namespace: str, key: str) -> Found:
        """
        Wait until another has loaded *key*: a hit, or `fill` when that one gave up, or `wait` after three
        seconds.

        Raises:
            ValkeyAway: load it without.
        """
        ends_at = time.monotonic() + deadline.remaining_s(FILLING_S)
        pause_s = _POLL_S
        while True:
            clock.sleep(pause_s)
            pause_s = min(2 * pause_s, _POLL_AT_MOST_S)
            found = self.look(namespace, key)
            if found.verdict != "wait" or time.monotonic() >= ends_at:
                return found

    def keep(self, namespace: str, key: str, generation: str, value: str, ttl_s: float) -> None:
        """Keep *value* for *ttl_s* under the *generation* seen before it was loaded. Never raises."""
        ttl_ms = int(ttl_s * 1000)
        self._end(namespace, [key, generation, value, clock.now_ms() + ttl_ms, ttl_ms])

    def give_up(self, namespace: str, key: str, generation: str) -> None:
        """Let somebody else load it. Never raises."""
        self._end(namespace, [key, generation, "", 0, 0])

    def _end(self, namespace: str, arguments: list[object]) -> None:
        try:
            self._valkey.run(_KEEP, [generation_key(namespace)], arguments)
        except ValkeyAway:
            log.warning("cache.not_kept", namespace=namespace)

    def invalidate(self, namespace: str) -> bool:
        """Let the next read of anything in *namespace* ask the database; False when Valkey is away."""
        try:
            self._valkey.command("SET", generation_key(namespace), fresh_generation())
        except ValkeyAway:
            return False
        return True
