"""How the queues do: figures from the ledger, warnings and alerts, and a refusal when there is no room."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from local.stack import Stack
from tests.product.conftest import Api, Faults, FrozenClock, LambdaContext, Ledger
from tests.product.log_lines import events
from tests.product.work import SCHEDULED

_JOBS = """
INSERT INTO jobs (id, queue, type, subject_id, state, due_at, correlation_id, created_at,
                  started_at, finished_at)
SELECT gen_random_uuid(), %s, 'in_app', gen_random_uuid(), %s, %s, 'test', %s, %s, %s
FROM generate_series(1, %s)
"""


def _staff(role: str = "MANAGER") -> dict[str, str]:
    from chalicelib.guards.access import issue  # noqa: PLC0415

    return {"authorization": f"Bearer {issue(uuid.uuid4(), role)}"}


@pytest.fixture
def fill(ledger: Ledger, clock: FrozenClock) -> Any:
    """Puts jobs into the ledger, and forgets what was counted a moment ago."""
    from chalicelib.jobs import room  # noqa: PLC0415

    room._known.clear()

    def put(number: int, state: str = "waiting", *, queue: str = "notification", **more: Any) -> None:
        now = clock.now()
        due = now + timedelta(seconds=more.get("due_in_s", 0))
        started, finished = more.get("started_at"), more.get("finished_at")
        ledger.rows(_JOBS, queue, state, due, now, started, finished, number)
        room._known.clear()

    return put


def _queue(api: Api, name: str = "notification") -> dict[str, Any]:
    items = api.call("GET", "/admin/queues", headers=_staff()).json["items"]
    assert [item["name"] for item in items] == ["email", "notification", "sync"]
    found: dict[str, Any] = next(item for item in items if item["name"] == name)
    return found


def test_the_figures_are_those_of_the_ledger(api: Api, fill: Any, clock: FrozenClock) -> None:
    now = clock.now()
    fill(3)
    fill(2, "running")
    fill(4, "deferred", due_in_s=60)
    fill(1, "retrying", due_in_s=0)
    fill(5, "done", started_at=now - timedelta(seconds=3), finished_at=now - timedelta(seconds=2))
    fill(2, "dead", started_at=now - timedelta(hours=2), finished_at=now - timedelta(hours=2))
    found = _queue(api)
    assert (found["depth"], found["waiting"], found["inFlight"], found["delayed"]) == (10, 4, 2, 4)
    assert (found["processingRatePerMinute"], found["averageProcessingMs"]) == (1.0, 1000.0)
    assert (found["dead"], found["health"], found["worker"]) == (2, "healthy", "available")
    assert _queue(api, "email")["depth"] == 0
    assert _queue(api, "email")["averageProcessingMs"] is None


@pytest.mark.proves("P25")
def test_a_thousand_are_well_and_one_more_warns_and_alerts_once(
    api: Api, fill: Any, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    """P25: a depth over 1,000 is a warning and an alert."""
    from chalicelib.staff.queues.health import watch  # noqa: PLC0415

    fill(1000)
    watch()
    assert _queue(api)["health"] == "healthy"
    assert events(capsys, "queue.depth_warning") == []
    fill(1)
    for _ in range(3):
        watch()
    assert _queue(api)["health"] == "warning"
    warned = events(capsys, "queue.depth_warning")
    assert [(line["queue"], line["depth"]) for line in warned] == [("notification", 1001)] * 3
    assert len(ledger.rows("SELECT 1 FROM alerts WHERE kind = 'queue_depth'")) == 1
    fill(4000)
    assert _queue(api)["health"] == "critical"


@pytest.mark.proves("P26")
def test_a_full_queue_refuses_jobs_but_never_a_lead(
    api: Api, fill: Any, ledger: Ledger, new_lead: Any
) -> None:
    """P26: from 5,000 on, endpoints whose purpose is a job answer 503 QUEUE_FULL; a lead is stored."""
    user_id = uuid.uuid4()
    ledger.rows(
        "INSERT INTO users (id, email, name, role, password_hash, confirmed_at, created_at)"
        " VALUES (%s, 'a@plumbline.test', 'A', 'ADMIN', '-', now(), now())",
        user_id,
    )
    body = {"userIds": [str(user_id)], "channels": ["in_app"], "title": "Họp", "content": "Lúc 9 giờ."}
    fill(4999)
    assert api.call("POST", "/admin/notifications", body, headers=_staff()).status == 202
    fill(0)
    refused = api.call("POST", "/admin/notifications", body, headers=_staff())
    assert (refused.status, refused.json["code"]) == (503, "QUEUE_FULL")
    assert int(refused.headers["Retry-After"]) >= 1
    assert len(ledger.rows("SELECT 1 FROM announcements")) == 1
    path, resource = "/admin/queues/notification/redrive-all", "/admin/queues/{queue}/redrive-all"
    assert api.call("POST", path, headers=_staff(), resource=resource).json["code"] == "QUEUE_FULL"
    assert api.call("POST", "/leads", new_lead()).status == 201
    ledger.rows("UPDATE jobs SET state = 'done', finished_at = now() WHERE state = 'waiting'")
    fill(0)
    assert api.call("POST", "/admin/notifications", body, headers=_staff()).status == 202


def test_a_worker_that_finishes_nothing_for_two_minutes_is_unavailable(
    api: Api, fill: Any, clock: FrozenClock, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    from chalicelib.staff.queues.health import watch  # noqa: PLC0415

    fill(1)
    clock.advance(119)
    assert _queue(api)["worker"] == "available"
    clock.advance(1)
    found = _queue(api)
    assert (found["worker"], found["health"]) == ("unavailable", "critical")
    watch()
    assert [line["queue"] for line in events(capsys, "worker.unavailable")] == ["notification"]
    assert len(ledger.rows("SELECT 1 FROM alerts WHERE kind = 'worker_unavailable'")) == 1
    now = clock.now()
    fill(1, "done", started_at=now, finished_at=now)
    assert _queue(api)["worker"] == "available", "it works, and has only much to do"


def test_a_worker_that_died_with_all_jobs_in_its_hands_is_unavailable_for_everybody_who_asks(
    api: Api, fill: Any, clock: FrozenClock, ledger: Ledger, parts: Stack
) -> None:
    token = parts.environment["METRICS_TOKEN"]

    def asked() -> tuple[str, str, bool]:
        page = api.call("GET", "/metrics", headers={"authorization": f"Bearer {token}"}).body
        queues = api.call("GET", "/health").json["checks"]["queues"]
        return _queue(api)["worker"], queues, 'queue_worker_available{queue="notification"} 1' in page

    fill(3, "running")
    clock.advance(130)
    ledger.rows("UPDATE jobs SET lease_until = %s", clock.now() + timedelta(seconds=1))
    assert asked() == ("available", "ok", True), "somebody is at it"
    clock.advance(1)
    assert asked() == ("unavailable", "degraded", False)


def test_what_only_waits_for_its_time_says_nothing_of_the_worker(
    api: Api, fill: Any, clock: FrozenClock
) -> None:
    fill(3, "deferred", due_in_s=600)
    clock.advance(300)
    assert _queue(api)["worker"] == "available"


def test_circuits_are_shown_as_the_fleet_sees_them(api: Api, clock: FrozenClock, faults: Faults) -> None:
    from chalicelib.resilience.breaker import Breaker  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    def circuits() -> dict[str, dict[str, Any]]:
        items = api.call("GET", "/admin/circuits", headers=_staff()).json["items"]
        return {item["service"]: item for item in items}

    assert {item["state"] for item in circuits().values()} == {"closed"}
    assert set(circuits()) == {"google_sheets", "email", "sms"}
    breaker = Breaker(valkey(), "google_sheets", 15)
    for _ in range(5):
        breaker.fail(breaker.enter())
    shown = circuits()["google_sheets"]
    assert (shown["state"], shown["failures"]) == ("open", 5)
    assert shown["openedAt"] < shown["retryAt"]
    clock.advance(31)
    assert circuits()["google_sheets"]["state"] == "half_open"
    faults.set("redis", "refuse")
    assert circuits()["google_sheets"]["state"] == "closed"


def test_the_relays_schedule_watches_the_queues(
    api: Api, fill: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    del api
    import app  # noqa: PLC0415

    fill(1001, "deferred", due_in_s=600)
    app.outbox_relay(SCHEDULED, LambdaContext())
    assert events(capsys, "queue.depth_warning")
