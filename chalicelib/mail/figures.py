"""Money, areas and instants as people write them in English and Vietnamese; nothing is computed here."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal

# Vietnam has one time zone without daylight saving, so no time zone database is needed.
VIETNAM = timezone(timedelta(hours=7))
_SYMBOLS = {"VND": "₫", "USD": "$", "EUR": "€"}
_NARROW_SPACE = "\u00a0"  # between figure and sign; a line never breaks there
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_TO_VIETNAMESE = str.maketrans(",.", ".,")


def _number(value: object, language: str) -> str:
    """*value* with its own decimals, grouped by thousands."""
    text = f"{Decimal(str(value)):,f}"
    return text.translate(_TO_VIETNAMESE) if language == "vi" else text


def money(value: Mapping[str, str], language: str) -> str:
    """`{"amount": "12345678", "currency": "VND"}` as ₫12,345,678 or 12.345.678 ₫."""
    figure, sign = _number(value["amount"], language), _SYMBOLS[value["currency"]]
    return f"{figure}{_NARROW_SPACE}{sign}" if language == "vi" else f"{sign}{figure}"


def square_metres(value: object, language: str) -> str:
    """45.5 m² or 45,5 m²; JSON's 45.0 is 45."""
    whole_or_not = Decimal(str(value))
    if whole_or_not == whole_or_not.to_integral_value():
        whole_or_not = whole_or_not.quantize(Decimal(1))
    return f"{_number(whole_or_not, language)}{_NARROW_SPACE}m²"


def factor(value: object, language: str) -> str:
    """A coefficient: 1.15 or 1,15."""
    return _number(Decimal(str(value)).normalize(), language)


def moment(instant: datetime, language: str) -> str:
    """23 November 2026, 14:05, or 14:05 ngày 23/11/2026: the time in Vietnam."""
    local = instant.astimezone(VIETNAM)
    if language == "vi":
        return f"{local:%H:%M} ngày {local:%d/%m/%Y}"
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}, {local:%H:%M}"
