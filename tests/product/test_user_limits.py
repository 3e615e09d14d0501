"""Limits by person beside those by address: independent, wider for staff, told in fields of their own."""

import uuid

import pytest

from tests.product.conftest import Api, Faults, FrozenClock

_FACTORS = {"HOMEOWNER": 1, "CONTRACTOR": 1, "MANAGER": 3, "ADMIN": 5}


def _headers(role: str, user_id: uuid.UUID | None = None) -> dict[str, str]:
    from chalicelib.guards.access import issue  # noqa: PLC0415

    return {"authorization": f"Bearer {issue(user_id or uuid.uuid4(), role)}"}


def _calls(api: Api, number: int, headers: dict[str, str], address: str = "203.0.113.9") -> list[int]:
    return [
        api.call("GET", "/me/notifications", headers=headers, address=address).status for _ in range(number)
    ]


@pytest.mark.proves("P28", "P29")
@pytest.mark.parametrize("role", sorted(_FACTORS))
def test_each_person_has_a_hundred_calls_a_minute_times_the_factor_of_their_role(api: Api, role: str) -> None:
    """P28, P29: the user's limit by role, refused with RATE_LIMITED_USER beyond it."""
    headers, allowed = _headers(role), 100 * _FACTORS[role]
    assert set(_calls(api, allowed, headers)) == {200}
    refused = api.call("GET", "/me/notifications", headers=headers)
    assert (refused.status, refused.json["code"]) == (429, "RATE_LIMITED_USER")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["X-RateLimit-User-Remaining"] == "0"


@pytest.mark.proves("P28")
def test_a_persons_limit_follows_them_from_address_to_address(api: Api) -> None:
    """P28: by user, whatever the address."""
    headers = _headers("HOMEOWNER")
    addresses = [f"203.0.113.{number}" for number in range(1, 101)]
    assert {
        api.call("GET", "/me/notifications", headers=headers, address=each).status for each in addresses
    } == {200}
    answer = api.call("GET", "/me/notifications", headers=headers, address="203.0.113.200")
    assert answer.json["code"] == "RATE_LIMITED_USER"
    other = api.call("GET", "/me/notifications", headers=_headers("HOMEOWNER"), address="203.0.113.200")
    assert other.status == 200


@pytest.mark.proves("P29")
def test_every_answer_to_a_signed_in_caller_tells_both_limits(api: Api, clock: FrozenClock) -> None:
    """P29: X-RateLimit-User-Limit, -Remaining, -Reset beside X-RateLimit-*, and the IETF fields name both."""
    headers = _headers("MANAGER")
    answer = api.call("GET", "/me/notifications", headers=headers)
    assert answer.headers["X-RateLimit-User-Limit"] == "300"
    assert answer.headers["X-RateLimit-User-Remaining"] == "299"
    resets_in_s = int(answer.headers["X-RateLimit-User-Reset"]) - clock.now().timestamp()
    assert 59 < resets_in_s <= 61
    assert answer.headers["X-RateLimit-Limit"] == "1000"
    assert answer.headers["RateLimit-Policy"] == '"signed_in";q=1000;w=60, "user";q=300;w=60'
    assert answer.headers["RateLimit"].startswith('"signed_in";r=999;t=')
    missing = api.call(
        "POST",
        f"/me/notifications/{uuid.uuid4()}/read",
        headers=headers,
        resource="/me/notifications/{id}/read",
    )
    assert (missing.status, missing.headers["X-RateLimit-User-Remaining"]) == (404, "298")


def test_a_refused_call_is_not_counted_so_who_waits_is_let_in(api: Api, clock: FrozenClock) -> None:
    user_id = uuid.uuid4()
    headers = _headers("HOMEOWNER", user_id)
    _calls(api, 100, headers)
    refused = api.call("GET", "/me/notifications", headers=headers)
    _calls(api, 20, headers)
    clock.advance(int(refused.headers["Retry-After"]))
    assert _calls(api, 1, headers) == [200]


def test_anonymous_and_forbidden_calls_spend_nobodys_own_limit(api: Api) -> None:
    anonymous = api.call("GET", "/me/notifications")
    assert (anonymous.status, "X-RateLimit-User-Limit" in anonymous.headers) == (401, False)
    user_id = uuid.uuid4()
    headers = _headers("HOMEOWNER", user_id)
    assert api.call("GET", "/admin/audit", headers=headers).status == 403
    answer = api.call("GET", "/me/notifications", headers=headers)
    assert answer.headers["X-RateLimit-User-Remaining"] == "99"


def test_without_valkey_the_process_counts_for_itself(api: Api, faults: Faults) -> None:
    headers = _headers("HOMEOWNER")
    faults.set("redis", "refuse")
    assert set(_calls(api, 100, headers)) == {200}
    assert _calls(api, 1, headers) == [429]
