"""The catalogue as visitors see it."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator

from chalicelib.platform.models import Money, Number, View
from chalicelib.platform.settings import settings


def _in_our_currency(value: Any) -> Any:
    return Money.of(value, settings().currency) if isinstance(value, Decimal) else value


# A price as the database has it, shown as money.
Price = Annotated[Money, BeforeValidator(_in_our_currency)]
Share = Literal["FIXED", "PERCENTAGE"]


class CategoryView(View):
    """A service category; *coefficient* multiplies its base price."""

    id: UUID
    name: str
    description: str
    coefficient: Number


class MaterialView(View):
    """A material; its price counts per m² of the area if its unit is `m2`, else once."""

    id: UUID
    category_id: UUID | None
    name: str
    unit: Literal["m2", "m", "piece", "set"]
    price: Price


class FurnitureProduct(View):
    """
    A piece of furniture, priced by length × width (M2) or by length (LINEAR), in metres.

    Fitting it in costs *fitInValue*: an amount, or so many per cent of its price.
    """

    id: UUID
    name: str
    description: str
    unit: Literal["M2", "LINEAR"]
    unit_price: Price
    fit_in_type: Share
    fit_in_value: Number


class Province(View):
    """A region of the lower level."""

    id: UUID
    code: str
    name: str


class Region(View):
    """A region of the upper level with those inside it."""

    id: UUID
    code: str
    name: str
    children: list[Province]


class PublicSetting(View):
    """A setting that everybody may know."""

    key: str
    type: Literal["text", "integer", "number", "boolean"]
    value: str | bool | int | float


class CategoryPage(View):
    """The service categories; short enough for one page."""

    items: list[CategoryView]
    next_cursor: str | None = None


class MaterialPage(View):
    """The materials of a category and those offered with every one; short enough for one page."""

    items: list[MaterialView]
    next_cursor: str | None = None


class FurnitureProductPage(View):
    """The furniture; short enough for one page."""

    items: list[FurnitureProduct]
    next_cursor: str | None = None


class RegionTree(View):
    """Every region, in two levels."""

    items: list[Region]
    next_cursor: str | None = None


class SettingPage(View):
    """The public settings."""

    items: list[PublicSetting]
    next_cursor: str | None = None
