"""What the API says of itself, and how it feels."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.product.conftest import Api, Faults


def test_every_route_is_described_with_its_errors(api: Api) -> None:
    from app import app  # noqa: PLC0415

    document = api.call("GET", "/openapi.json").json
    assert document["openapi"].startswith("3.1")
    described = {(path, method.upper()) for path, item in document["paths"].items() for method in item}
    assert described == {
        (path, method)
        for path, methods in app.routes.items()
        for method in methods
        if method not in {"HEAD", "OPTIONS"}
    }
    leads = document["paths"]["/leads"]["post"]
    assert {"201", "400", "409", "413", "415", "422", "429", "503"} <= set(leads["responses"])
    refused = document["components"]["responses"][leads["responses"]["422"]["$ref"].rpartition("/")[2]]
    assert "IDEMPOTENCY_KEY_REUSED" in refused["description"]
    references = str(document).split("#/components/schemas/")[1:]
    assert {text.split("'")[0] for text in references} <= set(document["components"]["schemas"])


def test_health_is_ok_when_all_is_well(api: Api) -> None:
    answer = api.call("GET", "/health")
    assert (answer.status, answer.json["status"]) == (200, "ok")
    assert set(answer.json["checks"]) == {"database", "redis", "queues", "circuits"}


@pytest.mark.parametrize(("target", "check"), [("redis", "redis"), ("sqs", "queues")])
def test_health_is_degraded_and_still_200_without(api: Api, faults: Faults, target: str, check: str) -> None:
    faults.set(target, "refuse")
    answer = api.call("GET", "/health")
    assert (answer.status, answer.json["status"], answer.json["checks"][check]) == (200, "degraded", "down")


@pytest.mark.parametrize("mode", ["refuse", "reset", "timeout"])
def test_without_the_database_health_is_503_and_requests_are_told_to_come_back(
    api: Api, faults: Faults, new_lead: Callable[..., dict[str, Any]], mode: str
) -> None:
    body = new_lead()
    faults.set("postgres", mode)
    health = api.call("GET", "/health")
    assert (health.status, health.json["status"]) == (503, "down")
    for answer in (api.call("GET", "/service-categories"), api.call("POST", "/leads", body)):
        assert (answer.status, answer.json["code"]) == (503, "DATABASE_BUSY")
        assert 1 <= int(answer.headers["Retry-After"]) <= 5
    faults.mend()
    assert api.call("GET", "/service-categories").status == 200
    assert api.call("GET", "/health").json["status"] == "ok"


def test_a_well_formed_correlation_id_is_taken_and_another_is_made(api: Api) -> None:
    taken = api.call("GET", "/health", headers={"x-correlation-id": "web-42.A_b"})
    assert taken.headers["X-Correlation-Id"] == "web-42.A_b"
    for bad in ("", "a b", "<x>", "a" * 129):
        made = api.call("GET", "/health", headers={"x-correlation-id": bad})
        assert made.headers["X-Correlation-Id"] not in {"", bad}


def test_the_catalogue_is_read_in_whole_and_by_category(api: Api) -> None:
    categories = api.call("GET", "/service-categories")
    assert categories.headers["X-Cache-Status"] == "MISS"
    assert len(categories.json["items"]) >= 6
    assert categories.json["nextCursor"] is None
    every = api.call("GET", "/materials").json["items"]
    assert len(every) >= 30
    some = api.call("GET", "/materials", query={"categoryId": [categories.json["items"][0]["id"]]}).json[
        "items"
    ]
    assert 0 < len(some) < len(every)
    assert all(set(item["price"]) == {"amount", "currency"} for item in some)


@pytest.mark.parametrize("query", [{"categoryId": ["x"]}, {"categoryId": [""]}, {"unknown": ["1"]}])
def test_a_bad_query_is_refused(api: Api, query: dict[str, list[str]]) -> None:
    answer = api.call("GET", "/materials", query=query)
    assert (answer.status, answer.json["code"]) == (422, "VALIDATION_ERROR")


def test_nothing_leaks_when_we_are_at_fault(
    api: Api, ledger: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """V16.5.1."""
    ledger.rows("ALTER TABLE service_categories RENAME TO service_categories_away")
    try:
        answer = api.call("GET", "/service-categories")
    finally:
        ledger.rows("ALTER TABLE service_categories_away RENAME TO service_categories")
    assert (answer.status, answer.json["code"]) == (500, "INTERNAL_ERROR")
    assert "service_categories" not in answer.body
    assert "request.failed" in capsys.readouterr().out


@pytest.mark.parametrize("service", ["google_sheets", "email", "sms"])
def test_an_open_circuit_degrades_health_and_nothing_more(api: Api, service: str) -> None:
    from chalicelib.resilience.breaker import FAILURES_TO_OPEN, Breaker  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    circuit = Breaker(valkey(), service, 15.0)
    for _ in range(FAILURES_TO_OPEN):
        circuit.fail(circuit.enter())
    answer = api.call("GET", "/health")
    assert (answer.status, answer.json["status"], answer.json["checks"]["circuits"]) == (
        200,
        "degraded",
        "degraded",
    )
