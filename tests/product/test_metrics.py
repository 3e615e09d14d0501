"""What `/metrics` says: true for the fleet, counted once, bounded, and never in anybody's way."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest

from local.stack import Stack
from tests.product.conftest import Api, Faults, FrozenClock

_SAMPLE = re.compile(r"^(\w+)(?:{(.*)})? (\S+)$")
Page = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scrape(api: Api, **more: Any) -> Page:
    """The page, by name and labels."""
    answer = api.call("GET", "/metrics", **more)
    assert answer.status == 200, answer.body
    found: Page = {}
    for line in answer.body.splitlines():
        if not line.startswith("#"):
            name, labels, value = _SAMPLE.match(line).groups()  # type: ignore[union-attr]
            found[name, frozenset(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or ""))] = float(value)
    return found


def of(page: Page, name: str, **labels: str) -> float | None:
    """One sample."""
    return page.get((name, frozenset(labels.items())))


@pytest.mark.proves("P24")
def test_each_answer_is_counted_by_its_route_and_status(
    api: Api, new_lead: Callable[..., dict[str, Any]]
) -> None:
    """P24: counts by method, route template and status are exactly what was answered."""
    for _ in range(3):
        assert api.call("GET", "/service-categories").status == 200
    assert api.call("POST", "/leads", new_lead()).status == 201
    assert api.call("POST", "/leads", {"name": "x"}).status == 422
    page = scrape(api)
    counted = {labels: value for (name, labels), value in page.items() if name == "http_requests_total"}
    assert counted == {
        frozenset({("method", "GET"), ("path", "/service-categories"), ("status", "200")}): 3,
        frozenset({("method", "POST"), ("path", "/leads"), ("status", "201")}): 1,
        frozenset({("method", "POST"), ("path", "/leads"), ("status", "422")}): 1,
    }
    route = {"method": "GET", "path": "/service-categories"}
    assert of(page, "http_request_duration_seconds_count", **route) == 3
    assert of(page, "http_request_duration_seconds_bucket", **route, le="+Inf") == 3
    assert 0 < (of(page, "http_request_duration_seconds_sum", **route) or 0) < 60
    assert (of(page, "cache_hits_total"), of(page, "cache_misses_total")) == (2, 1)
    assert of(page, "db_query_duration_seconds_count") == 2
    again = scrape(api)
    assert of(again, "http_requests_total", method="GET", path="/metrics", status="200") == 1


@pytest.mark.proves("P24")
def test_a_lead_that_was_answered_is_counted_by_the_trip_that_keeps_its_answer(
    api: Api, new_lead: Callable[..., dict[str, Any]], key: str
) -> None:
    """P24: a container that is frozen right after its answer has told the fleet of the lead already."""
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    assert api.call("POST", "/leads", new_lead(), headers={"idempotency-key": key}).status == 201
    assert valkey().command("HGET", "metrics", "http_requests_total POST /leads 201") == b"1"


@pytest.mark.proves("P24")
def test_a_path_with_a_parameter_is_counted_as_its_template(api: Api) -> None:
    """P24: whatever callers write into an address makes no series of its own."""
    for number in range(5):
        api.call("GET", f"/admin/leads/{number}", resource="/admin/leads/{id}")
    paths = {dict(labels).get("path") for name, labels in scrape(api) if name == "http_requests_total"}
    assert paths == {"/admin/leads/{id}"}


@pytest.mark.proves("P24")
def test_a_batch_whose_answer_was_lost_is_counted_once(api: Api, faults: Faults) -> None:
    """P24: Valkey did the work and its answer was lost; the figures come again, and count once."""
    api.call("GET", "/health")  # its figures are still here: /health runs no script
    faults.set("redis", "commit-then-timeout")
    api.call("GET", "/service-categories")  # brings them, and hears nothing
    faults.mend()
    page = scrape(api)
    assert of(page, "http_requests_total", method="GET", path="/health", status="200") == 1
    assert of(page, "http_requests_total", method="GET", path="/service-categories", status="200") == 1


@pytest.mark.proves("P24")
def test_what_was_counted_while_valkey_was_away_is_there_afterwards(api: Api, faults: Faults) -> None:
    """P24: an outage loses no count, delays nobody, and the page says what it lacks."""
    faults.set("redis", "refuse")
    for _ in range(4):
        assert api.call("GET", "/service-categories").status == 200
    page = scrape(api)
    assert of(page, "metrics_source_up", source="valkey") == 0
    assert of(page, "queue_depth", queue="sync") == 0
    assert not [name for name, _ in page if name.startswith(("http_", "circuit"))]
    faults.mend()
    page = scrape(api)
    assert of(page, "metrics_source_up", source="valkey") == 1
    assert of(page, "http_requests_total", method="GET", path="/service-categories", status="200") == 4


def test_without_postgresql_the_page_has_what_valkey_knows(api: Api, faults: Faults) -> None:
    api.call("GET", "/health")
    faults.set("postgres", "refuse")
    page = scrape(api)
    assert of(page, "metrics_source_up", source="postgresql") == 0
    assert of(page, "http_requests_total", method="GET", path="/health", status="200") == 1
    assert of(page, "queue_depth", queue="sync") is None


@pytest.mark.proves("P24")
def test_counters_start_anew_when_valkey_forgets(api: Api) -> None:
    """P24: a flushed Valkey is a restart for Prometheus, and nothing else."""
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    api.call("GET", "/health")
    scrape(api)
    valkey().command("FLUSHALL")
    api.call("GET", "/health")
    page = scrape(api)
    assert of(page, "http_requests_total", method="GET", path="/health", status="200") == 1


@pytest.mark.proves("P24")
def test_threads_that_count_and_bring_at_once_lose_nothing(api: Api) -> None:
    """P24: whoever brings the figures, each is counted exactly once."""
    from chalicelib.platform import metrics  # noqa: PLC0415
    from chalicelib.resilience.flusher import flush  # noqa: PLC0415

    def work() -> None:
        for turn in range(200):
            metrics.count(metrics.CACHE_HITS)
            if turn % 10 == 0:
                flush()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert of(scrape(api), "cache_hits_total") == 8 * 200


@pytest.mark.proves("P24")
def test_a_million_addresses_are_a_thousand_series_at_most(api: Api) -> None:
    """P24: clients by name up to a bound, the rest as "other", and the sum is right."""
    from chalicelib.platform import metrics  # noqa: PLC0415
    from chalicelib.resilience.flusher import flush  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    paths = [f"/route-{number}" for number in range(60)]
    for number in range(20_000):
        address = f"{10 + number % 7}.{number // 256 % 256}.{number % 256}.1"
        metrics.count(metrics.RATE_LIMITED, metrics.network_of(address), paths[number % 60])
        if number % 100 == 99:
            assert flush()
    page = scrape(api)
    refused = {labels: value for (name, labels), value in page.items() if name == "rate_limit_exceeded_total"}
    assert sum(refused.values()) == 20_000
    assert 800 < len(refused) <= 1000
    assert sum(("ip", "other") in labels for labels in refused) == 60
    for number in range(50_000):
        metrics.count(metrics.RATE_LIMITED, f"10.{number // 256}.{number % 256}.0/24", "/leads")
    assert len(metrics.take_sums().refused) <= 201
    assert 0 < valkey().command("TTL", "metrics:refused") <= 86_400, "tomorrow others may be named"


def test_a_refused_client_is_shown_by_its_network(api: Api, clock: FrozenClock) -> None:
    del clock
    for _ in range(11):
        answer = api.call(
            "POST", "/auth/login", {"email": "a@b.test", "password": "x"}, address="198.51.100.9"
        )
    assert answer.status == 429
    page = scrape(api)
    assert of(page, "rate_limit_exceeded_total", ip="198.51.100.0/24", path="/auth/login") == 1


def test_jobs_are_counted_as_they_are_made(api: Api, new_lead: Callable[..., dict[str, Any]]) -> None:
    api.call("POST", "/leads", new_lead())
    page = scrape(api)
    queued = {
        queue: of(page, "queue_jobs_total", queue=queue, status="queued") for queue in ("email", "sync")
    }
    assert queued == {"email": 0, "sync": 1}
    assert of(page, "queue_jobs_total", queue="sync", status="dead") == 0, "known series begin at 0"
    assert of(page, "queue_depth", queue="sync") == 1
    assert of(page, "queue_depth", queue="webhook") == 0
    assert of(page, "queue_worker_available", queue="sync") == 1


def test_the_page_needs_the_token(api: Api, parts: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.platform.settings import settings  # noqa: PLC0415

    token = parts.environment["METRICS_TOKEN"]

    def status(header: str | None) -> int:
        return api.call("GET", "/metrics", headers={"authorization": header} if header else None).status

    refused = [f"Bearer {token}x", f"Bearer {token[:-1]}", f"Basic {token}", "Bearer", "Bearer \udc80é"]
    assert [status(header) for header in refused] == [401] * len(refused)
    assert status(f"Bearer {token}") == status(None) == 200, "at home it may be left out"
    monkeypatch.setenv("STAGE", "prod")
    settings.cache_clear()
    try:
        assert [status(header) for header in (None, *refused)] == [401] * (1 + len(refused))
        assert status(f"Bearer {token}") == 200
    finally:
        monkeypatch.undo()
        settings.cache_clear()
