"""What is asked of the two calculators, rooms and furniture, and what they answer."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema

from chalicelib.platform.models import Body, Money, Number, View

AREA_AT_MOST = 100_000
METRES_AT_MOST = 100

_NUMBER_IN_ASCII = r"^-?[0-9]{1,9}(\.[0-9]{1,9})?$"
_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")


def exact_number(value: Any) -> Any:
    """A JSON number, or its digits as text (which is all that a form can send), as an exact decimal."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("Give a number.")  # noqa: TRY004  Pydantic turns ValueError into a field error
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ValueError("Give a number, like 20 or 20.5.")
    return Decimal(str(value))


def number_schema(*, decimal_places: int | None = None, **limits: float) -> WithJsonSchema:
    """
    What `exact_number` takes, as JSON Schema; *limits* are those of the number.

    JSON Schema cannot say that they hold for the number that a text means, nor how many decimals it may
    have: `x-decimal-places` is for those who make validators of it (`infra.zod`).
    """
    text = {"type": "string", "pattern": _NUMBER_IN_ASCII}
    more = {} if decimal_places is None else {"x-decimal-places": decimal_places}
    return WithJsonSchema({"anyOf": [{"type": "number", **limits}, text], **more}, mode="validation")


Area = Annotated[
    Decimal,
    BeforeValidator(exact_number),
    number_schema(exclusiveMinimum=0, maximum=AREA_AT_MOST, decimal_places=3),
    Field(
        gt=0,
        le=AREA_AT_MOST,
        max_digits=9,
        decimal_places=3,
        allow_inf_nan=False,
        description="Square metres.",
        examples=[20.5],
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


Metres = Annotated[
    Decimal,
    BeforeValidator(exact_number),
    number_schema(exclusiveMinimum=0, maximum=METRES_AT_MOST, decimal_places=3),
    Field(
        gt=0,
        le=METRES_AT_MOST,
        max_digits=6,
        decimal_places=3,
        allow_inf_nan=False,
        description="Metres.",
        examples=[2.4],
    ),
]


def _in_their_order(value: Any, info: ValidationInfo) -> Any:
    """A form's `items.0.length` and so on are a list; JSON has lists of its own."""
    if info.mode == "python" and isinstance(value, dict) and all(name.isdecimal() for name in value):
        return tuple(value[name] for name in sorted(value, key=int))
    return tuple(value) if isinstance(value, list) else value


class FurnitureItem(Body):
    """
    So many of one product.

    *width* is needed where the product is priced by the square metre, and not looked at elsewhere; *fitIn*:
    whether we build it in.
    """

    product_id: UUID
    length: Metres | None = None
    width: Metres | None = None
    quantity: Annotated[int, Field(ge=1, le=1000)]
    fit_in: bool = False


FurnitureItems = Annotated[
    tuple[FurnitureItem, ...], Field(min_length=1, max_length=50), BeforeValidator(_in_their_order)
]


class FurnitureRequest(Body):
    """The wanted pieces."""

    items: FurnitureItems


class FurnitureQuote(Body):
    """The same inside a lead."""

    kind: Literal["furniture"]
    items: FurnitureItems


class QuotedCategory(View):
    """The category that was computed with."""

    id: UUID
    name: str = Field(examples=["Nhà bếp"])
    coefficient: Number


class QuotedMaterial(View):
    """A chosen material: its unit price and what it costs for the area."""

    id: UUID
    name: str = Field(examples=["Gạch men 60 × 60"])
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


class QuotedPiece(View):
    """So many of one product: price and fit-in fee are of one piece, *lineTotal* is of all of them."""

    product_id: UUID
    name: str = Field(examples=["Tủ bếp dưới"])
    unit: Literal["M2", "LINEAR"]
    length: Number | None
    width: Number | None
    fit_in: bool
    unit_price: Money
    calculated_price: Money
    fit_in_fee: Money
    quantity: int
    line_total: Money


class QuotedFee(View):
    """What the whole costs beside the pieces."""

    name: str = Field(examples=["Vận chuyển"])
    amount: Money


class FurnitureBreakdown(View):
    """How the total comes about; each amount is rounded half-up from exact parts."""

    items: list[QuotedPiece]
    subtotal: Money
    fit_in_fees_total: Money
    fees: list[QuotedFee]
    total: Money


Quote = Annotated[CalculatorQuote | FurnitureQuote, Field(discriminator="kind")]
Breakdown = CalculatorBreakdown | FurnitureBreakdown
