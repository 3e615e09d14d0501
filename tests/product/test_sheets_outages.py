"""When the sheet cannot be written: jobs wait for free, Google is left in peace, and people are told once."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import Faults, FrozenClock
from tests.product.log_lines import events

if TYPE_CHECKING:
    from tests.product.sheet_fixtures import Sheet

pytest_plugins = ("tests.product.sheet_fixtures",)


def _waits_s(sheet: "Sheet") -> set[float]:
    now = sheet.clock.now()
    return {(job["due_at"] - now).total_seconds() for job in sheet.jobs() if job["state"] == "deferred"}


def _attempts(sheet: "Sheet") -> set[int]:
    return {job["attempts"] for job in sheet.jobs()}


def _fail_until_open(sheet: "Sheet", sync: Any) -> None:
    """Five runs that Google answers with 503; the first of them stored no lead, so five calls it is."""
    sheet.faults.set("sheets", "error", status=503)
    for _ in range(5):
        sheet.drain(sync)
        sheet.clock.advance(16)
    assert sync.breaker.state() == "open"


@pytest.mark.proves("P17")
def test_while_the_circuit_is_open_no_call_reaches_google_and_jobs_wait_for_free(
    sheet: "Sheet", clock: FrozenClock, faults: Faults
) -> None:
    """P17: five failures in a row, then nothing for 30 s, although Google would answer by now."""
    leads, sync = sheet.store_leads(150), sheet.sync()
    _fail_until_open(sheet, sync)
    faults.mend()
    seen = len(sheet.calls())
    assert seen == 5
    sheet.ledger.rows("UPDATE jobs SET due_at = %s", clock.now())
    for _ in range(3):
        sheet.drain(sheet.sync())
        sheet.drain(sync)
    assert len(sheet.calls()) == seen
    assert sheet.states() == {"deferred": 150}
    assert _attempts(sheet) == {0}
    assert {job["reason"] for job in sheet.jobs()} == {"SERVICE_UNAVAILABLE"}
    assert _waits_s(sheet) == {14}  # till the end of the pause that began 16 s ago
    clock.advance(14)
    sheet.drain(sync)
    assert sync.breaker.state() == "closed"
    assert sorted(sheet.contents()) == sorted(leads)
    assert _attempts(sheet) == {1}


@pytest.mark.proves("P18")
def test_after_the_pause_one_trial_is_made_and_its_failure_brings_another_pause(
    sheet: "Sheet", clock: FrozenClock, faults: Faults
) -> None:
    """P18: one call every 30 s, whoever drains and however often, until one succeeds."""
    sheet.store_leads(150)
    sync = sheet.sync()
    _fail_until_open(sheet, sync)
    for pause in range(1, 4):
        clock.advance(30)
        for _ in range(4):
            sheet.ledger.rows("UPDATE jobs SET due_at = %s", clock.now())
            sheet.drain(sheet.sync())
        assert len(sheet.calls()) == 5 + pause
    faults.mend()
    clock.advance(30)
    sheet.drain(sync)
    assert sheet.states() == {"done": 150}
    assert _attempts(sheet) == {1}


def test_four_failures_and_a_success_leave_the_circuit_closed(
    sheet: "Sheet", clock: FrozenClock, faults: Faults
) -> None:
    sheet.store_leads(1)
    sync = sheet.sync()
    for _ in range(2):
        faults.set("sheets", "error", status=500)
        for _ in range(4):
            sheet.drain(sync)
            clock.advance(16)
        faults.mend()
        sheet.drain(sync)
        assert sync.breaker.state() == "closed"
        sheet.store_leads(1)


@pytest.mark.parametrize(
    "fault",
    [
        {"mode": "error", "status": 500},
        {"mode": "error", "status": 503},
        {"mode": "refuse"},
        {"mode": "reset"},
        {"mode": "timeout"},
        {"mode": "commit-then-timeout"},
        {"mode": "error", "status": 401},
    ],
    ids=str,
)
def test_no_answer_and_any_5xx_defer_without_spending_an_attempt(
    sheet: "Sheet", faults: Faults, clock: FrozenClock, fault: dict[str, Any]
) -> None:
    leads, sync = sheet.store_leads(3), sheet.sync(timeout_s=0.2)
    faults.set("sheets", **fault)
    sheet.drain(sync)
    assert (sheet.states(), _attempts(sheet), _waits_s(sheet)) == ({"deferred": 3}, {0}, {15})
    faults.mend()
    clock.advance(15)
    sheet.drain(sheet.sync())
    assert sorted(sheet.contents()) == sorted(leads)
    assert _attempts(sheet) == {1}


def test_an_hour_of_outage_drains_within_five_minutes_and_kills_nothing(
    sheet: "Sheet", clock: FrozenClock, faults: Faults
) -> None:
    sync, begin = sheet.sync(), clock.now()
    faults.set("sheets", "error", status=503)
    while (clock.now() - begin).total_seconds() < 3600:
        sheet.store_leads(5)
        sheet.drain(sync)
        clock.advance(60)
    faults.mend()
    end = clock.now()
    while "done" not in sheet.states() or len(sheet.states()) > 1:
        assert (clock.now() - end).total_seconds() < 300
        sheet.drain(sync)
        clock.advance(10)
    assert sheet.states() == {"done": 300}
    assert len(sheet.contents()) == 300
    assert _attempts(sheet) == {1}
    assert sheet.alerts("job_dead") == 0


def test_a_job_that_waited_for_24_hours_is_dead_and_says_why(
    sheet: "Sheet", clock: FrozenClock, faults: Faults
) -> None:
    sheet.store_leads(1)
    sync = sheet.sync()
    faults.set("sheets", "error", status=503)
    sheet.drain(sync)
    clock.advance(24 * 3600 - 1)
    sheet.drain(sync)
    assert sheet.states() == {"deferred": 1}
    clock.advance(60)
    sheet.drain(sync)
    assert sheet.states() == {"dead": 1}
    assert sheet.jobs()[0]["reason"].startswith("deferred for 24 h: ")


def test_throttling_waits_for_the_next_minutes_quota(
    sheet: "Sheet", clock: FrozenClock, faults: Faults
) -> None:
    leads, sync = sheet.store_leads(150), sheet.sync()
    clock.advance(20)  # 25 s past the minute
    faults.set("sheets", "error", status=429)
    sheet.drain(sync)
    assert len(sheet.calls()) == 1  # not one for each batch
    faults.mend()
    assert (sheet.states(), _attempts(sheet), _waits_s(sheet)) == ({"deferred": 150}, {0}, {36})
    assert sync.breaker.state() == "closed"
    assert sheet.alerts("sheet_broken") == 0
    clock.advance(36)
    sheet.drain(sync)
    assert sorted(sheet.contents()) == sorted(leads)


def test_throttling_however_often_is_no_failure_of_the_service(
    sheet: "Sheet", clock: FrozenClock, faults: Faults
) -> None:
    sheet.store_leads(1)
    sync = sheet.sync()
    faults.set("sheets", "error", status=429)
    for _ in range(10):
        sheet.drain(sync)
        clock.advance(61)
    assert len(sheet.calls()) == 10
    assert sync.breaker.state() == "closed"


def test_a_sheet_that_is_not_shared_with_us_defers_and_alerts_once_a_window(
    sheet: "Sheet", clock: FrozenClock
) -> None:
    sync = sheet.sync()
    sheet.store_leads(1)
    sheet.drain(sync)
    sheet.create(permission=False)
    leads = sheet.store_leads(100)
    seen = len(sheet.calls())
    for runs in range(1, 4):
        sheet.drain(sync)
        assert [call["status"] for call in sheet.calls()[seen:]] == [403] * runs  # never bisected
        clock.advance(61)
    assert sheet.alerts("sheet_broken") == 1
    clock.advance(900)
    sheet.drain(sync)
    assert sheet.alerts("sheet_broken") == 2
    assert {job["attempts"] for job in sheet.jobs() if job["lead"] in leads} == {0}
    sheet.create(permission=True)
    clock.advance(61)
    sheet.drain(sync)
    assert sheet.states() == {"done": 101}


def test_a_spreadsheet_that_does_not_exist_defers_and_alerts_once(sheet: "Sheet", clock: FrozenClock) -> None:
    sheet.id += "-nowhere"
    leads, sync = sheet.store_leads(2), sheet.sync()
    for _ in range(3):
        sheet.drain(sync)
        clock.advance(61)
    assert (sheet.states(), _attempts(sheet)) == ({"deferred": 2}, {0})
    assert sheet.alerts("sheet_broken") == 1
    sheet.create()
    sheet.drain(sync)
    assert sorted(sheet.contents()) == sorted(leads)


def test_a_tab_that_was_renamed_defers_and_alerts(sheet: "Sheet", clock: FrozenClock) -> None:
    sync = sheet.sync()
    sheet.store_leads(1)
    sheet.drain(sync)
    sheet.rename_tab("Leads of last year")
    sheet.store_leads(10)
    for _ in range(2):
        sheet.drain(sync)
        clock.advance(61)
    assert sheet.states() == {"done": 1, "deferred": 10}
    assert sheet.alerts("sheet_broken") >= 1
    sheet.rename_tab("Leads")
    sheet.drain(sync)
    assert sheet.states() == {"done": 11}


def test_a_busy_lock_defers_only_the_jobs_that_woke_this_run(
    sheet: "Sheet", capsys: pytest.CaptureFixture[str]
) -> None:
    from chalicelib.resilience.lock import held  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    sheet.store_leads(5)
    named = [job["id"] for job in sheet.jobs()[:2]]
    sync = sheet.sync()
    with held(valkey(), f"sheets:{sheet.id}"):
        begin = sheet.clock.now()
        sheet.drain(sync, woken_by=named)
        assert 5 <= (sheet.clock.now() - begin).total_seconds() < 6
    assert {job["id"] for job in sheet.jobs() if job["state"] == "deferred"} == set(named)
    assert sheet.states() == {"deferred": 2, "waiting": 3}
    assert {job["reason"] for job in sheet.jobs()} == {"LOCK_TIMEOUT", None}
    assert [line["jobs"] for line in events(capsys, "sheets.deferred")] == [2]
    assert (sheet.calls(), _attempts(sheet), _waits_s(sheet)) == ([], {0}, {5})
    sheet.clock.advance(5)
    sheet.drain(sync)
    assert sheet.states() == {"done": 5}


@pytest.mark.parametrize("mode", ["refuse", "timeout", "flush"])
def test_without_valkey_the_fence_alone_keeps_the_sheet_right(
    sheet: "Sheet", faults: Faults, mode: str
) -> None:
    sync = sheet.sync()
    leads = sheet.store_leads(150)
    faults.set("redis", mode)
    sheet.drain(sync)
    faults.mend()
    assert sorted(sheet.contents()) == sorted(leads)
    assert sheet.states() == {"done": 150}
