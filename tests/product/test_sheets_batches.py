"""Rows go to the sheet a hundred a call, below one header, in a grid that is grown in time."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.product.conftest import FrozenClock
from tests.product.log_lines import events
from tests.product.profiles import PROFILE

if TYPE_CHECKING:
    from tests.product.sheet_fixtures import Sheet

pytest_plugins = ("tests.product.sheet_fixtures",)
WRITE, GROW = "spreadsheets.values.batchUpdate", "spreadsheets.batchUpdate"


@pytest.mark.proves("P27")
@PROFILE
@given(count=st.one_of(st.integers(1, 9), st.integers(95, 105), st.integers(1, 250)))
@example(count=1)
@example(count=99)
@example(count=100)
@example(count=101)
@example(count=200)
@example(count=250)
def test_the_rows_of_one_run_go_out_a_hundred_a_call(sheet: "Sheet", count: int) -> None:
    """P27: N due rows make ceil(N/100) calls of up to 100, one after the other, each row once."""
    sheet = sheet.afresh()
    leads = sheet.store_leads(count)
    sheet.drain(sheet.sync())
    sizes = sheet.batch_sizes()
    assert sizes == [100] * (count // 100) + [count % 100] * (count % 100 > 0)
    assert sorted(sheet.contents()) == sorted(leads)
    assert sheet.states() == {"done": count}


@pytest.mark.proves("P27")
def test_the_calls_of_one_run_do_not_overlap(sheet: "Sheet") -> None:
    """P27: the next call begins when the one before has been answered."""
    under_way: list[str] = []
    most = 0

    def watch(name: str, _argument: object, call: object) -> object:
        nonlocal most
        under_way.append(name)
        most = max(most, len(under_way))
        try:
            return call()  # type: ignore[operator]
        finally:
            under_way.pop()

    sheet.store_leads(301)
    sheet.drain(sheet.sync(watch))
    assert sheet.batch_sizes() == [100, 100, 100, 1]
    assert most == 1


@pytest.mark.proves("P27")
def test_several_jobs_of_one_lead_are_one_row_and_never_an_empty_call(sheet: "Sheet") -> None:
    """P27: it is rows that are counted; a lead that was touched again before its run is written once."""
    for phone in (1, 2, 1, 1, 2):
        sheet.submit(phone, f"I would like to build number {phone}.")
    assert sheet.states() == {"waiting": 5}
    sheet.drain(sheet.sync())
    assert sheet.batch_sizes() == [2]
    assert sheet.states() == {"done": 5}
    assert sheet.contents() == sheet.wanted()


def test_progress_is_logged_as_batch_of_total(sheet: "Sheet", capsys: pytest.CaptureFixture[str]) -> None:
    sheet.store_leads(250)
    sheet.drain(sheet.sync())
    batches = [(line["batch"], line["total"]) for line in events(capsys, "sheets.batch")]
    assert batches == [(1, 3), (2, 3), (3, 3)]


def test_nothing_due_makes_no_call_at_all(sheet: "Sheet") -> None:
    sheet.drain(sheet.sync())
    assert sheet.calls() == []


def test_the_header_is_written_once_by_whoever_comes_first(sheet: "Sheet") -> None:
    from chalicelib.sheets.rules import HEADER  # noqa: PLC0415

    for _ in range(3):
        sheet.store_leads(2)
        sheet.drain(sheet.sync())  # another container each time
    headers = [call for call in sheet.calls() if call["ranges"] == ["'Leads'!A1:M1"]]
    assert len(headers) == 1
    assert sheet.rows()[0] == list(HEADER)
    assert len(sheet.rows()) == 7


def test_a_header_that_a_person_wrote_is_kept(sheet: "Sheet") -> None:
    sheet.overwrite(1, ["Mã", "Ngày"])
    sheet.store_leads(1)
    sheet.drain(sheet.sync())
    assert sheet.rows()[0] == ["Mã", "Ngày"]


def test_cells_are_sent_raw_so_that_google_computes_nothing(sheet: "Sheet") -> None:
    lead = sheet.submit(1, '=HYPERLINK("http://evil.example";"click")')
    sheet.drain(sheet.sync())
    assert {call["note"] for call in sheet.calls() if call["method"] == WRITE} == {"RAW"}
    assert sheet.contents()[lead] == ('\'=HYPERLINK("http://evil.example";"click")', "1")


def test_the_grid_is_grown_before_the_row_that_does_not_fit_in_it(sheet: "Sheet") -> None:
    sheet.resize(1000)
    sync = sheet.sync()
    sheet.store_leads(999)
    sheet.drain(sync)
    assert sheet.calls()[-1]["method"] == WRITE
    grown = [call for call in sheet.calls()[1:] if call["method"] == GROW]  # the first is the test's own
    assert grown == []
    sheet.store_leads(1)
    sheet.drain(sync)
    changes = [call["method"] for call in sheet.calls() if call["method"] in (GROW, WRITE)]
    assert changes[-2:] == [GROW, WRITE]
    assert {call["status"] for call in sheet.calls()} == {200}
    assert len(sheet.contents()) == 1000


def test_a_sheet_that_somebody_shrank_defers_the_whole_batch_and_is_grown(
    sheet: "Sheet", clock: FrozenClock
) -> None:
    sync = sheet.sync()
    sheet.store_leads(5)
    sheet.drain(sync)
    sheet.resize(6)
    sheet.store_leads(40)
    before = len(sheet.calls())
    sheet.drain(sync)
    assert [call["status"] for call in sheet.calls()[before:]] == [400]  # not bisected
    assert sheet.states() == {"done": 5, "deferred": 40}
    assert sheet.alerts("sheet_broken") == 1
    clock.advance(61)
    sheet.drain(sync)
    assert sheet.states() == {"done": 45}
    assert len(sheet.contents()) == 45
    assert {job["attempts"] for job in sheet.jobs()} == {1}


def test_a_row_that_was_cut_off_with_the_grid_does_not_hold_up_the_others(
    sheet: "Sheet", clock: FrozenClock
) -> None:
    sync = sheet.sync()
    kept, cut_off = sheet.submit(1, "I stand in row two."), sheet.submit(2, "I stand in row three.")
    sheet.drain(sync)
    sheet.resize(2)
    sheet.submit(2, "I have changed my mind.")
    fresh = sheet.submit(3, "I come after the cut.")
    for _ in range(2):
        clock.advance(61)
        sheet.drain(sync)
    assert sorted(sheet.contents()) == sorted([kept, fresh])
    moved = sheet.ledger.rows("SELECT lead_id::text AS id FROM sheet_rows WHERE moved_at IS NOT NULL")
    assert [row["id"] for row in moved] == [cut_off]
    assert set(sheet.states()) == {"done"}
