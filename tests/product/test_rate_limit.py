"""Rate limits: an exact moving window per client, true header fields, and no header that makes a client."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.product.conftest import Api, Faults, FrozenClock, Turnstile
from tests.product.log_lines import events
from tests.product.profiles import PROFILE

if TYPE_CHECKING:
    from chalicelib.platform.http import Call

Judge = Callable[[str], tuple[bool, dict[str, str]]]
NewLead = Callable[..., dict[str, Any]]
COUNT, WINDOW_S = 3, 10


@pytest.fixture
def small_window(api: Api, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[FrozenClock]:
    """LEADS at 3 in 10 s, as an operator would set it, on a clock that counts whole milliseconds."""
    del api
    from chalicelib.platform.settings import settings  # noqa: PLC0415

    clock.instant = clock.instant.replace(microsecond=500)
    monkeypatch.setenv("RATE_LIMIT_LEADS", f"{COUNT}/{WINDOW_S}")
    settings.cache_clear()
    yield clock
    monkeypatch.undo()
    settings.cache_clear()


def a_call(address: str = "203.0.113.9", headers: dict[str, str] | None = None) -> "Call":
    """A call as the edge hands it to its guard."""
    from chalicelib.platform.clock import now  # noqa: PLC0415
    from chalicelib.platform.http import Call  # noqa: PLC0415

    return Call("POST", "/leads", "/api/leads", {}, {}, headers or {}, b"", address, "c-1", now())


def _fleet_judge(address: str) -> tuple[bool, dict[str, str]]:
    """The route's guard over Valkey."""
    from chalicelib.guards.admission import Admission  # noqa: PLC0415
    from chalicelib.platform.errors import RateLimited  # noqa: PLC0415

    call = a_call(address)
    try:
        Admission("LEADS").admit(call)
    except RateLimited as refused:
        return False, {**call.answer_headers, "Retry-After": str(refused.retry_after_s)}
    return True, call.answer_headers


def _process_judge() -> Judge:
    """The process's own limiter, as it stands in for Valkey."""
    from chalicelib.guards.rate_limit import ProcessLimiter, headers_of  # noqa: PLC0415

    limiter = ProcessLimiter()

    def judge(address: str) -> tuple[bool, dict[str, str]]:
        admitted, window = limiter.hit("LEADS", address)
        more = {} if admitted else {"Retry-After": str(window.reset_in_s)}
        return admitted, {**headers_of(window), **more}

    return judge


@pytest.mark.parametrize("where", ["valkey", "process"])
@PROFILE
@given(
    gaps_ms=st.lists(st.one_of(st.sampled_from([0, 1, 9_999, 10_000]), st.integers(0, 12_000)), max_size=40)
)
def test_any_rhythm_of_calls_is_judged_as_a_plain_list_of_instants_would(
    small_window: FrozenClock, where: str, gaps_ms: list[int]
) -> None:
    """Refused calls are not counted; one is admitted again exactly when the oldest counted leaves."""
    from chalicelib.platform import clock as product_clock  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    valkey().command("FLUSHALL")
    judge = _fleet_judge if where == "valkey" else _process_judge()
    counted: list[int] = []
    for gap_ms in gaps_ms:
        small_window.advance(gap_ms / 1000)
        now_ms = product_clock.now_ms()
        counted = [at for at in counted if at > now_ms - WINDOW_S * 1000]
        expected = len(counted) < COUNT
        counted += [now_ms] if expected else []
        admitted, headers = judge("203.0.113.9")
        reset_ms = counted[0] + WINDOW_S * 1000
        wait_s = max(1, -(-(reset_ms - now_ms) // 1000))
        left = COUNT - len(counted)
        assert admitted == expected
        assert headers == {
            "X-RateLimit-Limit": str(COUNT),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": str(-(-reset_ms // 1000)),
            "RateLimit-Policy": f'"leads";q={COUNT};w={WINDOW_S}',
            "RateLimit": f'"leads";r={left};t={wait_s}',
            **({} if expected else {"Retry-After": str(wait_s)}),
        }


def test_a_full_window_answers_429_with_every_header_and_lets_in_again_when_it_says(
    api: Api, new_lead: NewLead, clock: FrozenClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """30 leads a minute; the 31st is told when, and that is true to the second."""
    clock.instant = clock.instant.replace(microsecond=500)
    for number in range(30):
        answer = api.call("POST", "/leads", {})
        assert answer.status == 422
        assert answer.headers["X-RateLimit-Limit"] == "30"
        assert answer.headers["X-RateLimit-Remaining"] == str(29 - number)
        clock.advance(0.5)
    refused = api.call("POST", "/leads", new_lead())
    assert (refused.status, refused.json["code"]) == (429, "RATE_LIMITED")
    assert refused.headers["Retry-After"] == "45"
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert refused.headers["RateLimit"] == '"leads";r=0;t=45'
    assert refused.headers["RateLimit-Policy"] == '"leads";q=30;w=60'
    assert 44 <= int(refused.headers["X-RateLimit-Reset"]) - clock.now().timestamp() <= 46
    told = events(capsys, "rate_limit.violation")
    assert [(line["ip"], line["path"], line["group"]) for line in told] == [(api.address, "/leads", "LEADS")]
    clock.advance(44.999)
    assert api.call("POST", "/leads", new_lead()).headers["Retry-After"] == "1"
    clock.advance(0.001)
    assert api.call("POST", "/leads", new_lead()).status == 201


@pytest.mark.proves("P15")
def test_a_violation_is_logged_with_address_path_and_time(
    small_window: FrozenClock, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    """P15: one line for each refused call, none for the admitted ones."""
    from chalicelib.platform.clock import rfc3339  # noqa: PLC0415

    for _ in range(COUNT):
        api.call("POST", "/leads", {})
    assert events(capsys, "rate_limit.violation") == []
    refused = [api.call("POST", "/leads", {}, address="2001:db8:1:2::1") for _ in range(COUNT + 2)][COUNT:]
    told = events(capsys, "rate_limit.violation")
    assert [line["correlationId"] for line in told] == [each.headers["X-Correlation-Id"] for each in refused]
    for line in told:
        assert (line["ip"], line["path"]) == ("2001:db8:1:2::/64", "/leads")
        assert line["time"] == rfc3339(small_window.now())


def test_replays_and_malformed_keys_count_against_reads_and_only_fresh_calls_spend_leads(
    small_window: FrozenClock, api: Api, new_lead: NewLead, turnstile: Turnstile, key: str
) -> None:
    del small_window
    body = new_lead()
    first = api.call("POST", "/leads", body, headers={"idempotency-key": key})
    for count in range(1, 6):
        again = {**body, "turnstileToken": turnstile.token()}
        replay = api.call("POST", "/leads", again, headers={"idempotency-key": key})
        assert (replay.status, replay.body) == (201, first.body)
        assert replay.headers["RateLimit-Policy"] == '"reads";q=300;w=60'
        assert replay.headers["X-RateLimit-Remaining"] == str(300 - count)
    malformed = api.call("POST", "/leads", body, headers={"idempotency-key": "é"})
    assert malformed.status == 400
    assert malformed.headers["X-RateLimit-Remaining"] == "294"
    changed = api.call("POST", "/leads", {**body, "name": "Bo Tran"}, headers={"idempotency-key": key})
    assert changed.json["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert changed.headers["X-RateLimit-Remaining"] == "293"
    left = [api.call("POST", "/leads", {}).headers["X-RateLimit-Remaining"] for _ in range(2)]
    assert left == ["1", "0"], "one of three was spent before"
    assert api.call("POST", "/leads", body, headers={"idempotency-key": key}).status == 201, "a replay still"
    assert api.call("POST", "/leads", body, headers={"idempotency-key": f"{key}-2"}).status == 429


def test_a_refused_fresh_call_leaves_its_key_free(
    small_window: FrozenClock, api: Api, new_lead: NewLead, key: str
) -> None:
    for _ in range(COUNT):
        api.call("POST", "/leads", {})
    body = new_lead()
    assert api.call("POST", "/leads", body, headers={"idempotency-key": key}).status == 429
    small_window.advance(WINDOW_S)
    accepted = api.call("POST", "/leads", body, headers={"idempotency-key": key})
    assert accepted.status == 201
    assert "Idempotency-Replayed" not in accepted.headers


def test_each_counted_call_keeps_the_window_for_its_whole_length(small_window: FrozenClock) -> None:
    """Valkey goes by its own clock, and would else forget calls that still count."""
    del small_window
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    window = "rl:LEADS:203.0.113.9"
    _fleet_judge("203.0.113.9")
    valkey().command("PEXPIRE", window, 1_000)  # nine of the ten seconds have passed there
    _fleet_judge("203.0.113.9")
    assert valkey().command("PTTL", window) > 1_000


def test_clients_and_groups_have_windows_of_their_own(small_window: FrozenClock, api: Api) -> None:
    del small_window
    for _ in range(COUNT + 1):
        last = api.call("POST", "/leads", {})
    assert last.status == 429
    assert api.call("POST", "/leads", {}, address="203.0.113.8").headers["X-RateLimit-Remaining"] == "2"
    assert api.call("GET", "/service-categories").headers["X-RateLimit-Remaining"] == "299"


@pytest.mark.parametrize("mode", ["refuse", "timeout"])
def test_with_valkey_away_the_process_keeps_the_limit(
    api: Api, faults: Faults, clock: FrozenClock, capsys: pytest.CaptureFixture[str], mode: str
) -> None:
    faults.set("redis", mode)
    answers = [api.call("POST", "/leads", {}) for _ in range(31)]
    assert [answer.status for answer in answers] == [422] * 30 + [429]
    assert answers[0].headers["RateLimit-Policy"] == '"leads";q=30;w=60'
    assert answers[30].headers["Retry-After"] == "60"
    assert events(capsys, "cache.unavailable")
    clock.advance(60)
    assert api.call("POST", "/leads", {}).status == 422


def test_the_process_limiter_remembers_a_bounded_number_of_clients(small_window: FrozenClock) -> None:
    del small_window
    from chalicelib.guards.rate_limit import ProcessLimiter  # noqa: PLC0415

    limiter = ProcessLimiter()
    for _ in range(COUNT):
        limiter.hit("LEADS", "first")
    for number in range(25_000):
        if number % 5_000 == 0:
            assert not limiter.hit("LEADS", "first")[0], "a client that keeps knocking is not forgotten"
        limiter.hit("LEADS", f"client-{number}")
    assert len(limiter._calls) == 10_000
    assert sum(len(calls) for calls in limiter._calls.values()) <= 10_000 * COUNT
