"""
The calculator's arithmetic, exact: formula over the area and unit prices × coefficient + materials.

A material costs price × area if its unit is `m2`, else price. Nothing is rounded before it is shown.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from chalicelib.platform.errors import FieldError, ValidationFailed
from chalicelib.platform.models import Money
from chalicelib.quotes.formula import FormulaError, evaluate
from chalicelib.quotes.models import CalculatorBreakdown, QuotedCategory, QuotedMaterial


def calculate(
    inputs: Mapping[str, Any],
    area: Decimal,
    material_ids: Sequence[UUID],
    currency: str,
    *,
    pointer: str = "",
) -> CalculatorBreakdown:
    """
    The breakdown for *area* and *material_ids* from *inputs* (`catalogue.store.PRICE_INPUTS`).

    Raises:
        ValidationFailed: no such category, or materials that do not go with it; *pointer* leads to the quote.
            Also an area for which the category's formula has no value, or one below zero (staff may not save
            one that is so for an ordinary area).
    """
    category, found = inputs["category"], {UUID(item["id"]): item for item in inputs["materials"]}
    errors = []
    if category is None:
        errors.append(FieldError(f"{pointer}/categoryId", "unknown", "There is no such service category."))
    for position, material_id in enumerate(material_ids):
        place = f"{pointer}/materialIds/{position}"
        if category is not None and material_id not in found:
            errors.append(FieldError(place, "unknown", "There is no such material in this category."))
        if material_id in material_ids[:position]:
            errors.append(FieldError(place, "doubled", "This material is chosen twice."))
    if errors:
        raise ValidationFailed(errors)
    names = {tag: Decimal(amount) for tag, amount in inputs["unitPrices"].items()} | {"AREA": area}
    base = _price_of(category["formula"], names)
    if base is None:
        told = "We have no price for this area; give another one, or write to us without a quote."
        raise ValidationFailed([FieldError(f"{pointer}/area", "no_price", told)])
    coefficient = Decimal(category["coefficient"])
    materials, materials_total = [], Decimal(0)
    for material_id in material_ids:
        item = found[material_id]
        price = Decimal(item["price"])
        cost = price * area if item["unit"] == "m2" else price
        materials_total += cost
        materials.append(
            QuotedMaterial(
                id=material_id,
                name=item["name"],
                price=Money.of(price, currency),
                cost=Money.of(cost, currency),
            )
        )
    with_coefficient = base * coefficient
    return CalculatorBreakdown(
        category=QuotedCategory(id=category["id"], name=category["name"], coefficient=coefficient),
        area=area,
        base_price=Money.of(base, currency),
        price_with_coefficient=Money.of(with_coefficient, currency),
        materials=materials,
        materials_total=Money.of(materials_total, currency),
        total=Money.of(with_coefficient + materials_total, currency),
    )


def _price_of(formula: str, names: Mapping[str, Decimal]) -> Decimal | None:
    try:
        price = evaluate(formula, names)
    except FormulaError:
        return None
    return price if price >= 0 else None
