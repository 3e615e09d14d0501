"""The same phone and source within the hour is one lead; everything that was said is kept."""

import threading
from collections.abc import Callable
from typing import Any

from tests.product.conftest import Api, FrozenClock, Ledger

NewLead = Callable[..., dict[str, Any]]


def test_a_second_submission_within_the_hour_joins_the_first(
    api: Api, new_lead: NewLead, ledger: Ledger, clock: FrozenClock
) -> None:
    first = api.call("POST", "/leads", new_lead()).json["id"]
    clock.advance(3599)
    second = api.call("POST", "/leads", new_lead(phone="+84 912 345 678", content="Thêm phòng tắm nữa nhé."))
    rows = ledger.rows("SELECT id::text, merged_into::text AS merged FROM leads ORDER BY created_at")
    assert rows == [{"id": first, "merged": None}, {"id": second.json["id"], "merged": first}]
    assert {row["subject"] for row in ledger.rows("SELECT subject_id::text AS subject FROM jobs")} == {first}


def test_after_an_hour_it_is_a_lead_of_its_own(
    api: Api, new_lead: NewLead, ledger: Ledger, clock: FrozenClock
) -> None:
    api.call("POST", "/leads", new_lead())
    clock.advance(3601)
    api.call("POST", "/leads", new_lead())
    assert ledger.rows("SELECT 1 FROM leads WHERE merged_into IS NOT NULL") == []
    assert len(ledger.rows("SELECT DISTINCT subject_id FROM jobs")) == 2


def test_another_source_or_phone_is_a_lead_of_its_own(api: Api, new_lead: NewLead, ledger: Ledger) -> None:
    category = api.call("GET", "/service-categories").json["items"][0]["id"]
    quote = {"kind": "calculator", "categoryId": category, "area": 9, "materialIds": []}
    for fields in ({}, {"phone": "0987 654 321"}, {"source": "QUOTE_FORM", "quote": quote}):
        assert api.call("POST", "/leads", new_lead(**fields)).status == 201
    assert ledger.rows("SELECT 1 FROM leads WHERE merged_into IS NOT NULL") == []


def test_a_quarantined_submission_never_joins(api: Api, new_lead: NewLead, ledger: Ledger) -> None:
    api.call("POST", "/leads", new_lead())
    api.call("POST", "/leads", new_lead(website="x"))
    assert ledger.rows("SELECT 1 FROM leads WHERE merged_into IS NOT NULL") == []


def test_a_hundred_at_once_are_one_primary_and_99_merged(new_lead: NewLead, ledger: Ledger) -> None:
    """The statement itself runs in parallel here: a hundred connections, one phone."""
    from chalicelib.leads.models import NewLead as Model  # noqa: PLC0415
    from chalicelib.leads.service import _Submission  # noqa: PLC0415
    from chalicelib.leads.store import submit  # noqa: PLC0415
    from chalicelib.platform.http import Call  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    lead = Model.model_validate(new_lead(email="hoa@example.test"))
    together = threading.Barrier(40)

    def store(position: int) -> None:
        call = Call("POST", "/leads", "/api/leads", {}, {}, {}, b"", "203.0.113.1", f"c-{position}", None)  # type: ignore[arg-type]  # the time is not asked for
        submission = _Submission(call, lead, None, None, [])
        if position < 40:
            together.wait()
        submit(database(), submission.parameters())

    threads = [threading.Thread(target=store, args=(position,)) for position in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    primaries = ledger.rows("SELECT id FROM leads WHERE merged_into IS NULL")
    assert len(primaries) == 1
    merged = ledger.rows("SELECT 1 FROM leads WHERE merged_into = %s", primaries[0]["id"])
    assert len(merged) == 99
    jobs = ledger.rows("SELECT type, count(*) AS number FROM jobs GROUP BY type")
    assert {row["type"]: row["number"] for row in jobs} == {
        "google_sheets": 100,
        "lead_notice": 1,
        "notification": 1,
    }
