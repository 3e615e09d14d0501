"""The rate limiter against plain lists of instants, over real Valkey that comes, goes and forgets."""

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
    from chalicelib.platform.http import Call

pytestmark = pytest.mark.timeout(MACHINES_MAY_TAKE_S)
LIMITS = {"LEADS": (3, 10_000), "QUOTES": (2, 4_000), "QUARANTINE": (2, 15_000), "READS": (5, 10_000)}
RUNNING_MS, KEPT_MS = 30_000, 24 * 3600 * 1000
EDGES_MS = [0, 1, 3_999, 4_000, 9_999, 10_000, 14_999, 15_000, 30_000]
CLIENTS = st.sampled_from(["203.0.113.1", "203.0.113.2"])
KEYS, BODIES = st.sampled_from(["key-1", "key-2", "\N{LATIN SMALL LETTER E WITH ACUTE}"]), st.integers(0, 1)


@dataclass
class Windows:
    """Who was admitted when: a list of instants a group and client, and the limiter's rule in three lines."""

    admitted: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))

    def counted(self, group: str, client: str, now_ms: int) -> list[int]:
        """The instants that still count."""
        return [at for at in self.admitted[group, client] if at > now_ms - LIMITS[group][1]]

    def hit(self, group: str, client: str, now_ms: int) -> bool:
        """Admit and count a call if there is room; a refused one is not counted."""
        if len(self.counted(group, client, now_ms)) >= LIMITS[group][0]:
            return False
        self.admitted[group, client].append(now_ms)
        return True

    def most_in_any_window(self) -> dict[tuple[str, str], int]:
        """The largest number of admitted calls that lie within one window, wherever it begins."""
        return {
            (group, client): max(
                (sum(first <= at < first + LIMITS[group][1] for at in instants) for first in instants),
                default=0,
            )
            for (group, client), instants in self.admitted.items()
        }


@dataclass
class Record:
    """What is remembered of a key: its body, until when, and whether it has been answered."""

    body: int
    until_ms: int
    is_answered: bool = False


class Edge(RuleBasedStateMachine):
    """Two clients at four groups' doors, with keys and without; a fleet's Valkey, and one process alone."""

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

    def _call(self, client: str, key: str | None = None, body: int = 0) -> "Call":
        from chalicelib.platform.http import Call  # noqa: PLC0415

        self.number += 1
        headers = {} if key is None else {"idempotency-key": key}
        call = Call("POST", "/leads", "/api/leads", {}, {}, headers, b"", client, "c-1", self.house.now())
        call.json = {"body": body, "turnstileToken": f"another-{self.number}"}
        return call

    def _expected(self, group: str, client: str) -> bool:
        """Ask the model: the fleet's windows while Valkey answers, else the process's own (or both)."""
        from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

        valkey()._away_until = 0.0
        now_ms, by_fleet = self._now_ms(), True
        if self.line.state != "cut":
            by_fleet = self.fleet.hit(group, client, now_ms)
        return by_fleet if self.line.state == "up" else self.process.hit(group, client, now_ms)

    def _check(self, group: str, call: "Call", *, admitted: bool, retry_after_s: int | None) -> None:
        """The header fields say how the client stands, and the wait that is asked for is just long enough."""
        windows = self.fleet if self.line.state == "up" else self.process
        (count, window_ms), now_ms = LIMITS[group], self._now_ms()
        counted = windows.counted(group, call.client_address, now_ms)
        wait_s = max(1, -(-(counted[0] + window_ms - now_ms) // 1000))
        told = call.answer_headers
        if told:
            assert told["RateLimit-Policy"] == f'"{group.lower()}";q={count};w={window_ms // 1000}'
            assert told["X-RateLimit-Remaining"] == str(count - len(counted))
            assert told["RateLimit"] == f'"{group.lower()}";r={count - len(counted)};t={wait_s}'
        assert retry_after_s == (None if admitted else wait_s)
        if retry_after_s is not None:
            later_ms = now_ms + retry_after_s * 1000
            assert len(windows.counted(group, call.client_address, later_ms)) < count
            assert retry_after_s == 1 or (
                len(windows.counted(group, call.client_address, later_ms - 1000)) == count
            )

    def _hit(self, group: str, client: str) -> int | None:
        """One call without a key; the seconds to wait when it was refused."""
        from chalicelib.guards.admission import Admission, hit  # noqa: PLC0415
        from chalicelib.platform.errors import RateLimited  # noqa: PLC0415

        expected, call, retry_after_s = self._expected(group, client), self._call(client), None
        try:
            if group == "QUARANTINE":
                hit(group, call)
            else:
                assert Admission(group).admit(call) is None
        except RateLimited as refused:
            retry_after_s = refused.retry_after_s
        assert (retry_after_s is None) == expected
        self._check(group, call, admitted=expected, retry_after_s=retry_after_s)
        return retry_after_s

    @rule(group=st.sampled_from(sorted(LIMITS)), client=CLIENTS)
    def hit(self, group: str, client: str) -> None:
        """A call."""
        self._hit(group, client)

    @rule(group=st.sampled_from(sorted(LIMITS)), client=CLIENTS)
    def knock_and_come_back_as_told(self, group: str, client: str) -> None:
        """Call until the window is full, knock in vain, and be let in after the very wait that was asked."""
        retry_after_s = None
        for _ in range(LIMITS[group][0] + 1):
            retry_after_s = self._hit(group, client)
        assert retry_after_s is not None
        assert self._hit(group, client) == retry_after_s, "a knock in vain has moved the end of the wait"
        self.house.pass_time(timedelta(seconds=retry_after_s))
        assert self._hit(group, client) is None

    @rule(client=CLIENTS, key=KEYS, body=BODIES, is_answered=st.booleans())
    def call_with_a_key(self, client: str, key: str, body: int, *, is_answered: bool) -> None:
        """Only a fresh call spends LEADS; replays, "still running", reused and malformed keys spend READS."""
        from chalicelib.guards.admission import Admission  # noqa: PLC0415
        from chalicelib.platform import errors  # noqa: PLC0415
        from chalicelib.platform.http import Answer  # noqa: PLC0415

        assume(self.line.state != "deaf")  # else the reservation lies in both places: the other machine's
        guard, call = Admission("LEADS", idempotent=True), self._call(client, key, body)
        group, verdict = self._judge(key, body)
        expected, refusal = self._expected(group, client), None
        replay = None
        try:
            replay = guard.admit(call)
        except errors.CallerError as error:
            refusal = error
        retry_after_s = refusal.retry_after_s if isinstance(refusal, errors.RateLimited) else None
        self._check(group, call, admitted=expected, retry_after_s=retry_after_s)
        if not expected:
            assert isinstance(refusal, errors.RateLimited)
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
            guard.reservation.answer = Answer(201, "{}")
            guard.complete(call, guard.reservation.answer)
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
        """Neither the fleet's, while Valkey keeps its data, nor the process's own; wherever it begins."""
        for windows in (self.fleet, self.process):
            most = windows.most_in_any_window()
            assert all(most[window] <= LIMITS[window[0]][0] for window in most)

    @invariant()
    def valkey_keeps_no_more_than_what_counts(self) -> None:
        """Memory is bounded by the limit, and what is kept is what the model counts."""
        for group, client in list(self.fleet.admitted)[:1]:
            kept = self.house.valkey.command("ZRANGE", f"rl:{group}:{client}", 0, -1, "WITHSCORES")
            scores = [int(score) for score in kept[1::2]]
            assert len(scores) <= LIMITS[group][0]
            now_ms = self._now_ms()
            counted = self.fleet.counted(group, client, now_ms)
            assert [at for at in scores if at > now_ms - LIMITS[group][1]] == counted


@pytest.fixture
def small_windows(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Limits that fifty steps can fill."""
    from chalicelib.platform.settings import settings  # noqa: PLC0415

    for group, (count, window_ms) in LIMITS.items():
        monkeypatch.setenv(f"RATE_LIMIT_{group}", f"{count}/{window_ms // 1000}")
    settings.cache_clear()
    yield house
    monkeypatch.undo()
    settings.cache_clear()


def test_whatever_the_rhythm_clients_are_judged_as_plain_lists_of_instants_would(
    small_windows: House, line: Line
) -> None:
    """R15, for addresses: a state machine over real Valkey and the limiter that stands in for it."""
    attributes: dict[str, Any] = {"house": small_windows, "line": line}
    run_state_machine_as_test(type("HousedEdge", (Edge,), attributes), settings=MACHINES)
