"""The breaker against a plain model: whatever the fleet does in whatever order, both say the same."""

from dataclasses import dataclass, field
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
    from chalicelib.resilience.breaker import Breaker, Pass

pytestmark = pytest.mark.timeout(MACHINES_MAY_TAKE_S)
FAILURES, OPEN_FOR, TRIAL_FOR = 5, timedelta(seconds=30), timedelta(seconds=20)
EDGES_MS = [1, 19_999, 20_000, 29_999, 30_000]
PROCESSES = 3


@dataclass
class Fleetwide:
    """A circuit as one would write it down without a fleet."""

    is_open: bool = False
    failures: int = 0
    generation: int = 0
    open_until: datetime | None = None
    trial_until: datetime | None = None

    def enter(self, now: datetime) -> str:
        """`closed`, `open` or `trial`."""
        if not self.is_open:
            return "closed"
        if (self.open_until and now < self.open_until) or (self.trial_until and now < self.trial_until):
            return "open"
        self.generation += 1
        self.trial_until = now + TRIAL_FOR
        return "trial"

    def report(self, now: datetime, generation: int, *, ok: bool, is_trial: bool) -> None:
        """The result of an old generation is not heard."""
        if generation != self.generation or (self.is_open and not is_trial):
            return
        if self.is_open:
            self.trial_until = None
            if ok:
                self.is_open, self.failures, self.generation = False, 0, generation + 1
            else:
                self.open_until = now + OPEN_FOR
        elif ok:
            self.failures = 0
        else:
            self.failures += 1
            if self.failures >= FAILURES:
                self.is_open, self.open_until, self.trial_until = True, now + OPEN_FOR, None
                self.generation += 1

    def state(self, now: datetime) -> str:
        """What staff are shown."""
        if not self.is_open:
            return "closed"
        return "open" if self.open_until and now < self.open_until else "half_open"


@dataclass
class OneProcess:
    """A circuit of one process while Valkey is away: 5 failures in a row open it, then each one does."""

    failures: int = 0
    open_until: datetime | None = None

    def state(self, now: datetime) -> str:
        """`open` while it makes no calls."""
        return "open" if self.open_until is not None and now < self.open_until else "closed"

    def fail(self, now: datetime) -> None:
        """One more call without an answer."""
        self.failures = min(self.failures + 1, FAILURES)
        if self.failures == FAILURES:
            self.open_until, self.failures = now + OPEN_FOR, FAILURES - 1


@dataclass
class Process:
    """One container: its breaker, its line to Valkey, and the model of its own judgement."""

    breaker: "Breaker"
    line: Line
    own: OneProcess = field(default_factory=OneProcess)

    def hears(self) -> bool:
        """Whether Valkey can be asked; the wait after a failure is over."""
        self.breaker.valkey._away_until = 0.0
        return self.line.state == "up"


class Fleet(RuleBasedStateMachine):
    """Three containers; calls overlap, end late or never, Valkey comes and goes, and time passes."""

    house: House
    lines: list[tuple[Any, Line]]
    passes: Bundle["Pass"] = Bundle("passes")

    def __init__(self) -> None:
        super().__init__()
        from chalicelib.resilience.breaker import Breaker  # noqa: PLC0415

        self.house.flush()
        self.model = Fleetwide()
        self.trials: dict[int, int] = {}
        self.steps = 0
        self.fleet = [Process(Breaker(valkey, "modelled", 15.0), line) for valkey, line in self.lines]
        for _, line in self.lines:
            line.state = "up"

    def _enter(self, process: Process) -> "Pass | None":
        """One container asks to call; its verdict is the model's, or its own without Valkey."""
        from chalicelib.platform.errors import ServiceUnavailable  # noqa: PLC0415

        now, hears = self.house.now(), process.hears()
        expected = self.model.enter(now) if hears else process.own.state(now)
        if expected == "open":
            with pytest.raises(ServiceUnavailable) as refused:
                process.breaker.enter()
            assert 1 <= (refused.value.retry_after_s or 0) <= 30
            return None
        granted = process.breaker.enter()
        assert expected == ("trial" if granted.is_trial else "closed")
        assert granted.is_local == (not hears)
        assert granted.generation == (self.model.generation if hears else 0)
        if not granted.is_trial:
            assert granted.failures == (self.model if hears else process.own).failures
        if granted.is_trial:
            self.trials[granted.generation] = self.trials.get(granted.generation, 0) + 1
        return granted

    def _finish(self, process: Process, granted: "Pass", *, ok: bool) -> None:
        """A call ends, here and in the model; a success that saw no failures is not reported at all."""
        now, hears = self.house.now(), process.hears()
        if ok:
            process.own.failures = 0
        if granted.is_local or not hears:
            if not ok:
                process.own.fail(now)
        elif not ok or granted.failures or granted.is_trial:
            self.model.report(now, granted.generation, ok=ok, is_trial=granted.is_trial)
        (process.breaker.succeed if ok else process.breaker.fail)(granted)

    @rule(target=passes, number=st.integers(0, PROCESSES - 1), calls=st.integers(1, 4))
    def enter(self, number: int, calls: int) -> Any:
        """One container asks to call, perhaps from several threads; a refusal adds no pass to the bundle."""
        found = [self._enter(self.fleet[number]) for _ in range(calls)]
        return multiple(*[granted for granted in found if granted is not None])

    @rule(number=st.integers(0, PROCESSES - 1), granted=consumes(passes), ok=st.booleans())
    def finish(self, number: int, granted: "Pass", *, ok: bool) -> None:
        """A call ends, at once or much later; the same rule holds in whichever container it ran."""
        self._finish(self.fleet[number], granted, ok=ok)

    @rule(number=st.integers(0, PROCESSES - 1))
    def fail_in_a_row(self, number: int) -> None:
        """What an outage looks like; without it few runs would ever open the circuit."""
        for _ in range(FAILURES):
            granted = self._enter(self.fleet[number])
            if granted is None:
                return
            self._finish(self.fleet[number], granted, ok=False)

    @rule(number=st.integers(0, PROCESSES - 1), ok=st.booleans())
    def try_again_when_told(self, number: int, *, ok: bool) -> None:
        """What the end of an outage looks like: the pause is over, and one call is made."""
        if self.model.open_until is not None:
            self.house.clock.instant = max(self.house.now(), self.model.open_until)
        granted = self._enter(self.fleet[number])
        if granted is not None:
            self._finish(self.fleet[number], granted, ok=ok)

    @rule(duration_ms=st.one_of(st.sampled_from(EDGES_MS), st.integers(1, 60_000)))
    def pass_time(self, duration_ms: int) -> None:
        """Time passes, often right up to an edge."""
        self.house.pass_time(timedelta(milliseconds=duration_ms))

    @rule(number=st.integers(0, PROCESSES - 1), state=st.sampled_from(["up", "up", "cut"]))
    def cut_or_mend_a_line(self, number: int, state: str) -> None:
        """One container loses Valkey, or finds it again."""
        self.fleet[number].line.state = state

    @rule(is_time=st.sampled_from([False, False, False, True]))
    def flush(self, *, is_time: bool) -> None:
        """Now and then Valkey forgets everything, and with it the generations."""
        if not is_time:
            return
        self.house.flush()
        self.model = Fleetwide()
        self.trials.clear()

    @invariant()
    def fleet_and_model_agree(self) -> None:
        """Each container in turn sees the model's state, or its own alone; no generation had two trials."""
        now, self.steps = self.house.now(), self.steps + 1
        process = self.fleet[self.steps % PROCESSES]
        expected = (self.model if process.hears() else process.own).state(now)
        assert process.breaker.state() == expected
        assert set(self.trials.values()) <= {1}


@pytest.mark.proves("P17", "P18")
def test_the_fleets_circuit_does_what_a_plain_model_does(house: House) -> None:
    """P17 and P18: a state machine over real Valkey."""
    lines = [house.another_line() for _ in range(PROCESSES)]
    machine = type("HousedFleet", (Fleet,), {"house": house, "lines": lines})
    run_state_machine_as_test(machine, settings=MACHINES)
    for valkey, _ in lines:
        valkey.close()
