"""
What people see of themselves, and how they leave; and whose failures count where.

Numbers are of OWASP ASVS 5.0, of level 2 or below unless said.
"""

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.account_samples import EMAIL
from tests.product.conftest import Api, FrozenClock, Ledger

if TYPE_CHECKING:
    from tests.product.account_fixtures import Browser
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.account_fixtures", "tests.product.staff_fixtures")


def _bearer(browser: "Browser") -> dict[str, str]:
    return {"authorization": f"Bearer {browser.post('refresh').json['accessToken']}"}


def test_an_export_holds_all_that_is_kept_of_a_person_and_no_secret(
    browser: "Browser", api: Api, ledger: Ledger
) -> None:
    """R23; V14.2.6 (level 3), no more than is needed: account, sessions, links and what they were told."""
    answer = api.call("GET", "/me/export", headers=_bearer(browser))
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="plumbline-export.json"'
    found = answer.json
    account = {"email": EMAIL, "name": "Nguyễn Thị Lan", "phone": "+84912345678", "role": "HOMEOWNER"}
    assert found["account"].items() >= account.items()
    assert [link["purpose"] for link in found["links"]] == ["confirm"]
    assert (len(found["sessions"]), found["notifications"], found["actions"]) == (1, [], [])
    (row,) = ledger.rows("SELECT password_hash FROM users")
    for secret in (row["password_hash"], "argon2", browser.token):
        assert secret not in json.dumps(answer.json)


def test_an_erased_account_leaves_nothing_of_the_person_but_a_line_in_the_audit_log(
    browser: "Browser", api: Api, ledger: Ledger
) -> None:
    """R23, V7.4.2: sessions end with it; the line has no value of theirs, and the address is free again."""
    bearer, (user,) = _bearer(browser), browser.door.users()
    browser.door.sign_in(password="wrong")
    answer = api.call("DELETE", "/me", headers=bearer)
    assert (answer.status, answer.body) == (204, "")
    assert "Max-Age=0" in answer.cookies[0]
    for table in ("users", "sessions", "link_tokens", "notifications", "sign_in_failures", "fences"):
        assert ledger.rows(f"SELECT 1 FROM {table}") == [], table  # noqa: S608
    (line,) = ledger.rows("SELECT * FROM audit_log")
    assert (line["action"], line["target"]) == ("account.erased", f"users/{user['id']}")
    assert (line["before"], line["after"], line["ip"]) == (None, None, None)
    assert browser.refresh() == 401
    assert api.call("GET", "/me", headers=bearer).status == 401
    assert api.call("GET", "/me/export", headers=bearer).status == 401
    assert api.call("DELETE", "/me", headers=bearer).status == 401
    browser.door.sign_up()


def test_the_last_who_administers_cannot_leave(desk: "Desk") -> None:
    answer = desk.call("DELETE", "/me", role="ADMIN")
    assert (answer.status, answer.json["code"]) == (409, "CONFLICT")
    desk.account("ADMIN", confirmed_at=None)
    assert desk.call("DELETE", "/me", role="ADMIN").status == 409
    desk.account("ADMIN")
    assert desk.call("DELETE", "/me", role="ADMIN").status == 204
    assert [line["action"] for line in desk.audit()] == ["account.erased"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/me"), ("GET", "/me/export"), ("DELETE", "/me")])
def test_nobody_reads_or_erases_an_account_without_being_signed_in(
    browser: "Browser", api: Api, method: str, path: str
) -> None:
    answer = api.call(method, path, headers={"cookie": f"plumbline_refresh={browser.token}"})
    assert (answer.status, answer.json["code"]) == (401, "UNAUTHENTICATED")
    assert len(browser.door.users()) == 1


def test_guessers_elsewhere_do_not_lock_an_owner_out_of_their_own_browser(browser: "Browser") -> None:
    """V6.3.1: the browser in which they signed in before has ten failures of its own, and no more."""
    for _ in range(10):
        assert browser.door.sign_in(password="wrong").status == 401
    assert browser.door.sign_in().status == 401
    browser.sign_in()
    for _ in range(10):
        assert browser.post("login", {"email": EMAIL, "password": "wrong"}).status == 401
    assert browser.post("login", {"email": EMAIL, "password": "đúng ngựa pin ghim"}).status == 401


@pytest.mark.parametrize("kind", ["forged", "of another account", "too old", "nonsense"])
def test_only_a_cookie_that_was_given_for_this_account_counts(
    browser: "Browser", clock: FrozenClock, kind: str
) -> None:
    from chalicelib.accounts.sessions import device  # noqa: PLC0415

    good = browser.cookies["plumbline_device"]
    changes: dict[str, Any] = {
        "forged": good[:-2] + ("aa" if good[-2:] != "aa" else "bb"),
        "of another account": device.of(None, "other@example.test").partition(";")[0].partition("=")[2],
        "too old": good,
        "nonsense": "x",
    }
    browser.cookies["plumbline_device"] = changes[kind]
    if kind == "too old":
        clock.advance(device.VALID_FOR.total_seconds())
    for _ in range(10):
        assert browser.door.sign_in(password="wrong").status == 401
    assert browser.post("login", {"email": EMAIL, "password": "đúng ngựa pin ghim"}).status == 401


def test_a_reset_forgives_the_failures_of_the_browser_in_which_it_is_done(browser: "Browser") -> None:
    for _ in range(10):
        assert browser.post("login", {"email": EMAIL, "password": "wrong"}).status == 401
    assert browser.post("password-reset", {"email": EMAIL}).status == 202
    body = {"token": browser.door.link(), "password": "cái bàn gỗ màu xanh"}
    assert browser.post("password-reset/confirm", body).status == 204
    browser.sign_in(password="cái bàn gỗ màu xanh")
