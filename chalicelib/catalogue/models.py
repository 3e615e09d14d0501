"""The catalogue as visitors see it."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

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
    name: str = Field(examples=["Nhà bếp"])
    description: str = Field(examples=["Tủ, mặt đá và gạch"])
    coefficient: Number


class MaterialView(View):
    """A material; its price counts per m² of the area if its unit is `m2`, else once."""

    id: UUID
    category_id: UUID | None
    name: str = Field(examples=["Gạch men 60 × 60"])
    unit: Literal["m2", "m", "piece", "set"]
    price: Price


class FurnitureProduct(View):
    """
    A piece of furniture, priced by length × width (M2) or by length (LINEAR), in metres.

    Fitting it in costs *fitInValue*: an amount, or so many per cent of its price.
    """

    id: UUID
    name: str = Field(examples=["Tủ bếp dưới"])
    description: str = Field(examples=["Gỗ công nghiệp chống ẩm"])
    unit: Literal["M2", "LINEAR"]
    unit_price: Price
    fit_in_type: Share
    fit_in_value: Number


class Province(View):
    """A region of the lower level."""

    id: UUID
    code: str = Field(examples=["VN-HN"])
    name: str = Field(examples=["Hà Nội"])


class Region(View):
    """A region of the upper level with those inside it."""

    id: UUID
    code: str = Field(examples=["VN-BAC"])
    name: str = Field(examples=["Miền Bắc"])
    children: list[Province]


class PublicSetting(View):
    """A setting that everybody may know."""

    key: str = Field(examples=["companyPhone"])
    type: Literal["text", "integer", "number", "boolean"]
    value: str | bool | int | float = Field(examples=["+84 24 3825 1234"])


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
