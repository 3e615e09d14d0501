"""Refused calls are noted, shown to staff, and beyond a measure told to people, once."""

import uuid
from typing import Any

import pytest

from tests.product.conftest import Api, Faults, FrozenClock, Ledger
from tests.product.log_lines import events


def _staff() -> dict[str, str]:
    from chalicelib.guards.access import issue  # noqa: PLC0415

    return {"authorization": f"Bearer {issue(uuid.uuid4(), 'MANAGER')}"}


@pytest.fixture
def offend(api: Api) -> Any:
    """Makes *number* calls too many of one address."""
    spent: set[tuple[str, str]] = set()

    def make(number: int, address: str = "203.0.113.50", path: str = "/quotes/calculate") -> None:
        limit = 120
        if (address, path) not in spent:
            for _ in range(limit):
                assert api.call("POST", path, {}, address=address).status == 422
            spent.add((address, path))
        for _ in range(number):
            assert api.call("POST", path, {}, address=address).status == 429

    return make


def _get(api: Api, what: str, **more: Any) -> dict[str, Any]:
    answer = api.call("GET", f"/admin/rate-limits/{what}", headers=_staff(), **more)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json
    return found


@pytest.mark.proves("P15", "P16")
def test_the_eleventh_violation_within_five_minutes_is_one_alert(
    offend: Any, ledger: Ledger, clock: FrozenClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """P15, P16: each is logged with address, path and time; more than ten in five minutes alert, once."""
    offend(10)
    lines = events(capsys, "rate_limit.violation")
    assert [(line["ip"], line["path"]) for line in lines] == [("203.0.113.50", "/quotes/calculate")] * 10
    assert ledger.rows("SELECT 1 FROM alerts") == []
    offend(1)
    assert [line["ip"] for line in events(capsys, "rate_limit.alert")] == ["203.0.113.50"]
    offend(30)
    assert len(ledger.rows("SELECT 1 FROM alerts WHERE kind = 'rate_limit'")) == 1
    clock.advance(1)
    offend(11, address="203.0.113.51")
    assert len(ledger.rows("SELECT 1 FROM alerts WHERE kind = 'rate_limit'")) == 2


def test_ten_within_five_minutes_and_ten_later_are_no_alert(
    api: Api, ledger: Ledger, clock: FrozenClock
) -> None:
    del api
    from chalicelib.guards import violations  # noqa: PLC0415

    for _ in range(4):
        for _ in range(10):
            violations.note("203.0.113.52", "/leads")
        clock.advance(300)
    assert ledger.rows("SELECT 1 FROM alerts") == []


def test_staff_see_the_endpoints_and_the_worst_clients_of_the_last_hour(
    api: Api, offend: Any, clock: FrozenClock
) -> None:
    offend(3, address="203.0.113.60")
    offend(5, address="203.0.113.61")
    found = _get(api, "metrics")
    assert found["endpoints"] == [{"path": "/quotes/calculate", "count": 8, "uniqueIps": 2}]
    assert found["topIps"] == [{"ip": "203.0.113.61", "count": 5}, {"ip": "203.0.113.60", "count": 3}]
    assert _get(api, "dashboard")["topIps"] == found["topIps"]
    clock.advance(3600)
    assert _get(api, "metrics")["endpoints"] == []


def test_one_clients_violations_are_listed_for_an_hour(api: Api, offend: Any, clock: FrozenClock) -> None:
    offend(2, address="2001:db8::5")
    resource = "/admin/rate-limits/violations/{ip}"
    mine = _get(api, "violations/2001:db8::9", resource=resource)
    assert (mine["ip"], mine["count"]) == ("2001:db8::/64", 2)
    assert {item["path"] for item in mine["items"]} == {"/quotes/calculate"}
    assert _get(api, "violations/203.0.113.77", resource=resource)["count"] == 0
    nonsense = api.call("GET", "/admin/rate-limits/violations/nobody", headers=_staff(), resource=resource)
    assert nonsense.status == 404
    clock.advance(3600)
    assert _get(api, "violations/2001:db8::5", resource=resource)["items"] == []


def test_a_million_clients_cost_no_more_than_some_thousand_counts_a_minute(api: Api) -> None:
    from chalicelib.guards import violations  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    for number in range(2_300):
        violations.note(f"10.{number // 65536}.{number // 256 % 256}.{number % 256}", "/leads")
    (bucket,) = valkey().command("KEYS", "violations:in:*")
    assert valkey().command("HLEN", bucket) == 2_001
    (endpoint,) = _get(api, "metrics")["endpoints"]
    assert endpoint["count"] == 2_300


def test_without_valkey_calls_are_still_refused_and_staff_are_told_that_the_figures_rest(
    api: Api, faults: Faults, capsys: pytest.CaptureFixture[str]
) -> None:
    faults.set("redis", "refuse")
    for _ in range(121):
        last = api.call("POST", "/quotes/calculate", {})
    assert last.status == 429
    assert events(capsys, "rate_limit.violation")
    answer = api.call("GET", "/admin/rate-limits/metrics", headers=_staff())
    assert (answer.status, answer.json["code"]) == (503, "SERVICE_UNAVAILABLE")
