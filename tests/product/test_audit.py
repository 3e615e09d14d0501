"""The audit log and the alerts as staff read them."""

import uuid
from typing import TYPE_CHECKING

import pytest

from tests.product.conftest import FrozenClock, Ledger

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.staff_fixtures",)


def _announce(desk: "Desk", role: str) -> str:
    body = {"userIds": [str(desk.ids["HOMEOWNER"])], "channels": ["in_app"], "title": "Một", "content": "Hai"}
    answer = desk.call("POST", "/admin/notifications", body, role=role, address="192.0.2.77")
    assert answer.status == 202
    return str(answer.json["id"])


def test_an_action_is_told_with_who_what_when_and_from_where(
    desk: "Desk", ledger: Ledger, clock: FrozenClock
) -> None:
    first = _announce(desk, "MANAGER")
    clock.advance(1)
    second = _announce(desk, "ADMIN")
    latest, entry = desk.get("/admin/audit")["items"]
    assert set(entry) == {"id", "at", "actor", "action", "target", "before", "after", "ip", "correlationId"}
    assert entry["actor"] == {
        "id": str(desk.ids["MANAGER"]),
        "email": "manager@plumbline.test",
        "role": "MANAGER",
    }
    assert (entry["action"], entry["target"]) == ("announcement.created", f"announcements/{first}")
    assert (entry["ip"], entry["before"]) == ("192.0.2.77", None)
    assert entry["at"].endswith("Z")
    assert (latest["target"], latest["actor"]["role"]) == (f"announcements/{second}", "ADMIN")
    ledger.rows("DELETE FROM users WHERE id = %s", desk.ids["MANAGER"])
    gone = desk.get("/admin/audit", role="ADMIN")["items"][1]["actor"]
    assert gone == {"id": str(desk.ids["MANAGER"]), "email": None, "role": "MANAGER"}


def test_reading_leaves_no_entry(desk: "Desk") -> None:
    for path in ("/admin/audit", "/admin/alerts", "/admin/leads"):
        desk.get(path)
    assert desk.audit() == []


def test_both_logs_are_read_page_by_page_the_latest_first_each_entry_once(
    desk: "Desk", ledger: Ledger, clock: FrozenClock
) -> None:
    ledger.rows(
        "INSERT INTO audit_log (id, at, actor_id, actor_role, action, target, correlation_id)"
        " SELECT gen_random_uuid(), %s + (n / 4) * interval '1 microsecond', %s, 'ADMIN', 'a.b', n::text, 'c'"
        " FROM generate_series(1, 203) AS n",
        clock.now(),
        uuid.uuid4(),
    )
    ledger.rows(
        "INSERT INTO alerts (kind, dedupe_key, subject, body, at)"
        " SELECT 'k', n::text, n::text, 'b', %s + (n / 4) * interval '1 microsecond'"
        " FROM generate_series(1, 203) AS n",
        clock.now(),
    )
    entries = [int(item["target"]) for item in desk.every("/admin/audit")]
    assert sorted(entries) == list(range(1, 204))
    assert [number // 4 for number in entries] == sorted((n // 4 for n in range(1, 204)), reverse=True)
    alerts = desk.every("/admin/alerts")
    assert [int(item["subject"]) for item in alerts] == list(range(203, 0, -1))
    assert set(alerts[0]) == {"at", "kind", "subject", "body"}


def test_an_alert_that_was_raised_is_read(desk: "Desk", clock: FrozenClock) -> None:
    from datetime import timedelta  # noqa: PLC0415

    from chalicelib.alerts.service import raise_alert  # noqa: PLC0415

    raise_alert("job_dead", "a job is dead", "Reason: x", window=timedelta(minutes=15))
    (alert,) = desk.get("/admin/alerts")["items"]
    assert (alert["kind"], alert["subject"], alert["body"]) == ("job_dead", "a job is dead", "Reason: x")
    assert clock.now().isoformat(timespec="milliseconds").startswith(alert["at"][:-1])


@pytest.mark.parametrize("path", ["/admin/audit", "/admin/alerts"])
@pytest.mark.parametrize(
    "query", [{"cursor": ["x"]}, {"cursor": ["MjAyNi0wMS0wMVQwMDowMDowMCswMDowMCB4"]}, {"x": ["1"]}]
)
def test_a_query_that_means_nothing_is_refused(desk: "Desk", path: str, query: dict[str, list[str]]) -> None:
    assert desk.call("GET", path, query=query).status == 422
