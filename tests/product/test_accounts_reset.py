"""
A lost password: one mail to the owner, one use of its link, and the end of every session.

Numbers are of OWASP ASVS 5.0, of level 2 or below unless said.
"""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.product.account_samples import EMAIL, PASSWORD
from tests.product.conftest import Faults, FrozenClock, Ledger

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.product.account_fixtures import Browser, Door

pytest_plugins = ("tests.product.account_fixtures",)
ANOTHER = "cái bàn gỗ màu xanh"


def _ask(door: "Door", email: str = EMAIL) -> None:
    answer = door.post("password-reset", {"email": email}, headers={"x-correlation-id": "same"})
    assert (answer.status, answer.body) == (202, '{"status":"RECEIVED"}')


def _confirm(door: "Door", token: str, password: str = ANOTHER) -> int:
    return door.post("password-reset/confirm", {"token": token, "password": password}).status


def test_the_link_in_the_mail_sets_a_new_password_and_ends_every_session(browser: "Browser") -> None:
    """V6.4.3, V7.4.3: whoever else was signed in is not any more, in whichever browser."""
    door = browser.door
    other = door.browser()
    other.sign_in()
    _ask(door, f" {EMAIL.upper()} ")
    assert _confirm(door, door.link()) == 204
    assert door.sign_in().status == 401
    assert [browser.refresh(), other.refresh()] == [401, 401]
    assert browser.sign_in(password=ANOTHER).status == 200
    assert browser.refresh() == 200


def test_a_link_is_used_once_and_makes_the_others_void(browser: "Browser") -> None:
    """V6.4.1. That somebody asks again makes none void, since anybody may ask."""
    door = browser.door
    _ask(door)
    first = door.link()
    _ask(door)
    second = door.link()
    assert _confirm(door, first) == 204
    assert _confirm(door, first, "noch ein anderes") == 422
    assert _confirm(door, second, "noch ein anderes") == 422
    assert door.sign_in(password=ANOTHER).status == 200


@pytest.mark.parametrize("password", ["sieben7", "password", "plumbline-1", EMAIL, "x" * 257])
def test_a_password_that_may_not_be_chosen_spends_no_link(browser: "Browser", password: str) -> None:
    """V6.2.1, V6.2.4, V6.2.11: the rules of sign-up hold here too."""
    _ask(browser.door)
    token = browser.door.link()
    answer = browser.door.post("password-reset/confirm", {"token": token, "password": password})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/password")
    assert browser.refresh() == 200
    assert _confirm(browser.door, token) == 204


@pytest.mark.parametrize("kind", ["nonsense", "forged", "expired", "another purpose", "gone"])
def test_every_link_that_leads_nowhere_gets_the_same_answer(
    browser: "Browser", clock: FrozenClock, ledger: Ledger, kind: str
) -> None:
    from chalicelib.guards import link_token  # noqa: PLC0415

    _ask(browser.door)
    token = browser.door.link()
    (row,) = ledger.rows("SELECT id FROM link_tokens WHERE purpose = 'password_reset'")
    if kind == "nonsense":
        token = "x"
    elif kind == "forged":
        token = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    elif kind == "another purpose":
        token = link_token.token_of(row["id"], link_token.CONFIRM)
    elif kind == "gone":
        ledger.rows("DELETE FROM users")
    clock.advance(1800 if kind == "expired" else 1799)
    before = browser.door.users()
    answer = browser.door.post("password-reset/confirm", {"token": token, "password": ANOTHER})
    assert answer.status == 422
    assert [(error["pointer"], error["code"]) for error in answer.json["errors"]] == [("/token", "not_valid")]
    assert browser.door.users() == before


def test_a_link_holds_for_thirty_minutes(browser: "Browser", clock: FrozenClock) -> None:
    _ask(browser.door)
    token = browser.door.link()
    clock.advance(1799)
    assert _confirm(browser.door, token) == 204


@pytest.mark.parametrize("email", ["nobody@example.test", "pending@example.test", "no address"])
def test_an_address_without_a_confirmed_account_causes_nothing(
    newcomer: "Callable[..., Door]", ledger: Ledger, email: str
) -> None:
    door = newcomer()
    door.sign_up(email="pending@example.test")
    jobs, links = ledger.rows("SELECT id FROM jobs"), ledger.rows("SELECT id FROM link_tokens")
    door.mails()
    _ask(door, email)
    assert ledger.rows("SELECT id FROM jobs") == jobs
    assert ledger.rows("SELECT id FROM link_tokens") == links
    assert door.mails() == []


def test_known_and_unknown_addresses_get_the_same_answer_in_like_time(browser: "Browser") -> None:
    """V6.3.8 (level 3): one statement and one call of SQS each."""

    def took_s(email: str) -> float:
        started = time.perf_counter()
        _ask(browser.door, email)
        return time.perf_counter() - started

    rounds = [[took_s(email) for email in (EMAIL, "nobody@example.test")] for _ in range(15)]
    known, unknown = (statistics.median(times) for times in zip(*rounds, strict=True))
    assert 1 / 3 < known / unknown < 3


def test_with_the_queue_away_the_mail_waits_and_nothing_else_is_told(
    browser: "Browser", faults: Faults
) -> None:
    faults.set("sqs", "refuse")
    _ask(browser.door)
    _ask(browser.door, "nobody@example.test")
    faults.mend()
    browser.door.seen = 0
    mails = [mail for mail in browser.door.mails() if "/reset?token=" in mail["text"]]
    assert len(mails) == 1


def test_of_two_links_at_once_one_is_used(browser: "Browser", clock: FrozenClock) -> None:
    from chalicelib.accounts.password_reset import store  # noqa: PLC0415
    from chalicelib.guards.link_token import PASSWORD_RESET, link_of  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    links = []
    for _ in range(3):
        _ask(browser.door)
        links.append(link_of(browser.door.link(), PASSWORD_RESET))

    def use(link_id: object) -> bool:
        parameters = {"link_id": link_id, "now": clock.now(), "password_hash": "-", "account_digests": []}
        return store.confirm(database(), parameters)

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(use, links * 2)) == 1


def test_an_owner_whom_guessers_locked_out_gets_in_by_a_reset(browser: "Browser") -> None:
    """Else anybody could keep anybody out for good."""
    for _ in range(10):
        assert browser.door.sign_in(password="wrong").status == 401
    assert browser.door.sign_in().status == 401
    _ask(browser.door)
    assert _confirm(browser.door, browser.door.link()) == 204
    assert browser.door.sign_in(password=ANOTHER).status == 200


def test_a_sign_in_that_was_under_way_with_the_former_password_begins_no_session(
    browser: "Browser", ledger: Ledger, clock: FrozenClock
) -> None:
    """V7.4.3: its password was right when it was looked at, and is not when the session would begin."""
    from chalicelib.accounts.sessions import service  # noqa: PLC0415

    (account,) = ledger.rows("SELECT * FROM users")
    _ask(browser.door)
    assert _confirm(browser.door, browser.door.link()) == 204
    began = service.begin(account, account_digest="d", begun_at=clock.now(), former=None)
    assert began is None
    assert len(ledger.rows("SELECT 1 FROM sessions")) == 1


def test_resets_and_sign_ins_of_one_client_are_counted_together(browser: "Browser") -> None:
    """V2.4.1: ten in fifteen minutes."""
    here = {"address": "192.0.2.77"}
    for _ in range(5):
        assert browser.door.post("password-reset", {"email": EMAIL}, **here).status == 202
        assert browser.door.sign_in(password="wrong", **here).status == 401
    answer = browser.door.post("password-reset", {"email": EMAIL}, **here)
    assert (answer.status, answer.json["code"]) == (429, "RATE_LIMITED")


def test_nothing_secret_is_logged(browser: "Browser", capsys: pytest.CaptureFixture[str]) -> None:
    """V16.2.5."""
    _ask(browser.door)
    token = browser.door.link()
    assert _confirm(browser.door, token) == 204
    written = capsys.readouterr().out
    assert "password_reset.done" in written
    for secret in (token, EMAIL, PASSWORD, ANOTHER, "argon2"):
        assert secret not in written
