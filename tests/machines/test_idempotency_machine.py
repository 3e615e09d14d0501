"""One execution a key, whatever becomes of Valkey and the containers: executions that overlap in any way."""

from collections.abc import Callable
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

from tests.machines.conftest import Broker, House, Line
from tests.machines.executions import KEPT_FOR, Claim, Execution, Kept, Key
from tests.product.profiles import MACHINES, MACHINES_MAY_TAKE_S

if TYPE_CHECKING:
    from chalicelib.platform.http import Answer

pytestmark = pytest.mark.timeout(MACHINES_MAY_TAKE_S)
RESERVED_FOR = timedelta(seconds=30)
CONTAINER_LIVES = timedelta(seconds=28)  # the API function's timeout
EDGES_S = [0.001, 1, 27.999, 29.999, 30, 31, 3600, 23 * 3600, 24 * 3600 - 1, 24 * 3600]
KEYS, BODIES = st.sampled_from(["key-a", "key-b"]), st.integers(0, 1)


class Edge(RuleBasedStateMachine):
    """Two keys with two bodies each; executions that stop before and after each of their steps."""

    house: House
    line: Line
    broker: Broker
    captcha: list[Callable[[str], bool]]
    admitted: Bundle[Execution] = Bundle("admitted")  # through the guard
    looking: Bundle[Execution] = Bundle("looking")  # has asked PostgreSQL, and waits for the captcha
    committed: Bundle[Execution] = Bundle("committed")  # has what it will answer

    def __init__(self) -> None:
        super().__init__()
        self.house.begin()
        self.broker.begin()
        self.line.state = "up"
        self.keys: dict[str, Key] = {"key-a": Key(), "key-b": Key()}
        self.executions: list[Execution] = []
        self.leads = 0
        self.is_checked = False
        self.captcha[:] = [lambda token: self.executions[int(token)].judge()]

    # The steps of one execution

    def _admit(self, key: str, body: int) -> Execution | None:
        """Through the guard: reserved, or answered at once."""
        from chalicelib.platform.errors import CallerError  # noqa: PLC0415

        self._ask_valkey_again()
        now, of_key = self.house.now(), self.keys[key]
        execution = Execution.new(len(self.executions), key, body, now)
        self.executions.append(execution)
        try:
            replay = execution.guard.admit(execution.call)
        except CallerError as error:
            assert self.line.state == "up"
            self._check_refusal(execution, error)
            return None
        if replay is not None:
            assert self.line.state == "up"
            self._check_answer(execution, replay, is_replay=True)
            return None
        if self.line.state == "up":
            assert not [c for c in of_key.others(execution.number, now) if "valkey" in c.seen_by]
        assert execution.guard.reservation.in_postgres == (self.line.state != "up")
        if self.line.state != "cut":
            seen_by = {"valkey"} if self.line.state == "up" else set()
            of_key.claims[execution.number] = Claim(body, now + RESERVED_FOR, {"valkey"}, seen_by)
        return execution

    def _look(self, execution: Execution) -> bool:
        """It asks PostgreSQL; True when it goes on, to the captcha."""
        now, of_key = self.house.now(), self.keys[execution.key]
        others = of_key.others(execution.number, now)
        self.is_checked = False
        if execution.start() == "captcha":
            assert of_key.standing(now) is None, "an answered key is executed again"
            assert not [claim for claim in others if "postgres" in claim.seen_by]
            if execution.guard.reservation.in_postgres:
                claim = of_key.claims.setdefault(execution.number, Claim(execution.body, now))
                claim.until = now + RESERVED_FOR
                claim.may_be_in.add("postgres")
                claim.seen_by.add("postgres")
            return True
        if execution.error is not None:
            self._check_refusal(execution, execution.error)
            self._abandon(execution, execution.error)
        else:
            self._complete(execution)
        return False

    def _commit(self, execution: Execution) -> bool:
        """The captcha is passed and the statement runs; True when it has something to answer."""
        now, of_key = self.house.now(), self.keys[execution.key]
        self.is_checked = False
        execution.go_on(has_passed=True)
        if execution.error is not None:
            self._check_refusal(execution, execution.error)
            self._abandon(execution, execution.error)
            return False
        assert execution.answer is not None
        if "Idempotency-Replayed" not in execution.answer.headers:
            assert of_key.standing(now) is None, "a second lead of one key"
            of_key.kept = Kept(execution.body, now, execution.answer.body)
            self.leads += 1
        return True

    def _complete(self, execution: Execution) -> None:
        """The answer goes out, and into Valkey, over whatever stands there."""
        assert execution.answer is not None
        self._ask_valkey_again()
        execution.guard.complete(execution.call, execution.answer)
        is_replay = "Idempotency-Replayed" in execution.answer.headers
        self._check_answer(execution, execution.answer, is_replay=is_replay)
        of_key = self.keys[execution.key]
        of_key.forget("postgres", execution.number)
        if self.line.state != "cut":
            of_key.forget("valkey")

    def _abandon(self, execution: Execution, error: BaseException) -> None:
        """A refusal is not kept: the key is free at once, wherever that is heard."""
        self._ask_valkey_again()
        execution.guard.abandon(execution.call, error)
        of_key = self.keys[execution.key]
        of_key.forget("postgres", execution.number)
        if self.line.state != "cut":
            of_key.forget("valkey", execution.number)

    def _ask_valkey_again(self) -> None:
        from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

        valkey()._away_until = 0.0

    # What may be said to a client

    def _check_answer(self, execution: Execution, answer: "Answer", *, is_replay: bool) -> None:
        """The first answer, byte for byte, to the body that it belongs to, within 24 hours."""
        kept = self.keys[execution.key].standing(self.house.now())
        assert kept is not None, "an answer from before the last 24 hours"
        assert (answer.status, answer.body, execution.body) == (201, kept.text, kept.body)
        assert (answer.headers.get("Idempotency-Replayed") == "true") == is_replay

    def _check_refusal(self, execution: Execution, error: BaseException) -> None:
        """422 only while another body has the key, 409 only while another runs with it (or just died)."""
        from chalicelib.platform.errors import IdempotencyKeyReused, RequestInProgress  # noqa: PLC0415

        now, of_key = self.house.now(), self.keys[execution.key]
        others, kept = of_key.others(execution.number, now), of_key.standing(now)
        if isinstance(error, IdempotencyKeyReused):
            bodies = {claim.body for claim in others} | ({kept.body} if kept else set())
            assert bodies - {execution.body}, "422 though nobody else had the key"
        else:
            assert isinstance(error, RequestInProgress), error
            assert (error.retry_after_s or 0) >= 1
            assert [claim for claim in others if claim.body == execution.body], (
                "409 though nobody was running"
            )

    # Rules

    @rule(target=admitted, key=KEYS, body=BODIES)
    def admit(self, key: str, body: int) -> Any:
        """A request passes the guard, and its container sleeps."""
        return self._admit(key, body) or multiple()

    @rule(target=looking, execution=consumes(admitted))
    def look(self, execution: Execution) -> Any:
        """It asks PostgreSQL, perhaps long after, and waits for the captcha."""
        return execution if self._look(execution) else multiple()

    @rule(target=looking, key=KEYS, body=BODIES)
    def admit_and_look(self, key: str, body: int) -> Any:
        """A request comes as far as the captcha."""
        execution = self._admit(key, body)
        return execution if execution and self._look(execution) else multiple()

    @rule(target=looking, key=KEYS, bodies=st.tuples(BODIES, BODIES))
    def several_get_past_valkey(self, key: str, bodies: tuple[int, int]) -> Any:
        """It forgets each of them at once, so that they come to the captcha side by side."""
        found = []
        for body in bodies:
            execution = self._admit(key, body)
            found += [execution] if execution and self._look(execution) else []
            self.flush()
        return multiple(*found)

    @rule(target=committed, execution=consumes(looking))
    def commit(self, execution: Execution) -> Any:
        """Its captcha is passed, at once or much later, and its statement runs."""
        return execution if self._commit(execution) else multiple()

    @rule(execution=consumes(looking))
    def refuse(self, execution: Execution) -> None:
        """Its captcha is refused: 400, and nothing is kept."""
        from chalicelib.platform.errors import CaptchaFailed  # noqa: PLC0415

        execution.go_on(has_passed=False)
        assert isinstance(execution.error, CaptchaFailed)
        self._abandon(execution, execution.error)

    @rule(execution=consumes(looking))
    def crash_before_the_commit(self, execution: Execution) -> None:
        """Its container dies at the captcha, without a word."""
        execution.go_on(has_passed=False)

    @rule(execution=consumes(committed))
    def answer(self, execution: Execution) -> None:
        """The client hears of it, unless the container's time was over first."""
        if self.house.now() - execution.began < CONTAINER_LIVES:
            self._complete(execution)

    @rule(execution=consumes(committed))
    def lose_the_answer_of_postgresql(self, execution: Execution) -> None:
        """It is committed, but all that the container and the client hear is DATABASE_BUSY."""
        from chalicelib.platform.errors import DatabaseBusy  # noqa: PLC0415

        execution.guard.reservation.answer = None
        self._abandon(execution, DatabaseBusy("no answer"))

    @rule(execution=st.one_of(consumes(admitted), consumes(committed)))
    def crash(self, execution: Execution) -> None:
        """Its container dies without a word."""

    @rule(key=KEYS, body=BODIES)
    def ask(self, key: str, body: int) -> None:
        """A whole request at once; with nobody else about, it is executed or answered."""
        now, of_key = self.house.now(), self.keys[key]
        is_free = not of_key.others(-1, now) and of_key.standing(now) is None
        answered = self.leads
        execution = self._admit(key, body)
        if execution and self._look(execution) and self._commit(execution):
            self._complete(execution)
        if is_free:
            assert self.leads == answered + 1, "the key was free, and was refused"

    @rule(duration_s=st.one_of(st.sampled_from(EDGES_S), st.floats(0.001, 40)))
    def pass_time(self, duration_s: float) -> None:
        """Time passes, often right up to an edge."""
        self.house.pass_time(timedelta(milliseconds=round(duration_s * 1000)))

    @rule(key=KEYS, early_ms=st.sampled_from([1, 0]))
    def wait_until_the_day_is_over(self, key: str, early_ms: int) -> None:
        """It is 24 hours since the key's answer was committed, or will be in a millisecond."""
        kept = self.keys[key].standing(self.house.now())
        if kept is not None:
            self.house.clock.instant = max(
                self.house.now(), kept.at + KEPT_FOR - timedelta(milliseconds=early_ms)
            )

    @rule(state=st.sampled_from(["up", "up", "cut", "deaf"]))
    def break_or_mend_the_line(self, state: str) -> None:
        """Valkey goes away, with or without having heard, or comes back with what it knew."""
        self.line.state = state

    @rule()
    def flush(self) -> None:
        """Valkey fails over to a replica that knows nothing."""
        self.house.flush()
        for of_key in self.keys.values():
            of_key.forget("valkey")

    @invariant()
    def there_are_as_many_leads_as_first_answers(self) -> None:
        """One lead for each answer that was not a replay, and a job for each lead: all or nothing."""
        if self.is_checked:
            return  # nobody has asked PostgreSQL since
        self.is_checked = True
        found = self.house.rows(
            "SELECT (SELECT count(*) FROM leads) AS leads,"
            " (SELECT count(DISTINCT correlation_id) FROM jobs) AS with_jobs"
        )[0]
        assert found == {"leads": self.leads, "with_jobs": self.leads}

    def teardown(self) -> None:
        """Every container that still runs dies; once they are forgotten, each key is free or answered."""
        for execution in self.executions:
            if execution.is_at_captcha:
                execution.go_on(has_passed=False)
        self.line.state = "up"
        self.house.pass_time(RESERVED_FOR)
        for key, of_key in self.keys.items():
            kept = of_key.standing(self.house.now())
            self.ask(key, kept.body if kept else 0)
            assert of_key.standing(self.house.now()) is not None


@pytest.mark.proves("P13", "P14")
def test_a_key_has_one_lead_and_one_answer_a_day_however_its_executions_overlap(
    house: House, line: Line, broker: Broker, captcha: list[Callable[[str], bool]]
) -> None:
    """P13 and P14: a state machine over the guard, the use case, real Valkey and PostgreSQL."""
    attributes = {"house": house, "line": line, "broker": broker, "captcha": captcha}
    run_state_machine_as_test(type("HousedEdge", (Edge,), attributes), settings=MACHINES)
