"""
Sign-up: one mail to the address's owner, and nothing for anybody else to learn.

Numbers are of OWASP ASVS 5.0, of level 2 or below unless said.
"""

import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.product.account_samples import EMAIL, PASSWORD
from tests.product.conftest import Faults, FrozenClock, Turnstile

if TYPE_CHECKING:
    from tests.product.account_fixtures import Door

pytest_plugins = ("tests.product.account_fixtures",)


def _counts(door: "Door") -> list[int]:
    tables = ("users", "link_tokens", "jobs", "idempotency_records")
    return [door.ledger.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in tables]  # noqa: S608


def test_whoever_signs_up_can_sign_in_once_the_link_in_the_mail_was_followed(door: "Door") -> None:
    door.sign_up(email="Lan@Example.TEST", role="CONTRACTOR")
    (row,) = door.users()
    assert (row["email"], row["role"], row["phone"]) == (EMAIL, "CONTRACTOR", "+84912345678")
    assert (row["confirmed_at"], row["locale"]) == (None, "en")
    assert PASSWORD not in str(row)
    assert door.sign_in().status == 401
    answer = door.post("verify", {"token": door.link()})
    assert (answer.status, answer.body) == (204, "")
    assert door.sign_in().json["user"]["role"] == "CONTRACTOR"


def test_an_address_that_has_an_account_gets_a_mail_that_says_so_and_keeps_its_password(door: "Door") -> None:
    door.sign_up()
    assert door.post("verify", {"token": door.link()}).status == 204
    before = door.users()
    door.sign_up(password="ein ganz anderes Wort", name="Somebody Else", role="CONTRACTOR")
    assert door.users() == before
    (mail,) = door.mails()
    assert "token=" not in mail["text"]
    assert "/login" in mail["text"]


def test_an_unconfirmed_account_becomes_what_was_sent_last_and_its_former_link_is_void(door: "Door") -> None:
    """Else a stranger who signs up first has chosen the password that the owner confirms."""
    door.sign_up(password="the stranger's words", name="Stranger")
    former = door.link()
    door.sign_up()
    latest = door.link()
    assert door.post("verify", {"token": former}).status == 422
    assert door.post("verify", {"token": latest}).status == 204
    assert door.sign_in(password="the stranger's words").status == 401
    assert door.sign_in().json["user"]["name"] == "Nguyễn Thị Lan"
    assert len(door.users()) == 1


def test_staff_whose_address_is_not_confirmed_are_not_overwritten_by_a_sign_up(door: "Door") -> None:
    door.sign_up()
    door.ledger.rows("UPDATE users SET role = 'ADMIN'")
    before = door.users()
    door.sign_up(password="the stranger's words")
    link = {"confirm_link_id": door.users()[0]["confirm_link_id"]}  # its owner was mailed a new one
    assert door.users() == [{**before[0], **link}]


def test_new_known_and_unconfirmed_addresses_get_the_same_answer_in_like_time(
    door: "Door",
) -> None:
    """V6.3.8 (level 3): one hash and one statement each, so neither text, status nor time tell."""
    door.sign_up(email="known@example.test")
    assert door.post("verify", {"token": door.link()}).status == 204
    door.sign_up(email="pending@example.test")
    fresh = iter(f"fresh{number}@example.test" for number in range(100))
    same = {"headers": {"x-correlation-id": "same"}}

    def took_s(email: str) -> float:
        body = door.body(email=email)
        started = time.perf_counter()
        answer = door.post("signup", body, **same)
        took = time.perf_counter() - started
        assert (answer.status, answer.body) == (201, '{"status":"RECEIVED"}')
        varying = ("X-RateLimit-Reset", "RateLimit")
        heads.add(str({name: v for name, v in answer.headers.items() if name not in varying}))
        return took

    heads: set[str] = set()
    rounds = [
        [took_s(email) for email in ("known@example.test", "pending@example.test", next(fresh))]
        for _ in range(7)
    ]
    medians = [statistics.median(times) for times in zip(*rounds, strict=True)]
    assert max(medians) < 2 * min(medians)
    assert len(heads) == 1


@pytest.mark.proves("P7")
@pytest.mark.parametrize("token", [None, "", "forged", "spent", "another action"])
def test_without_a_valid_captcha_nothing_is_stored(door: "Door", turnstile: Turnstile, token: Any) -> None:
    """P7, V2.4.1: missing, empty, refused, spent, or earned for something else: 400."""
    if token == "spent":
        token = turnstile.token(action="signup")
        door.sign_up(turnstileToken=token)
    if token == "another action":
        token = turnstile.token(action="lead")
    before = _counts(door)
    answer = door.post("signup", door.body(email="other@example.test", turnstileToken=token))
    assert (answer.status, answer.json["code"]) == (400, "CAPTCHA_FAILED")
    assert _counts(door) == before


@pytest.mark.parametrize("mode", ["refuse", "timeout", "error"])
def test_with_the_captcha_away_a_sign_up_fails_closed(door: "Door", faults: Faults, mode: str) -> None:
    body = door.body()
    faults.set("turnstile", mode)
    answer = door.post("signup", body)
    assert (answer.status, answer.json["code"]) == (503, "CAPTCHA_UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) >= 1
    assert _counts(door) == [0, 0, 0, 0]
    faults.mend()
    door.sign_up()


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"password": "sieben7"}, "/password"),
        ({"password": "x" * 257}, "/password"),
        ({"password": "password"}, "/password"),
        ({"password": "PaSsWoRd"}, "/password"),
        ({"password": "1234567890"}, "/password"),
        ({"password": "plumbline"}, "/password"),
        ({"password": "Plumbline-2026"}, "/password"),
        ({"password": EMAIL.upper()}, "/password"),
        ({"password": "nguyễn-lan-1"}, "/password"),
        ({"email": "no address"}, "/email"),
        ({"email": "a@b"}, "/email"),
        ({"name": "L"}, "/name"),
        ({"name": "two\nlines"}, "/name"),
        ({"phone": "12"}, "/phone"),
        ({"role": "ADMIN"}, "/role"),
        ({"role": "MANAGER"}, "/role"),
        ({"locale": "fr"}, "/locale"),
        ({"confirmedAt": "2026-01-01T00:00:00Z"}, "/confirmedAt"),
    ],
)
def test_what_is_wrong_is_said_by_pointer_before_the_captcha_is_spent(
    door: "Door", fields: dict[str, Any], pointer: str
) -> None:
    """V2.2.1, V6.2.1 eight characters, V6.2.4 common, V6.2.11 context words, V15.3.3 nobody becomes staff."""
    body = door.body(**fields)
    answer = door.post("signup", body)
    assert (answer.status, answer.json["code"]) == (422, "VALIDATION_ERROR")
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert _counts(door) == [0, 0, 0, 0]
    door.sign_up(turnstileToken=body["turnstileToken"])


@pytest.mark.parametrize(
    "password",
    ["eight 8!", "a" * 7 + "b", "x" * 64, "x" * 256, "パスワード🔑パス", "my plumbline hangs"],
)
def test_any_other_password_of_8_to_256_characters_is_taken_as_it_is(door: "Door", password: str) -> None:
    """V6.2.5 no rules of composition; V6.2.8 taken exactly as it was sent; V6.2.9 at least 64 characters."""
    door.sign_up(password=password)
    assert door.post("verify", {"token": door.link()}).status == 204
    assert door.sign_in(password=password).status == 200
    assert door.sign_in(password=password[:-1]).status == 401


def test_more_than_three_thousand_common_passwords_are_known() -> None:
    """V6.2.4: at least the top 3,000 that are long enough."""
    from chalicelib.accounts.rules import common_passwords  # noqa: PLC0415

    assert len([word for word in common_passwords() if len(word) >= 8]) >= 3000
    assert {word for word in common_passwords() if word != word.casefold()} == set()


@pytest.mark.proves("P13")
def test_a_repeated_key_is_answered_from_postgresql_and_mails_nobody_again(
    door: "Door", faults: Faults, key: str
) -> None:
    """P13: byte for byte, also after Valkey lost everything and with the captcha away."""
    headers = {"idempotency-key": key}
    first = door.post("signup", door.body(), headers=headers)
    before = _counts(door)
    faults.set("turnstile", "refuse")
    second = door.post("signup", door.body(), headers=headers)
    faults.set("redis", "flush")
    third = door.post("signup", door.body(), headers=headers)
    assert [answer.status for answer in (first, second, third)] == [201, 201, 201]
    assert first.body == second.body == third.body
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == third.headers["Idempotency-Replayed"] == "true"
    assert _counts(door) == before == [1, 1, 1, 1]
    reused = door.post("signup", door.body(name="Somebody Else"), headers=headers)
    assert (reused.status, reused.json["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.proves("P13")
def test_of_many_at_once_with_one_key_and_without_valkey_one_is_executed(
    door: "Door", faults: Faults, clock: FrozenClock, key: str
) -> None:
    """P13: the key is unique in PostgreSQL; the others are told to wait, or get the first one's answer."""
    bodies = [door.body() for _ in range(12)]
    faults.set("redis", "refuse")
    starts = threading.Barrier(12)

    def send(body: dict[str, Any]) -> Any:
        from chalicelib.accounts.sign_up import service  # noqa: PLC0415
        from chalicelib.accounts.sign_up.models import NewAccount  # noqa: PLC0415
        from chalicelib.guards.idempotency import reservation_of  # noqa: PLC0415
        from chalicelib.platform.errors import RequestInProgress  # noqa: PLC0415
        from chalicelib.platform.http import Call  # noqa: PLC0415

        call = Call(
            "POST", "/auth/signup", "/api/auth/signup", {}, {}, {"idempotency-key": key}, b"", "192.0.2.1",
            "c", clock.now(), json=body,
        )  # fmt: skip
        reservation = reservation_of(call)
        assert reservation is not None
        reservation.in_postgres = True
        starts.wait()
        try:
            return service.sign_up(call, NewAccount.model_validate(body), reservation).body
        except RequestInProgress:
            return "running"

    with ThreadPoolExecutor(12) as threads:
        found = set(threads.map(send, bodies))
    assert found <= {'{"status":"RECEIVED"}', "running"}
    assert _counts(door) == [1, 1, 1, 1]


@pytest.mark.proves("P14")
def test_after_24_hours_the_key_may_be_used_again(door: "Door", clock: FrozenClock, key: str) -> None:
    headers = {"idempotency-key": key}
    assert door.post("signup", door.body(), headers=headers).status == 201
    clock.advance(86_399)
    assert "Idempotency-Replayed" in door.post("signup", door.body(), headers=headers).headers
    clock.advance(1)
    assert "Idempotency-Replayed" not in door.post("signup", door.body(), headers=headers).headers
    assert _counts(door) == [1, 2, 2, 1]


def test_of_many_sign_ups_at_once_for_one_address_one_account_and_one_usable_link_remain(
    door: "Door", clock: FrozenClock
) -> None:
    from chalicelib.guards import link_token  # noqa: PLC0415

    bodies = [door.body(turnstileToken=None, name=f"Lan {number}") for number in range(8)]

    def send(body: dict[str, Any]) -> None:
        from chalicelib.accounts.sign_up import service  # noqa: PLC0415
        from chalicelib.accounts.sign_up.models import NewAccount  # noqa: PLC0415
        from chalicelib.platform.http import Call  # noqa: PLC0415

        call = Call("POST", "/auth/signup", "", {}, {}, {}, b"", "192.0.2.1", "c", clock.now(), json=body)
        service._store(call, NewAccount.model_validate(body), None)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(send, bodies))
    assert _counts(door)[:3] == [1, 8, 8]
    links = [row["id"] for row in door.ledger.rows("SELECT id FROM link_tokens")]
    assert len(links) == 8
    found = [
        door.post("verify", {"token": link_token.token_of(link, link_token.CONFIRM)}).status for link in links
    ]
    assert sorted(found) == [204] + [422] * 7


def test_one_client_has_ten_sign_ups_an_hour(door: "Door", clock: FrozenClock, faults: Faults) -> None:
    """V2.4.1; without Valkey five, since every container counts for itself."""
    for number in range(10):
        body = door.body(email=f"n{number}@example.test")
        assert door.post("signup", body, address="192.0.2.9").status == 201
    refused = door.post("signup", door.body(), address="192.0.2.9")
    assert (refused.status, refused.json["code"]) == (429, "RATE_LIMITED")
    assert refused.headers["X-RateLimit-Limit"] == "10"
    clock.advance(3600)
    assert door.post("signup", door.body(), address="192.0.2.9").status == 201
    faults.set("redis", "refuse")
    answers = [door.post("signup", {}, address="192.0.2.10").status for _ in range(6)]
    assert answers == [422] * 5 + [429]


@pytest.mark.parametrize("broken", ["sqs", "postgres"])
def test_without_the_queue_a_sign_up_is_taken_and_without_the_database_it_is_not(
    door: "Door", faults: Faults, broken: str
) -> None:
    body = door.body()
    faults.set(broken, "refuse")
    answer = door.post("signup", body)
    assert answer.status == (201 if broken == "sqs" else 503)
    faults.mend()
    assert _counts(door)[0] == (1 if broken == "sqs" else 0)


def test_a_plain_form_is_taken_and_sent_on(door: "Door") -> None:
    form = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}
    fields = door.body()
    fields["cf-turnstile-response"] = fields.pop("turnstileToken")
    answer = door.post("signup", urlencode({**fields, "next": "/welcome"}), headers=form)
    assert (answer.status, answer.body) == (303, "")
    assert answer.headers["Location"].endswith("/welcome")
    assert _counts(door)[0] == 1
    away = urlencode({**door.body(), "next": "https://evil.example/"})
    assert door.post("signup", away, headers=form).json["errors"][0]["pointer"] == "/next"


def test_nothing_secret_is_logged(door: "Door", capsys: pytest.CaptureFixture[str]) -> None:
    """V16.2.5: neither password nor address nor token."""
    door.sign_up()
    token = door.link()
    door.post("verify", {"token": token})
    written = capsys.readouterr().out
    assert "sign_up.received" in written
    assert "sign_up.confirmed" in written
    for secret in (PASSWORD, "argon2", EMAIL, token, "912345678"):
        assert secret not in written
