"""
The furniture's arithmetic, exact: price × length (× width), fit-in, other fees on the subtotal.

Every figure is a sum of products, so it has an end; a result that had to be rounded stops the computation.
Rounding happens where a figure is shown.
"""

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, localcontext
from typing import Any
from uuid import UUID

from chalicelib.platform.errors import FieldError, ValidationFailed
from chalicelib.platform.models import Money
from chalicelib.quotes.models import FurnitureBreakdown, FurnitureItem, QuotedFee, QuotedPiece

_EXACT = Context(prec=100, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
_SHOWN = Context(prec=100)
_HUNDREDTH = Decimal("0.01")


def calculate_furniture(
    inputs: Mapping[str, Any], items: Sequence[FurnitureItem], currency: str, *, pointer: str = ""
) -> FurnitureBreakdown:
    """
    The breakdown for *items* from *inputs* (`catalogue.store.FURNITURE_INPUTS`).

    Raises:
        ValidationFailed: no such product, or one without the measures that it is priced by; *pointer* leads
            to the quote.
    """
    products = {UUID(product_id): product for product_id, product in inputs["products"].items()}
    _check(products, items, pointer)
    subtotal = fit_ins_total = Decimal(0)
    pieces, fees = [], []
    with localcontext(_EXACT):
        for item in items:
            product = products[item.product_id]
            price = _price_of(product, item)
            fit_in = _share(product["fitInType"], product["fitInValue"], price) if item.fit_in else Decimal(0)
            subtotal += price * item.quantity
            fit_ins_total += fit_in * item.quantity
            pieces.append(
                QuotedPiece(
                    product_id=item.product_id,
                    name=product["name"],
                    unit=product["unit"],
                    length=item.length,
                    width=item.width if product["unit"] == "M2" else None,
                    fit_in=item.fit_in,
                    unit_price=_money(Decimal(product["unitPrice"]), currency),
                    calculated_price=_money(price, currency),
                    fit_in_fee=_money(fit_in, currency),
                    quantity=item.quantity,
                    line_total=_money((price + fit_in) * item.quantity, currency),
                )
            )
        total = subtotal + fit_ins_total
        for fee in inputs["fees"]:
            amount = _share(fee["type"], fee["value"], subtotal)
            total += amount
            fees.append(QuotedFee(name=fee["name"], amount=_money(amount, currency)))
        return FurnitureBreakdown(
            items=pieces,
            subtotal=_money(subtotal, currency),
            fit_in_fees_total=_money(fit_ins_total, currency),
            fees=fees,
            total=_money(total, currency),
        )


def _check(products: Mapping[UUID, Any], items: Sequence[FurnitureItem], pointer: str) -> None:
    errors = []
    for place, item in enumerate(items):
        at, product = f"{pointer}/items/{place}", products.get(item.product_id)
        if product is None:
            errors.append(FieldError(f"{at}/productId", "unknown", "There is no such product."))
            continue
        if item.length is None:
            errors.append(FieldError(f"{at}/length", "missing", "Give its length in metres."))
        if item.width is None and product["unit"] == "M2":
            told = "This product is priced by the square metre; give its width in metres."
            errors.append(FieldError(f"{at}/width", "missing", told))
    if errors:
        raise ValidationFailed(errors)


def _price_of(product: Mapping[str, Any], item: FurnitureItem) -> Decimal:
    """What one piece costs before it is fitted in."""
    price = Decimal(product["unitPrice"]) * (item.length or 0)
    return price * (item.width or 0) if product["unit"] == "M2" else price


def _share(kind: str, value: str, of: Decimal) -> Decimal:
    """An amount, or so many per cent of *of*."""
    return Decimal(value) if kind == "FIXED" else of * Decimal(value) * _HUNDREDTH


def _money(amount: Decimal, currency: str) -> Money:
    """*amount* as it is shown, which may round."""
    with localcontext(_SHOWN):
        return Money.of(amount, currency)
