"""The furniture's arithmetic: exact, as the details page says, and the same in whatever order."""

from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail import letters
from chalicelib.platform.errors import ValidationFailed
from chalicelib.platform.models import MINOR_DIGITS
from chalicelib.quotes.furniture import calculate_furniture
from chalicelib.quotes.models import FurnitureItem

_SPACE = UUID(int=7)
amounts = st.decimals(min_value=0, max_value=10**12, places=4)
percents = st.decimals(min_value=0, max_value=100, places=4)
metres = st.decimals(min_value=Decimal("0.001"), max_value=100, places=3)
shares = st.tuples(st.just("FIXED"), amounts) | st.tuples(st.just("PERCENTAGE"), percents)
# unit, unit price, fit-in, length, width, quantity, is it fitted in
pieces = st.tuples(
    st.sampled_from(["M2", "LINEAR"]), amounts, shares, metres, metres, st.integers(1, 1000), st.booleans()
)
orders = st.lists(pieces, min_size=1, max_size=8).flatmap(
    lambda some: st.tuples(st.just(some), st.permutations(some))
)
Piece = tuple[str, Decimal, tuple[str, Decimal], Decimal, Decimal, int, bool]


def _ask(wanted: list[Piece], fees: list[tuple[str, Decimal]], currency: str = "VND") -> dict[str, Any]:
    """The breakdown as the outside sees it, of pieces of as many products."""
    products, items = {}, []
    for piece in wanted:
        unit, price, (fit_in_type, fit_in_value), length, width, quantity, fit_in = piece
        product_id = uuid5(_SPACE, repr(piece))
        products[str(product_id)] = {
            "name": unit,
            "unit": unit,
            "unitPrice": str(price),
            "fitInType": fit_in_type,
            "fitInValue": str(fit_in_value),
        }
        item = {"productId": product_id, "length": str(length), "width": str(width), "quantity": quantity}
        items.append(FurnitureItem.model_validate({**item, "fitIn": fit_in}))
    told = [
        {"name": str(place), "type": kind, "value": str(value)} for place, (kind, value) in enumerate(fees)
    ]
    found = calculate_furniture({"products": products, "fees": told}, items, currency)
    return found.model_dump(mode="json", by_alias=True)


def _shown(exact: Fraction, currency: str) -> dict[str, str]:
    """Half-up in whole numbers: another implementation than Decimal's own."""
    digits = MINOR_DIGITS[currency]
    minor = int(exact * 10**digits + Fraction(1, 2))
    text = str(minor).rjust(digits + 1, "0")
    amount = f"{text[:-digits]}.{text[-digits:]}" if digits else text
    return {"amount": amount, "currency": currency}


def _share(kind: str, value: Decimal, of: Fraction) -> Fraction:
    return Fraction(value) if kind == "FIXED" else of * Fraction(value) / 100


def test_the_worked_example_of_the_details_page() -> None:
    linear = ("LINEAR", Decimal(2_000_000), ("PERCENTAGE", Decimal(5)), Decimal("2.4"), Decimal(9), 2, True)
    found = _ask([linear], [("PERCENTAGE", Decimal(3))])
    (item,) = found["items"]
    figures = [item[name]["amount"] for name in ("unitPrice", "calculatedPrice", "fitInFee", "lineTotal")]
    assert figures == ["2000000", "4800000", "240000", "10080000"]
    assert item["quantity"] == 2
    assert found["subtotal"]["amount"] == "9600000"
    assert found["fitInFeesTotal"]["amount"] == "480000"
    assert found["fees"] == [{"name": "0", "amount": {"amount": "288000", "currency": "VND"}}]
    assert found["total"] == {"amount": "10368000", "currency": "VND"}


@given(
    st.lists(pieces, min_size=1, max_size=8), st.lists(shares, max_size=4), st.sampled_from(["VND", "USD"])
)
def test_every_figure_is_the_exact_one_rounded_once(
    wanted: list[Piece], fees: list[tuple[str, Decimal]], currency: str
) -> None:
    """R19: money is exact; an oracle in fractions, which know no rounding, says the same."""
    found = _ask(wanted, fees, currency)
    subtotal = fit_ins = Fraction(0)
    for piece, item in zip(wanted, found["items"], strict=True):
        unit, unit_price, (kind, value), length, width, quantity, fit_in = piece
        price = Fraction(unit_price) * Fraction(length) * (Fraction(width) if unit == "M2" else 1)
        fee = _share(kind, value, price) if fit_in else Fraction(0)
        assert item["calculatedPrice"] == _shown(price, currency)
        assert item["fitInFee"] == _shown(fee, currency)
        assert item["lineTotal"] == _shown((price + fee) * quantity, currency)
        subtotal += price * quantity
        fit_ins += fee * quantity
    others = [_share(kind, value, subtotal) for kind, value in fees]
    assert found["subtotal"] == _shown(subtotal, currency)
    assert found["fitInFeesTotal"] == _shown(fit_ins, currency)
    assert [fee["amount"] for fee in found["fees"]] == [_shown(fee, currency) for fee in others]
    assert found["total"] == _shown(subtotal + fit_ins + sum(others), currency)


@given(orders, st.lists(shares, max_size=3))
def test_the_order_of_the_pieces_changes_no_sum(
    both: tuple[list[Piece], list[Piece]], fees: list[tuple[str, Decimal]]
) -> None:
    one, other = (_ask(order, fees) for order in both)
    for name in ("subtotal", "fitInFeesTotal", "fees", "total"):
        assert one[name] == other[name]


def test_measures_that_a_product_is_not_priced_by_are_not_kept() -> None:
    linear = ("LINEAR", Decimal(1), ("FIXED", Decimal(0)), Decimal(2), Decimal(3), 1, False)
    square = ("M2", Decimal(1), ("FIXED", Decimal(0)), Decimal(2), Decimal(3), 1, False)
    found = _ask([linear, square], [])["items"]
    assert [(item["length"], item["width"]) for item in found] == [(2, None), (2, 3)]


def test_what_is_unknown_or_missing_is_named_by_its_place() -> None:
    known = UUID(int=1)
    product = {"name": "Tủ", "unit": "M2", "unitPrice": "1", "fitInType": "FIXED", "fitInValue": "0"}
    items = [
        FurnitureItem.model_validate({"productId": known, "quantity": 1}),
        FurnitureItem.model_validate({"productId": UUID(int=2), "quantity": 1, "length": 1}),
    ]
    with pytest.raises(ValidationFailed) as refused:
        calculate_furniture({"products": {str(known): product}, "fees": []}, items, "VND", pointer="/quote")
    assert [(item.pointer, item.code) for item in refused.value.errors] == [
        ("/quote/items/0/length", "missing"),
        ("/quote/items/0/width", "missing"),
        ("/quote/items/1/productId", "unknown"),
    ]


def test_the_letter_about_a_quote_names_each_piece_and_the_total() -> None:
    linear = ("LINEAR", Decimal(2_000_000), ("PERCENTAGE", Decimal(5)), Decimal("2.4"), Decimal(9), 2, True)
    letter = letters.quotation(UUID(int=1), _ask([linear], [("PERCENTAGE", Decimal(3))]), "en")
    assert [(line.label, line.value, line.detail) for line in letter.lines] == [
        ("LINEAR\u00a0×\u00a02", "₫10,080,000", "₫4,800,000 + fit-in ₫240,000, each"),
        ("0", "₫288,000", ""),
    ]
    assert letter.total is not None
    assert letter.total.value == "₫10,368,000"
