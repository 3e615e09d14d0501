"""A lead's status, assignment and notes, as staff change them."""

import json
import uuid
from typing import TYPE_CHECKING

import pytest

from tests.product.conftest import Ledger
from tests.product.desk_samples import LEAD, PERSONAL

if TYPE_CHECKING:
    from tests.product.desk_fixtures import Work
    from tests.product.sheet_fixtures import Sheet

pytest_plugins = (
    "tests.product.staff_fixtures",
    "tests.product.desk_fixtures",
    "tests.product.sheet_fixtures",
)
STATUSES = ("NEW", "CONTACTED", "CONVERTED", "CANCELLED", "QUARANTINED", "SPAM")
# From where to where a person may move a lead; everything else is a conflict.
ALLOWED = {
    ("NEW", "CONTACTED"), ("NEW", "CONVERTED"), ("NEW", "CANCELLED"), ("NEW", "SPAM"),
    ("CONTACTED", "CONVERTED"), ("CONTACTED", "CANCELLED"),
    ("CONVERTED", "CONTACTED"), ("CONVERTED", "CANCELLED"),
    ("CANCELLED", "CONTACTED"), ("CANCELLED", "CONVERTED"),
    ("SPAM", "QUARANTINED"),
}  # fmt: skip


def test_a_change_is_kept_with_who_when_from_and_to(work: "Work") -> None:
    lead_id, manager = work.submit(), str(work.desk.ids["MANAGER"])
    work.clock.advance(60)
    at = work.clock.now()
    answer = work.patch(lead_id, status="CONTACTED", assignedTo=manager, note="Sẽ gọi lại sau năm giờ.")
    assert answer.status == 200, answer.body
    found = answer.json
    assert found == work.get(lead_id)
    assert (found["status"], found["assignedTo"]) == ("CONTACTED", manager)
    who = {"id": manager, "email": "manager@plumbline.test", "role": "MANAGER"}
    (change,) = found["statusHistory"]
    assert (change["by"], change["from"], change["to"]) == (who, "NEW", "CONTACTED")
    assert set(change) == {"at", "by", "from", "to"}
    assert at.isoformat(timespec="milliseconds").startswith(change["at"][:-1])
    (note,) = found["notes"]
    assert (note["by"], note["text"], note["at"]) == (who, "Sẽ gọi lại sau năm giờ.", change["at"])
    assert found["firstContactAt"] == change["at"]
    (item,) = work.desk.get("/admin/leads")["items"]
    assert (item["status"], item["assignedTo"]) == ("CONTACTED", manager)


def test_it_is_audited_by_the_names_of_fields_and_told_by_the_journey(work: "Work") -> None:
    lead_id, manager = work.submit(email="hoa@example.test"), str(work.desk.ids["MANAGER"])
    work.patch(lead_id, status="CONTACTED", assignedTo=manager, note="Chị Hoa muốn gọi lại sau năm giờ.")
    (entry,) = work.desk.audit()
    assert (entry["action"], entry["target"]) == ("lead.changed", f"leads/{lead_id}")
    assert entry["before"] == {"status": "NEW", "assignedTo": None}
    assert entry["after"] == {"status": "CONTACTED", "assignedTo": manager, "notes": "one more"}
    changes = f"assignedTo nobody → {manager}, notes one more, status NEW → CONTACTED"
    assert work.staff_events(lead_id) == [("changed", f"lead.changed by a person (MANAGER): {changes}")]


def test_nothing_personal_leaves_by_audit_jobs_journey_or_log(
    work: "Work", capsys: pytest.CaptureFixture[str]
) -> None:
    first = work.submit(email="hoa@example.test")
    other = work.submit(email="hoa@example.test", phone="0987 654 321")
    held = work.held(email="hoa@example.test", phone="0987 654 322")
    work.patch(first, status="CONTACTED", note="Chị Hoa muốn gọi lại sau năm giờ.")
    for verb, lead_id, body in (
        ("merge", first, {"otherId": other}),
        ("release", held, None),
        ("erase", first, None),
    ):
        assert work.do(verb, lead_id, body).status == 200
    out = capsys.readouterr()
    kept = [
        json.dumps(work.ledger.rows(f"SELECT to_jsonb(kept) AS row FROM {table} AS kept"), ensure_ascii=False)  # noqa: S608  names
        for table in ("audit_log", "jobs", "job_events", "alerts", "erasures")
    ]
    journey = json.dumps(work.desk.get(f"{LEAD}/timeline", id=first), ensure_ascii=False)
    for secret in PERSONAL:
        assert secret not in journey
        assert not any(secret in text.replace('"ip": "203.0.113.7"', "") for text in kept)
        assert secret == "203.0.113.7" or secret not in out.out + out.err


@pytest.mark.parametrize("present", STATUSES)
def test_a_lead_goes_the_ways_there_are_and_no_other(work: "Work", present: str) -> None:
    lead_id = work.submit()
    for wanted in STATUSES:
        work.ledger.rows("UPDATE leads SET status = %s WHERE id = %s", present, lead_id)
        answer = work.patch(lead_id, status=wanted)
        if wanted == present or (present, wanted) in ALLOWED:
            assert (answer.status, answer.json["status"]) == (200, wanted)
        else:
            assert (answer.status, answer.json["code"]) == (409, "CONFLICT"), f"{present} → {wanted}"
            assert work.get(lead_id)["status"] == present
    moves = work.ledger.rows("SELECT from_status, to_status FROM lead_status_changes")
    assert {tuple(move.values()) for move in moves} == {way for way in ALLOWED if way[0] == present}


def test_a_change_that_changes_nothing_leaves_no_trace(work: "Work") -> None:
    lead_id, manager = work.submit(), str(work.desk.ids["MANAGER"])
    work.patch(lead_id, status="CONTACTED", assignedTo=manager)
    before = work.get(lead_id), work.jobs(lead_id), len(work.desk.audit())
    for body in ({}, {"status": "CONTACTED"}, {"assignedTo": manager}, {"status": None, "note": None}):
        assert work.patch(lead_id, **body).status == 200
    assert (work.get(lead_id), work.jobs(lead_id), len(work.desk.audit())) == before


def test_the_first_contact_is_noted_once(work: "Work") -> None:
    lead_id = work.submit()
    assert work.patch(lead_id, status="CANCELLED").json["firstContactAt"] is None
    work.clock.advance(60)
    first = work.patch(lead_id, status="CONVERTED").json["firstContactAt"]
    work.clock.advance(60)
    assert work.patch(lead_id, status="CONTACTED").json["firstContactAt"] == first
    assert first is not None


def test_a_lead_is_given_to_staff_only_and_taken_back(work: "Work") -> None:
    lead_id = work.submit()
    unconfirmed = work.desk.account("MANAGER", confirmed_at=None)
    for nobody in (work.desk.ids["CONTRACTOR"], work.desk.ids["HOMEOWNER"], unconfirmed, uuid.uuid4()):
        answer = work.patch(lead_id, assignedTo=str(nobody), status="CONTACTED")
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/assignedTo")
        assert "manager" in answer.json["errors"][0]["detail"]
    found = work.get(lead_id)
    assert (found["assignedTo"], found["status"], found["statusHistory"]) == (None, "NEW", [])
    for role in ("MANAGER", "ADMIN"):
        assert work.patch(lead_id, assignedTo=str(work.desk.ids[role])).status == 200
    assert work.patch(lead_id, assignedTo=None).json["assignedTo"] is None


def test_who_is_gone_has_no_leads_and_their_words_stand(work: "Work") -> None:
    lead_id, manager = work.submit(), work.desk.ids["MANAGER"]
    work.patch(lead_id, status="CONTACTED", assignedTo=str(manager), note="Đã gọi.")
    assert work.desk.call("DELETE", "/me").status == 204
    found = work.desk.get(LEAD, id=lead_id, role="ADMIN")
    assert found["assignedTo"] is None
    who = {"id": str(manager), "email": None, "role": "MANAGER"}
    assert [found["notes"][0]["by"], found["statusHistory"][0]["by"]] == [who, who]


@pytest.mark.parametrize(
    "body",
    [
        {"status": "new"}, {"status": 1}, {"assignedTo": "x"}, {"note": ""}, {"note": "  "},
        {"note": "a" * 2001}, {"note": 1}, {"name": "Hoa"}, {"note": "a\x00"},
    ],
)  # fmt: skip
def test_a_body_that_means_nothing_is_refused(work: "Work", body: dict[str, object]) -> None:
    answer = work.patch(work.submit(), **body)
    assert (answer.status, answer.json["code"]) == (422, "VALIDATION_ERROR")


def test_the_row_in_the_sheet_says_what_staff_say(work: "Work", sheet: "Sheet") -> None:
    lead_id, sync = work.submit(), sheet.sync()
    sheet.drain(sync)
    work.patch(lead_id, status="CONTACTED")
    sheet.drain(sync)
    assert [row[:3:2] for row in sheet.rows()[1:]] == [[lead_id, "CONTACTED"]]


def test_what_is_done_to_a_merged_submission_is_done_to_its_lead(work: "Work") -> None:
    first = work.submit()
    second = work.submit()
    assert work.patch(second, status="CONTACTED").json["id"] == first
    assert work.get(first)["status"] == "CONTACTED"


def test_nothing_joins_a_lead_that_is_not_new_any_more(work: "Work") -> None:
    first = work.submit()
    work.patch(first, status="CONTACTED")
    later = work.submit()
    assert work.get(later)["id"] == later
    assert work.get(first)["submissionCount"] == 1


def test_changes_made_at_once_are_all_kept_and_one_goes_by_the_other(work: "Work", ledger: Ledger) -> None:
    lead_id = work.submit()
    notes = [lambda n=n: work.patch(lead_id, note=f"Lời {n}") for n in range(6)]
    ways = [
        lambda: work.patch(lead_id, status="SPAM"),
        lambda: work.patch(lead_id, status="CONTACTED"),
    ]
    statuses = work.at_once(*notes, *ways)
    assert statuses[:6] == [200] * 6
    assert sorted(statuses[6:]) == [200, 409], "whoever comes second meets what the first made of it"
    found = work.get(lead_id)
    assert {note["text"] for note in found["notes"]} == {f"Lời {n}" for n in range(6)}
    assert [change["to"] for change in found["statusHistory"]] == [found["status"]]
    assert len(ledger.rows("SELECT 1 FROM audit_log")) == 7


@pytest.mark.parametrize("verb", ["release", "reject", "erase", "merge"])
def test_what_is_no_lead_cannot_be_worked_on(work: "Work", verb: str) -> None:
    body = {"otherId": work.submit()} if verb == "merge" else None
    for lead_id in (str(uuid.uuid4()), "x"):
        assert work.do(verb, lead_id, body).status == 404
        assert work.patch(lead_id, status="CONTACTED").status == 404
    assert work.desk.audit() == []
