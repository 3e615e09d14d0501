"""Lease and fence against a plain model of both: what PostgreSQL accepts comes from ever later holders."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
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

from tests.machines.conftest import House, Line
from tests.product.profiles import MACHINES, MACHINES_MAY_TAKE_S

if TYPE_CHECKING:
    from chalicelib.resilience.lock import Lease
    from chalicelib.resilience.valkey import Valkey

pytestmark = pytest.mark.timeout(MACHINES_MAY_TAKE_S)
NAME, KEY = "sheets:fenced", "lock:sheets:fenced"
TTL = timedelta(seconds=30)
EDGES_MS = [1, 29_999, 30_000]


@dataclass
class Run:
    """What one run of a worker believes: its lease, and the fence it was issued."""

    lease: "Lease"
    fence: int | None = None


@dataclass
class Lock:
    """The lease as one would write it down."""

    holder: str | None = None
    expires_at: datetime | None = None

    def take(self, holder: str, now: datetime) -> bool:
        """Take or renew it, if it is free, one's own, or over."""
        if self.holder in (None, holder) or (self.expires_at and self.expires_at <= now):
            self.holder, self.expires_at = holder, now + TTL
        return self.holder == holder


class Workers(RuleBasedStateMachine):
    """Runs that take, pause, write, crash; a Valkey that is flushed, away, deaf or fails over."""

    house: House
    valkey: "Valkey"
    line: Line
    waiting: Bundle[Run] = Bundle("waiting")  # hold a lease as far as they know, and no fence yet
    fenced: Bundle[Run] = Bundle("fenced")

    def __init__(self) -> None:
        super().__init__()
        self.house.rows("DELETE FROM fenced_writes")
        self.house.rows("DELETE FROM fences")
        self.house.flush()
        self.line.state = "up"
        self.lock, self.replica = Lock(), Lock()
        self.taken = 0
        self.latest_fence = 0
        self.expected: list[int] = []

    def _take(self, lease: "Lease") -> bool:
        """One try to take or renew, here and in the model; without an answer it counts as taken."""
        self.valkey._away_until = 0.0
        was_skipped = lease.skipped
        taken = lease.extend()
        if self.line.state != "cut":
            in_model = self.lock.take(lease.holder, self.house.now())
        assert taken == (in_model if self.line.state == "up" else True)
        assert lease.skipped == (was_skipped or self.line.state != "up")
        return taken

    def _issue(self, run: Run) -> Run:
        from chalicelib.resilience.store import issue_fence  # noqa: PLC0415

        run.fence = issue_fence(self.house.database, NAME)
        assert run.fence == self.latest_fence + 1
        self.latest_fence = run.fence
        return run

    @rule(target=waiting)
    def take(self) -> Any:
        """A new run asks for the lock, and sleeps before it has its fence."""
        from chalicelib.resilience.lock import Lease  # noqa: PLC0415

        self.taken += 1
        lease = Lease(self.valkey, NAME, f"run-{self.taken}", TTL.total_seconds())
        return Run(lease) if self._take(lease) else multiple()

    @rule(target=fenced, run=consumes(waiting))
    def issue(self, run: Run) -> Run:
        """The fence comes after the lease, perhaps long after."""
        return self._issue(run)

    @rule(target=fenced)
    def take_and_issue(self) -> Any:
        """A new run asks for the lock, and has its fence at once."""
        found = self.take()
        return self._issue(found) if isinstance(found, Run) else found

    @rule(run=fenced)
    def write(self, run: Run) -> None:
        """Whatever the run believes of its lease, PostgreSQL takes only the latest fence."""
        from chalicelib.resilience.store import FenceLost, hold_fence  # noqa: PLC0415

        assert run.fence is not None
        try:
            with self.house.database.transaction() as transaction:
                transaction.rows("INSERT INTO fenced_writes (fence) VALUES (%s)", [run.fence])
                hold_fence(transaction, NAME, run.fence)
        except FenceLost:
            assert run.fence != self.latest_fence
            return
        assert run.fence == self.latest_fence
        self.expected.append(run.fence)

    @rule(run=st.one_of(waiting, fenced))
    def extend(self, run: Run) -> None:
        """A holder extends; it is refused once another holds the lock."""
        self._take(run.lease)

    @rule(run=st.one_of(waiting, fenced))
    def release(self, run: Run) -> None:
        """Frees the lock only if it is the releaser's own; a late write may still be on its way."""
        self.valkey._away_until = 0.0
        run.lease.release()
        if self.line.state != "cut" and self.lock.holder == run.lease.holder:
            self.lock = Lock()

    @rule(_run=consumes(fenced))
    def crash(self, _run: Run) -> None:
        """A worker is gone without a word."""

    @rule(pause_ms=st.one_of(st.sampled_from(EDGES_MS), st.integers(1, 70_000)))
    def pause(self, pause_ms: int) -> None:
        """Everyone sleeps."""
        self.house.pass_time(timedelta(milliseconds=pause_ms))

    @rule(state=st.sampled_from(["up", "up", "cut", "deaf"]))
    def break_or_mend_the_line(self, state: str) -> None:
        """Valkey goes away, with or without having heard, or comes back."""
        self.line.state = state

    @rule()
    def flush(self) -> None:
        """Valkey fails over to a replica that knows nothing."""
        self.house.flush()
        self.lock = Lock()

    @rule()
    def replicate(self) -> None:
        """The replica has heard everything up to now."""
        self.replica = Lock(self.lock.holder, self.lock.expires_at)

    @rule()
    def fail_over(self) -> None:
        """Valkey fails over to a replica that knows only what it had heard."""
        self.flush()
        if self.replica.holder and self.replica.expires_at:
            expires_ms = int(self.replica.expires_at.timestamp() * 1000)
            self.house.valkey.command("HSET", KEY, "holder", self.replica.holder, "expires_ms", expires_ms)
            self.lock = Lock(self.replica.holder, self.replica.expires_at)

    @invariant()
    def lock_and_model_agree(self) -> None:
        """At most one holder, the model's, and it is the one who took it last while Valkey kept its data."""
        found = self.house.valkey.command("HGET", KEY, "holder")
        assert (found.decode() if found else None) == self.lock.holder

    @invariant()
    def accepted_writes_have_monotone_fences(self) -> None:
        """Only what the model expects was accepted, and never an older fence after a younger one."""
        written = [row["fence"] for row in self.house.rows("SELECT fence FROM fenced_writes ORDER BY seq")]
        assert written == sorted(written)
        assert written == self.expected


@pytest.fixture
def fenced_table(house: House) -> Iterator[House]:
    """A table that is only written under a fence."""
    house.begin()
    house.rows("DROP TABLE IF EXISTS fenced_writes")
    house.rows("CREATE TABLE fenced_writes (seq bigint GENERATED ALWAYS AS IDENTITY, fence bigint)")
    yield house
    house.rows("DROP TABLE fenced_writes")


@pytest.mark.proves("P10", "P12")
def test_no_schedule_of_pauses_crashes_and_failovers_lets_an_older_holder_write(fenced_table: House) -> None:
    """P10 and P12, and R5.5: a state machine over real Valkey and PostgreSQL."""
    valkey, line = fenced_table.another_line()
    machine = type("HousedWorkers", (Workers,), {"house": fenced_table, "valkey": valkey, "line": line})
    run_state_machine_as_test(machine, settings=MACHINES)
    valkey.close()
