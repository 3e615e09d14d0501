"""
Sign-in never tells whether an account exists, gives guessers ten tries, and keeps passwords to itself.

Numbers are of OWASP ASVS 5.0, of level 2 or below unless said.
"""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from local.demo_data import seed
from local.stack import Stack
from local.stack.environment import ACCOUNTS
from tests.product.conftest import Api, FrozenClock, LambdaContext, Ledger, Reply
from tests.product.log_lines import events

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.staff_fixtures",)
EMAIL = "hoa@plumbline.test"
PASSWORD = "đúng ngựa pin ghim"
_addresses = iter(f"198.51.{a}.{b}" for a in range(100, 256) for b in range(256))


def _sign_in(api: Api, email: str, password: str, **more: Any) -> Reply:
    """From an address of its own, unless one is given, so that only the account's failures count."""
    more.setdefault("address", next(_addresses))
    return api.call("POST", "/auth/login", {"email": email, "password": password}, **more)


def _fail(api: Api, email: str, times: int) -> None:
    for _ in range(times):
        assert _sign_in(api, email, "wrong").status == 401


@pytest.fixture
def hoa(desk: "Desk") -> "Desk":
    """The desk, and a home owner with a password."""
    desk.ids["hoa"] = desk.account("HOMEOWNER", password=PASSWORD, email=EMAIL, name="Hoa")
    return desk


def test_the_right_password_gives_a_token_for_fifteen_minutes_that_opens_ones_own_account(
    api: Api, hoa: "Desk"
) -> None:
    answer = _sign_in(api, EMAIL, PASSWORD)
    assert answer.status == 200
    assert set(answer.json) == {"accessToken", "expiresIn", "user"}
    assert answer.json["expiresIn"] == 900
    user = {"id": str(hoa.ids["hoa"]), "email": EMAIL, "name": "Hoa", "role": "HOMEOWNER"}
    assert answer.json["user"] == user
    assert answer.headers["Cache-Control"] == "no-store"
    me = api.call("GET", "/me", headers={"authorization": f"Bearer {answer.json['accessToken']}"})
    assert me.status == 200
    assert me.json == {**user, "phone": None, "locale": "vi", "createdAt": me.json["createdAt"]}


def test_an_account_that_is_gone_is_nobody_to_its_token(api: Api, hoa: "Desk", ledger: Ledger) -> None:
    """V7.4.2."""
    token = _sign_in(api, EMAIL, PASSWORD).json["accessToken"]
    ledger.rows("DELETE FROM users WHERE id = %s", hoa.ids["hoa"])
    answer = api.call("GET", "/me", headers={"authorization": f"Bearer {token}"})
    assert (answer.status, answer.json["code"]) == (401, "UNAUTHENTICATED")


def test_every_reason_gets_the_same_refusal(
    api: Api, hoa: "Desk", capsys: pytest.CaptureFixture[str]
) -> None:
    """V6.3.8 (level 3): valid users cannot be told from unknown ones by a failed sign-in."""
    hoa.account("HOMEOWNER", password=PASSWORD, email="new@plumbline.test", confirmed_at=None)
    _fail(api, "locked@plumbline.test", 10)
    capsys.readouterr()
    same = {"headers": {"x-correlation-id": "same"}}
    answers = [
        _sign_in(api, EMAIL, "wrong", **same),
        _sign_in(api, "nobody@plumbline.test", PASSWORD, **same),
        _sign_in(api, "new@plumbline.test", PASSWORD, **same),
        _sign_in(api, "locked@plumbline.test", PASSWORD, **same),
        _sign_in(api, "no address at all", PASSWORD, **same),
    ]
    assert {answer.status for answer in answers} == {401}
    assert len({answer.body for answer in answers}) == 1
    assert answers[0].json["code"] == "UNAUTHENTICATED"
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {"Bearer"}
    told = [line["reason"] for line in events(capsys, "sign_in.refused")]
    assert told == [
        "wrong_password",
        "unknown_address",
        "unconfirmed",
        "too_many_failures",
        "unknown_address",
    ]


def test_every_refusal_takes_as_long_as_one_verification(api: Api, hoa: "Desk") -> None:
    """V6.3.8 (level 3): nor can they be told by how long it takes; without Argon2 it would be a tenth."""
    hoa.account("HOMEOWNER", password=PASSWORD, email="new@plumbline.test", confirmed_at=None)
    _fail(api, "locked@plumbline.test", 10)
    _sign_in(api, EMAIL, PASSWORD)

    def took_s(email: str) -> float:
        started = time.perf_counter()
        assert _sign_in(api, email, "wrong").status == 401
        return time.perf_counter() - started

    emails = (EMAIL, "nobody@plumbline.test", "new@plumbline.test", "locked@plumbline.test")
    rounds = [[took_s(email) for email in emails] for _ in range(7)]
    medians = [statistics.median(times) for times in zip(*rounds, strict=True)]
    assert max(medians) < 3 * min(medians)


def test_ten_failures_close_the_account_to_the_right_password_until_they_are_over(
    api: Api, hoa: "Desk", clock: FrozenClock
) -> None:
    """V6.3.1: brute force is held up per account, from however many addresses it comes."""
    hoa.account("HOMEOWNER", password=PASSWORD, email="other@plumbline.test")
    _fail(api, EMAIL, 5)
    _fail(api, EMAIL.upper(), 5)
    assert _sign_in(api, EMAIL, PASSWORD).status == 401
    assert _sign_in(api, EMAIL.title(), PASSWORD).status == 401
    assert _sign_in(api, "other@plumbline.test", PASSWORD).status == 200
    clock.advance(899)
    assert _sign_in(api, EMAIL, PASSWORD).status == 401
    clock.advance(1)
    assert _sign_in(api, EMAIL, PASSWORD).status == 200
    assert _sign_in(api, f" {EMAIL.upper()} ", PASSWORD).status == 200


def test_a_refused_sign_in_does_not_lengthen_the_wait(api: Api, hoa: "Desk", clock: FrozenClock) -> None:
    del hoa
    _fail(api, EMAIL, 10)
    clock.advance(600)
    _fail(api, EMAIL, 5)
    clock.advance(300)
    assert _sign_in(api, EMAIL, PASSWORD).status == 200


def test_signing_in_is_no_failure_and_forgives_none(api: Api, hoa: "Desk", clock: FrozenClock) -> None:
    """Else whoever waits for the owner to sign in has ten more guesses each time."""
    del hoa
    for _ in range(12):
        assert _sign_in(api, EMAIL, PASSWORD).status == 200
    for _ in range(9):
        clock.advance(1)
        _fail(api, EMAIL, 1)
        assert _sign_in(api, EMAIL, PASSWORD).status == 200
    _fail(api, EMAIL, 1)
    assert _sign_in(api, EMAIL, PASSWORD).status == 401


def test_however_many_guesses_come_at_once_ten_are_tried(api: Api, clock: FrozenClock) -> None:
    """V6.3.1: a failure is counted before the password is looked at, so parallel guesses are counted too."""
    del api
    from chalicelib.accounts import store  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    now = clock.now()

    def is_tried(number: int) -> bool:
        at = now + timedelta(microseconds=number)
        found = store.begin_sign_in(
            database(),
            email=EMAIL,
            account_digest="digest",
            now=at,
            window=timedelta(seconds=900),
            failures_limit=10,
        )
        return bool(found["may_be_tried"])

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(is_tried, range(64))) == 10


def test_one_address_has_ten_sign_ins_and_then_a_429_that_counts_no_failure(
    api: Api, hoa: "Desk", ledger: Ledger
) -> None:
    """V6.3.1, V2.4.1: before the password is looked at, and whatever it is."""
    del hoa
    for number in range(10):
        assert _sign_in(api, f"{number}@plumbline.test", "wrong", address="192.0.2.1").status == 401
    counted = len(ledger.rows("SELECT 1 FROM sign_in_failures"))
    answer = _sign_in(api, EMAIL, PASSWORD, address="192.0.2.1")
    assert (answer.status, answer.json["code"]) == (429, "RATE_LIMITED")
    assert 1 <= int(answer.headers["Retry-After"]) <= 900
    assert counted == len(ledger.rows("SELECT 1 FROM sign_in_failures")) == 10
    assert _sign_in(api, EMAIL, PASSWORD, address="192.0.2.2").status == 200


@pytest.mark.parametrize(
    "password", ["a" * 64, "a" * 256, " blanks around ", "pass\x00word", "パスワード🔑", "AbC"]
)
def test_a_password_is_taken_exactly_as_it_was_sent(api: Api, desk: "Desk", password: str) -> None:
    """V6.2.8 no truncation, no change of case; V6.2.9 at least 64 characters; any of them."""
    desk.account("HOMEOWNER", password=password, email=EMAIL)
    assert _sign_in(api, EMAIL, password).status == 200
    cut, until_nul = password[:-1], password.partition("\x00")[0]
    for other in {cut, until_nul, password.strip(), password.swapcase()} - {password}:
        assert _sign_in(api, EMAIL, other).status == 401


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"email": EMAIL, "password": "a" * 257}, 422, "/password"),
        ({"email": EMAIL, "password": ""}, 422, "/password"),
        ({"email": EMAIL}, 422, "/password"),
        ({"email": "a" * 255, "password": "x"}, 422, "/email"),
        ({"email": "a\x00b@plumbline.test", "password": "x"}, 422, "/email"),
        ({"email": EMAIL, "password": "x", "role": "ADMIN"}, 422, "/role"),
        ({"email": [EMAIL], "password": {"$ne": ""}}, 422, "/email"),
        ("[]", 400, None),
        ("{", 400, None),
        ('{"email": "x", "password": "' + "a" * 65_536 + '"}', 413, None),
    ],
)
def test_what_is_no_pair_of_address_and_password_is_refused_before_it_costs_anything(
    api: Api, ledger: Ledger, body: Any, status: int, pointer: str | None
) -> None:
    """V15.2.2 and V2.2.1: at most 256 characters are hashed."""
    answer = api.call("POST", "/auth/login", body)
    assert answer.status == status
    if pointer:
        assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert ledger.rows("SELECT 1 FROM sign_in_failures") == []


def test_a_password_is_kept_as_argon2id_with_owasps_parameters(desk: "Desk", ledger: Ledger) -> None:
    """V11.4.2: a hash made for passwords. Nobody's hash, which unknown addresses are tried with, is alike."""
    from argon2 import Type, extract_parameters  # noqa: PLC0415

    from chalicelib.accounts.passwords import NOBODYS_HASH  # noqa: PLC0415

    desk.account("HOMEOWNER", password=PASSWORD, email=EMAIL)
    (row,) = ledger.rows("SELECT password_hash FROM users WHERE email = %s", EMAIL)
    kept = extract_parameters(row["password_hash"])
    assert (kept.type, kept.memory_cost, kept.time_cost, kept.parallelism) == (Type.ID, 19 * 1024, 2, 1)
    assert extract_parameters(NOBODYS_HASH) == kept


def test_neither_password_nor_address_nor_token_is_logged_or_kept_beside_the_account(
    api: Api, hoa: "Desk", ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    """V16.2.5, V16.3.1: the log says that somebody signed in or failed to, and nothing secret."""
    token = _sign_in(api, EMAIL, PASSWORD).json["accessToken"]
    _sign_in(api, EMAIL, "falsch!falsch!")
    _sign_in(api, "nobody@plumbline.test", "falsch!falsch!")
    api.call("GET", "/me", headers={"authorization": f"Bearer {token}"})
    written = capsys.readouterr().out
    assert (written.count("sign_in.done"), written.count("sign_in.refused")) == (1, 2)
    assert str(hoa.ids["hoa"]) in written
    kept = str(ledger.rows("SELECT * FROM sign_in_failures"))
    for secret in (PASSWORD, "falsch", EMAIL, "nobody@", token, token.rsplit(".", 1)[1]):
        assert secret not in written
        assert secret not in kept


def test_failures_that_are_over_are_forgotten_by_the_schedule(
    api: Api, ledger: Ledger, clock: FrozenClock
) -> None:
    from chalicelib.guards.jobs import forget_expired  # noqa: PLC0415

    _fail(api, "early@plumbline.test", 1)
    clock.advance(600)
    _fail(api, "late@plumbline.test", 1)
    clock.advance(300)
    forget_expired(LambdaContext())
    assert len(ledger.rows("SELECT 1 FROM sign_in_failures")) == 1


def test_the_demo_accounts_have_the_password_that_the_stack_made(
    api: Api, parts: Stack, ledger: Ledger
) -> None:
    url = parts.environment["MIGRATION_DATABASE_URL"]
    seed(url, "one-password")
    before = ledger.rows("SELECT email, password_hash FROM users ORDER BY email")
    seed(url, "one-password")
    assert ledger.rows("SELECT email, password_hash FROM users ORDER BY email") == before
    assert {row["email"] for row in before} == set(ACCOUNTS)
    for email in ACCOUNTS:
        answer = _sign_in(api, email, "one-password")
        assert answer.json["user"]["role"] == email.partition("@")[0].upper()
    seed(url, "another-password")
    assert _sign_in(api, ACCOUNTS[0], "one-password").status == 401
    assert _sign_in(api, ACCOUNTS[0], "another-password").status == 200
