"""
Sessions: each refresh token is exchanged once, a stolen one ends them all, and a lost answer ends nothing.

Numbers are of OWASP ASVS 5.0, of level 2 or below unless said.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.account_samples import EMAIL, PASSWORD, StandingClock
from tests.product.conftest import Api, Faults, FrozenClock, LambdaContext, Ledger
from tests.product.log_lines import events

if TYPE_CHECKING:
    from tests.product.account_fixtures import Browser

pytest_plugins = ("tests.product.account_fixtures",)
DAY_S = 86_400


def test_signing_in_sets_a_cookie_that_only_this_api_sees(browser: "Browser") -> None:
    """V3.3.1, V3.3.2, V3.3.4: Secure, SameSite, HttpOnly; and the token is in no body."""
    answer = browser.sign_in()
    text = answer.cookies[0]
    value, *attributes = text.split("; ")
    assert re.fullmatch(r"plumbline_refresh=[0-9a-f]{32}\.0\.[A-Za-z0-9_-]{43}", value)
    assert set(attributes) == {"Max-Age=604800", "Path=/api/auth", "HttpOnly", "Secure", "SameSite=Strict"}
    assert browser.token not in answer.body


def test_a_refresh_gives_the_answer_of_a_sign_in_and_the_next_token(
    browser: "Browser", api: Api, ledger: Ledger, clock: FrozenClock
) -> None:
    """V7.2.2, V10.4.5: refresh tokens are made anew; what the database keeps is none of them."""
    before = browser.token
    clock.advance(900)
    answer = browser.post("refresh")
    assert answer.status == 200
    assert set(answer.json) == {"accessToken", "expiresIn", "user"}
    assert (answer.json["expiresIn"], answer.json["user"]["email"]) == (900, EMAIL)
    bearer = {"authorization": f"Bearer {answer.json['accessToken']}"}
    assert api.call("GET", "/me", headers=bearer).status == 200
    assert browser.token != before
    assert browser.refresh() == 200
    kept = str(ledger.rows("SELECT * FROM sessions"))
    for token in (before, browser.token):
        assert token.rsplit(".", 1)[1] not in kept


def test_a_token_that_comes_again_within_ten_seconds_gets_the_same_successor(
    browser: "Browser", clock: FrozenClock
) -> None:
    first = browser.token
    assert browser.refresh() == 200
    successor = browser.token
    clock.advance(9.999)
    assert browser.refresh(first) == 200
    assert browser.token == successor
    assert browser.refresh() == 200


@pytest.mark.parametrize("waits_s", [10, 3600])
def test_a_token_that_comes_again_later_ends_the_whole_family(
    browser: "Browser", clock: FrozenClock, capsys: pytest.CaptureFixture[str], waits_s: float
) -> None:
    """V10.4.5: a used token is refused, and with it every token of its sign-in; other sign-ins go on."""
    other = browser.door.browser()
    other.sign_in()
    first = browser.token
    assert browser.refresh() == 200
    latest = browser.token
    clock.advance(waits_s)
    capsys.readouterr()
    thief = browser.door.browser()
    assert thief.refresh(first) == 401
    assert [line["reason"] for line in events(capsys, "session.refused")] == ["reused"]
    assert thief.token == ""
    assert browser.refresh(latest) == 401
    assert other.refresh() == 200


def test_in_the_grace_an_older_token_gets_the_latest_and_ends_nothing(
    browser: "Browser", clock: FrozenClock
) -> None:
    """Three tabs and slow answers: the oldest request comes last."""
    first = browser.token
    for _ in range(3):
        clock.advance(2)
        assert browser.refresh() == 200
    latest = browser.token
    clock.advance(5)
    assert browser.refresh(first) == 200
    assert browser.token == latest
    clock.advance(3)
    assert browser.refresh(first) == 401


@pytest.mark.parametrize("kind", ["none", "nonsense", "forged", "a later one", "doubled", "gone"])
def test_whatever_is_no_token_of_a_live_session_gets_the_same_refusal(
    browser: "Browser", ledger: Ledger, kind: str
) -> None:
    """V7.2.1, V9.1.1: tokens are verified here, by their proof; of two cookies neither counts."""
    from chalicelib.accounts.sessions.tokens import RefreshToken, read  # noqa: PLC0415

    good = browser.token
    known = read(good)
    assert known is not None
    shown = {
        "none": "",
        "nonsense": "plumbline_refresh=x",
        "forged": f"plumbline_refresh={good[:-2]}{'AA' if good[-2:] != 'AA' else 'BB'}",
        "a later one": f"plumbline_refresh={RefreshToken(known.session_id, 7).text}",
        "doubled": f"plumbline_refresh={good}; plumbline_refresh={good}",
        "gone": f"plumbline_refresh={good}",
    }[kind]
    if kind == "gone":
        ledger.rows("DELETE FROM users")
    answer = browser.door.post("refresh", headers={"cookie": shown, "x-correlation-id": "same"})
    assert (answer.status, answer.json["code"]) == (401, "UNAUTHENTICATED")
    assert answer.json["detail"] == "You are not signed in any more; please sign in again."
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    if kind != "gone":
        assert browser.refresh(good) == 200, "who knows no token can end nothing"


def test_a_session_ends_after_seven_days_without_use(browser: "Browser", clock: FrozenClock) -> None:
    """V7.3.1."""
    clock.advance(7 * DAY_S - 1)
    assert browser.refresh() == 200
    clock.advance(7 * DAY_S)
    assert browser.refresh() == 401


def test_a_session_ends_after_thirty_days_however_it_is_used(browser: "Browser", clock: FrozenClock) -> None:
    """V7.3.2, V10.4.8."""
    for _ in range(5):
        clock.advance(5 * DAY_S)
        assert browser.refresh() == 200
    clock.advance(5 * DAY_S - 1)
    answer = browser.post("refresh")
    assert (answer.status, "Max-Age=1;" in answer.cookies[0]) == (200, True)
    clock.advance(1)
    assert browser.refresh() == 401


def test_signing_out_ends_the_session_and_takes_the_cookie_away(browser: "Browser", ledger: Ledger) -> None:
    """V7.4.1."""
    token = browser.token
    answer = browser.post("logout")
    assert (answer.status, answer.body, browser.token) == (204, "", "")
    assert browser.refresh(token) == 401
    assert ledger.rows("SELECT ended_by FROM sessions") == [{"ended_by": "sign_out"}]
    assert browser.post("logout").status == 204
    assert browser.door.post("logout").status == 204


def test_signing_in_again_gives_a_new_session_and_ends_the_browsers_former_one(browser: "Browser") -> None:
    """V7.2.4; a sign-in that fails ends nothing."""
    former = browser.token
    assert browser.post("login", {"email": EMAIL, "password": "wrong"}).status == 401
    assert browser.refresh() == 200
    former = browser.token
    browser.sign_in()
    assert browser.token.partition(".")[0] != former.partition(".")[0]
    latest = browser.token
    assert browser.refresh(former) == 401
    assert browser.refresh(latest) == 200


@pytest.mark.parametrize("path", ["login", "refresh", "logout"])
def test_only_pages_of_ours_may_use_the_cookie(browser: "Browser", path: str) -> None:
    """V3.5.1: SameSite=Strict keeps other sites out, and so does the origin that their pages must name."""
    body = {"email": EMAIL, "password": PASSWORD} if path == "login" else None
    cookie, token = f"plumbline_refresh={browser.token}", browser.token
    for origin in ("https://evil.example", "null", "http://localhost:1", ""):
        answer = browser.door.post(
            path, body, headers={"cookie": cookie, "origin": origin, "host": "api.test"}
        )
        assert (answer.status, answer.json["code"]) == (403, "FORBIDDEN")
        assert answer.cookies == []
    assert browser.refresh(token) == 200
    from chalicelib.platform.settings import settings  # noqa: PLC0415

    for origin in (settings().site_url, "https://api.test"):
        shown = {"cookie": f"plumbline_refresh={browser.token}", "origin": origin, "host": "api.test"}
        answer = browser.door.post(path, body, headers=shown)
        assert answer.status in (200, 204)
        browser.keep(answer)


@pytest.mark.proves("P10")
def test_a_refresh_waits_for_the_accounts_lock_and_for_no_others(
    browser: "Browser", clock: FrozenClock
) -> None:
    """P10: per user."""
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    (user,) = browser.door.users()
    before = clock.now()
    with held(valkey(), "refresh:00000000-0000-0000-0000-000000000000"):
        assert browser.refresh() == 200
    assert clock.now() == before
    with held(valkey(), f"refresh:{user['id']}"):
        assert browser.refresh() == 503


@pytest.mark.proves("P11")
def test_a_refresh_that_waits_for_5_seconds_is_told_that_the_lock_is_taken(
    browser: "Browser", clock: FrozenClock
) -> None:
    """P11: and neither the token nor the cookie is lost by it."""
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    (user,) = browser.door.users()
    with held(valkey(), f"refresh:{user['id']}"):
        began = clock.now()
        answer = browser.post("refresh")
        waited_s = (clock.now() - began).total_seconds()
    assert (answer.status, answer.json["code"]) == (503, "LOCK_TIMEOUT")
    assert int(answer.headers["Retry-After"]) >= 1
    assert 5.0 <= waited_s <= 5.2
    assert browser.refresh() == 200


@pytest.mark.parametrize("mode", ["refuse", "timeout", "reset"])
def test_with_valkey_away_the_lock_is_skipped_and_the_session_goes_on(
    browser: "Browser", faults: Faults, capsys: pytest.CaptureFixture[str], mode: str
) -> None:
    faults.set("redis", mode)
    first = browser.token
    assert browser.refresh() == 200
    assert len(events(capsys, "lock.skipped")) == 1
    successor = browser.token
    assert browser.refresh(first) == 200
    assert browser.token == successor


@pytest.mark.proves("P10")
@pytest.mark.parametrize("valkey_is", ["there", "away"])
def test_of_many_refreshes_at_once_all_get_one_and_the_same_successor(
    browser: "Browser", faults: Faults, clock: FrozenClock, valkey_is: str
) -> None:
    """P10: the lock lets them in one by one; without it the fence refuses whoever was overtaken."""
    from chalicelib.accounts.sessions import service, tokens  # noqa: PLC0415
    from chalicelib.platform import clock as product_clock  # noqa: PLC0415
    from chalicelib.platform.errors import LockTimeout  # noqa: PLC0415

    token = tokens.read(browser.token)
    if valkey_is == "away":
        faults.set("redis", "refuse")

    def refresh(_: int) -> Any:
        try:
            return service.refresh(token).cookie
        except LockTimeout:
            return "asked to come again"

    product_clock.install(StandingClock())
    try:
        with ThreadPoolExecutor(8) as threads:
            found = set(threads.map(refresh, range(16)))
    finally:
        product_clock.install(clock)
    assert len(found - {"asked to come again"}) == 1
    assert browser.door.ledger.rows("SELECT generation, ended_at FROM sessions") == [
        {"generation": 1, "ended_at": None}
    ]


def test_whoever_was_overtaken_writes_nothing(browser: "Browser", ledger: Ledger) -> None:
    """A holder that slept past its lease is refused by the fence, whatever it was about to write."""
    from chalicelib.accounts.sessions import service, tokens  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415
    from chalicelib.resilience.store import FenceLost, issue_fence  # noqa: PLC0415

    token = tokens.read(browser.token)
    assert token is not None
    sleeper = issue_fence(database(), "refresh:x")
    issue_fence(database(), "refresh:x")
    with pytest.raises(FenceLost):
        service._judge("refresh:x", sleeper, token)
    assert ledger.rows("SELECT generation FROM sessions") == [{"generation": 0}]


def test_an_answer_that_was_lost_with_the_database_is_asked_for_again(
    browser: "Browser", faults: Faults
) -> None:
    token = browser.token
    faults.set("postgres", "refuse")
    answer = browser.post("refresh")
    assert (answer.status, answer.json["code"], browser.token) == (503, "DATABASE_BUSY", token)
    faults.mend()
    assert browser.refresh() == 200


def test_a_role_that_was_taken_away_is_gone_with_the_next_refresh(browser: "Browser", ledger: Ledger) -> None:
    """V8.3.2 (level 3): at the latest with the next access token, after 15 minutes."""
    ledger.rows("UPDATE users SET role = 'CONTRACTOR'")
    assert browser.post("refresh").json["user"]["role"] == "CONTRACTOR"


def test_sessions_that_are_over_are_deleted_by_the_schedule(
    browser: "Browser", ledger: Ledger, clock: FrozenClock
) -> None:
    from chalicelib.accounts.jobs import forget_over  # noqa: PLC0415

    clock.advance(29 * DAY_S)
    browser.sign_in()
    clock.advance(DAY_S)
    forget_over(LambdaContext())
    assert len(ledger.rows("SELECT 1 FROM sessions")) == 1
    assert ledger.rows("SELECT 1 FROM link_tokens") == []


def test_no_token_is_logged(browser: "Browser", capsys: pytest.CaptureFixture[str]) -> None:
    """V16.2.5."""
    first = browser.token
    answer = browser.post("refresh")
    browser.post("logout")
    written = capsys.readouterr().out
    assert "session.continued" in written
    assert "session.ended" in written
    for secret in (first, first.rsplit(".", 1)[1], answer.json["accessToken"]):
        assert secret not in written
