"""The pure model of a spreadsheet: tabs with a grid of their own size, cells in rows, Google's limits.

No I/O: sheets_store keeps it, sheets_values and sheets_batch work on a copy of it and raise GoogleError, so
that a call changes everything or nothing. Rows are tuples without trailing empty cells; an empty cell is "".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local.world.sheets_a1 import MAX_COLUMNS, A1Range, format_a1, parse_a1
from local.world.vendor_errors import google_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NEW_ROWS, NEW_COLUMNS = 1000, 26
MAX_CELLS = 10_000_000
MAX_CELL_CHARACTERS = 50_000


class Formula(str):
    """The text of a formula, which a RAW write never makes."""

    __slots__ = ()


Cell = str | int | float | bool
Row = tuple[Cell, ...]


class GoogleError(Exception):
    """An answer of Google's that is not 200."""

    def __init__(self, status: int, message: str = "", details: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.body = google_error(status, message, details)


def invalid(message: str) -> GoogleError:
    """400 INVALID_ARGUMENT."""
    return GoogleError(400, message)


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle within one tab's grid, sides included, counted from 1."""

    tab: Tab
    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return format_a1(self.tab.title, self.top, self.left, self.bottom, self.right)


@dataclass(slots=True, eq=False)
class Tab:
    """One sheet of a spreadsheet; *dirty*: rows changed on this copy, *is_reshaped*: rows have moved."""

    sheet_id: int
    title: str
    row_count: int = NEW_ROWS
    column_count: int = NEW_COLUMNS
    rows: dict[int, Row] = field(default_factory=dict)
    dirty: set[int] = field(default_factory=set)
    is_reshaped: bool = False

    def copy(self) -> Tab:
        """A draft to work on."""
        return Tab(self.sheet_id, self.title, self.row_count, self.column_count, dict(self.rows))

    @property
    def last_row(self) -> int:
        """The last row with a value in it, 0 in an empty tab."""
        return max(self.rows, default=0)

    def put_row(self, n: int, cells: Iterable[Cell]) -> None:
        """Replace row *n*."""
        row = trimmed(cells)
        self.dirty.add(n)
        if row:
            self.rows[n] = row
        else:
            self.rows.pop(n, None)

    def write(self, top: int, left: int, values: Sequence[Sequence[Cell | None]]) -> int:
        """Write *values* from the corner on and count the cells; None leaves a cell as it is."""
        written = 0
        for n, line in enumerate(values, start=top):
            cells = list(self.rows.get(n, ()))
            cells += [""] * (left - 1 + len(line) - len(cells))
            for column, value in enumerate(line, start=left - 1):
                if value is not None:
                    cells[column] = value
                    written += 1
            self.put_row(n, cells)
        return written

    def read(self, area: Area) -> list[Row]:
        """The cells of *area*, without its trailing empty rows and cells."""
        lines = [
            trimmed(self.rows.get(n, ())[area.left - 1 : area.right])
            for n in range(area.top, min(area.bottom, self.last_row) + 1)
        ]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def insert_rows(self, n: int, length: int) -> None:
        """Make *length* empty rows before row *n*."""
        self.rows = {(at + length if at >= n else at): row for at, row in self.rows.items()}
        self.row_count += length
        self.is_reshaped = True

    def delete_rows(self, first: int, last: int) -> None:
        """Take the rows out; what is below moves up."""
        gone = last - first + 1
        self.rows = {
            (at - gone if at > last else at): row for at, row in self.rows.items() if not first <= at <= last
        }
        self.row_count -= gone
        self.is_reshaped = True

    def insert_columns(self, n: int, length: int) -> None:
        """Make *length* empty columns before column *n*."""
        blank = ("",) * length
        self.rows = {at: trimmed((*row[: n - 1], *blank, *row[n - 1 :])) for at, row in self.rows.items()}
        self.column_count += length
        self.is_reshaped = True

    def delete_columns(self, first: int, last: int) -> None:
        """Take the columns out; what is right of them moves left."""
        kept = {at: trimmed((*row[: first - 1], *row[last:])) for at, row in self.rows.items()}
        self.rows = {at: row for at, row in kept.items() if row}
        self.column_count -= last - first + 1
        self.is_reshaped = True


@dataclass(slots=True, eq=False)
class Book:
    """One spreadsheet; *is_shared* with the demo account, or every call is 403."""

    id: str
    title: str
    is_shared: bool
    tabs: list[Tab]

    def copy(self) -> Book:
        """A draft: nothing of it counts before the store has saved it."""
        return Book(self.id, self.title, self.is_shared, [tab.copy() for tab in self.tabs])

    def tab_titled(self, title: str | None) -> Tab | None:
        """The tab of that title (as people write it: in any case), the first one for None."""
        if title is None:
            return self.tabs[0]
        return next((tab for tab in self.tabs if tab.title.lower() == title.lower()), None)

    def tab_numbered(self, sheet_id: object) -> Tab:
        """The tab with that id; GoogleError if there is none."""
        for tab in self.tabs:
            if tab.sheet_id == sheet_id:
                return tab
        raise invalid(f"No grid with id: {sheet_id}")

    def resolve(self, text: str) -> tuple[Tab, A1Range]:
        """The tab and range that *text* names; GoogleError if it names none."""
        try:
            parsed = parse_a1(text)
        except ValueError:
            raise invalid(f"Unable to parse range: {text}") from None
        tab = self.tab_titled(parsed.title)
        if tab is None:
            raise invalid(f"Unable to parse range: {text}")
        return tab, parsed

    def check_size(self) -> None:
        """GoogleError if the grids together are too large, or one is too wide."""
        if sum(tab.row_count * tab.column_count for tab in self.tabs) > MAX_CELLS:
            raise invalid(
                "This action would increase the number of cells in the workbook above the limit of"
                f" {MAX_CELLS} cells."
            )
        if any(tab.column_count > MAX_COLUMNS for tab in self.tabs):
            raise invalid(
                f"This action would increase the number of columns above the limit of {MAX_COLUMNS}."
            )


def readable(tab: Tab, wanted: A1Range) -> Area:
    """The part of the grid that a read of *wanted* covers: open sides and what juts out end at its edge."""
    top, left = wanted.top or 1, wanted.left or 1
    if top > tab.row_count or left > tab.column_count:
        raise beyond(tab, top, left, wanted.bottom or top, wanted.right or left)
    bottom = min(wanted.bottom or tab.row_count, tab.row_count)
    return Area(tab, top, left, bottom, min(wanted.right or tab.column_count, tab.column_count))


def beyond(tab: Tab, top: int, left: int, bottom: int, right: int) -> GoogleError:
    """Google's refusal of cells outside the grid."""
    return invalid(
        f"Range ({format_a1(tab.title, top, left, bottom, right)}) exceeds grid limits."
        f" Max rows: {tab.row_count}, max columns: {tab.column_count}"
    )


def trimmed(cells: Iterable[Cell]) -> Row:
    """*cells* without the empty ones at the end."""
    row = tuple(cells)
    end = len(row)
    while end and row[end - 1] == "" and not isinstance(row[end - 1], bool):
        end -= 1
    return row[:end]
