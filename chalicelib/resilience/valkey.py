"""
The Valkey client that never waits: 150 ms at the most, once, and then nothing for a second.

Everything in Valkey may vanish at any instant, so every caller has an answer to `ValkeyAway`. A failure is
remembered for a second: a degraded request pays for one wait, not for one per command.
"""

import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from chalicelib.platform import logs
from chalicelib.platform.settings import settings
from chalicelib.resilience.carrier import carrier

TIMEOUT_S = 0.15
AWAY_FOR_S = 1.0
_CARRY = Path(__file__).with_name("carry.lua")
log = logs.EventLog("valkey")


class ValkeyAway(Exception):
    """Valkey did not answer, or did not a moment ago; the caller goes its way without."""


class Script:
    """
    A Lua script beside its module, of one file or of several that stand behind one another.

    Run by digest, and sent whole only when the server forgot it. Each brings along what this process has
    counted (`carrier`), so that counting costs no trip of its own.
    """

    def __init__(self, *paths: Path) -> None:
        self._source = "\n".join(path.read_text(encoding="utf-8") for path in (_CARRY, *paths))
        self._digest: str | None = None

    def run(self, client: redis.Redis, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """Evaluate the script: one round trip, two right after the server restarted."""
        if self._digest is not None:
            try:
                return client.evalsha(self._digest, len(keys), *keys, *arguments)
            except redis.exceptions.NoScriptError:
                pass
        answer = client.eval(self._source, len(keys), *keys, *arguments)
        if self._digest is None:
            import hashlib  # noqa: PLC0415  only the first call of a process needs it

            self._digest = hashlib.sha1(self._source.encode(), usedforsecurity=False).hexdigest()
        return answer


class Valkey:
    """
    Commands and scripts over one small pool to *url*.

    Every method raises `ValkeyAway` instead of waiting: connect and read are limited to 150 ms, nothing is
    retried.
    """

    def __init__(self, url: str) -> None:
        self._client: Any = redis.Redis.from_url(
            url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            retry_on_timeout=False,
            health_check_interval=0,
            protocol=2,
            driver_info=None,
        )
        self._away_until = 0.0

    def run(self, script: Script, keys: Sequence[str], arguments: Sequence[Any] = ()) -> Any:
        """Run *script* atomically on the server."""
        with carrier.load() as batch:
            return self._guarded(lambda: script.run(self._client, keys, [*arguments, batch]))

    def command(self, *words: Any) -> Any:
        """Run one plain command."""
        return self._guarded(lambda: self._client.execute_command(*words))

    def _guarded(self, call: Any) -> Any:
        if time.monotonic() < self._away_until:
            raise ValkeyAway("Valkey did not answer a moment ago")
        try:
            return call()
        except (redis.exceptions.RedisError, OSError) as error:
            self._away_until = time.monotonic() + AWAY_FOR_S
            # Only idle ones: another thread may be waiting on a connection of its own, and finds out itself.
            self._client.connection_pool.disconnect(inuse_connections=False)
            log.warning("cache.unavailable", reason=type(error).__name__)
            raise ValkeyAway("Valkey does not answer") from error

    def close(self) -> None:
        """Close every connection."""
        self._client.close()


@cache
def valkey() -> Valkey:
    """The process's one client over `REDIS_URL`."""
    return Valkey(settings().redis_url.get_secret_value())
