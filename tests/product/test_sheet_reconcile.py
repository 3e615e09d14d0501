"""`POST /admin/sheets/reconcile`: what people did to the sheet, and what follows from it."""

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import Faults, FrozenClock, Ledger

if TYPE_CHECKING:
    from tests.product.sheet_fixtures import Sheet
    from tests.product.sheet_runs_fixtures import Runs

pytest_plugins = ("tests.product.sheet_runs_fixtures",)
COUNTS = ("missing", "foreign", "moved", "doubled")


def _written(sheet: "Sheet", count: int) -> list[str]:
    """Leads that stand in the sheet, in rows from 2 on, in this order."""
    sheet.store_leads(count)
    sheet.drain(sheet.sync())
    return [row[0] for row in sheet.rows()[1:]]


def _counts(run: dict[str, Any]) -> tuple[int, ...]:
    return tuple(run[name] for name in COUNTS)


def test_a_sheet_as_we_wrote_it_has_no_findings(runs: "Runs", sheet: "Sheet") -> None:
    _written(sheet, 30)
    run = runs.run("reconcile")
    assert (run["state"], run["done"], run["total"], run["findings"]) == ("done", 30, 30, [])
    assert _counts(run) == (0, 0, 0, 0)
    assert sheet.alerts("sheet_differs") == 0


def test_a_row_that_somebody_emptied_is_written_again_where_it_was(runs: "Runs", sheet: "Sheet") -> None:
    leads = _written(sheet, 5)
    sheet.overwrite(4, [""] * 13)
    run = runs.run("reconcile")
    assert _counts(run) == (1, 0, 0, 0)
    assert run["findings"] == [{"finding": "missing", "rowNumber": 4, "leadId": leads[2]}]
    sheet.drain(sheet.sync())
    assert [row[0] for row in sheet.rows()[1:]] == leads
    assert sheet.alerts("sheet_differs") == 1


def test_of_a_deleted_row_the_lead_comes_back_and_the_rest_is_ours_once_it_is_adopted(
    runs: "Runs", sheet: "Sheet"
) -> None:
    leads = _written(sheet, 6)
    sheet.delete_row(3)  # the second lead's; what was below has moved up
    run = runs.run("reconcile")
    assert _counts(run) == (1, 0, 4, 0)
    sheet.drain(sheet.sync())
    assert sorted(sheet.contents()) == sorted(leads)
    adopted = runs.run("adopt")
    assert adopted["moved"] == 4
    for lead in leads:
        sheet.touch(lead)
    sheet.ledger.rows("UPDATE leads SET content = 'changed'")
    sheet.drain(sheet.sync())
    assert {words for words, _ in sheet.contents().values()} == {"changed"}
    assert sorted(sheet.contents()) == sorted(leads)
    assert _counts(runs.run("reconcile")) == (0, 0, 0, 0)


def test_where_another_stands_a_missing_lead_goes_behind_the_others(runs: "Runs", sheet: "Sheet") -> None:
    leads = _written(sheet, 3)
    sheet.overwrite(3, ["mine now"])
    assert _counts(runs.run("reconcile")) == (1, 1, 0, 0)
    sheet.drain(sheet.sync())
    assert [row[0] for row in sheet.rows()[1:] if row] == [leads[0], "mine now", leads[2], leads[1]]
    assert _counts(runs.run("reconcile")) == (0, 1, 0, 0)


def test_an_inserted_row_moves_the_rest_and_new_leads_go_behind_them(runs: "Runs", sheet: "Sheet") -> None:
    leads = _written(sheet, 3)
    sheet.insert_row(2)
    assert _counts(runs.run("adopt")) == (0, 0, 3, 0)
    fresh = sheet.store_leads(1)
    sheet.drain(sheet.sync())
    assert [row[0] for row in sheet.rows()[1:] if row] == [*leads, *fresh]
    assert _counts(runs.run("reconcile")) == (0, 0, 0, 0)


def test_a_moved_row_that_somebody_put_back_is_ours_again(
    runs: "Runs", sheet: "Sheet", ledger: Ledger
) -> None:
    leads = _written(sheet, 2)
    rows = sheet.rows()[1:]
    sheet.overwrite(2, rows[1])
    sheet.overwrite(3, rows[0])
    assert _counts(runs.run("reconcile")) == (0, 0, 2, 0)
    sheet.overwrite(2, rows[0])
    sheet.overwrite(3, rows[1])
    run = runs.run("reconcile")
    assert [finding["finding"] for finding in run["findings"]] == ["back", "back"]
    ledger.rows("UPDATE leads SET content = 'changed'")
    sheet.drain(sheet.sync())
    assert {lead: words for lead, (words, _) in sheet.contents().items()} == dict.fromkeys(leads, "changed")


def test_rows_that_are_none_of_ours_and_copies_are_reported_and_left_alone(
    runs: "Runs", sheet: "Sheet"
) -> None:
    leads = _written(sheet, 2)
    stranger = str(uuid.uuid4())
    sheet.overwrite(10, ["call Mrs Hoa"])
    sheet.overwrite(11, [stranger])
    sheet.overwrite(12, [leads[0]])
    run = runs.run("reconcile")
    assert _counts(run) == (0, 2, 0, 1)
    found = {(each["finding"], each["rowNumber"], each["leadId"]) for each in run["findings"]}
    assert found == {("foreign", 10, None), ("foreign", 11, stranger), ("doubled", 12, leads[0])}
    sheet.drain(sheet.sync())
    assert [row[0] for row in sheet.rows() if row][-3:] == ["call Mrs Hoa", stranger, leads[0]]


def test_a_lead_that_no_job_will_write_is_asked_for(runs: "Runs", sheet: "Sheet", ledger: Ledger) -> None:
    (lost,) = sheet.store_leads(1)
    ledger.rows("DELETE FROM jobs")
    (waiting,) = sheet.store_leads(1)
    (held,) = sheet.store_leads(1)
    ledger.rows("UPDATE leads SET status = 'QUARANTINED' WHERE id = %s", held)
    ledger.rows("DELETE FROM jobs WHERE subject_id = %s", held)
    run = runs.run("reconcile")
    assert [finding["leadId"] for finding in run["findings"]] == [lost]
    sheet.drain(sheet.sync())
    assert sorted(sheet.contents()) == sorted([lost, waiting])


def test_it_waits_while_a_call_may_still_land(runs: "Runs", sheet: "Sheet", ledger: Ledger) -> None:
    from chalicelib.gateways.http import NoAnswer  # noqa: PLC0415

    def lose_the_answer(name: str, _: Any, call: Any) -> Any:
        answer = call()
        if name == "write":
            raise NoAnswer("lost")
        return answer

    leads = _written(sheet, 3)
    sheet.touch(leads[0])
    sheet.drain(sheet.sync(lose_the_answer))
    run_id = runs.start("reconcile")
    runs.work()
    assert runs.see(run_id)["state"] == "running"
    assert ledger.rows("SELECT 1 FROM sheet_findings") == []
    sheet.settle(sheet.sync())
    runs.work()
    assert (runs.see(run_id)["state"], _counts(runs.see(run_id))) == ("done", (0, 0, 0, 0))


@pytest.mark.parametrize("status", [429, 500])
def test_an_outage_spends_nothing(
    runs: "Runs", sheet: "Sheet", clock: FrozenClock, faults: Faults, status: int
) -> None:
    _written(sheet, 3)
    faults.set("sheets", "error", status=status)
    run_id = runs.start("reconcile")
    for _ in range(6):
        runs.work()
        clock.advance(61)
    assert runs.see(run_id)["state"] == "running"
    assert max(job["attempts"] for job in sheet.jobs() if job["state"] != "done") == 0
    faults.mend()
    clock.advance(61)
    runs.work()
    assert runs.see(run_id)["state"] == "done"


def test_a_holder_that_was_overtaken_draws_no_consequences(
    runs: "Runs", sheet: "Sheet", ledger: Ledger, clock: FrozenClock
) -> None:
    _written(sheet, 3)
    run_id = runs.start("reconcile")

    def overtake(name: str, _: Any, call: Any) -> Any:
        answer = call()
        if name == "ids_in":
            ledger.rows("UPDATE fences SET number = number + 1")
        return answer

    sheet.overwrite(2, [""] * 13)
    runs.work(overtake)
    assert (runs.see(run_id)["state"], ledger.rows("SELECT 1 FROM sheet_findings")) == ("running", [])
    clock.advance(2)
    runs.work()
    assert _counts(runs.see(run_id)) == (1, 0, 0, 0)


def test_the_schedule_begins_one_each_night(sheet: "Sheet", ledger: Ledger) -> None:
    from chalicelib.sheets import jobs  # noqa: PLC0415

    del sheet
    jobs.reconcile_nightly()
    jobs.reconcile_nightly()
    assert [row["kind"] for row in ledger.rows("SELECT kind FROM sheet_runs")] == ["reconcile"]


def test_the_connection_can_be_tested(runs: "Runs", faults: Faults) -> None:
    desk = runs.desk
    assert desk.call("POST", "/admin/sheets/check").json["ok"] is True
    faults.set("sheets", "error", status=403)
    answer = desk.call("POST", "/admin/sheets/check")
    assert (answer.status, answer.json["ok"]) == (200, False)
    assert "shared with us" in answer.json["problem"]
    faults.set("sheets", "error", status=500)
    found = [desk.call("POST", "/admin/sheets/check") for _ in range(6)]
    assert {(answer.status, answer.json["code"]) for answer in found} == {(503, "SERVICE_UNAVAILABLE")}
    faults.mend()
    refused = desk.call("POST", "/admin/sheets/check")  # the circuit is open by now
    assert (refused.status, refused.json["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert int(refused.headers["Retry-After"]) >= 1
