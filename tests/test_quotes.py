"""The calculator's arithmetic: exact, safe, and as the details page says."""

import ast
from contextlib import suppress
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.platform.errors import ValidationFailed
from chalicelib.platform.models import Money
from chalicelib.quotes.formula import FormulaError, evaluate
from chalicelib.quotes.rules import calculate

NAMES = {"AREA": Decimal("12.5"), "LABOUR": Decimal(45000), "FIXED": Decimal(6500000), "ZERO": Decimal(0)}
numbers = st.decimals(min_value=0, max_value=10**6, places=3).map(str)
leaves = numbers | st.sampled_from(sorted(set(NAMES) - {"ZERO"}))
formulas = st.recursive(
    leaves,
    lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(
        lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
    ),
    max_leaves=8,
)


@given(formulas)
def test_a_formula_means_what_exact_arithmetic_says(formula: str) -> None:
    with localcontext() as exact:
        exact.prec = 40
        assert evaluate(formula, NAMES) == _reference(ast.parse(formula, mode="eval").body, formula)


def _reference(node: ast.expr, text: str) -> Decimal:
    """Python's own parser, walked with decimals: another implementation of the same grammar."""
    if isinstance(node, ast.BinOp):
        left, right = _reference(node.left, text), _reference(node.right, text)
        return {ast.Add: left + right, ast.Sub: left - right, ast.Mult: left * right}[type(node.op)]
    written = ast.get_source_segment(text, node)
    assert written is not None
    return NAMES[written] if written in NAMES else Decimal(written)


def test_precedence_signs_and_typographic_operators() -> None:
    assert evaluate("2 + 3 × 4 − 6 ÷ 3", {}) == 12
    assert evaluate("-(2 + 3) * -AREA", NAMES) == Decimal("62.5")
    assert evaluate("AREA/2/5", NAMES) == Decimal("1.25")


@pytest.mark.parametrize(
    "formula",
    ["", "AREA +", "(AREA", "AREA)", "2 2", "UNKNOWN", "AREA / ZERO", "1/0", "__import__('os')", "AREA.real",
     "2 ** 8", "1e5", "area", "=1", "AREA; 1", "(" * 60 + "1" + ")" * 60, "1+" * 300 + "1",
     "9" * 400 + "*" + "9" * 90],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence(formula: str) -> None:
    with pytest.raises(FormulaError) as refused:
        evaluate(formula, NAMES)
    assert len(str(refused.value)) > 15


@given(st.text(max_size=60))
def test_no_text_does_more_than_be_refused(formula: str) -> None:
    with suppress(FormulaError):
        evaluate(formula, NAMES)


def _inputs(materials: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "category": {
            "id": str(uuid4()),
            "name": "Sơn nhà",
            "formula": "AREA * LABOUR + FIXED",
            "coefficient": "1.15",
        },
        "unitPrices": {"LABOUR": "45000", "FIXED": "6500000"},
        "materials": materials,
    }


def _material(unit: str, price: str) -> dict[str, Any]:
    return {"id": str(uuid4()), "name": unit, "unit": unit, "price": price}


def test_the_breakdown_adds_up() -> None:
    materials = [_material("m2", "38000"), _material("piece", "4900000")]
    ids = [UUID(item["id"]) for item in materials]
    found = calculate(_inputs(materials), Decimal("20.5"), ids, "VND")
    assert found.base_price.amount == "7422500"
    assert found.price_with_coefficient.amount == "8535875"
    assert [item.cost.amount for item in found.materials] == ["779000", "4900000"]
    assert found.materials_total.amount == "5679000"
    assert found.total.amount == "14214875"


@given(st.decimals(min_value=Decimal("0.001"), max_value=100_000, places=3), st.lists(numbers, max_size=5))
def test_the_total_is_the_exact_sum_rounded_once(area: Decimal, prices: list[str]) -> None:
    materials = [_material("m2" if position % 2 else "set", price) for position, price in enumerate(prices)]
    found = calculate(_inputs(materials), area, [UUID(item["id"]) for item in materials], "VND")
    with localcontext() as exact:
        exact.prec = 60
        total = (area * 45_000 + 6_500_000) * Decimal("1.15")
        total += sum(Decimal(p) * (area if n % 2 else 1) for n, p in enumerate(prices))
        assert found.total.amount == str(total.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def test_an_area_for_which_the_formula_has_no_value_is_refused_by_its_place() -> None:
    inputs = _inputs([])
    inputs["category"]["formula"] = "1 / (AREA - 20.5)"
    assert calculate(inputs, Decimal("20.6"), [], "VND").base_price.amount == "10"
    with pytest.raises(ValidationFailed) as refused:
        calculate(inputs, Decimal("20.5"), [], "VND", pointer="/quote")
    assert [(item.pointer, item.code) for item in refused.value.errors] == [("/quote/area", "no_price")]


def test_a_price_below_zero_is_no_price() -> None:
    inputs = _inputs([])
    inputs["category"]["formula"] = "(AREA - 10) * 1000"
    assert calculate(inputs, Decimal(10), [], "VND").base_price.amount == "0"
    with pytest.raises(ValidationFailed) as refused:
        calculate(inputs, Decimal("9.999"), [], "VND", pointer="/quote")
    assert [(item.pointer, item.code) for item in refused.value.errors] == [("/quote/area", "no_price")]


def test_what_is_unknown_or_doubled_is_named_by_its_place() -> None:
    known, unknown = _material("m2", "1"), uuid4()
    ids = [UUID(known["id"]), unknown, UUID(known["id"])]
    with pytest.raises(ValidationFailed) as refused:
        calculate(_inputs([known]), Decimal(1), ids, "VND", pointer="/quote")
    assert [(item.pointer, item.code) for item in refused.value.errors] == [
        ("/quote/materialIds/1", "unknown"),
        ("/quote/materialIds/2", "doubled"),
    ]


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("0.5", "VND", "1"),
        ("1.5", "VND", "2"),
        ("2.5", "VND", "3"),
        ("1.005", "USD", "1.01"),
        ("1E+3", "VND", "1000"),
    ],
)
def test_money_has_exactly_the_currencys_minor_digits_rounded_half_up(
    amount: str, currency: str, shown: str
) -> None:
    assert Money.of(Decimal(amount), currency).amount == shown
