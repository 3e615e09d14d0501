"""The way out of quarantine: released, it is a new lead in everything, once; rejected, it is nothing."""

from typing import TYPE_CHECKING

import pytest
import requests

from tests.product.conftest import Ledger
from tests.product.work import drain, work_off

if TYPE_CHECKING:
    from tests.product.desk_fixtures import Work
    from tests.product.sheet_fixtures import Sheet

pytest_plugins = (
    "tests.product.staff_fixtures",
    "tests.product.desk_fixtures",
    "tests.product.sheet_fixtures",
)


def _mails(world_url: str) -> list[str]:
    items = requests.get(f"{world_url}/dev/mail", timeout=5).json()["items"]
    return [address for item in items for address in item["to"]]


def test_a_released_lead_reaches_every_sink_as_a_new_one(
    work: "Work", sheet: "Sheet", ledger: Ledger, world_url: str
) -> None:
    requests.delete(f"{world_url}/dev/mail", timeout=5).raise_for_status()
    lead_id, sync = work.held(email="hoa@example.test"), sheet.sync()
    assert work.jobs(lead_id) == []
    work.clock.advance(600)
    answer = work.do("release", lead_id)
    assert (answer.status, answer.json["status"]) == (200, "NEW")
    (change,) = answer.json["statusHistory"]
    assert (change["from"], change["to"]) == ("QUARANTINED", "NEW")
    assert work.jobs(lead_id) == ["google_sheets", "lead_notice", "notification"]
    sheet.drain(sync)
    work_off(ledger, "email")
    drain(ledger, "notification")
    assert [row[:3:2] for row in sheet.rows()[1:]] == [[lead_id, "NEW"]]
    assert _mails(world_url) == ["hoa@example.test"]
    notes = work.desk.get("/me/notifications")["items"]
    assert [note["leadId"] for note in notes] == [lead_id]
    assert work.staff_events(lead_id) == [
        ("released", "lead.released by a person (MANAGER): status QUARANTINED → NEW")
    ]
    (entry,) = work.desk.audit()
    assert (entry["action"], entry["before"], entry["after"]) == (
        "lead.released",
        {"status": "QUARANTINED"},
        {"status": "NEW"},
    )


def test_releases_made_at_once_are_one(work: "Work") -> None:
    lead_id = work.held(email="hoa@example.test")
    statuses = work.at_once(*[lambda: work.do("release", lead_id)] * 6)
    assert sorted(statuses) == [200, 409, 409, 409, 409, 409]
    assert work.jobs(lead_id) == ["google_sheets", "lead_notice", "notification"]
    assert len(work.desk.audit()) == 1


def test_what_was_new_once_tells_nobody_again_when_it_is_released(work: "Work") -> None:
    lead_id = work.submit(email="hoa@example.test")
    for status in ("SPAM", "QUARANTINED"):
        assert work.patch(lead_id, status=status).status == 200
    assert work.do("release", lead_id).status == 200
    told = [job for job in work.jobs(lead_id) if job != "google_sheets"]
    assert told == ["lead_notice", "notification"]


def test_a_quotation_is_mailed_on_release(work: "Work") -> None:
    category = work.api.call("GET", "/service-categories").json["items"][0]["id"]
    quote = {"kind": "calculator", "categoryId": category, "area": 9, "materialIds": []}
    lead_id = work.held(email="hoa@example.test", source="QUOTE_FORM", quote=quote)
    work.do("release", lead_id)
    assert work.jobs(lead_id) == ["google_sheets", "lead_notice", "quotation"]


def test_a_rejected_lead_is_spam_and_causes_nothing(work: "Work") -> None:
    lead_id = work.held(email="hoa@example.test")
    answer = work.do("reject", lead_id)
    assert (answer.status, answer.json["status"]) == (200, "SPAM")
    assert work.jobs(lead_id) == []
    assert work.staff_events(lead_id) == [
        ("changed", "lead.rejected by a person (MANAGER): status QUARANTINED → SPAM")
    ]
    assert work.do("release", lead_id).status == work.do("reject", lead_id).status == 409
    assert work.patch(lead_id, status="QUARANTINED").json["status"] == "QUARANTINED"
    assert work.jobs(lead_id) == []
    assert work.do("release", lead_id).json["status"] == "NEW"
    assert work.jobs(lead_id) == ["google_sheets", "lead_notice", "notification"]


@pytest.mark.parametrize("verb", ["release", "reject"])
def test_only_what_is_held_back_can_be_released_or_rejected(work: "Work", verb: str) -> None:
    lead_id = work.submit()
    for status in ("NEW", "CONTACTED"):
        work.patch(lead_id, status=status)
        answer = work.do(verb, lead_id)
        assert (answer.status, answer.json["code"]) == (409, "CONFLICT")
        assert status in answer.json["detail"]
    assert work.get(lead_id)["status"] == "CONTACTED"


def test_what_comes_after_a_release_joins_it_and_the_same_ask_is_not_mailed_again(work: "Work") -> None:
    lead_id = work.held(email="hoa@example.test")
    work.do("release", lead_id)
    again = work.submit(email="hoa@example.test")
    other = work.submit(email="other@example.test")
    assert work.get(again)["id"] == work.get(other)["id"] == lead_id
    assert work.get(lead_id)["submissionCount"] == 3
    assert (work.jobs(again), work.jobs(other)) == ([], ["notification"])


def test_a_released_lead_stands_beside_one_that_was_open_already(work: "Work") -> None:
    """It was looked at as a lead of its own; what comes next joins the one that was there first."""
    held = work.held()
    open_lead = work.submit()
    work.do("release", held)
    assert work.get(held)["id"] == held
    assert work.get(work.submit())["id"] == open_lead
