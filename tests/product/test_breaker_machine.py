"""The breaker against a plain model: whatever the fleet does in whatever order, both say the same."""

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

from local.stack import Stack
from tests.product.conftest import FrozenClock
from tests.product.profiles import PROFILE

if TYPE_CHECKING:
    from chalicelib.resilience.breaker import Breaker, Pass

FAILURES, OPEN_FOR, TRIAL_FOR = 5, timedelta(seconds=30), timedelta(seconds=20)
EDGES_MS = [1, 19_999, 20_000, 29_999, 30_000]


@dataclass
class Model:
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

    def report(self, now: datetime, generation: int, *, ok: bool, is_trial: bool, saw_failures: bool) -> None:
        """An old generation is not heard; a success that saw no failures is not reported at all."""
        if generation != self.generation or (self.is_open and not is_trial):
            return
        if is_trial:
            self.trial_until = None
            if ok:
                self.is_open, self.failures, self.generation = False, 0, generation + 1
            else:
                self.open_until = now + OPEN_FOR
        elif ok:
            self.failures = 0 if saw_failures else self.failures
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


class Fleet(RuleBasedStateMachine):
    """Three containers; calls overlap, end late or never, and time passes, over real Valkey."""

    breakers: list["Breaker"]
    clock: FrozenClock
    passes: Bundle["Pass"] = Bundle("passes")

    def __init__(self) -> None:
        super().__init__()
        self.breakers[0].valkey.command("FLUSHALL")
        self.clock.instant = self.clock.instant.replace(microsecond=500)
        self.model = Model()
        self.trials: dict[int, int] = {}

    @rule(target=passes, number=st.integers(0, 2))
    def enter(self, number: int) -> Any:
        """One container asks to call; a refusal adds no pass to the bundle."""
        from chalicelib.platform.errors import ServiceUnavailable  # noqa: PLC0415

        expected = self.model.enter(self.clock.now())
        try:
            granted = self.breakers[number].enter()
        except ServiceUnavailable as refused:
            expected, wait_s = f"{expected} refused", refused.retry_after_s or 0
            granted = None
        if granted is None:
            assert expected == "open refused"
            assert 1 <= wait_s <= 30
            return multiple()
        assert granted.is_trial == (expected == "trial")
        assert expected != "open"
        assert granted.generation == self.model.generation
        if granted.is_trial:
            self.trials[granted.generation] = self.trials.get(granted.generation, 0) + 1
        return granted

    @rule(number=st.integers(0, 2), granted=consumes(passes), ok=st.booleans())
    def finish(self, number: int, granted: "Pass", *, ok: bool) -> None:
        """A call ends, at once or much later; the same rule holds in whichever container it ran."""
        saw_failures = granted.failures > 0
        self.model.report(
            self.clock.now(), granted.generation, ok=ok, is_trial=granted.is_trial, saw_failures=saw_failures
        )
        breaker = self.breakers[number]
        (breaker.succeed if ok else breaker.fail)(granted)

    @rule(number=st.integers(0, 2))
    def fail_in_a_row(self, number: int) -> None:
        """What an outage looks like; without it few runs would ever open the circuit."""
        from chalicelib.platform.errors import ServiceUnavailable  # noqa: PLC0415

        breaker = self.breakers[number]
        for _ in range(FAILURES):
            expected = self.model.enter(self.clock.now())
            try:
                granted = breaker.enter()
            except ServiceUnavailable:
                assert expected == "open"
                return
            if granted.is_trial:
                self.trials[granted.generation] = self.trials.get(granted.generation, 0) + 1
            self.finish_now(breaker, granted)

    def finish_now(self, breaker: "Breaker", granted: "Pass") -> None:
        """Let the call just granted fail, here and in the model."""
        now = self.clock.now()
        self.model.report(now, granted.generation, ok=False, is_trial=granted.is_trial, saw_failures=True)
        breaker.fail(granted)

    @rule(duration_ms=st.one_of(st.sampled_from(EDGES_MS), st.integers(1, 60_000)))
    def pass_time(self, duration_ms: int) -> None:
        """Time passes, often right up to an edge."""
        self.clock.instant += timedelta(milliseconds=duration_ms)

    @invariant()
    def fleet_and_model_agree(self) -> None:
        """Every container sees the model's state, and no generation had two trials."""
        assert self.breakers[0].state() == self.model.state(self.clock.now())
        assert set(self.trials.values()) <= {1}


@pytest.mark.proves("P17", "P18")
def test_the_fleets_circuit_does_what_a_plain_model_does(parts: Stack, clock: FrozenClock) -> None:
    """P17 and P18: a state machine over real Valkey."""
    from chalicelib.resilience.breaker import Breaker  # noqa: PLC0415
    from chalicelib.resilience.valkey import Valkey  # noqa: PLC0415

    valkey = Valkey(f"redis://127.0.0.1:{parts.ports['valkey']}/0")
    breakers = [Breaker(valkey, "modelled", 15.0) for _ in range(3)]
    machine = type("WiredFleet", (Fleet,), {"breakers": breakers, "clock": clock})
    run_state_machine_as_test(machine, settings=PROFILE)
    valkey.close()
