"""Two leads that staff make one: nothing of either is lost, and no row of the sheet is."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

import psycopg

from tests.product.conftest import Ledger

if TYPE_CHECKING:
    from tests.product.desk_fixtures import Work
    from tests.product.sheet_fixtures import Sheet

pytest_plugins = (
    "tests.product.staff_fixtures",
    "tests.product.desk_fixtures",
    "tests.product.sheet_fixtures",
)


def test_the_other_joins_with_all_its_submissions_and_notes(work: "Work") -> None:
    other = work.submit(phone="0987 654 321")
    joined = work.submit(phone="0987 654 321", content="Thêm phòng tắm nữa nhé.")
    lead_id = work.submit()
    work.patch(other, note="Đã gọi một lần.", assignedTo=str(work.desk.ids["ADMIN"]))
    work.patch(lead_id, note="Một người thôi.")
    answer = work.do("merge", lead_id, {"otherId": other})
    assert answer.status == 200, answer.body
    found = answer.json
    assert (found["id"], found["submissionCount"]) == (lead_id, 3)
    assert [each["id"] for each in found["submissions"]] == [other, joined, lead_id]
    assert [note["text"] for note in found["notes"]] == ["Đã gọi một lần.", "Một người thôi."]
    assert found["assignedTo"] == str(work.desk.ids["ADMIN"])
    assert work.get(other) == work.get(joined) == found
    assert [item["id"] for item in work.desk.get("/admin/leads")["items"]] == [lead_id]
    merges = [entry for entry in work.desk.audit() if entry["action"] == "lead.merged"]
    assert {entry["target"]: entry["after"] for entry in merges} == {
        f"leads/{lead_id}": {"joinedBy": other, "submissions": 2},
        f"leads/{other}": {"mergedInto": lead_id},
    }
    told = [event for event in work.staff_events(joined) if event[0] == "merged"]
    assert len(told) == 2
    events = work.desk.get("/admin/leads/{id}/timeline", id=lead_id)["events"]
    assert [event["status"] for event in events if event["kind"] == "lead"] == ["stored", "merged", "stored"]


def test_both_rows_stay_where_they_are_and_say_it(work: "Work", sheet: "Sheet") -> None:
    other, lead_id = work.submit(phone="0987 654 321"), work.submit()
    sync = sheet.sync()
    sheet.drain(sync)
    work.do("merge", lead_id, {"otherId": other})
    sheet.drain(sync)
    first, second = sheet.rows()[1:]
    assert [*first[:3], first[7]] == [other, "", "MERGED", f"see {lead_id}"]
    assert [cell for cell in first if cell] == [other, "MERGED", f"see {lead_id}"]
    assert (second[0], second[2], second[10]) == (lead_id, "NEW", "2")
    assert len(work.ledger.rows("SELECT 1 FROM sheet_rows")) == 2


def test_what_would_have_joined_the_other_joins_the_lead(work: "Work") -> None:
    other, lead_id = work.submit(phone="0987 654 321"), work.submit()
    work.do("merge", lead_id, {"otherId": other})
    assert work.get(work.submit(phone="0987 654 321"))["id"] == lead_id
    work.patch(lead_id, status="CONTACTED")
    later = work.submit(phone="0987 654 321")
    assert work.get(later)["id"] == later


def test_into_a_lead_that_was_contacted_nothing_joins_by_itself(work: "Work") -> None:
    other, lead_id = work.submit(phone="0987 654 321"), work.submit()
    work.patch(lead_id, status="CONTACTED")
    assert work.do("merge", lead_id, {"otherId": other}).json["status"] == "CONTACTED"
    later = work.submit(phone="0987 654 321")
    assert work.get(later)["id"] == later


def test_a_second_time_changes_nothing(work: "Work") -> None:
    other, lead_id = work.submit(phone="0987 654 321"), work.submit()
    work.do("merge", lead_id, {"otherId": other})
    before = work.get(lead_id), len(work.desk.audit()), work.jobs(lead_id)
    assert work.do("merge", lead_id, {"otherId": other}).status == 200
    assert work.do("merge", other, {"otherId": lead_id}).status == 200
    assert (work.get(lead_id), len(work.desk.audit()), work.jobs(lead_id)) == before


def test_what_cannot_be_merged_is_refused_with_a_sentence(work: "Work") -> None:
    lead_id, held, erased = work.submit(), work.held(phone="0987 654 321"), work.submit(phone="0987 654 322")
    work.do("erase", erased)
    for other in (lead_id, str(uuid.uuid4())):
        answer = work.do("merge", lead_id, {"otherId": other})
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/otherId")
    for other in (held, erased):
        for one, two in ((lead_id, other), (other, lead_id)):
            answer = work.do("merge", one, {"otherId": two})
            assert (answer.status, answer.json["code"]) == (409, "CONFLICT")
    for body in ({}, {"otherId": "x"}, {"otherId": held, "x": 1}):
        assert work.do("merge", lead_id, body).status == 422
    assert work.get(lead_id)["submissionCount"] == 1


def test_merging_and_changing_at_once_lose_nothing(work: "Work") -> None:
    for number in range(5):
        other = work.submit(phone=f"0987 654 32{number}")
        lead_id = work.submit(phone=f"0912 345 67{number}")
        statuses = work.at_once(
            lambda: work.do("merge", lead_id, {"otherId": other}),  # noqa: B023  done within the round
            lambda: work.patch(other, note="Một."),  # noqa: B023
            lambda: work.patch(lead_id, note="Hai."),  # noqa: B023
            lambda: work.patch(other, status="CONTACTED"),  # noqa: B023
        )
        assert statuses == [200] * 4
        found = work.get(other)
        assert (found["id"], found["submissionCount"]) == (lead_id, 2)
        assert {note["text"] for note in found["notes"]} == {"Một.", "Hai."}
        moved = work.ledger.rows(
            "SELECT 1 FROM lead_status_changes WHERE lead_id IN (%s, %s)", other, lead_id
        )
        assert len(moved) == 1
        assert work.ledger.rows(
            "SELECT 1 FROM leads AS lead JOIN leads AS upper ON upper.id = lead.merged_into"
            " WHERE upper.merged_into IS NOT NULL"
        ) == []  # fmt: skip


def test_a_change_that_waits_for_a_merge_goes_on_to_the_lead_that_it_made(
    work: "Work", ledger: Ledger
) -> None:
    other, lead_id = work.submit(phone="0987 654 321"), work.submit()
    with (
        psycopg.connect(ledger.url) as merge,
        ThreadPoolExecutor(1) as threads,
    ):
        merge.execute("UPDATE leads SET merged_into = %s, merged_at = now() WHERE id = %s", [lead_id, other])
        change = threads.submit(work.patch, other, status="CONTACTED", note="Một.")
        while not ledger.rows("SELECT 1 FROM pg_locks WHERE NOT granted"):
            Event().wait(0.01)
        merge.commit()
        assert change.result().json["id"] == lead_id
    assert work.get(lead_id)["status"] == "CONTACTED"
    assert ledger.rows("SELECT 1 FROM lead_notes WHERE lead_id = %s", lead_id) != []


def test_two_that_are_merged_into_each_other_at_once_are_one(work: "Work") -> None:
    for number in range(5):
        one = work.submit(phone=f"0987 654 32{number}")
        two = work.submit(phone=f"0912 345 67{number}")
        statuses = work.at_once(
            lambda: work.do("merge", one, {"otherId": two}),  # noqa: B023  done within the round
            lambda: work.do("merge", two, {"otherId": one}),  # noqa: B023
        )
        assert statuses == [200, 200]
        assert work.get(one) == work.get(two)
        assert work.get(one)["submissionCount"] == 2
