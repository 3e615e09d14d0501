"""The table in docs/architecture.md, cell by cell: dependency × endpoint, refused and silent."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.product.conftest import Api, Faults, Ledger, Reply

Call = Callable[[Api, dict[str, Any]], Reply]
CATEGORIES = "/service-categories"


def _lead(api: Api, body: dict[str, Any]) -> Reply:
    return api.call("POST", "/leads", body, headers={"idempotency-key": "fail-open"})


def _calculate(api: Api, body: dict[str, Any]) -> Reply:
    return api.call("POST", "/quotes/calculate", {"categoryId": body["quote"]["categoryId"], "area": 20})


def _catalogue(api: Api, _body: dict[str, Any]) -> Reply:
    return api.call("GET", "/materials")


def _health(api: Api, _body: dict[str, Any]) -> Reply:
    return api.call("GET", "/health")


CELLS: list[tuple[str, Call, int, float]] = [
    ("redis", _lead, 201, 1.0),
    ("redis", _calculate, 200, 1.0),
    ("redis", _catalogue, 200, 1.0),
    ("redis", _health, 200, 1.0),
    ("sqs", _lead, 201, 1.0),
    ("sqs", _calculate, 200, 1.0),
    ("sqs", _catalogue, 200, 1.0),
    ("sqs", _health, 200, 1.0),
    ("turnstile", _lead, 201, 4.0),
    ("turnstile", _calculate, 200, 1.0),
    ("sheets", _lead, 201, 1.0),
    ("sms", _lead, 201, 1.0),
    ("postgres", _lead, 503, 10.0),
    ("postgres", _calculate, 503, 10.0),
    ("postgres", _catalogue, 503, 10.0),
    ("postgres", _health, 503, 10.0),
]


@pytest.mark.parametrize("mode", ["refuse", "timeout"])
@pytest.mark.parametrize("cell", CELLS, ids=[f"{row[0]}{row[1].__name__}" for row in CELLS])
def test_each_cell_is_as_the_table_says(
    api: Api, new_lead: Any, faults: Faults, cell: tuple[str, Call, int, float], mode: str
) -> None:
    target, call, status, limit_s = cell
    category = api.call("GET", CATEGORIES).json["items"][0]["id"]
    quote = {"kind": "calculator", "categoryId": category, "area": 20, "materialIds": []}
    body = new_lead(source="QUOTE_FORM", quote=quote)
    faults.set(target, mode)
    started = time.perf_counter()
    answer = call(api, body)
    took_s = time.perf_counter() - started
    assert answer.status == status
    assert took_s < limit_s
    if status == 503:
        assert int(answer.headers["Retry-After"]) <= 5


def test_without_valkey_a_request_waits_for_it_once(api: Api, new_lead: Any, faults: Faults) -> None:
    body = new_lead()
    _lead(api, {**body, "phone": "0987 654 321"})
    faults.set("redis", "timeout")
    started = time.perf_counter()
    assert _lead(api, {**body, "turnstileToken": "spent"}).status in {400, 422}
    assert time.perf_counter() - started < 0.15 + 0.35


def test_without_valkey_and_without_the_broker_a_lead_is_still_stored(
    api: Api, new_lead: Any, faults: Faults, ledger: Ledger
) -> None:
    bodies = [new_lead(), new_lead(), new_lead()]
    faults.set("redis", "timeout")
    faults.set("sqs", "timeout")
    states = []
    for body in bodies:  # a busy machine may leave no time within the budget for the notice of one
        started = time.perf_counter()
        lead_id = _lead(api, body).json["id"]
        assert time.perf_counter() - started < 1.0
        asked = "SELECT type, state FROM jobs WHERE subject_id = %s ORDER BY type"
        states.append({row["type"]: row["state"] for row in ledger.rows(asked, lead_id)})
    assert all(each["google_sheets"] == "waiting" for each in states)
    assert "done" in [each["lead_notice"] for each in states]
