"""The cache: what was invalidated is never served again, and a missing value is loaded once."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from local.stack import Stack
from tests.product.conftest import Api, Faults, FrozenClock
from tests.product.log_lines import events

if TYPE_CHECKING:
    from chalicelib.resilience.cache import Cache

# The clients bear a slow machine: many threads share two cores, and nobody is to take that for an outage.
_READERS = """
import json, sys, threading, time
import redis
from chalicelib.resilience.cache import Cache
from chalicelib.resilience.valkey import Valkey

url, number = sys.argv[1], int(sys.argv[2])
ready, together, loads, found = threading.Semaphore(0), threading.Event(), [], []

def load():
    loads.append(1)
    time.sleep(1)  # the database takes its time
    return "value"

def read():
    client = Valkey(url)
    client._client = redis.Redis.from_url(url, socket_timeout=20, protocol=2, driver_info=None)
    client.command("PING")
    ready.release()
    together.wait()
    found.append(Cache(client).get_or_set("materials", "all", 300, load))
    client.close()

threads = [threading.Thread(target=read) for _ in range(number)]
for thread in threads:
    thread.start()
for _ in threads:
    ready.acquire()
print("READY", flush=True)
sys.stdin.readline()
together.set()
for thread in threads:
    thread.join()
values, hits = [value for value, _ in found], sum(hit for _, hit in found)
print(json.dumps({"loads": len(loads), "values": values, "hits": hits}))
"""


@pytest.fixture
def cache(api: Api) -> "Cache":
    """An empty cache."""
    del api
    from chalicelib.resilience.cache import Cache  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    return Cache(valkey())


class Loader:
    """Counts how often the database is asked."""

    def __init__(self, *values: str) -> None:
        self._values = iter(values)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        return next(self._values)


@pytest.mark.proves("P4")
def test_within_the_ttl_the_second_read_asks_nobody_and_is_identical(
    cache: "Cache", clock: FrozenClock
) -> None:
    """P4: within the TTL no database query, identical data; after it, a fresh one."""
    load = Loader("đầu", "sau")
    assert cache.get_or_set("materials", "all", 300, load) == ("đầu", False)
    clock.advance(299)
    assert cache.get_or_set("materials", "all", 300, load) == ("đầu", True)
    assert load.calls == 1
    clock.advance(1)
    assert cache.get_or_set("materials", "all", 300, load) == ("sau", False)


@pytest.mark.proves("P5")
def test_a_slow_reader_of_the_old_state_cannot_bring_it_back(cache: "Cache") -> None:
    """P5: the next read after a change sees it, also while a slow reader keeps the old value."""
    slow = cache.look("materials", "all")
    assert slow.verdict == "fill"
    assert cache.invalidate("materials")
    cache.keep("materials", "all", slow.generation, "old", 300)
    assert cache.get_or_set("materials", "all", 300, Loader("new")) == ("new", False)
    assert cache.get_or_set("materials", "all", 300, Loader()) == ("new", True)


def test_an_invalidated_namespace_leaves_the_others_alone(cache: "Cache") -> None:
    cache.get_or_set("materials", "all", 300, Loader("m"))
    cache.get_or_set("regions", "all", 300, Loader("r"))
    cache.invalidate("materials")
    assert cache.get_or_set("regions", "all", 300, Loader()) == ("r", True)
    assert cache.get_or_set("materials", "all", 300, Loader("m2")) == ("m2", False)


def test_a_generation_that_valkey_lost_brings_nothing_old_back(cache: "Cache") -> None:
    from chalicelib.resilience.cache import generation_key  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    cache.get_or_set("materials", "all", 300, Loader("old"))
    cache.invalidate("materials")
    valkey().command("DEL", generation_key("materials"))
    assert cache.get_or_set("materials", "all", 300, Loader("new")) == ("new", False)


def test_a_thousand_who_miss_it_together_load_it_once(parts: Stack, cache: "Cache") -> None:
    """R2.5: four processes of 250 threads, each thread with a connection of its own as a container has."""
    del cache
    url = f"redis://127.0.0.1:{parts.ports['valkey']}/0"  # and not by the proxy, which would queue them up
    fleet = [
        subprocess.Popen(
            [sys.executable, "-c", _READERS, url, "250"],
            env=os.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in fleet:
        assert process.stdout is not None
        assert process.stdout.readline() == "READY\n"
    for process in fleet:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [json.loads(process.communicate(timeout=60)[0]) for process in fleet]
    assert [process.returncode for process in fleet] == [0] * 4
    assert sum(each["loads"] for each in told) == 1
    assert [each["values"] for each in told] == [["value"] * 250] * 4
    assert sum(each["hits"] for each in told) < 999, "somebody waited for it, so it was loaded meanwhile"


def test_a_loader_that_fails_lets_the_next_one_load(cache: "Cache") -> None:
    def fail() -> str:
        raise LookupError

    with pytest.raises(LookupError):
        cache.get_or_set("materials", "all", 300, fail)
    assert cache.get_or_set("materials", "all", 300, Loader("value")) == ("value", False)


def test_a_loader_that_died_is_not_waited_for_longer_than_three_seconds(
    cache: "Cache", system_clock: None
) -> None:
    del system_clock
    assert cache.look("materials", "all").verdict == "fill"  # and then its process was killed
    started = time.perf_counter()
    assert cache.get_or_set("materials", "all", 300, Loader("value")) == ("value", False)
    assert time.perf_counter() - started < 4


def test_without_valkey_everybody_asks_the_database_with_a_warning(
    cache: "Cache", faults: Faults, capsys: pytest.CaptureFixture[str]
) -> None:
    faults.set("redis", "timeout")
    started = time.perf_counter()
    assert cache.get_or_set("materials", "all", 300, Loader("value")) == ("value", False)
    assert cache.invalidate("materials") is False
    assert time.perf_counter() - started < 0.3
    assert events(capsys, "cache.unavailable")


@pytest.fixture
def system_clock() -> Iterator[None]:
    """The machine's own clock, for what really waits."""
    from chalicelib.platform import clock as product_clock  # noqa: PLC0415

    previous = product_clock.install(product_clock.SystemClock())
    yield
    product_clock.install(previous)
