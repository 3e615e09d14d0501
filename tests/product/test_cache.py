"""The cache: what was invalidated is never served again, and a missing value is loaded once."""

import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.product.conftest import Api, Faults, FrozenClock
from tests.product.log_lines import events
from tests.product.profiles import PROFILE

if TYPE_CHECKING:
    from chalicelib.resilience.cache import Cache


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


def test_a_fleet_that_misses_it_together_loads_it_once(cache: "Cache", system_clock: None) -> None:
    """Forty containers, each with its own connection."""
    del system_clock
    from chalicelib.platform.settings import settings  # noqa: PLC0415
    from chalicelib.resilience.cache import Cache  # noqa: PLC0415
    from chalicelib.resilience.valkey import Valkey  # noqa: PLC0415

    del cache
    together, loads, found = threading.Barrier(40), list[int](), list[tuple[str, bool]]()

    def load() -> str:
        loads.append(1)
        time.sleep(0.3)  # the database takes its time
        return "value"

    def read() -> None:
        client = Valkey(settings().redis_url.get_secret_value())
        client.command("PING")
        together.wait()
        found.append(Cache(client).get_or_set("materials", "all", 300, load))
        client.close()

    threads = [threading.Thread(target=read) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
    assert {value for value, _ in found} == {"value"}
    assert not any(hit for _, hit in found), "what another loaded meanwhile is a miss"


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


class Refills(RuleBasedStateMachine):
    """
    Readers that are slow between asking the database and keeping the answer; changes; a Valkey that
    forgets.
    """

    cache: "Cache"
    clock: FrozenClock

    @initialize()
    def begin(self) -> None:
        self.cache._valkey.command("FLUSHALL")
        self.version = 0
        self.slow: list[tuple[str, str]] = []

    @rule()
    def somebody_changes_it(self) -> None:
        self.version += 1
        assert self.cache.invalidate("materials")

    @rule()
    def a_slow_reader_asks_the_database(self) -> None:
        found = self.cache.look("materials", "all")
        if found.verdict == "hit":
            assert found.value == str(self.version)
        else:
            self.slow.append((found.generation, str(self.version)))

    @rule(position=st.integers(0, 9))
    def a_slow_reader_keeps_what_it_found(self, position: int) -> None:
        if self.slow:
            generation, value = self.slow.pop(position % len(self.slow))
            self.cache.keep("materials", "all", generation, value, 300)

    @rule(duration_s=st.sampled_from([1, 299, 300]))
    def time_passes(self, duration_s: int) -> None:
        self.clock.advance(duration_s)

    @rule()
    def valkey_forgets_everything(self) -> None:
        self.cache._valkey.command("FLUSHALL")

    @invariant()
    def what_is_there_is_the_present_state(self) -> None:
        found = self.cache.look("materials", "all")
        if found.verdict == "hit":
            assert found.value == str(self.version)


@pytest.mark.proves("P5")
def test_no_read_that_begins_after_a_change_sees_what_was_before(cache: "Cache", clock: FrozenClock) -> None:
    """P5: the next read after a change sees it, however slow readers, changes and losses are interleaved."""
    machine = type("Machine", (Refills,), {"cache": cache, "clock": clock})
    run_state_machine_as_test(machine, settings=PROFILE)
