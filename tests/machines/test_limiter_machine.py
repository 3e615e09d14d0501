"""The rate limiter against plain lists of instants, over real Valkey that comes, goes and forgets."""

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.machines.conftest import House, Line
from tests.product.profiles import MACHINES, MACHINES_MAY_TAKE_S

if TYPE_CHECKING:
    from chalicelib.platform.errors import CallerError
    from chalicelib.platform.http import Call

pytestmark = pytest.mark.timeout(MACHINES_MAY_TAKE_S)
LIMITS = {"LEADS": (3, 10_000), "QUOTES": (2, 4_000), "QUARANTINE": (2, 15_000), "READS": (5, 10_000)}
OF_USERS = {"HOMEOWNER": (1, 6_000), "MANAGER": (3, 6_000), "ADMIN": (5, 6_000)}
ROLES = ["ADMIN", "MANAGER", "HOMEOWNER", "HOMEOWNER"]
USERS = {str(uuid.UUID(int=number)): role for number, role in enumerate(ROLES)}
Place = tuple[str, str]  # a group and a client, or USER and somebody's id
RUNNING_MS, KEPT_MS = 30_000, 24 * 3600 * 1000
EDGES_MS = [0, 1, 3_999, 4_000, 9_999, 10_000, 14_999, 15_000, 30_000]
CLIENTS = st.sampled_from(["203.0.113.1", "203.0.113.2"])
WHO = st.one_of(st.none(), st.sampled_from(sorted(USERS)))
KEYS, BODIES = st.sampled_from(["key-1", "key-2", "\N{LATIN SMALL LETTER E WITH ACUTE}"]), st.integers(0, 1)


def limit_of(place: Place) -> tuple[int, int]:
    """How many calls in how many milliseconds; of people by their role."""
    return OF_USERS[USERS[place[1]]] if place[0] == "USER" else LIMITS[place[0]]


@dataclass
class Windows:
    """Who was admitted when: a list of instants for each place, and the limiter's rule in three lines."""

    admitted: dict[Place, list[int]] = field(default_factory=lambda: defaultdict(list))

    def counted(self, place: Place, now_ms: int) -> list[int]:
        """The instants that still count."""
        return [at for at in self.admitted[place] if at > now_ms - limit_of(place)[1]]

    def hit(self, places: list[Place], now_ms: int) -> Place | None:
        """Count a call wherever it falls, up to the first place without room, which does not count it."""
        for place in places:
            if len(self.counted(place, now_ms)) >= limit_of(place)[0]:
                return place
            self.admitted[place].append(now_ms)
        return None

    def are_kept(self) -> bool:
        """Whether no window, wherever it begins, holds more admitted calls than its limit."""
        return all(
            sum(first <= at < first + limit_of(place)[1] for at in instants) <= limit_of(place)[0]
            for place, instants in self.admitted.items()
            for first in instants
        )


@dataclass
class Record:
    """What is remembered of a key: its body, until when, and whether it has been answered."""

    body: int
    until_ms: int
    is_answered: bool = False


class Edge(RuleBasedStateMachine):
    """Two clients and four people at four doors, with keys or without; a fleet's Valkey, a process alone."""

    house: House
    line: Line

    def __init__(self) -> None:
        super().__init__()
        self.house.begin()
        self.line.state = "up"
        self.fleet, self.process = Windows(), Windows()
        self.records: dict[str, Record] = {}
        self.number = 0

    def _now_ms(self) -> int:
        from chalicelib.platform import clock  # noqa: PLC0415

        return clock.now_ms()

    def _call(self, client: str, *, key: str | None = None, body: int = 0, user: str | None = None) -> "Call":
        from chalicelib.platform.http.call import Call, Caller  # noqa: PLC0415

        self.number += 1
        headers = {} if key is None else {"idempotency-key": key}
        call = Call("POST", "/leads", "/api/leads", {}, {}, headers, b"", client, "c-1", self.house.now())
        call.json = {"body": body, "turnstileToken": f"another-{self.number}"}
        call.caller = Caller(uuid.UUID(user), USERS[user]) if user else None
        return call

    def _ask_model(self, places: list[Place]) -> Place | None:
        """Which window is full: the fleet's while Valkey answers, else the process's own (or both count)."""
        from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

        valkey()._away_until = 0.0
        refused = None if self.line.state == "cut" else self.fleet.hit(places, self._now_ms())
        return refused if self.line.state == "up" else self.process.hit(places, self._now_ms())

    def _check(self, place: Place, call: "Call", refusal: "CallerError | None") -> None:
        """The header fields say how *place* stands, and the wait that is asked for is just long enough."""
        windows = self.fleet if self.line.state == "up" else self.process
        (count, window_ms), now_ms = limit_of(place), self._now_ms()
        counted = windows.counted(place, now_ms)
        wait_s = max(1, -(-(counted[0] + window_ms - now_ms) // 1000))
        told, name = call.answer_headers, place[0].lower()
        if told:
            prefix = "X-RateLimit-User" if name == "user" else "X-RateLimit"
            assert told[f"{prefix}-Remaining"] == str(count - len(counted))
            assert f'"{name}";q={count};w={window_ms // 1000}' in told["RateLimit-Policy"].split(", ")
            assert f'"{name}";r={count - len(counted)};t={wait_s}' in told["RateLimit"].split(", ")
        if refusal is not None:
            assert refusal.retry_after_s == wait_s
            later_ms = now_ms + wait_s * 1000
            assert len(windows.counted(place, later_ms)) < count
            assert wait_s == 1 or len(windows.counted(place, later_ms - 1000)) == count

    def _hit(self, group: str, client: str, user: str | None = None) -> int | None:
        """One call without a key; the seconds to wait when it was refused."""
        from chalicelib.guards.admission import Admission, hit  # noqa: PLC0415
        from chalicelib.platform.errors import CallerError, RateLimited, RateLimitedUser  # noqa: PLC0415

        user = None if group == "QUARANTINE" else user
        places = [(group, client), *([("USER", user)] if user else [])]
        full, call, refusal = self._ask_model(places), self._call(client, user=user), None
        try:
            if group == "QUARANTINE":
                hit(group, call)
            else:
                assert Admission(group).admit(call) is None
        except CallerError as error:
            refusal = error
        expected = None if full is None else RateLimitedUser if full[0] == "USER" else RateLimited
        assert (type(refusal) if refusal else None) is expected
        for place in places if full is None else [full]:
            self._check(place, call, refusal)
        return refusal.retry_after_s if refusal else None

    @rule(group=st.sampled_from(sorted(LIMITS)), client=CLIENTS, user=WHO)
    def hit(self, group: str, client: str, user: str | None) -> None:
        """A call of somebody who is signed in, or of nobody in particular."""
        self._hit(group, client, user)

    @rule(group=st.sampled_from(sorted(LIMITS)), client=CLIENTS, user=WHO)
    def knock_and_come_back_as_told(self, group: str, client: str, user: str | None) -> None:
        """Call until a window is full, knock in vain, and be let in after the very wait that was asked."""
        retry_after_s = None
        for _ in range(LIMITS[group][0] + 1):
            retry_after_s = retry_after_s or self._hit(group, client, user)
        assert retry_after_s is not None
        if user is None or group == "QUARANTINE":
            assert self._hit(group, client) == retry_after_s, "a knock in vain has moved the end of the wait"
            self.house.pass_time(timedelta(seconds=retry_after_s))
            assert self._hit(group, client) is None

    @rule(client=CLIENTS, key=KEYS, body=BODIES, is_answered=st.booleans())
    def call_with_a_key(self, client: str, key: str, body: int, *, is_answered: bool) -> None:
        """Only a fresh call spends LEADS; replays, "still running", reused and malformed keys spend READS."""
        from chalicelib.guards.admission import Admission  # noqa: PLC0415
        from chalicelib.guards.idempotency import settle  # noqa: PLC0415
        from chalicelib.platform import errors  # noqa: PLC0415
        from chalicelib.platform.http import Answer  # noqa: PLC0415

        assume(self.line.state != "deaf")  # else the reservation lies in both places: the other machine's
        guard, call = Admission("LEADS", idempotent=True), self._call(client, key=key, body=body)
        group, verdict = self._judge(key, body)
        full, refusal, replay = self._ask_model([(group, client)]), None, None
        try:
            replay = guard.admit(call)
        except errors.CallerError as error:
            refusal = error
        is_limited = isinstance(refusal, errors.RateLimited)
        assert is_limited == (full is not None)
        self._check((group, client), call, refusal if is_limited else None)
        if is_limited:
            return
        told = type(refusal).__name__ if refusal else "replay" if replay else "pass"
        assert told == verdict
        if verdict != "pass":
            return
        if self.line.state == "up":
            self.records[key] = Record(body, self._now_ms() + (KEPT_MS if is_answered else RUNNING_MS))
            self.records[key].is_answered = is_answered
        assert guard.reservation is not None
        assert guard.reservation.in_postgres == (self.line.state != "up")
        if is_answered:
            record = {"mine": True, "expires_ms": self._now_ms() + KEPT_MS}
            guard.complete(call, settle(record, guard.reservation, Answer(201, "{}")))
            self._remembered_at_last(key, body)

    def _judge(self, key: str, body: int) -> tuple[str, str]:
        """Which window the call falls into, and what becomes of it if there is room."""
        if not key.isascii():
            return "READS", "IdempotencyKeyInvalid"
        record = self.records.get(key) if self.line.state == "up" else None
        if record is None or record.until_ms <= self._now_ms():
            return "LEADS", "pass"
        if record.body != body:
            return "READS", "IdempotencyKeyReused"
        return "READS", "replay" if record.is_answered else "RequestInProgress"

    def _remembered_at_last(self, key: str, body: int) -> None:
        """An answer is kept in Valkey whenever Valkey hears of it."""
        if self.line.state == "up":
            self.records[key] = Record(body, self._now_ms() + KEPT_MS, is_answered=True)

    @rule(duration_ms=st.one_of(st.sampled_from(EDGES_MS), st.integers(1, 20_000)))
    def pass_time(self, duration_ms: int) -> None:
        """Time passes, often right up to an edge."""
        self.house.pass_time(timedelta(milliseconds=duration_ms))

    @rule(state=st.sampled_from(["up", "up", "cut", "deaf"]))
    def break_or_mend_the_line(self, state: str) -> None:
        """Valkey goes away, with or without having heard, or comes back with what it knew."""
        self.line.state = state

    @rule()
    def flush(self) -> None:
        """Valkey forgets who called."""
        self.house.flush()
        self.fleet.admitted.clear()
        self.records.clear()

    @invariant()
    def no_window_holds_more_than_its_limit(self) -> None:
        """Neither the fleet's, while Valkey keeps its data, nor the process's own."""
        assert self.fleet.are_kept()
        assert self.process.are_kept()

    @invariant()
    def valkey_keeps_no_more_than_what_counts(self) -> None:
        """Memory is bounded by the limit, and what is kept is what the model counts."""
        for place in list(self.fleet.admitted)[:1]:
            kept = self.house.valkey.command("ZRANGE", f"rl:{place[0]}:{place[1]}", 0, -1, "WITHSCORES")
            scores = [int(score) for score in kept[1::2]]
            assert len(scores) <= limit_of(place)[0]
            since_ms = self._now_ms() - limit_of(place)[1]
            assert [at for at in scores if at > since_ms] == self.fleet.counted(place, self._now_ms())


@pytest.fixture
def small_windows(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Limits that fifty steps can fill."""
    from chalicelib.platform.settings import settings  # noqa: PLC0415

    for group, (count, window_ms) in {**LIMITS, "USER": OF_USERS["HOMEOWNER"]}.items():
        monkeypatch.setenv(f"RATE_LIMIT_{group}", f"{count}/{window_ms // 1000}")
    settings.cache_clear()
    yield house
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.proves("P28", "P29")
def test_whatever_the_rhythm_clients_are_judged_as_plain_lists_of_instants_would(
    small_windows: House, line: Line
) -> None:
    """P28 and P29: a state machine over real Valkey and the limiter that stands in for it."""
    attributes: dict[str, Any] = {"house": small_windows, "line": line}
    run_state_machine_as_test(type("HousedEdge", (Edge,), attributes), settings=MACHINES)
