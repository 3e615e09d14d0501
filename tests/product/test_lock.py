"""Locks: one holder, a wait that ends, a crash that heals, and what happens without Valkey."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.product.conftest import Api, Faults, FrozenClock, Ledger
from tests.product.log_lines import events


class StandingClock(FrozenClock):
    """A clock that no waiter can move: sleeping only lets the others work."""

    def sleep(self, duration_s: float) -> None:
        """Step aside for a moment of the machine's time; policy time stands."""
        del duration_s
        time.sleep(0.001)


class EventfulClock(FrozenClock):
    """A clock on which something happens at an instant, while someone sleeps."""

    def __init__(self, after_s: float, happen: Callable[[], None]) -> None:
        super().__init__()
        self._at, self._happen = self.instant.timestamp() + after_s, happen

    def sleep(self, duration_s: float) -> None:
        """Let time pass, and the event happen once its time has come."""
        super().sleep(duration_s)
        if self.instant.timestamp() >= self._at:
            self._happen()


@pytest.mark.proves("P10")
def test_of_many_threads_one_at_a_time_is_inside(api: Api) -> None:
    """P10: sixteen threads count to 80 without an atomic counter, and nobody meets anybody."""
    del api
    from chalicelib.platform import clock as product_clock  # noqa: PLC0415
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.valkey import Valkey  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey as shared  # noqa: PLC0415

    counted, inside, most_inside, starts = [0], [0], [0], threading.Barrier(16)

    def work(valkey: Valkey) -> None:
        starts.wait()
        for _ in range(5):
            with held(valkey, "ranking") as lease:
                inside[0] += 1
                most_inside[0] = max(most_inside[0], inside[0])
                seen = counted[0]
                time.sleep(0.0005)  # hands the processor to the other threads, inside the critical section
                counted[0] = seen + 1
                inside[0] -= 1
                assert not lease.skipped

    previous = product_clock.install(StandingClock())
    try:
        with ThreadPoolExecutor(16) as threads:
            for done in [threads.submit(work, shared()) for _ in range(16)]:
                done.result()
    finally:
        product_clock.install(previous)
    assert (counted[0], most_inside[0]) == (80, 1)


@pytest.mark.proves("P10")
def test_locks_of_different_names_do_not_meet(api: Api, clock: FrozenClock) -> None:
    """P10: one spreadsheet's sync does not wait for another's."""
    del api
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    before = clock.now()
    with held(valkey(), "sheets:a"), held(valkey(), "sheets:b"), held(valkey(), "token:1"):
        assert clock.now() == before


@pytest.mark.proves("P11")
def test_after_5_seconds_the_waiter_is_told_that_the_lock_is_taken(api: Api, clock: FrozenClock) -> None:
    """P11: not earlier, not noticeably later, as 503 LOCK_TIMEOUT with Retry-After."""
    del api
    from chalicelib.platform.errors import LockTimeout, refusal_of  # noqa: PLC0415
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    with held(valkey(), "ranking"):
        began = clock.now()
        with pytest.raises(LockTimeout) as refused, held(valkey(), "ranking"):
            pytest.fail("two are inside")
        waited_s = (clock.now() - began).total_seconds()
    assert 5.0 <= waited_s <= 5.2
    assert refusal_of(refused.value)[:2] == (503, "LOCK_TIMEOUT")
    assert (refused.value.retry_after_s or 0) >= 1


@pytest.mark.proves("P11")
def test_a_waiter_is_let_in_as_soon_as_the_lock_is_free(api: Api) -> None:
    """P11: the holder leaves after 3 s, so the waiter gets in then and not after 5 s."""
    del api
    from chalicelib.platform import clock as product_clock  # noqa: PLC0415
    from chalicelib.resilience.lock import Lease, held  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    holder = Lease(valkey(), "ranking", "first", 30.0)
    eventful = EventfulClock(3.0, holder.release)
    previous = product_clock.install(eventful)
    try:
        assert holder.extend()
        began = eventful.now()
        with held(valkey(), "ranking"):
            waited_s = (eventful.now() - began).total_seconds()
    finally:
        product_clock.install(previous)
    assert 3.0 <= waited_s <= 3.2


@pytest.mark.proves("P12")
def test_a_crashed_holders_lock_is_free_after_30_seconds(api: Api, clock: FrozenClock) -> None:
    """P12: nobody gives it back; 29 s later it is still taken, another second later it is not."""
    del api
    from chalicelib.platform.errors import LockTimeout  # noqa: PLC0415
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    crashed = held(valkey(), "ranking")
    crashed.__enter__()  # and never leaves
    assert 0 < valkey().command("PTTL", "lock:ranking") <= 30_000, "Valkey itself cleans up as well"
    clock.advance(29)
    with pytest.raises(LockTimeout), held(valkey(), "ranking", wait_s=0):
        pytest.fail("the crashed holder's time is not over")
    clock.advance(1)
    with held(valkey(), "ranking", wait_s=0) as lease:
        assert not lease.skipped


@pytest.mark.proves("P12")
def test_a_live_holder_keeps_the_lock_by_extending_it(api: Api, clock: FrozenClock) -> None:
    """P12: two minutes of work with an extension every 20 s, and nobody gets in meanwhile."""
    del api
    from chalicelib.platform.errors import LockTimeout  # noqa: PLC0415
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    with held(valkey(), "ranking") as lease:
        for _ in range(6):
            clock.advance(20)
            assert lease.extend()
            with pytest.raises(LockTimeout), held(valkey(), "ranking", wait_s=0):
                pytest.fail("two are inside")
    with held(valkey(), "ranking", wait_s=0):
        pass


def test_a_holder_that_slept_past_its_ttl_neither_extends_nor_frees_its_successors_lock(
    api: Api, clock: FrozenClock
) -> None:
    del api
    from chalicelib.platform.errors import LockTimeout  # noqa: PLC0415
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    with held(valkey(), "ranking") as sleeper:
        clock.advance(31)
        with held(valkey(), "ranking", wait_s=0):
            assert not sleeper.extend()
            sleeper.release()
            with pytest.raises(LockTimeout), held(valkey(), "ranking", wait_s=0):
                pytest.fail("the sleeper freed its successor's lock")


@pytest.mark.parametrize("mode", ["refuse", "timeout", "reset"])
def test_with_valkey_away_the_lock_is_skipped_with_a_warning(
    api: Api, faults: Faults, clock: FrozenClock, capsys: pytest.CaptureFixture[str], mode: str
) -> None:
    del api
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    faults.set("redis", mode)
    before, started = clock.now(), time.perf_counter()
    with held(valkey(), "ranking") as lease:
        assert lease.skipped
        assert lease.extend(), "the fence guards; the work goes on"
    assert time.perf_counter() - started < 0.5
    assert clock.now() == before, "nobody waits for a lock that cannot be taken"
    told = events(capsys, "lock.skipped")
    assert [(line["level"], line["lock"]) for line in told] == [("WARNING", "ranking")]


def test_a_holder_whose_valkey_goes_away_works_on_and_says_so(
    api: Api, faults: Faults, capsys: pytest.CaptureFixture[str]
) -> None:
    del api
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    with held(valkey(), "ranking") as lease:
        assert not lease.skipped
        faults.set("redis", "refuse")
        assert lease.extend()
        assert lease.skipped
    assert len(events(capsys, "lock.skipped")) == 1


def test_a_sync_that_finds_the_lock_taken_defers_its_job_and_spends_no_attempt(
    api: Api, ledger: Ledger, new_lead: Callable[..., object], clock: FrozenClock
) -> None:
    from chalicelib.platform.settings import settings  # noqa: PLC0415
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415
    from chalicelib.sheets.jobs import sync  # noqa: PLC0415

    assert api.call("POST", "/leads", new_lead()).status == 201
    job_id = ledger.rows("SELECT id FROM jobs WHERE queue = 'sync'")[0]["id"]
    with held(valkey(), f"sheets:{settings().spreadsheet_id}"):
        sync([job_id])
    job = ledger.rows("SELECT state, reason, attempts, due_at FROM jobs WHERE queue = 'sync'")[0]
    assert (job["state"], job["reason"], job["attempts"]) == ("deferred", "LOCK_TIMEOUT", 0)
    assert job["due_at"] > clock.now()
