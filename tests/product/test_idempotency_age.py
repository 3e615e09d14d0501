"""The 24 hours of an idempotency key are counted from the first answer, not from the last repetition."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.product.conftest import Api, Faults, FrozenClock, Turnstile

NewLead = Callable[..., dict[str, Any]]
HOUR_S = 3600


@pytest.mark.proves("P14")
def test_a_duplicate_that_postgresql_answered_does_not_make_valkey_remember_the_key_for_longer(
    api: Api, new_lead: NewLead, clock: FrozenClock, faults: Faults, turnstile: Turnstile
) -> None:
    """P14: Valkey forgets in between, so PostgreSQL answers the duplicate and tells Valkey again."""
    body, headers = new_lead(), {"idempotency-key": str(uuid.uuid4())}
    first = api.call("POST", "/leads", body, headers=headers)
    faults.set("redis", "flush")
    clock.advance(23 * HOUR_S)
    duplicate = api.call("POST", "/leads", {**body, "turnstileToken": turnstile.token()}, headers=headers)
    assert duplicate.body == first.body
    clock.advance(HOUR_S + 1)
    second = api.call("POST", "/leads", {**body, "turnstileToken": turnstile.token()}, headers=headers)
    assert second.status == 201
    assert second.body != first.body
    assert "Idempotency-Replayed" not in second.headers


@pytest.mark.proves("P13", "P14")
def test_an_answer_of_the_day_before_is_not_given_beside_the_new_one(
    api: Api, new_lead: NewLead, clock: FrozenClock, faults: Faults, turnstile: Turnstile
) -> None:
    """P13: the key is executed again while Valkey is away; then only the new answer is repeated."""
    body, headers = new_lead(), {"idempotency-key": str(uuid.uuid4())}
    api.call("POST", "/leads", body, headers=headers)
    faults.set("redis", "flush")
    clock.advance(23 * HOUR_S)
    api.call("POST", "/leads", {**body, "turnstileToken": turnstile.token()}, headers=headers)
    clock.advance(HOUR_S + 1)
    faults.set("redis", "refuse")
    second = api.call("POST", "/leads", {**body, "turnstileToken": turnstile.token()}, headers=headers)
    faults.mend()
    again = api.call("POST", "/leads", {**body, "turnstileToken": turnstile.token()}, headers=headers)
    assert again.body == second.body
