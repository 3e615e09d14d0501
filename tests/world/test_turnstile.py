"""Siteverify as developers.cloudflare.com/turnstile documents it.

Pages: get-started/server-side-validation (parameters, answers, error codes, idempotency),
troubleshooting/testing (test secrets and the dummy token), get-started/client-side-rendering (the widget's
script).
"""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests

from local.world.store import open_database
from local.world.turnstile import SECRET_KEY, Turnstile

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from local.world.process import WorldProcess

DUMMY = "XXXX.DUMMY.TOKEN.XXXX"


def issue(world: WorldProcess, **body: Any) -> str:
    status, answer = world.call("POST", "/dev/turnstile/token", body)
    assert status == 200
    return str(answer["token"])


def verify(world: WorldProcess, *, as_json: bool = False, **fields: Any) -> dict[str, Any]:
    url = world.proxy_url("turnstile") + "/turnstile/v0/siteverify"
    form = {"secret": SECRET_KEY, **fields}
    answer = requests.post(url, data=None if as_json else form, json=form if as_json else None, timeout=5)
    assert answer.headers["Content-Type"].startswith("application/json")
    return dict(answer.json())


@pytest.mark.parametrize("as_json", [False, True])
def test_a_fresh_token_passes_with_what_the_widget_was_given(world: WorldProcess, as_json: bool) -> None:  # noqa: FBT001
    token = issue(world, action="lead", hostname="example.com", cdata="session-1")
    answer = verify(world, response=token, remoteip="192.0.2.1", as_json=as_json)
    solved = datetime.fromisoformat(answer.pop("challenge_ts"))
    assert abs(datetime.now(UTC) - solved) < timedelta(seconds=10)
    assert answer == {
        "success": True,
        "error-codes": [],
        "hostname": "example.com",
        "action": "lead",
        "cdata": "session-1",
    }


def test_a_token_is_good_for_one_validation(world: WorldProcess) -> None:
    token = issue(world)
    assert verify(world, response=token)["success"]
    again = verify(world, response=token)
    assert (again["success"], again["error-codes"]) == (False, ["timeout-or-duplicate"])


def test_the_same_idempotency_key_repeats_the_first_result(world: WorldProcess) -> None:
    token, key = issue(world, action="signup"), str(uuid.uuid4())
    first = verify(world, response=token, idempotency_key=key)
    assert verify(world, response=token, idempotency_key=key) == first
    assert verify(world, response=token, idempotency_key=str(uuid.uuid4()))["error-codes"] == [
        "timeout-or-duplicate"
    ]
    assert verify(world, response=token)["error-codes"] == ["timeout-or-duplicate"]


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"response": ""}, ["missing-input-response"]),
        ({"secret": "", "response": "x"}, ["missing-input-secret"]),
        ({"secret": "", "response": ""}, ["missing-input-secret", "missing-input-response"]),
        ({"secret": "nobody's", "response": "x"}, ["invalid-input-secret"]),
        ({"response": "made-up"}, ["invalid-input-response"]),
        ({"response": "x" * 2049}, ["invalid-input-response"]),
        ({"response": DUMMY}, ["invalid-input-response"]),
        ({"response": "x", "idempotency_key": "not a uuid"}, ["bad-request"]),
    ],
)
def test_documented_error_codes(world: WorldProcess, fields: dict[str, Any], codes: list[str]) -> None:
    answer = verify(world, **fields)
    assert (answer["success"], answer["error-codes"]) == (False, codes)


def test_a_malformed_body_is_a_bad_request(world: WorldProcess) -> None:
    url = world.proxy_url("turnstile") + "/turnstile/v0/siteverify"
    headers = {"Content-Type": "application/json"}
    answer = requests.post(url, data="{", headers=headers, timeout=5)
    assert answer.json()["error-codes"] == ["bad-request"]


@pytest.mark.parametrize(
    ("digit", "codes"), [("1", []), ("2", ["invalid-input-response"]), ("3", ["timeout-or-duplicate"])]
)
def test_test_secrets_act_as_documented_every_time(world: WorldProcess, digit: str, codes: list[str]) -> None:
    secret = f"{digit}x0000000000000000000000000000000AA"
    for _ in range(2):
        answer = verify(world, secret=secret, response=DUMMY)
        assert (answer["success"], answer["error-codes"]) == (not codes, codes)
    assert verify(world, secret=secret, response=issue(world))["error-codes"] == ["invalid-input-response"]


def test_a_failed_challenge_is_refused(world: WorldProcess) -> None:
    assert verify(world, response=issue(world, result="fail"))["error-codes"] == ["invalid-input-response"]


def test_a_token_dies_after_300_seconds(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    turnstile = Turnstile(database)
    ages = {299: [], 301: ["timeout-or-duplicate"]}
    for age_s, codes in ages.items():
        token = turnstile.issue({})
        set_issued_at(database, token, time.time() - age_s)
        assert turnstile.verify({"secret": SECRET_KEY, "response": token})["error-codes"] == codes


def set_issued_at(database: sqlite3.Connection, token: str, at: float) -> None:
    database.execute("UPDATE turnstile_tokens SET issued_at = ? WHERE token = ?", (at, token))


@pytest.mark.parametrize(
    "body", [{"result": "maybe"}, {"action": "a b"}, {"action": "x" * 33}, {"colour": "red"}, []]
)
def test_a_wrong_wish_for_a_token_is_422(world: WorldProcess, body: Any) -> None:
    status, problem = world.call("POST", "/dev/turnstile/token", body)
    assert (status, problem["code"]) == (422, "VALIDATION_ERROR")


def test_the_widget_script_is_served_to_any_page(world: WorldProcess) -> None:
    answer = requests.get(world.url + "/dev/turnstile/api.js", timeout=5)
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    for name in ("render", "reset", "remove", "getResponse", "execute", "isExpired", "ready"):
        assert f"    {name}(" in answer.text
    assert "eval(" not in answer.text
    assert "innerHTML" not in answer.text
