"""The catalogue as visitors see it."""

from typing import Literal
from uuid import UUID

from chalicelib.platform.models import Money, Number, View


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
    price: Money


class CategoryPage(View):
    """The service categories; short enough for one page."""

    items: list[CategoryView]
    next_cursor: str | None = None


class MaterialPage(View):
    """The materials of a category and those offered with every one; short enough for one page."""

    items: list[MaterialView]
    next_cursor: str | None = None
