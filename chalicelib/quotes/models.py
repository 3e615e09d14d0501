"""What is asked of the calculator, and what it answers."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from chalicelib.platform.models import Body, Money, Number, View

AREA_AT_MOST = 100_000


_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,9})?")


def _exact(value: Any) -> Any:
    """A JSON number, or its digits as text (which is all that a form can send), as an exact decimal."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("Give a number.")  # noqa: TRY004  Pydantic turns ValueError into a field error
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ValueError("Give a number, like 20 or 20.5.")
    return Decimal(str(value))


Area = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(
        gt=0,
        le=AREA_AT_MOST,
        max_digits=9,
        decimal_places=3,
        allow_inf_nan=False,
        description="Square metres.",
    ),
]
MaterialIds = Annotated[tuple[UUID, ...], Field(max_length=100)]


class CalculatorRequest(Body):
    """A category, an area in m², and the chosen materials."""

    category_id: UUID
    area: Area
    material_ids: MaterialIds = ()


class CalculatorQuote(Body):
    """The same inside a lead."""

    kind: Literal["calculator"]
    category_id: UUID
    area: Area
    material_ids: MaterialIds = ()


class QuotedCategory(View):
    """The category that was computed with."""

    id: UUID
    name: str
    coefficient: Number


class QuotedMaterial(View):
    """A chosen material: its unit price and what it costs for the area."""

    id: UUID
    name: str
    price: Money
    cost: Money


class CalculatorBreakdown(View):
    """How the total comes about; each amount is rounded half-up from exact parts."""

    category: QuotedCategory
    area: Number
    base_price: Money
    price_with_coefficient: Money
    materials: list[QuotedMaterial]
    materials_total: Money
    total: Money
