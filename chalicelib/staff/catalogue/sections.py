"""
The six sections of the catalogue: where each is kept, what it looks like, which public answers it makes
stale, and what must hold after a change.

A check sees the row as it was (None: it is new) and as it would be (None: it is removed), in the turn of the
change, and refuses by raising.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from chalicelib.catalogue.rules import MATERIALS, PRODUCTS, REGIONS, SERVICE_CATEGORIES
from chalicelib.platform.errors import Conflict, FieldError, ValidationFailed
from chalicelib.platform.models import Body, View
from chalicelib.platform.postgres import Row, Transaction
from chalicelib.staff.catalogue import models, rules, store

Check = Callable[[Transaction, Row | None, Row | None], None]


@dataclass(frozen=True)
class Section:
    """One section; *unique* names the column in which no two rows are the same."""

    address: str
    word: str
    table: str
    new: type[Body]
    view: type[View]
    check: Check
    stale: tuple[str, ...] = ()
    unique: str | None = None
    order: str = "position, name, id"

    @cached_property
    def change(self) -> type[Body]:
        """What a partial change looks like."""
        return models.changes_to(self.new)

    @cached_property
    def page(self) -> type[View]:
        """What a list of them looks like."""
        return models.page_of(self.view)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its table."""
        return tuple(self.view.model_fields)

    def row_of(self, body: Body, row_id: UUID) -> Row:
        """A new row of what *body* says."""
        return {"id": row_id, **body.model_dump()}

    def show(self, row: Row) -> dict[str, Any]:
        """*row* as the outside sees it, in plain data."""
        return self.view(**row).model_dump(mode="json", by_alias=True)


def _check_category(transaction: Transaction, before: Row | None, after: Row | None) -> None:
    if after is None:
        materials = store.count_materials(transaction, before["id"]) if before else 0
        if materials:
            told = f"{materials} materials go with this category alone; move or delete them first."
            raise Conflict(told)
        return
    prices = {row["tag"]: row["amount"] for row in store.list_unit_prices(transaction)}
    fault = rules.fault_of(after["formula"], prices)
    if fault is not None:
        raise ValidationFailed([FieldError("/formula", "formula", fault)])


def _check_material(transaction: Transaction, _before: Row | None, after: Row | None) -> None:
    if after is None or after["category_id"] is None:
        return
    if store.find(transaction, "service_categories", ["id"], after["category_id"]) is None:
        told = "There is no such service category."
        raise ValidationFailed([FieldError("/categoryId", "unknown", told)])


def _check_region(transaction: Transaction, before: Row | None, after: Row | None) -> None:
    inside = store.count_children(transaction, before["id"]) if before else 0
    if before is not None and (after is None or after["code"] != before["code"]):
        contractors = store.count_contractors(transaction, before["code"])
        if contractors:
            told = f"{contractors} contractors work in this region; give them another one first."
            raise Conflict(told)
    if after is None:
        if inside:
            raise Conflict(f"{inside} regions are inside this one; move or delete them first.")
        return
    if after["parent_id"] is None:
        return
    parent = store.find(transaction, "regions", ["id", "parent_id"], after["parent_id"])
    fault = None
    if parent is None:
        fault = "There is no such region."
    elif parent["parent_id"] is not None or parent["id"] == after["id"] or inside:
        fault = "Regions have two levels: name one of the upper level, and for one that has none inside it."
    if fault is not None:
        raise ValidationFailed([FieldError("/parentId", "unknown", fault)])


def _check_unit_price(transaction: Transaction, before: Row | None, after: Row | None) -> None:
    if before is None:
        return
    prices = {row["tag"]: row["amount"] for row in store.list_unit_prices(transaction)}
    del prices[before["tag"]]
    if after is not None:
        prices[after["tag"]] = after["amount"]
    for category in store.list_formulas(transaction):
        if before["tag"] not in category["formula"]:
            continue
        fault = rules.fault_of(category["formula"], prices)
        if fault is None:
            continue
        if after is None or after["tag"] != before["tag"]:
            told = f"The formula of {category['name']} uses {before['tag']}; change that formula first."
            raise Conflict(told)
        told = f"The formula of {category['name']} cannot be used with it: {fault}"
        raise ValidationFailed([FieldError("/amount", "formula", told)])


def _check_product(_transaction: Transaction, _before: Row | None, after: Row | None) -> None:
    if after is not None:
        rules.check_share(after, "fit_in_type", "fit_in_value", pointer="/fitInValue")


def _check_fee(_transaction: Transaction, _before: Row | None, after: Row | None) -> None:
    if after is not None:
        rules.check_share(after, "type", "value", pointer="/value")


SECTIONS = (
    Section(
        address="service-categories",
        word="service category",
        table="service_categories",
        new=models.NewCategory,
        view=models.StaffCategory,
        check=_check_category,
        stale=(SERVICE_CATEGORIES, MATERIALS),
        unique="name",
    ),
    Section(
        address="materials",
        word="material",
        table="materials",
        new=models.NewMaterial,
        view=models.StaffMaterial,
        check=_check_material,
        stale=(MATERIALS,),
    ),
    Section(
        address="regions",
        word="region",
        table="regions",
        new=models.NewRegion,
        view=models.StaffRegion,
        check=_check_region,
        stale=(REGIONS,),
        unique="code",
    ),
    Section(
        address="unit-prices",
        word="unit price",
        table="unit_prices",
        new=models.NewUnitPrice,
        view=models.StaffUnitPrice,
        check=_check_unit_price,
        unique="tag",
        order="tag",
    ),
    Section(
        address="furniture/products",
        word="product",
        table="furniture_products",
        new=models.NewProduct,
        view=models.StaffProduct,
        check=_check_product,
        stale=(PRODUCTS,),
    ),
    Section(
        address="furniture/fees",
        word="fee",
        table="furniture_fees",
        new=models.NewFee,
        view=models.StaffFee,
        check=_check_fee,
    ),
)
