"""What people do to the sheet, and rows that Google refuses: the others go on as if nothing had happened."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import FrozenClock

if TYPE_CHECKING:
    from tests.product.sheet_fixtures import Sheet

pytest_plugins = ("tests.product.sheet_fixtures",)
ID, CONTENT = 0, 7  # their columns


def _refuses(poison: set[str]) -> Any:
    """A Google that refuses any call with a row of *poison* in it, as a whole: Sheets' answer 400."""
    from chalicelib.gateways.google_sheets import RowsRefused  # noqa: PLC0415

    def meddle(name: str, rows: Any, call: Any) -> Any:
        if name == "write" and any(row.cells[ID] in poison for row in rows):
            raise RowsRefused("Google answered 400")
        return call()

    return meddle


def _job_of(sheet: "Sheet", lead: str) -> dict[str, Any]:
    return next(job for job in sheet.jobs() if job["lead"] == lead)


def _dead_letters(job_id: object) -> list[str]:
    """The copies of this job on the sync queue's dead-letter queue."""
    import boto3  # noqa: PLC0415

    from chalicelib.platform.settings import settings  # noqa: PLC0415

    sqs = boto3.client("sqs")
    url, found = settings().dead_letter_queue_url("sync"), []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        found += [message["Body"] for message in messages if str(job_id) in message["Body"]]
    return found


def test_one_bad_row_does_not_hold_up_its_99_batch_mates(sheet: "Sheet", clock: FrozenClock) -> None:
    leads = sheet.store_leads(100)
    bad = leads[37]
    sync = sheet.sync(_refuses({bad}))
    sheet.drain(sync)
    assert sorted(sheet.contents()) == sorted(set(leads) - {bad})
    assert sheet.states() == {"done": 99, "retrying": 1}
    waits = []
    for _ in range(3):
        job = _job_of(sheet, bad)
        waits.append((job["due_at"] - clock.now()).total_seconds())
        clock.advance(waits[-1] - 0.5)
        sheet.drain(sync)
        assert _job_of(sheet, bad)["attempts"] == job["attempts"]  # not before its time
        clock.advance(0.5)
        sheet.drain(sync)
    assert waits == [1, 2, 4]
    dead = _job_of(sheet, bad)
    assert (dead["state"], dead["attempts"]) == ("dead", 4)
    assert {job["attempts"] for job in sheet.jobs() if job["lead"] != bad} == {1}
    assert len(_dead_letters(dead["id"])) == 1
    assert sheet.alerts("job_dead") == 1
    alert = sheet.ledger.rows("SELECT subject FROM alerts WHERE kind = 'job_dead'")[0]
    assert str(dead["id"]) in alert["subject"]


def test_a_refused_row_is_not_on_its_way_and_is_not_sent_before_its_time(sheet: "Sheet") -> None:
    (bad,) = sheet.store_leads(1)
    refuse, tries = _refuses({bad}), list[str]()

    def count(name: str, rows: Any, call: Any) -> Any:
        if name == "write" and rows[0].cells[ID] == bad:
            tries.append(name)
        return refuse(name, rows, call)

    sheet.drain(sheet.sync(count))
    sheet.drain(sheet.sync(count))
    assert len(tries) == 1
    assert sheet.states() == {"retrying": 1}


@pytest.mark.parametrize("bad", [[0], [99], [0, 99], [49, 50], list(range(100)), list(range(0, 100, 7))])
def test_exactly_the_bad_rows_are_left_out_wherever_they_are(sheet: "Sheet", bad: list[int]) -> None:
    leads = sheet.store_leads(100)
    poison = {leads[position] for position in bad}
    sheet.drain(sheet.sync(_refuses(poison)))
    assert sorted(sheet.contents()) == sorted(set(leads) - poison)
    assert {job["lead"] for job in sheet.jobs() if job["state"] == "retrying"} == poison
    assert {job["lead"] for job in sheet.jobs() if job["state"] == "done"} == set(leads) - poison


def test_a_row_that_google_takes_at_the_second_try_stands_where_it_was_meant_to(
    sheet: "Sheet", clock: FrozenClock
) -> None:
    leads = sheet.store_leads(3)
    poison = {leads[1]}
    sync = sheet.sync(_refuses(poison))
    sheet.drain(sync)
    poison.clear()
    clock.advance(1)
    sheet.drain(sync)
    assert sorted(row[ID] for row in sheet.rows()[1:]) == sorted(leads)
    assert _job_of(sheet, leads[1])["attempts"] == 2


def test_a_row_that_is_refused_takes_nobody_elses_place_when_it_dies(
    sheet: "Sheet", clock: FrozenClock
) -> None:
    bad = sheet.store_leads(1)[0]
    sync = sheet.sync(_refuses({bad}))
    for _ in range(4):
        sheet.drain(sync)
        clock.advance(5)
    good = sheet.store_leads(2)
    sheet.drain(sync)
    assert sorted(sheet.contents()) == sorted(good)
    assert sheet.states() == {"dead": 1, "done": 2}


def _three_rows(sheet: "Sheet") -> tuple[Any, list[str]]:
    sync = sheet.sync()
    leads = [sheet.submit(number, f"I am the first word of {number}.") for number in (1, 2, 3)]
    sheet.drain(sync)
    return sync, leads


def _moved(sheet: "Sheet") -> set[str]:
    found = sheet.ledger.rows("SELECT lead_id::text AS id FROM sheet_rows WHERE moved_at IS NOT NULL")
    return {row["id"] for row in found}


def test_rows_below_one_that_a_person_deleted_are_left_alone_and_reported(sheet: "Sheet") -> None:
    sync, leads = _three_rows(sheet)
    sheet.delete_row(2)
    before = sheet.rows()
    sheet.submit(2, "My row has moved up by now.")
    sheet.submit(3, "And so has mine, into the other's.")
    sheet.drain(sync)
    assert sheet.rows() == before
    assert _moved(sheet) == set(leads[1:])
    assert set(sheet.states()) == {"done"}
    assert sheet.alerts("sheet_rows_moved") == 1
    fresh = sheet.submit(4, "I come later, and below.")
    sheet.submit(2, "Still left alone.")
    sheet.drain(sync)
    assert sheet.rows()[: len(before)] == before
    assert sorted(sheet.contents()) == sorted([*leads[1:], fresh])


def test_a_row_whose_id_a_person_overwrote_is_left_alone_while_the_others_are_written(sheet: "Sheet") -> None:
    sync, leads = _three_rows(sheet)
    theirs = ["called her", "", "", "do not touch"]
    sheet.overwrite(3, theirs)
    for number in (1, 2, 3):
        sheet.submit(number, f"I am the second word of {number}.")
    sheet.drain(sync)
    assert sheet.rows()[2] == theirs
    assert _moved(sheet) == {leads[1]}
    assert [sheet.rows()[position][CONTENT] for position in (1, 3)] == [
        "I am the second word of 1.",
        "I am the second word of 3.",
    ]
    assert sheet.alerts("sheet_rows_moved") == 1


def test_a_row_that_a_person_cleared_is_not_filled_again(sheet: "Sheet") -> None:
    sync, leads = _three_rows(sheet)
    sheet.overwrite(4, [])
    sheet.submit(3, "My row was cleared on purpose.")
    sheet.drain(sync)
    assert len([row for row in sheet.rows() if row]) == 3
    assert _moved(sheet) == {leads[2]}


def test_words_that_a_person_changed_in_a_row_are_replaced_by_the_leads_own(sheet: "Sheet") -> None:
    sync, leads = _three_rows(sheet)
    sheet.overwrite(2, [leads[0], "", "", "", "another name"])
    sheet.submit(1, "This is what I really want.")
    sheet.drain(sync)
    assert sheet.contents() == sheet.wanted()
    assert _moved(sheet) == set()


@pytest.mark.parametrize("inserted", [1, 3])
def test_a_new_lead_never_overwrites_what_a_person_moved_into_its_place(
    sheet: "Sheet", inserted: int
) -> None:
    sync, leads = _three_rows(sheet)
    for _ in range(inserted):
        sheet.insert_row(2)
    fresh = [sheet.submit(number, f"I am new, and number {number}.") for number in (4, 5)]
    sheet.drain(sync)
    assert sorted(sheet.contents()) == sorted([*leads, *fresh])
    assert set(sheet.states()) == {"done"}
    assert {job["attempts"] for job in sheet.jobs()} == {1}


def test_the_stand_in_refuses_a_bad_row_as_the_fake_above_does(sheet: "Sheet") -> None:
    """The fake stands on this: one cell that Google refuses fails the call, and nothing of it is written."""
    from chalicelib.gateways.google_sheets import RowsRefused, RowWrite  # noqa: PLC0415

    rows = [RowWrite(1, ("fine",)), RowWrite(2, ("x" * 50_001,))]
    with pytest.raises(RowsRefused):
        sheet.google().write(rows)
    assert sheet.rows() == []


def test_a_lead_that_is_gone_does_not_hold_its_batch_mates(sheet: "Sheet") -> None:
    kept = sheet.submit(1, "Please keep what I wrote here.")
    sheet.touch("00000000-0000-4000-8000-000000000000")
    sheet.drain(sheet.sync())
    assert sorted(sheet.contents()) == [kept]
    assert set(sheet.states()) == {"done"}
