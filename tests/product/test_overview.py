"""The overview: days, first contacts, conversion, what waits, and how the product does."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import Faults, FrozenClock, Ledger

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.staff_fixtures",)
OVERVIEW = "/admin/overview"
MINUTE = 60


@pytest.fixture
def noon(clock: FrozenClock) -> datetime:
    """A day's middle, so that minutes before it are of the same day."""
    clock.instant = clock.instant.replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return clock.instant


def _lead(ledger: Ledger, at: datetime, **columns: Any) -> None:
    row = {
        "status": "NEW",
        "source": "CONTACT_FORM",
        "name": "L",
        "phone": "+84912345678",
        "consent_version": "1",
        "consent_at": at,
        "correlation_id": "c",
        "created_at": at,
        **columns,
    }
    names, places = ", ".join(row), ", ".join(["%s"] * len(row))
    sql = f"INSERT INTO leads (id, {names}) VALUES (gen_random_uuid(), {places})"  # noqa: S608  columns
    ledger.rows(sql, *row.values())


def _ago(noon: datetime, minutes: float, *, called_after_s: float | None = None) -> dict[str, Any]:
    at = noon - timedelta(minutes=minutes)
    called = {} if called_after_s is None else {"first_contact_at": at + timedelta(seconds=called_after_s)}
    return {"at": at, **called}


def test_an_empty_house_has_thirty_days_and_no_figures_that_nobody_measured(
    desk: "Desk", noon: datetime
) -> None:
    found = desk.get(OVERVIEW)
    assert [day["day"] for day in found["days"]] == [
        (noon.date() - timedelta(days=29 - n)).isoformat() for n in range(30)
    ]
    assert {day["leads"] for day in found["days"]} == {0}
    assert found["firstContact"] == {
        "leads": 0, "contacted": 0, "medianS": None, "p90S": None, "shareWithin5Min": None,
    }  # fmt: skip
    assert found["conversion"] == {"leads": 0, "converted": 0, "share": None}
    assert found["open"] == {"new": 0, "unassigned": 0, "quarantined": 0}
    assert {queue["name"] for queue in found["queues"]} >= {"email", "sync", "notification"}
    assert {circuit["service"] for circuit in found["circuits"]} >= {"email", "sms", "google_sheets"}
    assert found["alerts"] == []


def test_leads_are_counted_by_day_status_and_source_and_merged_ones_are_not(
    desk: "Desk", ledger: Ledger, noon: datetime
) -> None:
    for days in (0, 0, 1, 29, 30):
        _lead(ledger, noon - timedelta(days=days))
    midnight = noon.replace(hour=0) - timedelta(days=2)
    _lead(ledger, midnight, status="CONVERTED", source="QUOTE_FORM")
    _lead(ledger, midnight - timedelta(microseconds=1), status="SPAM")
    (primary,) = ledger.rows("SELECT id FROM leads WHERE source = 'QUOTE_FORM'")
    _lead(ledger, noon, merged_into=primary["id"])
    found = {day["day"]: day for day in desk.get(OVERVIEW)["days"] if day["leads"]}

    def on(days: int) -> Any:
        return found[(noon.date() - timedelta(days=days)).isoformat()]

    assert {name: day["leads"] for name, day in found.items()} == {
        (noon.date() - timedelta(days=days)).isoformat(): count
        for days, count in ((29, 1), (3, 1), (2, 1), (1, 1), (0, 2))
    }
    assert (on(2)["byStatus"]["CONVERTED"], on(2)["bySource"]["QUOTE_FORM"]) == (1, 1)
    assert (on(3)["byStatus"]["SPAM"], on(0)["byStatus"]["NEW"]) == (1, 2)
    assert set(on(0)["bySource"]) == {"CONTACT_FORM", "QUOTE_FORM", "FURNITURE_QUOTE"}


def test_first_contacts_and_conversion_are_of_those_who_were_to_be_called(
    desk: "Desk", ledger: Ledger, noon: datetime
) -> None:
    for minutes, after_s in ((100, 60), (90, 120), (80, 240), (70, 1000)):
        _lead(ledger, **_ago(noon, minutes, called_after_s=after_s), status="CONTACTED")
    _lead(ledger, **_ago(noon, 60))
    _lead(ledger, **_ago(noon, 2))
    _lead(
        ledger,
        **_ago(noon, 50, called_after_s=1900),
        status="CONVERTED",
        released_at=noon - timedelta(minutes=20),
    )
    _lead(ledger, **_ago(noon, 40), status="SPAM")
    _lead(ledger, **_ago(noon, 40), status="QUARANTINED")
    found = desk.get(OVERVIEW)
    assert found["firstContact"] == {
        "leads": 7, "contacted": 5, "medianS": 120.0, "p90S": 696.0, "shareWithin5Min": round(4 / 6, 4),
    }  # fmt: skip
    assert found["conversion"] == {"leads": 7, "converted": 1, "share": round(1 / 7, 4)}
    _lead(ledger, **_ago(noon, 60 * 24 * 400))
    (user,) = ledger.rows("SELECT id FROM users WHERE role = 'MANAGER'")
    _lead(ledger, noon, assigned_to=user["id"])
    assert desk.get(OVERVIEW)["open"] == {"new": 4, "unassigned": 3, "quarantined": 1}


def test_alerts_are_those_of_the_last_day_the_latest_first(
    desk: "Desk", ledger: Ledger, noon: datetime
) -> None:
    for n, hours in enumerate((1, 23, 25)):
        at = noon - timedelta(hours=hours)
        ledger.rows(
            "INSERT INTO alerts (kind, dedupe_key, subject, body, at) VALUES ('job_dead', %s, %s, '', %s)",
            str(n), f"{hours} h", at,
        )  # fmt: skip
    assert [alert["subject"] for alert in desk.get(OVERVIEW)["alerts"]] == ["1 h", "23 h"]


def test_with_the_database_away_it_is_503_and_with_valkey_away_it_is_there(
    desk: "Desk", faults: Faults, noon: datetime
) -> None:
    del noon
    faults.set("redis", "refuse")
    assert desk.call("GET", OVERVIEW).status == 200
    faults.mend()
    faults.set("postgres", "refuse")
    answer = desk.call("GET", OVERVIEW)
    assert (answer.status, answer.json["code"]) == (503, "DATABASE_BUSY")
