"""Pure decisions about the catalogue: can a formula be used, is a share of something sensible."""

from collections.abc import Mapping
from decimal import Decimal

from chalicelib.platform.errors import FieldError, ValidationFailed
from chalicelib.platform.postgres import Row
from chalicelib.quotes.formula import FormulaError, evaluate

# The areas that people ask about: every whole m² of a house, and the ends of what may be asked.
_ORDINARY_AREAS = tuple(map(Decimal, (*range(1, 201), "0.001", "0.5", 500, 1000, 10_000, 100_000)))


def fault_of(formula: str, prices: Mapping[str, Decimal]) -> str | None:
    """Why *formula* cannot be used with *prices* for some ordinary area, as a sentence; None if it can."""
    for place, area in enumerate(_ORDINARY_AREAS):
        try:
            price = evaluate(formula, {**prices, "AREA": area})
        except FormulaError as error:
            return str(error) if place == 0 else f"{str(error).rstrip('.')} for an area of {area} m²."
        if price < 0:
            return f"The formula gives a price below zero for an area of {area} m²."
    return None


def check_share(row: Row, kind: str, value: str, *, pointer: str) -> None:
    """
    See that a share of something is at most the whole.

    Raises:
        ValidationFailed: *row* has more than 100 per cent.
    """
    if row[kind] == "PERCENTAGE" and row[value] > 100:
        raise ValidationFailed([FieldError(pointer, "less_than_equal", "At most 100 per cent.")])
