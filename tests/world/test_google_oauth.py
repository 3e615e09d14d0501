"""The token address as developers.google.com/identity/protocols/oauth2/service-account documents it.

The assertion is signed with google-auth's own signer; the error codes are RFC 6749's (5.2) and Google's
sentences.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import requests
from google.auth import crypt, jwt

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.world.process import WorldProcess

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SHEETS = "https://www.googleapis.com/auth/spreadsheets"


def sign(world: WorldProcess, **changes: Any) -> str:
    account = world.call("GET", "/dev/world/service-account")[1]
    now = int(time.time())
    claims = {"iss": account["client_email"], "scope": SHEETS, "aud": account["token_uri"], "iat": now}
    claims |= {"exp": now + 3600, **changes}
    signer = crypt.RSASigner.from_string(  # type: ignore[no-untyped-call]
        account["private_key"], account["private_key_id"]
    )
    return str(jwt.encode(signer, claims).decode())  # type: ignore[no-untyped-call]


def ask(world: WorldProcess, assertion: str, grant: str = GRANT) -> tuple[int, dict[str, Any]]:
    form = {"grant_type": grant, "assertion": assertion}
    answer = requests.post(world.proxy_url("sheets") + "/google/token", data=form, timeout=5)
    return answer.status_code, dict(answer.json())


def test_a_signed_assertion_buys_a_token_for_an_hour(world: WorldProcess) -> None:
    status, answer = ask(world, sign(world))
    assert (status, answer["expires_in"], answer["token_type"]) == (200, 3600, "Bearer")
    assert answer["access_token"].startswith("ya29.")


def test_the_key_file_is_a_service_account_whose_token_uri_is_the_proxy(world: WorldProcess) -> None:
    account = world.call("GET", "/dev/world/service-account")[1]
    assert account["type"] == "service_account"
    assert account["token_uri"] == world.proxy_url("sheets") + "/google/token"


@pytest.mark.parametrize(
    ("changes", "code", "sentence"),
    [
        ({"iss": "other@example.iam.gserviceaccount.com"}, "invalid_grant", "account not found"),
        ({"aud": "https://example.com/token"}, "invalid_grant", "Failed audience check"),
        ({"iat": 1_000_000, "exp": 1_003_600}, "invalid_grant", "short-lived token (60 minutes)"),
        ({"exp": 99_999_999_999}, "invalid_grant", "short-lived token (60 minutes)"),
        ({"exp": None}, "invalid_grant", "short-lived token (60 minutes)"),
        ({"scope": ""}, "invalid_scope", "Invalid OAuth scope"),
        ({"scope": "everything"}, "invalid_scope", "Invalid OAuth scope"),
    ],
)
def test_wrong_claims_are_refused(
    world: WorldProcess, changes: dict[str, Any], code: str, sentence: str
) -> None:
    status, answer = ask(world, sign(world, **changes))
    assert (status, answer["error"]) == (400, code)
    assert sentence in answer["error_description"]


def test_another_key_is_an_invalid_signature(world: WorldProcess) -> None:
    good = sign(world)
    forged = good[:-8] + ("AAAAAAAA" if not good.endswith("AAAAAAAA") else "BBBBBBBB")
    assert ask(world, forged)[1] == {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}


@pytest.mark.parametrize("assertion", ["", "a.b.c", "e30.e30", "nonsense"])
def test_what_is_no_jwt_is_an_invalid_grant(world: WorldProcess, assertion: str) -> None:
    status, answer = ask(world, assertion)
    assert (status, answer["error"]) == (400, "invalid_grant")


def test_another_grant_type_is_unsupported(world: WorldProcess) -> None:
    status, answer = ask(world, sign(world), grant="password")
    assert (status, answer["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("header", [None, "Bearer made-up", "Basic abc"])
def test_the_api_without_a_living_token_is_401(sheet: str, header: str | None) -> None:
    answer = requests.get(sheet, headers={"Authorization": header} if header else {}, timeout=5)
    assert answer.status_code == 401
    assert answer.json()["error"]["status"] == "UNAUTHENTICATED"


def test_a_scope_that_may_only_read_does_not_write(
    world: WorldProcess, sheet: str, log_in: Callable[..., str]
) -> None:
    token = log_in(world, SHEETS + ".readonly")
    headers = {"Authorization": f"Bearer {token}"}
    assert requests.get(sheet, headers=headers, timeout=5).status_code == 200
    answer = requests.post(sheet + "/values:batchUpdate", json={}, headers=headers, timeout=5)
    assert answer.status_code == 403
    assert answer.json()["error"]["message"] == "Request had insufficient authentication scopes."


def test_a_scope_of_another_service_does_not_even_read(
    world: WorldProcess, sheet: str, log_in: Callable[..., str]
) -> None:
    token = log_in(world, "https://www.googleapis.com/auth/calendar")
    answer = requests.get(sheet, headers={"Authorization": f"Bearer {token}"}, timeout=5)
    assert answer.json()["error"]["status"] == "PERMISSION_DENIED"
