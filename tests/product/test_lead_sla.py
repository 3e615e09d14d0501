"""People are called to leads that wait: once to each, and every quarter of an hour to quarantine."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from local.cloud.describe import declare, parse, read_chalice_config
from tests.product.conftest import Faults, LambdaContext, Ledger
from tests.product.desk_samples import LEAD
from tests.product.work import drain

if TYPE_CHECKING:
    from tests.product.desk_fixtures import Work

pytest_plugins = (
    "tests.product.staff_fixtures",
    "tests.product.desk_fixtures",
    "tests.product.catalogue_fixtures",
)


@pytest.fixture(autouse=True)
def _at_the_beginning_of_a_window(work: "Work") -> None:
    work.clock.instant = work.clock.instant.replace(minute=0, second=5, microsecond=0)


def _watch() -> None:
    import app  # noqa: PLC0415  the environment must stand before the app is imported

    event = {
        "source": "aws.events",
        "detail-type": "Scheduled Event",
        "time": "",
        "resources": [],
        "detail": {},
    }
    event |= {"account": "", "region": "", "id": "", "version": "0"}
    app.lead_sla(event, LambdaContext())


def _alerts(work: "Work", kind: str = "lead_overdue") -> list[str]:
    rows = work.ledger.rows("SELECT subject FROM alerts WHERE kind = %s ORDER BY id", kind)
    return [row["subject"].rpartition(" ")[2] for row in rows]


def test_a_lead_without_a_first_contact_is_called_out_once_after_five_minutes(
    work: "Work", world_url: str
) -> None:
    requests.delete(f"{world_url}/dev/alerts", timeout=5).raise_for_status()
    lead_id = work.submit(email="hoa@example.test")
    work.clock.advance(299)
    _watch()
    assert _alerts(work) == []
    work.clock.advance(1)
    _watch()
    assert _alerts(work) == [lead_id]
    for pause_s in (0, 60, 3600, 90_000):
        work.clock.advance(pause_s)
        _watch()
    assert _alerts(work) == [lead_id]
    published = requests.get(f"{world_url}/dev/alerts", timeout=5).json()["items"]
    assert [each["kind"] for each in published] == ["lead_overdue"]
    assert "hoa" not in str(published).lower()
    (shown,) = work.desk.get("/admin/alerts")["items"]
    assert lead_id in shown["body"]


def test_who_was_looked_at_is_not_called_out(work: "Work") -> None:
    leads = [work.submit(phone=f"0987 654 32{number}") for number in range(5)]
    work.patch(leads[0], status="CONTACTED")
    work.patch(leads[1], status="CANCELLED")
    work.do("erase", leads[2])
    work.do("merge", leads[4], {"otherId": leads[3]})
    work.clock.advance(301)
    _watch()
    assert _alerts(work) == [leads[4]]


def _told(work: "Work", role: str) -> list[tuple[str, str]]:
    """The lead and the title of each note that somebody with *role* finds in the app, the latest first."""
    drain(work.ledger, "notification")
    return [
        (note["leadId"], note["title"]) for note in work.desk.get("/me/notifications", role=role)["items"]
    ]


def test_who_has_a_lead_that_waits_finds_that_in_the_app_once(work: "Work") -> None:
    lead_id, nobodys = work.submit(), work.submit(phone="0987 654 321")
    work.patch(lead_id, assignedTo=str(work.desk.ids["MANAGER"]))
    before = {role: _told(work, role) for role in ("MANAGER", "ADMIN")}
    work.clock.advance(301)
    for _ in range(3):
        _watch()
        work.clock.advance(60)
    assert set(_alerts(work)) == {lead_id, nobodys}
    waits = (lead_id, "Chưa ai gọi lại cho khách")
    assert _told(work, "MANAGER") == [waits, *before["MANAGER"]]
    assert _told(work, "ADMIN") == before["ADMIN"], "it is not theirs"
    jobs = [event["detail"] for event in work.desk.get(f"{LEAD}/timeline", id=lead_id)["events"]]
    assert [each for each in jobs if each and "waits" in each] == [
        "lead_overdue: tell who has the lead that it waits"
    ]


def test_how_long_is_a_setting(work: "Work", catalogue: Ledger) -> None:
    del catalogue
    answer = work.desk.call("PUT", "/admin/settings/{key}", {"value": 30}, role="ADMIN", key="leadSlaMinutes")
    assert answer.status == 200
    lead_id = work.submit()
    work.clock.advance(1799)
    _watch()
    assert _alerts(work) == []
    work.clock.advance(1)
    _watch()
    assert _alerts(work) == [lead_id]


def test_quarantine_calls_every_quarter_of_an_hour_until_it_is_empty(work: "Work") -> None:
    first, second = work.held(), work.held(phone="0987 654 321")
    for minute in range(31):
        work.clock.instant = work.clock.instant.replace(minute=minute)
        _watch()
    assert len(_alerts(work, "leads_held")) == 3
    work.do("reject", first)
    work.do("release", second)
    released_at = work.clock.now()
    work.clock.instant = released_at + timedelta(minutes=4, seconds=59)
    _watch()
    assert _alerts(work) == [], "its time begins when it is released"
    work.clock.instant = released_at + timedelta(minutes=20)
    _watch()
    assert _alerts(work) == [second]
    assert len(_alerts(work, "leads_held")) == 3


def test_two_runs_at_once_call_once(work: "Work", world_url: str) -> None:
    from chalicelib.leads.sla.service import watch  # noqa: PLC0415

    requests.delete(f"{world_url}/dev/alerts", timeout=5).raise_for_status()
    leads = {work.submit(phone=f"0987 654 32{number}") for number in range(6)}
    for lead_id in leads:
        work.patch(lead_id, assignedTo=str(work.desk.ids["MANAGER"]))
    work.clock.advance(301)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: watch(), range(4)))
    assert (len(_alerts(work)), set(_alerts(work))) == (6, leads)
    assert len(work.ledger.rows("SELECT id FROM jobs WHERE type = 'lead_overdue'")) == 6
    assert len(requests.get(f"{world_url}/dev/alerts", timeout=5).json()["items"]) == 6


def test_with_the_topic_away_the_alert_stands_and_is_not_raised_again(work: "Work", faults: Faults) -> None:
    lead_id = work.submit()
    work.clock.advance(301)
    faults.set("sms", "refuse")
    _watch()
    faults.mend()
    _watch()
    assert _alerts(work) == [lead_id]


def test_with_postgresql_away_the_next_run_calls(work: "Work", faults: Faults) -> None:
    from chalicelib.platform.errors import DatabaseBusy  # noqa: PLC0415

    lead_id = work.submit()
    work.clock.advance(301)
    faults.set("postgres", "refuse")
    with pytest.raises(DatabaseBusy):
        _watch()
    faults.mend()
    _watch()
    assert _alerts(work) == [lead_id]


@pytest.mark.usefixtures("work")
def test_it_is_a_schedule_of_every_minute_that_can_be_run_by_name() -> None:
    import app  # noqa: PLC0415

    declared = parse(declare(app.app), read_chalice_config(Path(app.__file__).parent))
    (schedule,) = [spec for spec in declared.schedules if spec.name == "lead-sla"]
    assert (schedule.expression, schedule.function.handler) == ("rate(1 minute)", "app.lead_sla")
    assert schedule.function.timeout_s == 55
