"""A1 notation (developers.google.com/workspace/sheets/api/guides/concepts#cell), for any title and cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.world.sheets_a1 import A1Range, column_letters, column_number, format_a1, parse_a1, quoted

ROWS, COLUMNS = st.integers(1, 10_000_000), st.integers(1, 18_278)
TITLES = st.text(min_size=1, max_size=100)


@given(TITLES, ROWS, COLUMNS, ROWS, COLUMNS)
def test_what_is_written_is_read_again(title: str, top: int, left: int, bottom: int, right: int) -> None:
    """Every range that an answer names can be sent back."""
    top, bottom = sorted((top, bottom))
    left, right = sorted((left, right))
    text = format_a1(title, top, left, bottom, right)
    assert parse_a1(text) == A1Range(title, top, left, bottom, right)


@given(COLUMNS)
def test_letters_and_numbers_of_columns_agree(column: int) -> None:
    """A is 1, Z is 26, AA is 27, and no two columns share their letters."""
    assert column_number(column_letters(column)) == column
    assert [column_letters(n) for n in (1, 26, 27, 703)] == ["A", "Z", "AA", "AAA"]


@given(st.text(max_size=30))
def test_any_text_is_a_range_or_a_value_error(text: str) -> None:
    """Nothing that a caller sends ends in another error than "unable to parse"."""
    try:
        parse_a1(text)
    except ValueError:
        return


@pytest.mark.parametrize(
    ("title", "shown"), [("Leads", "Leads"), ("My tab", "'My tab'"), ("A1", "'A1'"), ("O'H", "'O''H'")]
)
def test_titles_are_quoted_when_they_must_be(title: str, shown: str) -> None:
    assert quoted(title) == shown
