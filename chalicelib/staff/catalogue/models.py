"""
What staff put into the catalogue and find there; the fields of a `New…` and of its `Staff…` are the columns
of its table.

Prices are money on both sides, so what was read can be sent back.
"""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, create_model

from chalicelib.catalogue.models import Price, Share
from chalicelib.platform.models import MINOR_DIGITS, Body, Line, Number, Text, View
from chalicelib.platform.settings import settings
from chalicelib.quotes.formula import LENGTH_LIMIT
from chalicelib.quotes.models import exact_number, number_schema

_TAG = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")


def _amount_of(value: Any) -> Any:
    """The exact amount of money in our currency, with no more digits than that shows."""
    currency = settings().currency
    if not isinstance(value, dict) or set(value) != {"amount", "currency"}:
        raise ValueError(
            f'Give an amount and its currency, like {{"amount": "1000", "currency": "{currency}"}}.'
        )
    amount = value["amount"]
    if value["currency"] != currency:
        raise ValueError(f"Our prices are in {currency}.")
    if not isinstance(amount, str) or not _AMOUNT.fullmatch(amount):
        raise ValueError("Give the amount as text of up to 12 digits, like 1250000.")
    if len(amount.partition(".")[2]) > MINOR_DIGITS[currency]:
        raise ValueError(f"An amount in {currency} has {MINOR_DIGITS[currency]} digits behind the point.")
    return Decimal(amount)


def _tag(value: str) -> str:
    if not _TAG.fullmatch(value) or value == "AREA":
        raise ValueError("A tag has capitals, digits and _, like TILE_LABOUR; AREA is the visitor's own.")
    return value


def _code(value: str) -> str:
    if not _CODE.fullmatch(value):
        raise ValueError("A code has up to 20 capitals, digits and hyphens, like VN-HN.")
    return value


def _pattern(known: re.Pattern[str], example: str) -> Any:
    return Field(json_schema_extra={"pattern": f"^{known.pattern}$"}, examples=[example])


_MONEY_SCHEMA = {
    "type": "object",
    "required": ["amount", "currency"],
    "additionalProperties": False,
    "properties": {
        "amount": {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,2})?$", "examples": ["1250000"]},
        "currency": {"enum": [*MINOR_DIGITS]},
    },
}
Name = Annotated[Line, Field(min_length=1, max_length=100, examples=["Gạch men 60 × 60"])]
Description = Annotated[Text, Field(max_length=1000, examples=["Chống trơn, loại một"])]
NewPrice = Annotated[Decimal, BeforeValidator(_amount_of), WithJsonSchema(_MONEY_SCHEMA)]
Position = Annotated[int, Field(ge=0, le=100_000, description="Where it stands; the lowest comes first.")]
Coefficient = Annotated[
    Decimal,
    BeforeValidator(exact_number),
    number_schema(exclusiveMinimum=0, maximum=1000),
    Field(gt=0, le=1000, max_digits=8, decimal_places=4, allow_inf_nan=False),
]
ShareValue = Annotated[
    Decimal,
    BeforeValidator(exact_number),
    number_schema(minimum=0, maximum=10**9),
    Field(
        ge=0,
        le=10**9,
        decimal_places=4,
        allow_inf_nan=False,
        description="So much of our currency (FIXED), or so many per cent (PERCENTAGE).",
    ),
]
_LAST = 100_000


class NewCategory(Body):
    """A service category; *formula* is over AREA and the tags of the unit prices."""

    name: Name
    description: Description = ""
    formula: Annotated[Line, Field(min_length=1, max_length=LENGTH_LIMIT, examples=["AREA * 1000"])]
    coefficient: Coefficient = Decimal(1)
    position: Position = _LAST


class StaffCategory(View):
    """A service category with what its prices come from."""

    id: UUID
    name: str = Field(examples=["Gạch men 60 × 60"])
    description: str = Field(examples=["Chống trơn, loại một"])
    formula: str = Field(examples=["AREA * 1000"])
    coefficient: Number
    position: int


class NewMaterial(Body):
    """A material; without *categoryId* it is offered with every category."""

    category_id: UUID | None = None
    name: Name
    unit: Literal["m2", "m", "piece", "set"]
    price: NewPrice
    position: Position = _LAST


class StaffMaterial(View):
    """A material."""

    id: UUID
    category_id: UUID | None
    name: str = Field(examples=["Gạch men 60 × 60"])
    unit: str = Field(examples=["m2"])
    price: Price
    position: int


class NewRegion(Body):
    """A region; without *parentId* one of the upper level."""

    parent_id: UUID | None = None
    code: Annotated[str, AfterValidator(_code), _pattern(_CODE, "VN-HN")]
    name: Name
    position: Position = _LAST


class StaffRegion(View):
    """A region of either level."""

    id: UUID
    parent_id: UUID | None
    code: str = Field(examples=["VN-HN"])
    name: str = Field(examples=["Gạch men 60 × 60"])
    position: int


class NewUnitPrice(Body):
    """A price that formulas know by its *tag*."""

    tag: Annotated[str, AfterValidator(_tag), _pattern(_TAG, "TILE_LABOUR")]
    name: Name
    amount: NewPrice


class StaffUnitPrice(View):
    """A price that formulas know by its *tag*."""

    id: UUID
    tag: str = Field(examples=["TILE_LABOUR"])
    name: str = Field(examples=["Gạch men 60 × 60"])
    amount: Price


class NewProduct(Body):
    """A piece of furniture, priced by length × width (M2) or by length (LINEAR), in metres."""

    name: Name
    description: Description = ""
    unit: Literal["M2", "LINEAR"]
    unit_price: NewPrice
    fit_in_type: Share = "FIXED"
    fit_in_value: ShareValue = Decimal(0)
    position: Position = _LAST


class StaffProduct(View):
    """A piece of furniture."""

    id: UUID
    name: str = Field(examples=["Gạch men 60 × 60"])
    description: str = Field(examples=["Chống trơn, loại một"])
    unit: str = Field(examples=["LINEAR"])
    unit_price: Price
    fit_in_type: Share
    fit_in_value: Number
    position: int


class NewFee(Body):
    """What a furniture quote costs beside its pieces: an amount, or per cent of the subtotal."""

    name: Name
    type: Share
    value: ShareValue
    position: Position = _LAST


class StaffFee(View):
    """What a furniture quote costs beside its pieces."""

    id: UUID
    name: str = Field(examples=["Gạch men 60 × 60"])
    type: Share
    value: Number
    position: int


def changes_to(model: type[Body]) -> type[Body]:
    """A body with the fields of *model*, of which each may be left out; what is left out stays as it is."""
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        kind = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
        told = Field(
            default_factory=lambda: None,
            description=field.description,
            examples=field.examples,
            json_schema_extra=field.json_schema_extra,
        )
        fields[name] = (kind, told)
    made = create_model(model.__name__.replace("New", "Changed"), __base__=Body, **fields)
    made.__doc__ = "What is to be changed; the rest stays as it is."
    return made


def page_of(view: type[View]) -> type[View]:
    """A list of *view*; what staff keep by hand is short enough for one page."""
    fields: dict[str, Any] = {"items": (list[view], ...), "next_cursor": (str | None, None)}  # type: ignore[valid-type]
    made = create_model(f"{view.__name__}Page", __base__=View, **fields)
    made.__doc__ = "All of them, in the order in which they are shown."
    return made
