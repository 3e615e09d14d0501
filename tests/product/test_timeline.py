"""The journey of a lead: everything that happened because of it, in order, and nobody's data."""

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from local.stack import Stack
from local.world.tcp_proxy import counting_proxy
from tests.product.conftest import Api, FrozenClock, Ledger
from tests.product.work import drain, work_off

if TYPE_CHECKING:
    from tests.product.sheet_fixtures import Sheet
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.staff_fixtures", "tests.product.sheet_fixtures")
NewLead = Callable[..., dict[str, Any]]
TIMELINE = "/admin/leads/{id}/timeline"
Said = tuple[str, str | None, str]


def _submit(api: Api, body: dict[str, Any]) -> tuple[str, str]:
    """The lead's id and the request's correlation id."""
    answer = api.call("POST", "/leads", body)
    assert answer.status == 201, answer.body
    return answer.json["id"], answer.headers["X-Correlation-Id"]


def _journey(desk: "Desk", lead_id: object) -> list[dict[str, Any]]:
    found = desk.get(TIMELINE, id=lead_id)
    assert found["isComplete"]
    instants = [event["at"] for event in found["events"]]
    assert instants == sorted(instants)
    return list(found["events"])


def _told(events: list[dict[str, Any]], **wanted: Any) -> list[Said]:
    """Kind, queue and status of the events that are as *wanted*."""
    return [
        (event["kind"], event["queue"], event["status"])
        for event in events
        if all(event[name] == value for name, value in wanted.items())
    ]


def _of_jobs(events: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What is told of each job, in order."""
    found: dict[str, list[str]] = {}
    for event in events:
        if event["jobId"]:
            found.setdefault(event["jobId"], []).append(f"{event['kind']} {event['status']}")
    return found


def _settle(outcome: Callable[..., Any], **more: Any) -> None:
    """Claim what is due for the sheet and end it with *outcome*."""
    from chalicelib.jobs import ledger  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    claim = ledger.claim_due(database(), "sync", "google_sheets", 10)
    assert claim.jobs
    ledger.settle(database(), claim, [outcome(job, **more) for job in claim.jobs])


def test_a_lead_is_followed_from_its_request_to_the_sheet_and_to_staff(
    desk: "Desk", ledger: Ledger, sheet: "Sheet", new_lead: NewLead
) -> None:
    """All within one frozen instant, so the order is that of causes and not of time."""
    lead_id, correlation_id = _submit(desk.api, new_lead())
    sheet.drain(sheet.sync())
    drain(ledger, "notification")
    events = _journey(desk, lead_id)
    assert _told(events[:2]) == [("request", None, "received"), ("lead", None, "stored")]
    assert {event["correlationId"] for event in events} == {correlation_id}
    job_ids = {row["type"]: str(row["id"]) for row in ledger.rows("SELECT id, type FROM jobs")}
    jobs = _of_jobs(events)
    assert len(jobs) == len(ledger.rows("SELECT 1 FROM jobs"))
    assert jobs[job_ids["google_sheets"]] == [
        "job queued", "job started", "delivery completed", "job completed",
    ]  # fmt: skip
    assert jobs[job_ids["lead_notice"]] == ["job queued", "job started", "job completed"]
    assert jobs[job_ids["in_app"]] == ["job queued", "job started", "delivery completed", "job completed"]
    (row,) = ledger.rows("SELECT row_number FROM sheet_rows")
    (delivery,) = [event for event in events if event["kind"] == "delivery" and event["queue"] == "sync"]
    assert delivery["detail"] == f"Row {row['row_number']} of the sheet says it"
    order = [(event["jobId"], event["status"]) for event in events if event["kind"] == "job"]
    child, parent = (job_ids["in_app"], "queued"), (job_ids["lead_notice"], "completed")
    assert order.index(parent) < order.index(child)
    begun = [event["detail"] for event in events if event["status"] == "queued"]
    assert "in_app: tell one person in the app" in begun


class _Ticking(FrozenClock):
    """A clock of which no two looks are the same, as a real one's are not."""

    def now(self) -> datetime:
        """A millisecond later than the last time."""
        self.advance(0.001)
        return self.instant


def test_under_a_clock_that_goes_on_a_delivery_is_over_before_its_job(
    desk: "Desk", ledger: Ledger, sheet: "Sheet", new_lead: NewLead
) -> None:
    from chalicelib.platform import clock as product_clock  # noqa: PLC0415

    frozen = product_clock.install(_Ticking())
    try:
        lead_id, _ = _submit(desk.api, new_lead(email=f"{uuid.uuid4()}@example.test"))
        work_off(ledger, "email")
        sheet.drain(sheet.sync())
        drain(ledger, "notification")
    finally:
        product_clock.install(frozen)
    found = _of_jobs(_journey(desk, lead_id))
    told = {row["type"]: found[str(row["id"])] for row in ledger.rows("SELECT id, type FROM jobs")}
    called = ["job queued", "job started", "delivery started", "delivery completed", "job completed"]
    written = [line for line in called if line != "delivery started"]
    assert told == {
        "notification": called,
        "google_sheets": written,
        "lead_notice": ["job queued", "job started", "job completed"],
        "in_app": written,
    }


def test_nobodys_data_stands_in_it(desk: "Desk", ledger: Ledger, sheet: "Sheet", new_lead: NewLead) -> None:
    lead_id, _ = _submit(desk.api, new_lead(email="hoa@example.test"))
    sheet.drain(sheet.sync())
    work_off(ledger, "email")
    drain(ledger, "notification")
    body = json.dumps(desk.get(TIMELINE, id=lead_id), ensure_ascii=False)
    for secret in ("Hoa", "912345678", "bếp", "example.test", "Trần Minh", "203.0.113.7"):
        assert secret not in body


def test_whatever_was_merged_has_one_journey(
    api: Api, desk: "Desk", clock: FrozenClock, new_lead: NewLead
) -> None:
    first, first_call = _submit(api, new_lead())
    clock.advance(60)
    second, second_call = _submit(api, new_lead())
    journey = desk.get(TIMELINE, id=second)
    assert journey == desk.get(TIMELINE, id=first)
    assert journey["leadId"] == first
    leads = [event for event in journey["events"] if event["kind"] in {"request", "lead"}]
    assert [(event["status"], event["correlationId"]) for event in leads] == [
        ("received", first_call),
        ("stored", first_call),
        ("received", second_call),
        ("merged", second_call),
    ]
    queued = [event for event in journey["events"] if event["status"] == "queued"]
    assert {event["correlationId"] for event in queued} == {first_call, second_call}


def test_a_quarantined_lead_says_why_and_causes_nothing(api: Api, desk: "Desk", new_lead: NewLead) -> None:
    lead_id, _ = _submit(api, new_lead(website="x", elapsedMs=100))
    events = _journey(desk, lead_id)
    assert _told(events) == [("request", None, "received"), ("lead", None, "quarantined")]
    assert events[1]["detail"] == "held back until staff look at it: honeypot, too_fast"


def test_every_attempt_retry_and_deferral_is_told_with_its_reason_and_a_redrive_with_who_did_it(
    api: Api, desk: "Desk", ledger: Ledger, clock: FrozenClock, new_lead: NewLead
) -> None:
    from chalicelib.jobs.outcome import deferred, done, failed  # noqa: PLC0415

    lead_id, _ = _submit(api, new_lead())
    (job,) = ledger.rows("SELECT id FROM jobs WHERE type = 'google_sheets'")
    _settle(deferred, reason="no answer", now=clock.now(), until=clock.now() + timedelta(seconds=15))
    clock.advance(15)
    for wait_s in (1, 2, 4, 0):
        _settle(failed, reason="Google refuses this row", now=clock.now())
        clock.advance(wait_s)
    path = "/admin/queues/{queue}/dead-letters/{jobId}/redrive"
    redrive = desk.call("POST", path, queue="sync", jobId=job["id"], role="ADMIN")
    assert redrive.status == 202
    _settle(done)
    told = [event for event in _journey(desk, lead_id) if event["jobId"] == str(job["id"])]
    assert [(event["kind"], event["status"], event["attempt"]) for event in told] == [
        ("job", "queued", 1),
        ("job", "started", 1), ("job", "deferred", 1),
        ("job", "started", 1), ("job", "retrying", 1),
        ("job", "started", 2), ("job", "retrying", 2),
        ("job", "started", 3), ("job", "retrying", 3),
        ("job", "started", 4), ("job", "dead", 4),
        ("staff", "redriven", None), ("job", "redriven", 1),
        ("job", "started", 1), ("job", "completed", 1),
    ]  # fmt: skip
    assert {event["queue"] for event in told} == {"sync"}
    details = {event["status"]: event["detail"] for event in told}
    assert details["deferred"] == "no answer"
    assert details["dead"] == details["retrying"] == "Google refuses this row"
    assert details["redriven"] == "by staff (ADMIN)"
    (staff,) = [event for event in told if event["kind"] == "staff"]
    assert staff["detail"] == "job.redriven by a person (ADMIN)"
    assert staff["correlationId"] == redrive.headers["X-Correlation-Id"]


@pytest.mark.parametrize(
    ("channel", "state", "status", "says"),
    [
        ("email", "sent", "completed", "SES accepted it (message 0100-abc)"),
        ("sms", "sent", "completed", "SNS accepted it (message 0100-abc)"),
        ("email", "refused", "failed", "SES refused it (why)"),
        ("email", "not_reached", "failed", "SES could not be reached, so nothing was sent (why)"),
        (
            "email",
            "unknown",
            "failed",
            "No answer (why): SES may have accepted it; the next attempt may be the second mail",
        ),
        (
            "sms",
            "unknown",
            "failed",
            "No answer (why): SNS may have accepted it; the next attempt may be the second message",
        ),
        ("email", "sending", None, None),
    ],
)
def test_a_call_to_a_provider_is_told_so_that_people_understand_it(
    desk: "Desk", new_lead: NewLead, channel: str, state: str, status: str | None, says: str | None
) -> None:
    lead_id, _ = _submit(desk.api, new_lead())
    job_id = _job_with_delivery(desk, lead_id, channel, state)
    told = [event for event in _journey(desk, lead_id) if event["jobId"] == job_id]
    begun = ["job queued", "job started", "delivery started"]
    ended = [f"delivery {status}"] if status else []
    assert [f"{event['kind']} {event['status']}" for event in told] == begun + ended
    assert {event["attempt"] for event in told[1:]} == {2}
    if says:
        assert told[-1]["detail"] == says


def _job_with_delivery(desk: "Desk", lead_id: str, channel: str, state: str) -> str:
    """A job of the lead in its second attempt, with one call to the provider of *channel*."""
    now, ended = desk.clock.now(), None if state == "sending" else desk.clock.now()
    (job,) = desk.ledger.rows(
        "INSERT INTO jobs (id, queue, type, subject_id, state, due_at, correlation_id, created_at)"
        " VALUES (gen_random_uuid(), 'email', 'quotation', %s, 'running', %s, 'c', %s) RETURNING id",
        lead_id,
        now,
        now,
    )
    desk.ledger.rows(
        "INSERT INTO job_events (job_id, at, status, attempt) VALUES (%s, %s, 'started', 2)", job["id"], now
    )
    desk.ledger.rows(
        "INSERT INTO deliveries (id, job_id, channel, attempt, state, provider_id, detail, started_at,"
        " ended_at) VALUES (gen_random_uuid(), %s, %s, 2, %s, %s, %s, %s, %s)",
        job["id"],
        channel,
        state,
        "0100-abc" if state == "sent" else None,
        None if state == "sent" else "why",
        now,
        ended,
    )
    return str(job["id"])


def test_a_submission_that_the_relay_had_to_send_says_so(
    api: Api, desk: "Desk", ledger: Ledger, clock: FrozenClock, new_lead: NewLead
) -> None:
    from chalicelib.jobs import store  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    lead_id, _ = _submit(api, new_lead())
    (job,) = ledger.rows("SELECT id FROM jobs WHERE type = 'google_sheets'")
    store.mark_sent(database(), [job["id"]], clock.now())
    told = [event for event in _journey(desk, lead_id) if event["jobId"] == str(job["id"])]
    assert [event["detail"] for event in told] == [
        "google_sheets: bring the lead to the sheet",
        "sent by the relay",
    ]


def test_another_leads_events_are_not_told(api: Api, desk: "Desk", new_lead: NewLead) -> None:
    mine, my_call = _submit(api, new_lead())
    _submit(api, new_lead(phone="0912 345 679"))
    _submit(api, new_lead(source="QUOTE_FORM", quote=_quote(api)))
    assert {event["correlationId"] for event in _journey(desk, mine)} == {my_call}


def _quote(api: Api) -> dict[str, Any]:
    category = api.call("GET", "/service-categories").json["items"][0]["id"]
    return {"kind": "calculator", "categoryId": category, "area": 20, "materialIds": []}


def test_of_very_many_events_the_latest_2000_are_told_and_that_there_are_more(
    api: Api, desk: "Desk", ledger: Ledger, clock: FrozenClock, new_lead: NewLead
) -> None:
    lead_id, _ = _submit(api, new_lead())
    ledger.rows(
        "INSERT INTO job_events (job_id, at, status, attempt, detail)"
        " SELECT id, %s + n * interval '1 second', 'deferred', 1, n::text"
        " FROM jobs, generate_series(1, 2100) AS n WHERE type = 'google_sheets'",
        clock.now(),
    )
    found = desk.get(TIMELINE, id=lead_id)
    assert found["isComplete"] is False
    assert [event["detail"] for event in found["events"]] == [str(n) for n in range(101, 2101)]


def test_it_is_one_round_trip_to_the_database(
    api: Api, desk: "Desk", parts: Stack, ledger: Ledger, new_lead: NewLead
) -> None:
    from chalicelib.platform.postgres import Database  # noqa: PLC0415
    from chalicelib.staff.leads import store  # noqa: PLC0415

    lead_id, _ = _submit(api, new_lead())
    drain(ledger, "notification")
    told = len(_journey(desk, lead_id))
    with counting_proxy(parts.ports["postgres"]) as proxy:
        direct, port = parts.database_url, parts.ports["postgres"]
        database = Database(direct.replace(f":{port}/", f":{proxy.listen_port}/"))
        database.rows("SELECT 1")
        before = proxy.round_trips
        assert len(store.list_events(database, uuid.UUID(lead_id), 2001)) == told
        assert proxy.round_trips - before == 1
        database.close()


@pytest.mark.parametrize("lead_id", [uuid.uuid4(), "x", "1", "%00"])
def test_what_is_no_lead_has_no_journey(desk: "Desk", lead_id: object) -> None:
    for path in (TIMELINE, "/admin/leads/{id}"):
        answer = desk.call("GET", path, id=lead_id)
        assert (answer.status, answer.json["code"]) == (404, "NOT_FOUND")
