"""A1 notation, as developers.google.com/workspace/sheets/api/guides/concepts#cell documents it; pure.

`Leads!A2:M2`, `Leads!A:A`, `Leads!2:3`, `Leads!A5:A`, `'My tab'!A1`, `A1:B2` (the first tab), `Leads` (the
whole tab). Rows and columns count from 1. What cannot be read raises ValueError; the caller words Google's
answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_COLUMNS = 18_278
_CORNER = r"\$?([A-Za-z]{1,3})?\$?([1-9][0-9]{0,7})?"
_CELLS = re.compile(rf"{_CORNER}(?::{_CORNER})?")
_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LOOKS_LIKE_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+")


@dataclass(frozen=True, slots=True)
class A1Range:
    """What a range's text says; None where it leaves a side open. *title* None: the first tab."""

    title: str | None
    top: int | None = None
    left: int | None = None
    bottom: int | None = None
    right: int | None = None

    @property
    def is_single_cell(self) -> bool:
        """Whether it names one cell, which as a place to write is only the upper left corner."""
        return self.top is not None and (self.top, self.left) == (self.bottom, self.right)


def parse_a1(text: str) -> A1Range:
    """
    Read *text*.

    Raises:
        ValueError: it is no A1 notation.
    """
    tab, has_tab, cells = text.rpartition("!")
    if has_tab:
        return _with_cells(_unquoted(tab), cells)
    try:
        return _with_cells(None, text)
    except ValueError:
        if not text or text.startswith("'") != text.endswith("'"):
            raise
        return A1Range(_unquoted(text))


def format_a1(title: str, top: int, left: int, bottom: int, right: int) -> str:
    """The range's text as Google writes it: one cell without a colon, the title quoted if need be."""
    start = f"{column_letters(left)}{top}"
    end = f"{column_letters(right)}{bottom}"
    return f"{quoted(title)}!{start}" if start == end else f"{quoted(title)}!{start}:{end}"


def quoted(title: str) -> str:
    """The title as it stands before the `!`."""
    if _PLAIN_TITLE.fullmatch(title) and not _LOOKS_LIKE_CELL.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def column_letters(column: int) -> str:
    """1 → A, 27 → AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """A → 1, AA → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _with_cells(title: str | None, cells: str) -> A1Range:
    match = _CELLS.fullmatch(cells)
    if match is None or not cells:
        raise ValueError(cells)
    left, top, right, bottom = match.groups()
    if ":" not in cells:
        if left is None or top is None:
            raise ValueError(cells)
        right, bottom = left, top
    elif (
        (left is None and top is None)
        or (right is None and bottom is None)
        or (left is None) != (right is None)
    ):
        raise ValueError(cells)
    rows = [int(row) if row else None for row in (top, bottom)]
    columns = [column_number(column) if column else None for column in (left, right)]
    return A1Range(title, *_ordered(rows, columns))


def _ordered(
    rows: list[int | None], columns: list[int | None]
) -> tuple[int | None, int | None, int | None, int | None]:
    top, bottom = rows
    left, right = columns
    if top is not None and bottom is not None and top > bottom:
        top, bottom = bottom, top
    if left is not None and right is not None and left > right:
        left, right = right, left
    if top is None and bottom is not None:
        top, bottom = bottom, None
    return top, left, bottom, right


def _unquoted(tab: str) -> str:
    if len(tab) >= 2 and tab[0] == tab[-1] == "'":
        return tab[1:-1].replace("''", "'")
    if not tab or "'" in (tab[0], tab[-1]):
        raise ValueError(tab)
    return tab
