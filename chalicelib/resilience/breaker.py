"""
A circuit breaker for the whole fleet: closed → open → half-open, with at most one trial call per
generation.

Failures are counted in Valkey only when they happen, so a healthy circuit costs one read and no write. The
trial is elected by one Lua script with a generation number: a holder that dies blocks nobody for longer
than the trial's lease, and the late result of an old generation changes nothing. With Valkey away each
process judges for itself.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from chalicelib.platform import clock, logs
from chalicelib.platform.errors import ServiceUnavailable
from chalicelib.resilience.valkey import Script, Valkey, ValkeyAway

FAILURES_TO_OPEN = 5
OPEN_FOR_S = 30.0
TRIAL_GRACE_S = 5.0
_ENTER = Script(Path(__file__).with_name("breaker_enter.lua"))
_REPORT = Script(Path(__file__).with_name("breaker_report.lua"))
log = logs.EventLog("breaker")


@dataclass(frozen=True)
class Pass:
    """The permission for one call: which generation it belongs to, and whether failures were on record."""

    generation: int
    failures: int
    is_trial: bool
    is_local: bool = False


@dataclass(frozen=True)
class Snapshot:
    """A circuit at one instant; *retry_at_ms* is when the next trial may be made, or might have been."""

    state: Literal["closed", "open", "half_open"]
    failures: int
    retry_at_ms: int | None

    @property
    def opened_at_ms(self) -> int | None:
        """When it opened last."""
        return None if self.retry_at_ms is None else self.retry_at_ms - int(OPEN_FOR_S * 1000)


@dataclass
class _Local:
    """One process's own judgement while Valkey is away."""

    failures: int = 0
    open_until_ms: int = 0


@dataclass
class Breaker:
    """Guards calls of *service*, each of which takes at most *call_timeout_s*."""

    valkey: Valkey
    service: str
    call_timeout_s: float
    _local: _Local = field(default_factory=_Local)

    def enter(self) -> Pass:
        """
        Ask to make one call.

        Raises:
            ServiceUnavailable: the circuit is open, or another makes the trial; *retry_after_s* says when to
                ask again.
        """
        now_ms = clock.now_ms()
        trial_ms = int((self.call_timeout_s + TRIAL_GRACE_S) * 1000)
        try:
            verdict, generation, failures, retry_at_ms = self.valkey.run(
                _ENTER, [f"breaker:{self.service}"], [now_ms, trial_ms]
            )
        except ValkeyAway:
            return self._enter_locally(now_ms)
        if verdict == b"open":
            self._refuse(int(retry_at_ms) - now_ms)
        if verdict == b"trial":
            log.warning(
                "circuit.changed", service=self.service, state="half_open", generation=int(generation)
            )
        return Pass(int(generation), int(failures), is_trial=verdict == b"trial")

    def _enter_locally(self, now_ms: int) -> Pass:
        if self._local.open_until_ms > now_ms:
            self._refuse(self._local.open_until_ms - now_ms)
        return Pass(0, self._local.failures, is_trial=False, is_local=True)

    def _refuse(self, wait_ms: int) -> None:
        wait_s = max(1, -(-wait_ms // 1000))
        raise ServiceUnavailable(f"{self.service} is away; calls rest for {wait_s} s.", retry_after_s=wait_s)

    def succeed(self, granted: Pass) -> None:
        """The call was answered; a healthy circuit writes nothing."""
        self._local.failures = 0
        if not granted.is_local and (granted.is_trial or granted.failures):
            self._report(granted, ok=True)

    def fail(self, granted: Pass) -> None:
        """The call was not answered, or with a 5xx."""
        if granted.is_local:
            self._fail_locally()
        else:
            self._report(granted, ok=False)

    def _fail_locally(self) -> None:
        self._local.failures += 1
        if self._local.failures >= FAILURES_TO_OPEN:
            self._local.open_until_ms = clock.now_ms() + int(OPEN_FOR_S * 1000)
            self._local.failures = FAILURES_TO_OPEN - 1  # the next failure after the pause opens it again
            log.warning("circuit.changed", service=self.service, state="open", scope="process")

    def _report(self, granted: Pass, *, ok: bool) -> None:
        arguments = [
            clock.now_ms(),
            granted.generation,
            int(ok),
            int(granted.is_trial),
            FAILURES_TO_OPEN,
            int(OPEN_FOR_S * 1000),
        ]
        try:
            change = self.valkey.run(_REPORT, [f"breaker:{self.service}"], arguments)
        except ValkeyAway:
            if not ok:
                self._fail_locally()
            return
        if change in (b"opened", b"closed"):
            state = {b"opened": "open", b"closed": "closed"}[change]
            log.warning("circuit.changed", service=self.service, state=state, generation=granted.generation)

    def state(self) -> str:
        """`closed`, `open` or `half_open`, as the fleet sees it now."""
        return self.snapshot().state

    def snapshot(self) -> "Snapshot":
        """How the fleet sees it now; while Valkey is away, how this process does."""
        now_ms = clock.now_ms()
        try:
            state, failures, open_until = self.valkey.command(
                "HMGET", f"breaker:{self.service}", "state", "failures", "open_until_ms"
            )
        except ValkeyAway:
            is_open, until_ms = self._local.open_until_ms > now_ms, self._local.open_until_ms
            return (
                Snapshot("open", self._local.failures, until_ms) if is_open else Snapshot("closed", 0, None)
            )
        if state != b"open":
            return Snapshot("closed", int(failures or 0), None)
        return Snapshot(
            "open" if int(open_until) > now_ms else "half_open", int(failures or 0), int(open_until)
        )
