"""`POST /admin/sheets/backfill`: every lead's row again, in calls of 100, whatever happens on the way."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import Faults, FrozenClock, Ledger
from tests.product.log_lines import events

if TYPE_CHECKING:
    from tests.product.sheet_fixtures import Sheet
    from tests.product.sheet_runs_fixtures import Runs

pytest_plugins = ("tests.product.sheet_runs_fixtures",)


class Killed(BaseException):
    """The worker's process ends here."""


def _stored(sheet: "Sheet", count: int) -> list[str]:
    """Leads that nobody has asked to be written."""
    leads = sheet.store_leads(count)
    sheet.ledger.rows("DELETE FROM jobs")
    return leads


@pytest.mark.proves("P27")
def test_ten_thousand_leads_are_a_hundred_calls_and_ten_thousand_rows(
    runs: "Runs", sheet: "Sheet", capsys: pytest.CaptureFixture[str]
) -> None:
    """P27: ceil(N/100) write calls, one after the other, each told as a batch of so many."""
    leads = _stored(sheet, 10_000)
    run_id = runs.start("backfill")
    while runs.see(run_id)["state"] != "done":
        runs.work(for_s=60)
    assert sheet.batch_sizes() == [100] * 100
    assert set(sheet.contents()) == set(leads)
    run = runs.see(run_id)
    assert (run["done"], run["total"], run["refused"]) == (10_000, 10_000, 0)
    told = [(line["batch"], line["total"]) for line in events(capsys, "sheets.batch")]
    assert told == [(number, 100) for number in range(1, 101)]


def test_it_says_how_far_it_is_and_goes_on_where_a_killed_worker_was(
    runs: "Runs", sheet: "Sheet", clock: FrozenClock
) -> None:
    leads = _stored(sheet, 450)
    run_id = runs.start("backfill")
    assert runs.see(run_id)["state"] == "queued"
    calls = 0

    def kill_in_the_third(name: str, rows: Any, call: Any) -> Any:
        nonlocal calls
        answer = call()
        calls += name == "write" and len(rows) > 1
        if calls == 3:
            raise Killed  # Google has written it, and nobody hears of it
        return answer

    with pytest.raises(Killed):
        runs.work(kill_in_the_third)
    seen = runs.see(run_id)
    assert (seen["state"], seen["done"], seen["total"]) == ("running", 200, 450)
    clock.advance(56)  # the lease of the job is over
    runs.work()
    sheet.settle(sheet.sync())
    assert (runs.see(run_id)["state"], runs.see(run_id)["done"]) == ("done", 450)
    assert set(sheet.contents()) == set(leads)


def test_an_invocation_without_time_hands_over_to_the_next(runs: "Runs", sheet: "Sheet") -> None:
    from chalicelib.platform import deadline  # noqa: PLC0415

    leads = _stored(sheet, 250)
    run_id = runs.start("backfill")

    def slow(name: str, rows: Any, call: Any) -> Any:
        if name == "write" and len(rows) > 1:  # as if it had taken 25 s
            deadline._ends_at.set((deadline._ends_at.get() or 0) - 25)
        return call()

    seen = []
    for _ in range(4):
        runs.work(slow)
        seen.append(runs.see(run_id)["done"])
    assert seen == [100, 200, 250, 250]
    assert runs.see(run_id)["state"] == "done"
    assert set(sheet.contents()) == set(leads)
    assert {job["state"] for job in sheet.jobs()} == {"done"}


def test_while_google_is_away_it_stays_running_and_then_finishes(
    runs: "Runs", sheet: "Sheet", clock: FrozenClock, faults: Faults
) -> None:
    leads = _stored(sheet, 120)
    faults.set("sheets", "error", status=503)
    run_id = runs.start("backfill")
    for _ in range(8):
        runs.work()
        assert runs.see(run_id)["state"] == "running"
        clock.advance(31)
    assert {job["attempts"] for job in sheet.jobs()} == {0}
    faults.mend()
    for _ in range(3):
        clock.advance(61)
        runs.work()
    sheet.settle(sheet.sync())
    assert runs.see(run_id)["state"] == "done"
    assert set(sheet.contents()) == set(leads)


def test_new_leads_come_first(runs: "Runs", sheet: "Sheet", clock: FrozenClock) -> None:
    _stored(sheet, 300)
    run_id = runs.start("backfill")
    fresh: list[str] = []

    def one_comes_in(name: str, rows: Any, call: Any) -> Any:
        if name == "write" and len(rows) == 100 and not fresh:
            clock.advance(1)
            fresh.extend(sheet.store_leads(1))
        return call()

    runs.work(one_comes_in)
    assert runs.see(run_id)["state"] == "done"
    assert sheet.batch_sizes() == [100, 1, 100, 100]


def test_what_does_not_belong_there_is_not_written(runs: "Runs", sheet: "Sheet", ledger: Ledger) -> None:
    leads = _stored(sheet, 4)
    ledger.rows("UPDATE leads SET status = 'QUARANTINED' WHERE id = %s", leads[0])
    ledger.rows("UPDATE leads SET status = 'SPAM' WHERE id = %s", leads[1])
    ledger.rows("UPDATE leads SET merged_into = %s WHERE id = %s", leads[3], leads[2])
    run = runs.run("backfill")
    assert (run["done"], run["total"]) == (1, 1)
    assert set(sheet.contents()) == {leads[3]}


def test_a_second_request_is_the_run_that_is_under_way_and_only_one_is_audited(
    runs: "Runs", sheet: "Sheet"
) -> None:
    _stored(sheet, 1)
    first = runs.start("backfill")
    assert runs.start("backfill") == first
    assert [entry["action"] for entry in runs.desk.audit()] == ["sheet.backfill_started"]
    runs.work()
    assert runs.start("backfill") != first


def test_a_run_whose_job_is_dead_has_failed_and_another_may_begin(
    runs: "Runs", sheet: "Sheet", ledger: Ledger
) -> None:
    leads = _stored(sheet, 3)
    first = runs.start("backfill")
    ledger.rows("UPDATE jobs SET state = 'dead', reason = 'deferred for 24 h: throttled'")
    seen = runs.see(first)
    assert (seen["state"], seen["reason"]) == ("failed", "deferred for 24 h: throttled")
    second = runs.start("backfill")
    assert second != first
    ledger.rows("UPDATE jobs SET state = 'waiting' WHERE state = 'dead'")  # redriven, after all
    runs.work()
    assert (runs.see(first)["state"], runs.see(second)["state"]) == ("failed", "done")
    assert set(sheet.contents()) == set(leads)
    assert {run["id"] for run in runs.desk.get("/admin/sheets/runs")["items"]} == {first, second}


@pytest.mark.parametrize("kind", ["backfill", "reconcile", "adopt"])
def test_a_full_queue_refuses(runs: "Runs", sheet: "Sheet", kind: str) -> None:
    from chalicelib.jobs import room  # noqa: PLC0415

    sheet.store_leads(5_000)
    room._known.clear()
    answer = runs.desk.call("POST", f"/admin/sheets/{kind}")
    room._known.clear()
    assert (answer.status, answer.json["code"]) == (503, "QUEUE_FULL")
    assert int(answer.headers["Retry-After"]) >= 1
    assert runs.desk.audit() == []
