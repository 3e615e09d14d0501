"""What a row says: text that no spreadsheet computes, within what a cell can hold."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.product.profiles import PROFILE

SIGNS = "=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"
TEXTS = st.one_of(
    st.text(max_size=60),
    st.builds(str.__add__, st.text(SIGNS + "'", min_size=1, max_size=3), st.text(max_size=60)),
)
LONG = st.builds(
    lambda start, filler, length: start + filler * length,
    st.sampled_from(["", "=", "'=", "x", "\uff1d"]),
    st.sampled_from(["a", "ệ", "😀", "="]),
    st.integers(49_990, 50_010),
)


@PROFILE
@given(text=TEXTS)
def test_no_cell_starts_as_a_formula_does_and_its_text_can_be_had_back(text: str) -> None:
    from chalicelib.sheets.rules import safe_cell  # noqa: PLC0415

    cell = safe_cell(text)
    assert not cell.startswith(tuple(SIGNS))
    assert cell in (text, f"'{text}")
    assert (cell != text) == text.startswith(tuple(SIGNS))  # nothing harmless is changed
    assert safe_cell(cell) == cell  # writing what was read changes nothing


@PROFILE
@given(text=st.one_of(TEXTS, LONG))
def test_a_cell_never_holds_more_than_google_lets_it(text: str) -> None:
    from chalicelib.sheets.rules import safe_cell  # noqa: PLC0415

    cell = safe_cell(text)
    assert len(cell) <= 50_000
    assert not cell.startswith(tuple(SIGNS))
    assert text.startswith(cell.removeprefix("'") if cell != text[: len(cell)] else cell)


@pytest.mark.parametrize("sign", list(SIGNS))
def test_each_sign_that_starts_a_formula_is_disarmed(sign: str) -> None:
    from chalicelib.sheets.rules import safe_cell  # noqa: PLC0415

    assert safe_cell(f"{sign}1+1") == f"'{sign}1+1"


def test_nothing_is_an_empty_cell_and_a_number_is_its_digits() -> None:
    from chalicelib.sheets.rules import safe_cell  # noqa: PLC0415

    assert [safe_cell(value) for value in (None, 0, 12, -3)] == ["", "0", "12", "'-3"]


def _lead(**fields: Any) -> dict[str, Any]:
    return {
        "id": uuid.UUID(int=7),
        "created_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "status": "NEW",
        "source": "QUOTE_FORM",
        "name": "Hoa",
        "phone": "+84912345678",
        "email": "hoa@example.com",
        "content": "A kitchen.",
        "quote": {"total": {"amount": "10368000", "currency": "VND"}},
        "submissions": 2,
        "locale": "vi",
        "utm": {"first": {"source": "zalo"}},
        "erased_at": None,
        "merged_into": None,
        **fields,
    }


def test_a_row_says_all_about_its_lead_below_the_right_headings() -> None:
    from chalicelib.sheets.rules import HEADER, cells_of  # noqa: PLC0415

    assert dict(zip(HEADER, cells_of(_lead()), strict=True)) == {
        "id": "00000000-0000-0000-0000-000000000007",
        "createdAt": "2026-01-02T03:04:05.000Z",
        "status": "NEW",
        "source": "QUOTE_FORM",
        "name": "Hoa",
        "phone": "'+84912345678",
        "email": "hoa@example.com",
        "content": "A kitchen.",
        "quoteTotal": "10368000",
        "currency": "VND",
        "submissions": "2",
        "locale": "vi",
        "utmSource": "zalo",
    }


@PROFILE
@given(
    fields=st.fixed_dictionaries(
        {name: st.one_of(st.none(), TEXTS) for name in ("name", "phone", "email", "content", "locale")}
        | {
            "quote": st.sampled_from([None, {}, {"total": None}, {"total": {"amount": "-1"}}]),
            "utm": st.one_of(st.none(), st.fixed_dictionaries({"first": st.none()}), TEXTS.map(
                lambda text: {"first": {"source": text}}
            )),
        }
    )
)  # fmt: skip
def test_whatever_people_sent_is_a_whole_row_of_harmless_cells(fields: dict[str, Any]) -> None:
    from chalicelib.sheets.rules import HEADER, cells_of  # noqa: PLC0415

    cells = cells_of(_lead(**fields))
    assert len(cells) == len(HEADER)
    assert not any(cell.startswith(tuple(SIGNS)) for cell in cells)
    assert cells[0] == "00000000-0000-0000-0000-000000000007"


@PROFILE
@given(words=st.text("abcdefgh", min_size=3))
def test_the_row_of_an_erased_lead_is_a_tombstone_that_covers_every_cell(words: str) -> None:
    from chalicelib.sheets.rules import HEADER, cells_of  # noqa: PLC0415

    people = dict.fromkeys(("name", "phone", "email", "content"), words)
    cells = cells_of(_lead(erased_at=datetime(2026, 2, 1, tzinfo=UTC), **people))
    assert len(cells) == len(HEADER)  # empty cells erase what stood there
    assert cells[0] == "00000000-0000-0000-0000-000000000007"
    assert [cell for cell in cells[1:] if cell] == ["ERASED"]
