"""The catalogue as staff keep it: what is added, changed, removed and refused, and what is written down."""

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import Ledger, Reply

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.staff_fixtures", "tests.product.catalogue_fixtures")
pytestmark = pytest.mark.usefixtures("catalogue")


def vnd(amount: int) -> dict[str, str]:
    """Money as it travels."""
    return {"amount": str(amount), "currency": "VND"}


# section, its audit name, a new one, a change to it
SECTIONS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    (
        "service-categories",
        "service_category",
        {"name": "Mái hiên", "description": "Mái", "formula": "AREA * 2", "coefficient": 1.25, "position": 3},
        {"formula": "AREA * PLUMBING"},
    ),
    (
        "materials",
        "material",
        {"categoryId": None, "name": "Đá hoa cương", "unit": "m2", "price": vnd(990_000), "position": 9},
        {"price": vnd(1_000_000)},
    ),
    (
        "regions",
        "region",
        {"parentId": None, "code": "TEST", "name": "Vùng thử", "position": 99},
        {"name": "Vùng khác", "code": "TEST-2"},
    ),
    ("unit-prices", "unit_price", {"tag": "ROOF", "name": "Lợp mái", "amount": vnd(1)}, {"tag": "ROOFS"}),
    (
        "furniture/products",
        "product",
        {
            "name": "Tủ rượu",
            "description": "",
            "unit": "LINEAR",
            "unitPrice": vnd(3_100_000),
            "fitInType": "PERCENTAGE",
            "fitInValue": 2.5,
            "position": 1,
        },
        {"fitInType": "FIXED", "fitInValue": 150_000},
    ),
    (
        "furniture/fees",
        "fee",
        {"name": "Bảo hành", "type": "PERCENTAGE", "value": 1.5, "position": 7},
        {"value": 2},
    ),
]
NAMES = [row[0] for row in SECTIONS]


def _add(desk: "Desk", section: str, body: dict[str, Any]) -> Any:
    answer = desk.call("POST", f"/admin/{section}", body)
    assert answer.status == 201, answer.body
    return answer.json


def _change(desk: "Desk", section: str, item_id: object, body: dict[str, Any]) -> Reply:
    return desk.call("PATCH", f"/admin/{section}/{{id}}", body, id=item_id)


def _delete(desk: "Desk", section: str, item_id: object) -> Reply:
    return desk.call("DELETE", f"/admin/{section}/{{id}}", id=item_id)


def _find(desk: "Desk", section: str, **fields: Any) -> Any:
    items = desk.get(f"/admin/{section}")["items"]
    return next(item for item in items if all(item[name] == value for name, value in fields.items()))


def _refused(answer: Reply, pointer: str) -> str:
    """The sentence that was said about the one fault, which stands at *pointer*."""
    assert (answer.status, answer.json["code"]) == (422, "VALIDATION_ERROR"), answer.body
    (fault,) = answer.json["errors"]
    assert fault["pointer"] == pointer
    return str(fault["detail"])


def _in_use(answer: Reply) -> str:
    assert (answer.status, answer.json["code"]) == (409, "CONFLICT"), answer.body
    return str(answer.json["detail"])


@pytest.mark.parametrize(("section", "word", "new", "change"), SECTIONS, ids=NAMES)
def test_a_thing_is_added_changed_in_part_and_removed_and_each_is_audited(
    desk: "Desk", section: str, word: str, new: dict[str, Any], change: dict[str, Any]
) -> None:
    made = _add(desk, section, new)
    assert {name: made[name] for name in new} == new
    assert _find(desk, section, id=made["id"]) == made
    changed = _change(desk, section, made["id"], change)
    assert (changed.status, changed.json) == (200, {**made, **change})
    assert _find(desk, section, id=made["id"]) == changed.json
    gone = _delete(desk, section, made["id"])
    assert (gone.status, gone.body) == (204, "")
    assert made["id"] not in [item["id"] for item in desk.get(f"/admin/{section}")["items"]]
    entries = {entry["action"]: entry for entry in desk.audit()}
    assert [(name, entry["before"], entry["after"]) for name, entry in sorted(entries.items())] == [
        (f"{word}.changed", made, changed.json),
        (f"{word}.created", None, made),
        (f"{word}.deleted", changed.json, None),
    ]
    assert {entry["target"] for entry in entries.values()} == {f"{section}/{made['id']}"}
    assert {entry["actor_id"] for entry in entries.values()} == {desk.ids["MANAGER"]}


@pytest.mark.parametrize(("section", "word", "new", "change"), SECTIONS, ids=NAMES)
def test_a_change_to_what_is_there_already_is_none(
    desk: "Desk", section: str, word: str, new: dict[str, Any], change: dict[str, Any]
) -> None:
    del change
    made = _add(desk, section, new)
    for body in ({}, new):
        answer = _change(desk, section, made["id"], body)
        assert (answer.status, answer.json) == (200, made)
    assert [entry["action"] for entry in desk.audit()] == [f"{word}.created"]


@pytest.mark.parametrize("section", NAMES)
def test_what_is_not_there_is_a_404(desk: "Desk", section: str) -> None:
    for item_id in (uuid.uuid4(), "nonsense", "1", "0b6f6c9e-35f1-4f0e-9c39"):
        for answer in (_change(desk, section, item_id, {}), _delete(desk, section, item_id)):
            assert (answer.status, answer.json["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(("section", "word", "new", "change"), SECTIONS, ids=NAMES)
def test_a_body_that_is_not_whole_adds_nothing(
    desk: "Desk", section: str, word: str, new: dict[str, Any], change: dict[str, Any]
) -> None:
    del word, change
    before = desk.get(f"/admin/{section}")
    for body in (
        {},
        {**new, "name": ""},
        {**new, "unknown": 1},
        {**new, "name": None},
        {**new, "name": 1},
    ):
        answer = desk.call("POST", f"/admin/{section}", body)
        assert (answer.status, answer.json["code"]) == (422, "VALIDATION_ERROR")
    made = _add(desk, section, new)
    assert _refused(_change(desk, section, made["id"], {"name": None}), "/name")
    assert _refused(_change(desk, section, made["id"], {"id": str(uuid.uuid4())}), "/id")
    _delete(desk, section, made["id"])
    assert desk.get(f"/admin/{section}") == before
    assert len(desk.audit()) == 2


BAD_PRICES: list[Any] = [
    1000,
    "1000",
    None,
    {"amount": "1000"},
    {"amount": 1000, "currency": "VND"},
    {"amount": "1000", "currency": "USD"},
    {"amount": "1000.5", "currency": "VND"},
    {"amount": "-1", "currency": "VND"},
    {"amount": "1e3", "currency": "VND"},
    {"amount": "NaN", "currency": "VND"},
    {"amount": "1" * 13, "currency": "VND"},
    {"amount": "1", "currency": "VND", "more": 1},
]


@pytest.mark.parametrize("price", BAD_PRICES, ids=str)
def test_a_price_is_money_in_our_currency(desk: "Desk", price: Any) -> None:
    body = {"name": "Keo", "unit": "set", "price": price}
    assert len(_refused(desk.call("POST", "/admin/materials", body), "/price")) > 15


@pytest.mark.parametrize(
    ("section", "column"), [("service-categories", "name"), ("regions", "code"), ("unit-prices", "tag")]
)
def test_there_are_no_two_of_one_name(desk: "Desk", section: str, column: str) -> None:
    new = next(row[2] for row in SECTIONS if row[0] == section)
    made, other = _add(desk, section, new), _add(desk, section, {**new, column: "OTHER"})
    for answer in (
        desk.call("POST", f"/admin/{section}", new),
        _change(desk, section, other["id"], {column: new[column]}),
    ):
        assert "choose another" in _in_use(answer)
    assert _change(desk, section, made["id"], {column: "THIRD"}).status == 200


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("AREA *", "ends where"),
        ("AREA * )", "should stand"),
        ("AREA PLUMBING", "operator is missing"),
        ("AREA * UNHEARD_OF", "UNHEARD_OF"),
        ("AREA ** 2", "should stand"),
        ("__import__('os')", "cannot be read"),
        ("AREA / 0", "divides by zero"),
        ("AREA / ((AREA - 20) * (AREA - 20))", "divides by zero for an area of 20 m²"),
        ("1 / (PLUMBING - 6500000)", "divides by zero"),
        ("-AREA", "below zero"),
        ("(AREA - 30) * 1000", "below zero for an area of 1 m²"),
    ],
)
def test_a_formula_that_cannot_be_used_is_refused_with_a_sentence(
    desk: "Desk", formula: str, told: str
) -> None:
    new = {"name": "Mái hiên", "formula": formula}
    assert told in _refused(desk.call("POST", "/admin/service-categories", new), "/formula")
    category = desk.get("/admin/service-categories")["items"][0]
    assert told in _refused(
        _change(desk, "service-categories", category["id"], {"formula": formula}), "/formula"
    )
    assert desk.audit() == []


def test_a_unit_price_that_a_formula_needs_stays_until_the_formula_does_without(desk: "Desk") -> None:
    price = _add(desk, "unit-prices", {"tag": "ROOF", "name": "Lợp mái", "amount": vnd(90_000)})
    longer = _add(desk, "unit-prices", {"tag": "ROOF_2", "name": "Lợp mái", "amount": vnd(90_000)})
    category = _add(desk, "service-categories", {"name": "Mái hiên", "formula": "AREA * 2 / ROOF"})
    for answer in (
        _delete(desk, "unit-prices", price["id"]),
        _change(desk, "unit-prices", price["id"], {"tag": "ROOFS"}),
    ):
        told = _in_use(answer)
        assert "Mái hiên" in told
        assert "change that formula first" in told
    assert "divides by zero" in _refused(
        _change(desk, "unit-prices", price["id"], {"amount": vnd(0)}), "/amount"
    )
    assert _change(desk, "unit-prices", price["id"], {"amount": vnd(80_000)}).status == 200
    assert _delete(desk, "unit-prices", longer["id"]).status == 204
    _change(desk, "service-categories", category["id"], {"formula": "AREA"})
    assert _delete(desk, "unit-prices", price["id"]).status == 204


def test_what_is_in_use_is_not_removed_and_the_refusal_says_what_to_do(
    desk: "Desk", catalogue: Ledger
) -> None:
    category = _add(desk, "service-categories", {"name": "Mái hiên", "formula": "AREA"})
    material = {"categoryId": category["id"], "name": "Tôn", "unit": "m2", "price": vnd(1)}
    made = _add(desk, "materials", material)
    assert "move or delete them first" in _in_use(_delete(desk, "service-categories", category["id"]))
    assert _change(desk, "materials", made["id"], {"categoryId": None}).status == 200
    assert _delete(desk, "service-categories", category["id"]).status == 204

    upper = _add(desk, "regions", {"code": "UP", "name": "Trên"})
    lower = _add(desk, "regions", {"code": "LOW", "name": "Dưới", "parentId": upper["id"]})
    assert "move or delete them first" in _in_use(_delete(desk, "regions", upper["id"]))
    catalogue.rows(
        "INSERT INTO contractors (id, name, region, joined_at) VALUES (%s, 'Thợ', 'LOW', %s)",
        uuid.uuid4(),
        desk.clock.now(),
    )
    try:
        for answer in (
            _delete(desk, "regions", lower["id"]),
            _change(desk, "regions", lower["id"], {"code": "L"}),
        ):
            assert "1 contractors" in _in_use(answer)
        assert _change(desk, "regions", lower["id"], {"name": "Thấp"}).status == 200
    finally:
        catalogue.rows("DELETE FROM contractors WHERE region = 'LOW'")
    assert _delete(desk, "regions", lower["id"]).status == 204
    assert _delete(desk, "regions", upper["id"]).status == 204


def test_regions_have_two_levels_and_no_more(desk: "Desk") -> None:
    upper = _add(desk, "regions", {"code": "UP", "name": "Trên"})
    lower = _add(desk, "regions", {"code": "LOW", "name": "Dưới", "parentId": upper["id"]})
    other = _add(desk, "regions", {"code": "OTHER", "name": "Khác"})
    third = {"code": "THIRD", "name": "Ba", "parentId": lower["id"]}
    for answer in (
        desk.call("POST", "/admin/regions", third),
        desk.call("POST", "/admin/regions", {**third, "parentId": str(uuid.uuid4())}),
        _change(desk, "regions", upper["id"], {"parentId": other["id"]}),
        _change(desk, "regions", other["id"], {"parentId": other["id"]}),
        _change(desk, "regions", other["id"], {"parentId": lower["id"]}),
    ):
        assert len(_refused(answer, "/parentId")) > 15
    assert _change(desk, "regions", lower["id"], {"parentId": other["id"]}).json["parentId"] == other["id"]


def test_a_material_goes_with_a_category_that_there_is(desk: "Desk") -> None:
    body = {"categoryId": str(uuid.uuid4()), "name": "Tôn", "unit": "m2", "price": vnd(1)}
    assert _refused(desk.call("POST", "/admin/materials", body), "/categoryId")


@pytest.mark.parametrize(
    ("section", "fields", "change", "pointer"),
    [
        (
            "furniture/products",
            {"unit": "M2", "unitPrice": vnd(1), "fitInValue": 101},
            {"fitInType": "PERCENTAGE"},
            "/fitInValue",
        ),
        ("furniture/fees", {"type": "FIXED", "value": 101}, {"type": "PERCENTAGE"}, "/value"),
    ],
)
def test_nothing_is_more_than_a_hundred_per_cent_of_something(
    desk: "Desk", section: str, fields: dict[str, Any], change: dict[str, Any], pointer: str
) -> None:
    new = {"name": "Phí", **fields}
    assert _refused(desk.call("POST", f"/admin/{section}", {**new, **change}), pointer)
    made = _add(desk, section, new)
    assert _refused(_change(desk, section, made["id"], change), pointer)


def test_a_list_stands_in_its_order_as_a_whole(desk: "Desk") -> None:
    page = desk.get("/admin/materials")
    assert page["nextCursor"] is None
    assert len(page["items"]) >= 30
    first = _add(desk, "materials", {"name": "A", "unit": "set", "price": vnd(1), "position": 0})
    last = _add(desk, "materials", {"name": "A", "unit": "set", "price": vnd(1)})
    ids = [item["id"] for item in desk.get("/admin/materials")["items"]]
    assert ids.index(first["id"]) < 2
    assert ids[-1] == last["id"]
