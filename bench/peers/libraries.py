"""The libraries that people would take, each as its documentation shows it."""

import asyncio
import itertools
from typing import Any

import dogpile.cache
import limits
import limits.storage
import limits.strategies
import pottery
import prometheus_client
import pybreaker
import redis
from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.idempotency.persistence.redis import CachePersistenceLayer
from cashews import Cache


class Libraries:
    """Each over the Valkey at *url*."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(url)
        self._numbers = itertools.count()
        self._client.set("bench:get", "x" * 1000)
        self._limits(url)
        self._locks()
        self._caches(url)
        self._keys()
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=5,
            reset_timeout=30,
            state_storage=pybreaker.CircuitRedisStorage(pybreaker.STATE_CLOSED, self._client, "bench"),
        )
        self._registry = prometheus_client.CollectorRegistry()
        names = ("method", "path", "status")
        self._requests = prometheus_client.Counter("requests", "Requests.", names, registry=self._registry)
        self._duration = prometheus_client.Histogram("took", "Seconds.", names[:2], registry=self._registry)

    def _limits(self, url: str) -> None:
        storage = limits.storage.RedisStorage(url)
        self._limiter = limits.strategies.MovingWindowRateLimiter(storage)
        self._limit = limits.RateLimitItemPerMinute(300)
        self._few = itertools.cycle(range(1000))

    def _locks(self) -> None:
        self._lock = self._client.lock("bench:lock", timeout=30)
        self._redlock = pottery.Redlock(key="bench", masters={self._client}, auto_release_time=30)

    def _caches(self, url: str) -> None:
        self._region = dogpile.cache.make_region().configure(
            "dogpile.cache.redis",
            arguments={"url": url, "distributed_lock": True, "thread_local_lock": False},
        )
        self._region.set("bench:dogpile", "x" * 1000)
        self._loop = asyncio.new_event_loop()
        self._cashews = Cache()
        self._cashews.setup(url)
        self._loop.run_until_complete(self._cashews.set("bench:cashews", "x" * 1000, expire=3600))

    def _keys(self) -> None:
        layer = CachePersistenceLayer(client=self._client)
        config = IdempotencyConfig(event_key_jmespath="key", use_local_cache=False)

        @idempotent_function(data_keyword_argument="body", persistence_store=layer, config=config)
        def execute(*, body: dict[str, Any]) -> dict[str, Any]:
            return {"id": body["key"], "status": "RECEIVED"}

        self._execute = execute
        self._execute(body={"key": "the one that is repeated"})

    def bare_get(self) -> None:
        """The floor: one GET of 1,000 characters."""
        self._client.get("bench:get")

    def limits(self) -> None:
        """A moving window; many addresses, so that no window is full."""
        self._limiter.hit(self._limit, f"203.0.113.{next(self._few)}")

    def redis_lock(self) -> None:
        """Take and give back."""
        with self._lock:
            pass

    def pottery_lock(self) -> None:
        """Take and give back, a majority of one master."""
        with self._redlock:
            pass

    def dogpile(self) -> None:
        """A hit."""
        self._region.get_or_create("bench:dogpile", lambda: "", expiration_time=3600)

    def cashews(self) -> None:
        """A hit."""
        self._loop.run_until_complete(self._cashews.get("bench:cashews"))

    def powertools_fresh(self) -> None:
        """A new key."""
        self._execute(body={"key": f"{id(self)}-{next(self._numbers)}"})

    def powertools_duplicate(self) -> None:
        """A key that was executed before."""
        self._execute(body={"key": "the one that is repeated"})

    def pybreaker(self) -> None:
        """Pass a closed circuit."""
        self._breaker.call(lambda: None)

    def prometheus(self) -> None:
        """The page of figures of one process after a count."""
        self._requests.labels("GET", "/leads", "200").inc()
        self._duration.labels("GET", "/leads").observe(0.01)
        prometheus_client.generate_latest(self._registry)
