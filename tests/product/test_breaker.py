"""The circuit breaker: five failures open it for the whole fleet, and one trial at a time may close it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests

from tests.product.conftest import Api, Faults, FrozenClock, Ledger
from tests.product.log_lines import events

if TYPE_CHECKING:
    from chalicelib.resilience.breaker import Breaker

CALL_TIMEOUT_S = 15.0
Fleet = Callable[[int], list["Breaker"]]


@pytest.fixture
def fleet(api: Api, clock: FrozenClock) -> Fleet:
    """Breakers of one service as that many containers have them; Valkey is empty."""
    del api
    clock.instant = clock.instant.replace(microsecond=500)  # whole milliseconds add up exactly
    from chalicelib.resilience.breaker import Breaker  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    return lambda count: [Breaker(valkey(), "sheets", CALL_TIMEOUT_S) for _ in range(count)]


def _fail(breaker: "Breaker", times: int) -> None:
    for _ in range(times):
        breaker.fail(breaker.enter())


def _refusal_s(breaker: "Breaker") -> int:
    """How long the refused caller is told to wait."""
    from chalicelib.platform.errors import ServiceUnavailable, refusal_of  # noqa: PLC0415

    with pytest.raises(ServiceUnavailable) as refused:
        breaker.enter()
    assert refusal_of(refused.value)[:2] == (503, "SERVICE_UNAVAILABLE")
    return refused.value.retry_after_s or 0


@pytest.mark.proves("P17")
def test_five_failures_in_a_row_open_it_for_the_whole_fleet_for_30_seconds(
    fleet: Fleet, clock: FrozenClock
) -> None:
    """P17: wherever the five happened, nobody calls for 30 s, and each is told how long that still is."""
    breakers = fleet(6)
    for breaker in breakers[:5]:
        assert breaker.state() == "closed"
        _fail(breaker, 1)
    assert {breaker.state() for breaker in breakers} == {"open"}
    assert [_refusal_s(breaker) for breaker in breakers] == [30] * 6
    clock.advance(12.5)
    assert _refusal_s(breakers[5]) == 18
    clock.advance(17.499)
    assert _refusal_s(breakers[0]) == 1
    clock.advance(0.001)
    assert breakers[3].state() == "half_open"
    assert breakers[3].enter().is_trial


@pytest.mark.proves("P17")
def test_a_success_begins_the_count_anew(fleet: Fleet) -> None:
    """P17: consecutive means consecutive, also when another container has the success."""
    one, other = fleet(2)
    for _ in range(3):
        _fail(one, 4)
        other.succeed(other.enter())
    assert one.state() == "closed"
    _fail(one, 5)
    assert one.state() == "open"


@pytest.mark.proves("P17")
def test_while_open_google_is_not_called_and_jobs_are_deferred_for_free(
    api: Api,
    ledger: Ledger,
    faults: Faults,
    clock: FrozenClock,
    new_lead: Callable[..., object],
    world_url: str,
) -> None:
    """P17: five runs meet a 500, the sixth makes no call, and no attempt is spent by any of them."""
    from chalicelib.sheets.jobs import sheet_sync, sync  # noqa: PLC0415

    def run() -> None:
        sync([ledger.rows("SELECT id FROM jobs WHERE queue = 'sync'")[0]["id"]])
        clock.advance(16)

    def calls() -> int:
        found = requests.get(f"{world_url}/dev/sheets/demo", timeout=5).json()["calls"]
        return len(found)

    assert api.call("POST", "/leads", new_lead()).status == 201
    faults.set("sheets", "error", status=500)
    for _ in range(5):
        assert sheet_sync().breaker.state() == "closed"
        run()
    faults.mend()
    before = calls()
    assert sheet_sync().breaker.state() == "open"
    run()
    assert calls() == before, "an open circuit lets no call through"
    job = ledger.rows("SELECT state, reason, attempts FROM jobs WHERE queue = 'sync'")[0]
    assert job == {"state": "deferred", "reason": "SERVICE_UNAVAILABLE", "attempts": 0}
    clock.advance(16)
    run()
    assert ledger.rows("SELECT state FROM jobs WHERE queue = 'sync'") == [{"state": "done"}]
    assert sheet_sync().breaker.state() == "closed"


@pytest.mark.proves("P18")
def test_of_a_whole_fleet_exactly_one_makes_the_trial(fleet: Fleet, clock: FrozenClock) -> None:
    """P18: 16 threads with a breaker each ask at the same moment; one is let through."""
    from chalicelib.platform.errors import ServiceUnavailable  # noqa: PLC0415

    breakers, starts = fleet(16), threading.Barrier(16)
    _fail(breakers[0], 5)

    def ask(breaker: "Breaker") -> bool:
        starts.wait()
        try:
            return breaker.enter().is_trial
        except ServiceUnavailable:
            return False

    for _ in range(5):
        clock.advance(30)
        with ThreadPoolExecutor(16) as threads:
            assert sum(threads.map(ask, breakers)) == 1
        clock.advance(CALL_TIMEOUT_S + 5)


@pytest.mark.proves("P18")
def test_a_trial_that_succeeds_closes_it_and_one_that_fails_opens_it_for_another_30_seconds(
    fleet: Fleet, clock: FrozenClock
) -> None:
    """P18: and after closing, five fresh failures are needed again."""
    one, other = fleet(2)
    _fail(one, 5)
    clock.advance(30)
    trial = one.enter()
    clock.advance(7)
    one.fail(trial)
    assert _refusal_s(other) == 30
    clock.advance(30)
    other.succeed(other.enter())
    assert one.state() == "closed"
    _fail(one, 4)
    assert other.state() == "closed"
    _fail(other, 1)
    assert one.state() == "open"


@pytest.mark.proves("P18")
def test_a_trial_that_failed_early_holds_up_the_next_no_longer_than_30_seconds(
    fleet: Fleet, clock: FrozenClock
) -> None:
    """P18: its lease ends with its result, also where a call may take longer than the pause."""
    slow = fleet(1)[0]
    slow.call_timeout_s = 60.0
    _fail(slow, 5)
    clock.advance(30)
    _fail(slow, 1)
    assert _refusal_s(slow) == 30
    clock.advance(30)
    assert slow.enter().is_trial


@pytest.mark.proves("P18")
def test_a_trial_holder_that_died_blocks_nobody_for_longer_than_the_timeout_and_5_seconds(
    fleet: Fleet, clock: FrozenClock
) -> None:
    """P18: until then nobody else tries, afterwards the next generation does."""
    one, other = fleet(2)
    _fail(one, 5)
    clock.advance(30)
    dead = one.enter()
    clock.advance(CALL_TIMEOUT_S + 4.999)
    assert _refusal_s(other) == 1
    clock.advance(0.001)
    successor = other.enter()
    assert successor.is_trial
    assert successor.generation == dead.generation + 1


@pytest.mark.proves("P18")
@pytest.mark.parametrize("late_is_ok", [True, False])
@pytest.mark.parametrize("successor_is_ok", [True, False, None])
def test_a_late_result_of_an_old_generation_changes_nothing(
    fleet: Fleet, clock: FrozenClock, *, late_is_ok: bool, successor_is_ok: bool | None
) -> None:
    """P18: neither while its successor tries, nor after that has closed or opened the circuit."""
    one, other = fleet(2)
    before_the_outage = one.enter()
    _fail(one, 5)
    clock.advance(30)
    late = one.enter()
    clock.advance(CALL_TIMEOUT_S + 5)
    successor = other.enter()
    if successor_is_ok is not None:
        (other.succeed if successor_is_ok else other.fail)(successor)
    state, remembered = other.state(), _remembered(other)
    for old in (late, before_the_outage):
        (one.succeed if late_is_ok else one.fail)(old)
    assert other.state() == state
    assert _remembered(other) == remembered


def _remembered(breaker: "Breaker") -> object:
    return breaker.valkey.command("HGETALL", f"breaker:{breaker.service}")


def test_a_healthy_circuit_writes_nothing(fleet: Fleet) -> None:
    breaker = fleet(1)[0]
    breaker.succeed(breaker.enter())
    breaker.valkey.command("CONFIG", "RESETSTAT")
    for _ in range(20):
        breaker.succeed(breaker.enter())
    ran = {name.removeprefix("cmdstat_") for name in breaker.valkey.command("INFO", "commandstats")}
    assert "hmget" in ran
    assert ran <= {"hmget", "evalsha", "config|resetstat", "info", "client|setinfo", "select"}
    assert _remembered(breaker) in ({}, [])


def test_every_change_of_state_is_logged_with_service_and_state(
    fleet: Fleet, clock: FrozenClock, capsys: pytest.CaptureFixture[str]
) -> None:
    breaker = fleet(1)[0]
    _fail(breaker, 5)
    clock.advance(30)
    breaker.fail(breaker.enter())
    clock.advance(30)
    breaker.succeed(breaker.enter())
    told = events(capsys, "circuit.changed")
    assert {line["service"] for line in told} == {"sheets"}
    assert [line["state"] for line in told] == ["open", "half_open", "open", "half_open", "closed"]


@pytest.mark.parametrize("mode", ["refuse", "reset"])
def test_with_valkey_away_each_process_judges_for_itself(
    fleet: Fleet, clock: FrozenClock, faults: Faults, capsys: pytest.CaptureFixture[str], mode: str
) -> None:
    one, other = fleet(2)
    faults.set("redis", mode)
    _fail(one, 4)
    one.succeed(one.enter())
    _fail(one, 4)
    assert one.state() == "closed"
    _fail(one, 1)
    assert (one.state(), other.state()) == ("open", "closed")
    assert _refusal_s(one) == 30
    other.succeed(other.enter())
    clock.advance(30)
    _fail(one, 1)
    assert _refusal_s(one) == 30, "one failure after the pause is enough"
    clock.advance(30)
    one.succeed(one.enter())
    _fail(one, 4)
    assert one.state() == "closed"
    scopes = {(line["state"], line["scope"]) for line in events(capsys, "circuit.changed")}
    assert scopes == {("open", "process")}


def test_a_success_with_valkey_back_ends_the_process_own_count(fleet: Fleet, faults: Faults) -> None:
    """Four failures in one absence and one in the next are no five in a row, if a call succeeded between."""
    breaker = fleet(1)[0]
    faults.set("redis", "refuse")
    _fail(breaker, 4)
    faults.mend()
    breaker.succeed(breaker.enter())
    faults.set("redis", "refuse")
    _fail(breaker, 1)
    assert breaker.state() == "closed"


def test_a_failure_is_counted_here_when_valkey_goes_away_during_the_call(
    fleet: Fleet, faults: Faults
) -> None:
    breaker = fleet(1)[0]
    granted = [breaker.enter() for _ in range(5)]
    faults.set("redis", "refuse")
    for one in granted:
        breaker.fail(one)
    assert breaker.state() == "open"
