"""Fences: what PostgreSQL accepts under a lock comes from ever later holders, whatever the lock did."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from local.stack import Stack
from tests.product.conftest import FrozenClock, Ledger
from tests.product.profiles import PROFILE

if TYPE_CHECKING:
    from chalicelib.platform.postgres import Database
    from chalicelib.resilience.lock import Lease
    from chalicelib.resilience.valkey import Valkey

NAME = "sheets:fenced"
TTL_S = 30.0


@dataclass(frozen=True)
class House:
    """The real parts, reached directly: the proxies would only make ten thousand schedules slow."""

    valkey: "Valkey"
    away: "Valkey"
    database: "Database"
    clock: FrozenClock

    def write(self, worker: int, fence: int) -> None:
        """Write under *fence*, as every writer under a lock does."""
        from chalicelib.resilience.store import hold_fence  # noqa: PLC0415

        with self.database.transaction() as transaction:
            transaction.rows("INSERT INTO fenced_writes (worker, fence) VALUES (%s, %s)", [worker, fence])
            hold_fence(transaction, NAME, fence)

    def written(self) -> list[int]:
        """The fencing numbers of the writes that were accepted, in their order."""
        return [row["fence"] for row in self.database.rows("SELECT fence FROM fenced_writes ORDER BY seq")]


@pytest.fixture
def house(parts: Stack, ledger: Ledger, clock: FrozenClock) -> Iterator[House]:
    """A table that is only written under a fence."""
    from chalicelib.platform.postgres import Database  # noqa: PLC0415
    from chalicelib.resilience.valkey import Valkey  # noqa: PLC0415

    ledger.rows("DROP TABLE IF EXISTS fenced_writes")
    ledger.rows(
        "CREATE TABLE fenced_writes (seq bigint GENERATED ALWAYS AS IDENTITY, worker int, fence bigint)"
    )
    valkey = Valkey(f"redis://127.0.0.1:{parts.ports['valkey']}/0")
    away = Valkey("redis://127.0.0.1:9/0")
    away._away_until = float("inf")
    database = Database(parts.environment["MIGRATION_DATABASE_URL"])
    yield House(valkey, away, database, clock)
    database.close()
    valkey.close()
    ledger.rows("DROP TABLE fenced_writes")


def test_a_holder_that_slept_past_its_ttl_cannot_write_over_its_successor(house: House) -> None:
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.store import FenceLost, issue_fence  # noqa: PLC0415

    with held(house.valkey, NAME):
        sleeping = issue_fence(house.database, NAME)
        house.write(0, sleeping)
        house.clock.advance(TTL_S + 1)
        with held(house.valkey, NAME, wait_s=0):
            late = issue_fence(house.database, NAME)
            house.write(1, late)
        with pytest.raises(FenceLost):
            house.write(0, sleeping)
    assert house.written() == [sleeping, late], "the refused write left nothing behind"


def test_two_that_skipped_the_lock_are_told_apart_by_their_fences(house: House) -> None:
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.store import FenceLost, issue_fence  # noqa: PLC0415

    with held(house.away, NAME) as first, held(house.away, NAME) as second:
        assert first.skipped
        assert second.skipped
        older, younger = issue_fence(house.database, NAME), issue_fence(house.database, NAME)
        house.write(1, younger)
        with pytest.raises(FenceLost):
            house.write(0, older)


def test_a_successor_waits_for_the_write_under_way_and_is_not_overtaken(house: House) -> None:
    from chalicelib.resilience.store import hold_fence, issue_fence  # noqa: PLC0415

    fence, issued = issue_fence(house.database, NAME), list[int]()
    successor = threading.Thread(target=lambda: issued.append(issue_fence(house.database, NAME)))
    with house.database.transaction() as transaction:
        hold_fence(transaction, NAME, fence)
        successor.start()
        successor.join(0.2)
        assert issued == [], "the fence was raised in the middle of a write that it should have refused"
        transaction.rows("INSERT INTO fenced_writes (worker, fence) VALUES (0, %s)", [fence])
    successor.join(5)
    assert issued == [fence + 1]


def test_many_at_once_are_never_issued_the_same_fence(house: House) -> None:
    from chalicelib.resilience.store import issue_fence  # noqa: PLC0415

    issued: list[int] = []
    threads = [
        threading.Thread(target=lambda: issued.append(issue_fence(house.database, NAME))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(issued) == list(range(1, 21))


@dataclass
class Run:
    """What one run of a worker believes: its lease, and the fence it was issued."""

    lease: "Lease"
    fence: int | None = None


class Schedules(RuleBasedStateMachine):
    """Runs that take, pause, write, crash; a Valkey flushed or away; a model of lease and fence."""

    house: House
    waiting: Bundle[Run] = Bundle("waiting")  # hold a lease as far as they know, and no fence yet
    fenced: Bundle[Run] = Bundle("fenced")

    def __init__(self) -> None:
        super().__init__()
        self.house.database.rows("DELETE FROM fenced_writes")
        self.house.database.rows("DELETE FROM fences")
        self.house.valkey.command("FLUSHALL")
        self.house.clock.instant = self.house.clock.instant.replace(microsecond=500)
        self.taken = 0
        self.latest_fence = 0
        self.expected: list[int] = []
        self.holder: str | None = None  # the model of the lease in Valkey
        self.expires_at = self.house.clock.now()

    def _may_take(self, holder: str) -> bool:
        now = self.house.clock.now()
        is_free = self.holder in (None, holder) or self.expires_at <= now
        if is_free:
            self.holder, self.expires_at = holder, now + timedelta(seconds=TTL_S)
        return is_free

    def _take(self, *, is_away: bool) -> Run | None:
        from chalicelib.resilience.lock import Lease  # noqa: PLC0415

        self.taken += 1
        lease = Lease(self.house.away if is_away else self.house.valkey, NAME, f"run-{self.taken}", TTL_S)
        taken = lease.extend()
        assert taken == (is_away or self._may_take(lease.holder))
        assert lease.skipped == is_away
        return Run(lease) if taken else None

    def _issue(self, run: Run) -> Run:
        from chalicelib.resilience.store import issue_fence  # noqa: PLC0415

        run.fence = issue_fence(self.house.database, NAME)
        assert run.fence == self.latest_fence + 1
        self.latest_fence = run.fence
        return run

    @rule(target=waiting, is_away=st.booleans())
    def take(self, *, is_away: bool) -> Any:
        """A new run asks for the lock, and sleeps before it has its fence."""
        return self._take(is_away=is_away) or multiple()

    @rule(target=fenced, run=consumes(waiting))
    def issue(self, run: Run) -> Run:
        """The fence comes after the lease, perhaps long after."""
        return self._issue(run)

    @rule(target=fenced, is_away=st.booleans())
    def take_and_issue(self, *, is_away: bool) -> Any:
        """A new run asks for the lock, and has its fence at once."""
        run = self._take(is_away=is_away)
        return multiple() if run is None else self._issue(run)

    @rule(run=fenced)
    def write(self, run: Run) -> None:
        """Whatever the run believes of its lease, PostgreSQL takes only the latest fence."""
        from chalicelib.resilience.store import FenceLost  # noqa: PLC0415

        assert run.fence is not None
        if run.fence == self.latest_fence:
            self.house.write(self.taken, run.fence)
            self.expected.append(run.fence)
        else:
            with pytest.raises(FenceLost):
                self.house.write(self.taken, run.fence)

    @rule(run=st.one_of(waiting, fenced))
    def extend(self, run: Run) -> None:
        """A holder extends; it is refused once another holds the lock."""
        assert run.lease.extend() == (run.lease.skipped or self._may_take(run.lease.holder))

    @rule(run=st.one_of(waiting, fenced))
    def release(self, run: Run) -> None:
        """Frees the lock only if it is the releaser's own; a late write may still be on its way."""
        run.lease.release()
        if not run.lease.skipped and self.holder == run.lease.holder:
            self.holder = None

    @rule(_run=consumes(fenced))
    def crash(self, _run: Run) -> None:
        """A worker is gone without a word."""

    @rule(pause_ms=st.one_of(st.sampled_from([29_999, 30_000]), st.integers(1, 70_000)))
    def pause(self, pause_ms: int) -> None:
        """Everyone sleeps."""
        self.house.clock.instant += timedelta(milliseconds=pause_ms)

    @rule()
    def flush(self) -> None:
        """Valkey fails over to a replica that knows nothing."""
        self.house.valkey.command("FLUSHALL")
        self.holder = None

    @invariant()
    def accepted_writes_have_monotone_fences(self) -> None:
        """Only what the model expects was accepted, and never an older fence after a younger one."""
        written = self.house.written()
        assert written == sorted(written)
        assert written == self.expected


@pytest.mark.proves("P10", "P12")
def test_no_schedule_of_pauses_crashes_and_failovers_lets_an_older_holder_write(house: House) -> None:
    """P10 and P12, and R5.5: a state machine over real Valkey and PostgreSQL, against a model of both."""
    machine = type("HousedSchedules", (Schedules,), {"house": house})
    run_state_machine_as_test(machine, settings=PROFILE)
