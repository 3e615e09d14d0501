"""
The order in which a request is judged: one that is wrong in everything is mended step by step, and each time
the next thing is said and no other.

413, 415, 400, then 429 by address, 401, 403, 429 by user, idempotency, 422, captcha, 5xx.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import Api, Faults, FrozenClock, Ledger

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk

pytest_plugins = ["tests.product.staff_fixtures"]
HUGE = '{"name": "' + "a" * 65_536 + '"}'


@pytest.fixture
def limits(api: Api, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Sets limits for the time of a test."""
    from chalicelib.platform.settings import settings  # noqa: PLC0415

    del api

    def set_limits(**groups: str) -> None:
        for group, limit in groups.items():
            monkeypatch.setenv(f"RATE_LIMIT_{group}", limit)
        settings.cache_clear()

    yield set_limits
    monkeypatch.undo()
    settings.cache_clear()


def test_a_lead_that_is_wrong_in_everything_hears_one_thing_after_the_other(
    api: Api, limits: Callable[..., None], new_lead: Any, clock: FrozenClock, ledger: Ledger
) -> None:
    limits(LEADS="1/60", READS="1/60")
    first = new_lead()
    assert api.call("POST", "/leads", first, headers={"idempotency-key": "used"}).status == 201
    stored = len(ledger.rows("SELECT id FROM leads"))
    text, bad_key, used = (
        {"content-type": "text/plain"},
        {"idempotency-key": "ü"},
        {"idempotency-key": "used"},
    )
    wrong = {**first, "name": "x", "phone": "1", "turnstileToken": "bad"}
    right = {**new_lead(phone="0912 345 679"), "turnstileToken": "bad"}

    def said(body: Any, headers: dict[str, str]) -> tuple[int, str]:
        answer = api.call("POST", "/leads", body, headers=headers)
        return answer.status, answer.json.get("code", "")

    assert said(HUGE, {**text, **bad_key}) == (413, "PAYLOAD_TOO_LARGE")
    assert said("[", {**text, **bad_key}) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert said("[", bad_key) == (400, "BAD_REQUEST")
    assert said(wrong, used) == (422, "IDEMPOTENCY_KEY_REUSED")  # counts against READS, which is full now
    assert said(wrong, bad_key) == (429, "RATE_LIMITED")
    clock.advance(61)
    assert said(wrong, bad_key) == (400, "IDEMPOTENCY_KEY_INVALID")
    clock.advance(61)
    assert said(wrong, used) == (422, "IDEMPOTENCY_KEY_REUSED")
    clock.advance(61)
    assert said(wrong, {"idempotency-key": "new"}) == (422, "VALIDATION_ERROR")
    clock.advance(61)
    assert said(right, {"idempotency-key": "new"}) == (400, "CAPTCHA_FAILED")
    assert len(ledger.rows("SELECT id FROM leads")) == stored
    clock.advance(61)
    replayed = api.call("POST", "/leads", {**first, "turnstileToken": "bad"}, headers=used)
    assert (replayed.status, replayed.headers["Idempotency-Replayed"]) == (201, "true")  # before the captcha


def test_the_captcha_is_judged_before_what_we_are_at_fault_for(
    api: Api, new_lead: Any, faults: Faults
) -> None:
    refused, taken = new_lead(turnstileToken="bad"), new_lead()
    missing = {name: value for name, value in new_lead().items() if name != "turnstileToken"}
    faults.set("postgres", "refuse")
    codes = [api.call("POST", "/leads", body).json["code"] for body in (refused, missing, taken)]
    assert codes == ["CAPTCHA_FAILED", "CAPTCHA_FAILED", "DATABASE_BUSY"]


def test_staff_hear_who_they_are_before_how_often_and_how_often_before_what_is_wrong(
    desk: "Desk", limits: Callable[..., None], clock: FrozenClock
) -> None:
    limits(SIGNED_IN="4/60", USER="1/60")

    def said(body: Any, role: str | None) -> tuple[int, str]:
        answer = desk.call("POST", "/admin/notifications", body, role=role)
        return answer.status, answer.json["code"]

    for role in (None, "HOMEOWNER", "MANAGER"):
        assert said(HUGE, role) == (413, "PAYLOAD_TOO_LARGE")
        assert said("[]", role) == (400, "BAD_REQUEST")
    assert said({}, None) == (401, "UNAUTHENTICATED")
    assert said({}, "HOMEOWNER") == (403, "FORBIDDEN")
    assert said({}, "HOMEOWNER") == (403, "FORBIDDEN")
    assert said({}, None) == (401, "UNAUTHENTICATED")
    for role in (None, "HOMEOWNER", "MANAGER"):
        assert said({}, role) == (429, "RATE_LIMITED")
    clock.advance(61)
    limits(SIGNED_IN="100/60")
    assert [said({}, "MANAGER") for _ in range(3)] == [(422, "VALIDATION_ERROR")] * 3
    assert said({}, "MANAGER") == (429, "RATE_LIMITED_USER")
    assert said({}, None) == (401, "UNAUTHENTICATED")


def test_every_read_refuses_a_parameter_that_it_does_not_know(api: Api, desk: "Desk") -> None:
    """A misspelt filter that is ignored answers another question than the one that was asked."""
    from chalicelib.platform.http.edge import registered_operations  # noqa: PLC0415

    reads = [each.path for each in registered_operations() if each.reads_query]
    assert {"/me", "/admin/materials", "/admin/queues", "/admin/leads", "/settings"} <= set(reads)
    for path in reads:
        names = {"queue": "email", "ip": "127.0.0.1"}
        parts: dict[str, Any] = {name: names.get(name, uuid.uuid4()) for name in re.findall(r"{(\w+)}", path)}
        answer = desk.call("GET", path, query={"satus": ["NEW"]}, **parts)
        errors = [error["pointer"] for error in answer.json.get("errors", [])]
        assert (answer.status, errors) == (422, ["/satus"]), path
    # Probes add parameters of their own.
    assert api.call("GET", "/health", query={"at": ["1"]}).json["checks"]
    form = {"content-type": "application/x-www-form-urlencoded"}
    posted = api.call("POST", "/leads", "name=x", headers=form, query={"utm_source": ["letter"]})
    assert {error["pointer"] for error in posted.json["errors"]} == {"/phone", "/source", "/consent", "/name"}
