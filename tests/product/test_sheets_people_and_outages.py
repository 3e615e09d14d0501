"""What a person does to the sheet while Google fails: a new lead still gets a row, and only one."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.product.sheet_fixtures import Sheet

pytest_plugins = ("tests.product.sheet_fixtures",)


@pytest.mark.parametrize("failing", ["ids_at", "write"])
def test_a_new_lead_whose_place_was_taken_while_nothing_of_it_was_sent_gets_the_next_one(
    sheet: "Sheet", failing: str
) -> None:
    """An insertion moves the last row to where the new one was to go; the run breaks off before it writes."""
    from chalicelib.gateways.google_sheets import Throttled  # noqa: PLC0415
    from chalicelib.gateways.http import NoAnswer  # noqa: PLC0415

    failures = {"ids_at": NoAnswer("it never arrived"), "write": Throttled("429")}

    def fail(name: str, _argument: Any, call: Callable[[], Any]) -> Any:
        if name == failing:
            raise failures[failing]
        return call()

    sheet.submit(1, "The words of the first lead.")
    sheet.drain(sheet.sync())
    if failing == "ids_at":
        sheet.insert_row(2)
    second = sheet.submit(2, "The words of the second lead.")
    sheet.drain(sheet.sync(fail))
    if failing == "write":
        sheet.insert_row(2)
    sheet.settle(sheet.sync())
    assert sheet.contents()[second] == ("The words of the second lead.", "1")


def test_a_new_lead_whose_holder_died_after_it_saw_that_the_place_is_taken_gets_the_next_one(
    sheet: "Sheet",
) -> None:
    """The holder knows that row 3 is taken, and dies while it writes row 4; its successor need not guess."""

    def die(name: str, _argument: Any, call: Callable[[], Any]) -> Any:
        if name == "write":
            raise KeyboardInterrupt
        return call()

    sheet.submit(1, "The words of the first lead.")
    sheet.drain(sheet.sync())
    sheet.insert_row(2)
    leads = [sheet.submit(number, f"The words of lead number {number}.") for number in (2, 3)]
    with pytest.raises(KeyboardInterrupt):
        sheet.drain(sheet.sync(die))
    sheet.clock.advance(56)
    sheet.settle(sheet.sync())
    assert set(leads) <= set(sheet.contents())


def test_what_was_written_before_the_quota_was_spent_is_not_written_a_second_time_elsewhere(
    sheet: "Sheet",
) -> None:
    """A batch is bisected; its first half is written, the second throttled; then a person inserts a row."""
    from chalicelib.gateways.google_sheets import RowsRefused, Throttled  # noqa: PLC0415

    calls: list[int] = []

    def bisect(name: str, rows: Any, call: Callable[[], Any]) -> Any:
        if name != "write" or rows[0].number == 1:
            return call()
        calls.append(len(rows))
        if len(calls) == 1:
            raise RowsRefused("one of them")
        if len(calls) == 3:
            raise Throttled("429")
        return call()

    first, second = (sheet.submit(number, f"The words of lead number {number}.") for number in (1, 2))
    sheet.drain(sheet.sync(bisect))
    assert calls == [2, 1, 1]
    sheet.drain(sheet.sync())
    sheet.insert_row(2)
    sheet.settle(sheet.sync())
    assert set(sheet.contents()) == {first, second}
