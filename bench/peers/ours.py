"""The house's parts, one call each, as the product calls them. Import only in the product's environment."""

import itertools
import json
import os
from typing import Any

from chalicelib.guards import idempotency
from chalicelib.guards.admission import Admission
from chalicelib.health.metrics import service as figures
from chalicelib.platform import clock, metrics
from chalicelib.platform.http import Answer, Call
from chalicelib.platform.settings import settings
from chalicelib.resilience import lock
from chalicelib.resilience.breaker import Breaker
from chalicelib.resilience.cache import Cache
from chalicelib.resilience.valkey import valkey

_BODY: dict[str, Any] = {"name": "Nguyễn Thị Hoa", "phone": "0912 345 678", "content": "Tôi muốn sửa bếp."}
_ANSWER = Answer(201, json.dumps({"id": "0190a000-0000-7000-8000-000000000001", "status": "RECEIVED"}))


_addresses = itertools.cycle(f"10.0.{high}.{low}" for high in range(256) for low in range(256))


def _call(key: str | None) -> Call:
    """One of many clients calls, so that no window is ever full."""
    return Call(
        method="POST",
        route="/leads",
        path="/api/leads",
        path_parameters={},
        query={},
        headers={} if key is None else {"idempotency-key": key},
        raw_body=b"",
        source_address=next(_addresses),
        correlation_id="bench",
        received_at=clock.now(),
        json=_BODY,
    )


class Ours:
    """Over the Valkey at *url*."""

    def __init__(self, url: str) -> None:
        os.environ["REDIS_URL"] = url
        settings.cache_clear()
        valkey.cache_clear()
        self._valkey = valkey()
        self._numbers = itertools.count()
        self._limiter = Admission("READS")
        self._keys = Admission("LEADS", idempotent=True)
        self._cache = Cache(self._valkey)
        self._breaker = Breaker(self._valkey, "bench", 1.0)
        self._cache.get_or_set("bench", "key", 3600, lambda: "x" * 1000)
        self._execute("the one that is repeated")

    def _execute(self, key: str) -> None:
        call = _call(key)
        if self._keys.admit(call) is not None:
            return
        reservation = self._keys.reservation
        if reservation is not None:
            reservation.answer = _ANSWER
            reservation.expires_ms = clock.now_ms() + int(idempotency.KEPT_FOR.total_seconds() * 1000)
        self._keys.complete(call, _ANSWER)

    def limiter(self) -> None:
        """Count a call of one address."""
        self._limiter.admit(_call(None))

    def fresh_key(self) -> None:
        """Reserve a new key, and keep its answer."""
        self._execute(f"{id(self)}-{next(self._numbers)}")

    def duplicate(self) -> None:
        """Answer a key that was executed before."""
        self._execute("the one that is repeated")

    def lock(self) -> None:
        """Take and give back."""
        with lock.held(self._valkey, "bench"):
            pass

    def cache_hit(self) -> None:
        """Read 1,000 characters that are there."""
        self._cache.get_or_set("bench", "key", 3600, lambda: "")

    def breaker(self) -> None:
        """Pass a closed circuit."""
        self._breaker.succeed(self._breaker.enter())

    def exposition(self) -> None:
        """The page of figures after a count."""
        metrics.count(metrics.HTTP_REQUESTS, "GET", "/leads", "200")
        figures.page()
