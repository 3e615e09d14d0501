"""Furniture quotes: a preview for everybody, and inside a lead what the server computed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.product.conftest import Api, Ledger

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.staff_fixtures", "tests.product.catalogue_fixtures")
pytestmark = pytest.mark.usefixtures("catalogue")
NewLead = Callable[..., dict[str, Any]]


@pytest.fixture
def linear(api: Api) -> dict[str, Any]:
    """A product for 2,000,000 a metre, fitted in for 5 %."""
    return next(
        item
        for item in api.call("GET", "/furniture/products").json["items"]
        if (item["unit"], item["unitPrice"]["amount"], item["fitInValue"]) == ("LINEAR", "2000000", 5)
    )


@pytest.fixture
def square(api: Api) -> dict[str, Any]:
    """A product that is priced by the square metre."""
    return next(item for item in api.call("GET", "/furniture/products").json["items"] if item["unit"] == "M2")


def _wanted(product: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"productId": product["id"], "length": 2.4, "quantity": 2, "fitIn": True, **fields}


def _only_fee(desk: "Desk", **fee: Any) -> None:
    for item in desk.get("/admin/furniture/fees")["items"]:
        assert desk.call("DELETE", "/admin/furniture/fees/{id}", id=item["id"]).status == 204
    assert desk.call("POST", "/admin/furniture/fees", fee).status == 201


def test_the_worked_example_through_the_route(api: Api, desk: "Desk", linear: dict[str, Any]) -> None:
    _only_fee(desk, name="Khảo sát", type="PERCENTAGE", value=3)
    answer = api.call("POST", "/furniture-quotes/calculate", {"items": [_wanted(linear)]})
    assert answer.status == 200

    def vnd(amount: int) -> dict[str, str]:
        return {"amount": str(amount), "currency": "VND"}

    assert answer.json == {
        "items": [
            {
                "productId": linear["id"],
                "name": linear["name"],
                "unit": "LINEAR",
                "length": 2.4,
                "width": None,
                "fitIn": True,
                "unitPrice": vnd(2_000_000),
                "calculatedPrice": vnd(4_800_000),
                "fitInFee": vnd(240_000),
                "quantity": 2,
                "lineTotal": vnd(10_080_000),
            }
        ],
        "subtotal": vnd(9_600_000),
        "fitInFeesTotal": vnd(480_000),
        "fees": [{"name": "Khảo sát", "amount": vnd(288_000)}],
        "total": vnd(10_368_000),
    }


def test_a_changed_price_or_fee_counts_for_the_next_quote(
    api: Api, desk: "Desk", linear: dict[str, Any]
) -> None:
    body = {"items": [_wanted(linear, fitIn=False, quantity=1, length=1)]}
    _only_fee(desk, name="Vận chuyển", type="FIXED", value=500_000)
    assert api.call("POST", "/furniture-quotes/calculate", body).json["total"]["amount"] == "2500000"
    change = {"unitPrice": {"amount": "3000000", "currency": "VND"}}
    desk.call("PATCH", "/admin/furniture/products/{id}", change, id=linear["id"])
    assert api.call("POST", "/furniture-quotes/calculate", body).json["total"]["amount"] == "3500000"


BAD_ITEMS: list[tuple[dict[str, Any], str]] = [
    ({"productId": "29350b9f-3a19-4c6f-a282-bb1c4b0c35d1"}, "/items/0/productId"),
    ({"productId": "x"}, "/items/0/productId"),
    ({"length": None}, "/items/0/length"),
    ({"width": None}, "/items/0/width"),
    ({"length": 0}, "/items/0/length"),
    ({"length": -1}, "/items/0/length"),
    ({"length": 100.001}, "/items/0/length"),
    ({"length": 1.2345}, "/items/0/length"),
    ({"width": "wide"}, "/items/0/width"),
    ({"width": True}, "/items/0/width"),
    ({"quantity": 0}, "/items/0/quantity"),
    ({"quantity": 1001}, "/items/0/quantity"),
    ({"quantity": 1.5}, "/items/0/quantity"),
    ({"quantity": "2"}, "/items/0/quantity"),
    ({"fitIn": "yes"}, "/items/0/fitIn"),
    ({"unitPrice": {"amount": "1", "currency": "VND"}}, "/items/0/unitPrice"),
]


@pytest.mark.parametrize(("fields", "pointer"), BAD_ITEMS, ids=[str(row[0])[:40] for row in BAD_ITEMS])
def test_what_is_wrong_with_a_piece_is_named_by_its_place(
    api: Api, new_lead: NewLead, ledger: Ledger, square: dict[str, Any], fields: dict[str, Any], pointer: str
) -> None:
    """Alike in the preview and, behind /quote, in a lead."""
    item = _wanted(square, width=1.5) | fields
    preview = api.call("POST", "/furniture-quotes/calculate", {"items": [item]})
    quote = {"kind": "furniture", "items": [item]}
    lead = api.call("POST", "/leads", new_lead(source="FURNITURE_QUOTE", quote=quote))
    for answer, prefix in ((preview, ""), (lead, "/quote")):
        assert (answer.status, answer.json["code"]) == (422, "VALIDATION_ERROR"), answer.body
        assert prefix + pointer in [fault["pointer"] for fault in answer.json["errors"]]
    assert ledger.rows("SELECT 1 FROM leads") == []


def test_a_quote_has_pieces_as_a_list(api: Api, linear: dict[str, Any]) -> None:
    """Numbered names are a form's way; JSON has lists of its own."""
    given: list[Any] = [[], "x", None, {}, {"0": _wanted(linear)}]
    for items in given:
        assert api.call("POST", "/furniture-quotes/calculate", {"items": items}).status == 422


def test_a_quote_has_at_most_fifty_pieces(api: Api, linear: dict[str, Any]) -> None:
    for pieces, status in ((50, 200), (51, 422)):
        body = {"items": [_wanted(linear)] * pieces}
        assert api.call("POST", "/furniture-quotes/calculate", body).status == status


def test_a_furniture_lead_is_answered_and_stored_with_what_the_server_computed(
    api: Api, new_lead: NewLead, ledger: Ledger, linear: dict[str, Any], square: dict[str, Any]
) -> None:
    items = [_wanted(linear), _wanted(square, width=1.2, fitIn=False)]
    preview = api.call("POST", "/furniture-quotes/calculate", {"items": items}).json
    body = new_lead(
        source="FURNITURE_QUOTE", quote={"kind": "furniture", "items": items}, email="hoa@example.test"
    )
    del body["content"]
    answer = api.call("POST", "/leads", body)
    assert answer.status == 201
    assert answer.json["quote"] == preview
    (stored,) = ledger.rows("SELECT source, status, quote FROM leads")
    assert (stored["source"], stored["status"], stored["quote"]) == ("FURNITURE_QUOTE", "NEW", preview)
    assert {item["name"] for item in stored["quote"]["items"]} == {linear["name"], square["name"]}
    mails = ledger.rows("SELECT type FROM jobs WHERE queue = 'email'")
    assert [mail["type"] for mail in mails] == ["quotation"]


def test_a_stored_quote_stays_as_it_was_when_prices_change(
    api: Api, desk: "Desk", new_lead: NewLead, linear: dict[str, Any]
) -> None:
    quote = {"kind": "furniture", "items": [_wanted(linear)]}
    answer = api.call("POST", "/leads", new_lead(source="FURNITURE_QUOTE", quote=quote))
    assert desk.call("DELETE", "/admin/furniture/products/{id}", id=linear["id"]).status == 204
    kept = desk.get("/admin/leads/{id}", id=answer.json["id"])
    assert (kept["source"], kept["quote"]) == ("FURNITURE_QUOTE", answer.json["quote"])


def test_a_key_repeats_the_quote_byte_for_byte_after_the_price_has_changed(
    api: Api, desk: "Desk", new_lead: NewLead, key: str, linear: dict[str, Any]
) -> None:
    body = new_lead(source="FURNITURE_QUOTE", quote={"kind": "furniture", "items": [_wanted(linear)]})
    first = api.call("POST", "/leads", body, headers={"idempotency-key": key})
    change = {"unitPrice": {"amount": "1", "currency": "VND"}}
    desk.call("PATCH", "/admin/furniture/products/{id}", change, id=linear["id"])
    again = api.call("POST", "/leads", body, headers={"idempotency-key": key})
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_each_form_takes_its_own_kind_of_quote(
    api: Api, new_lead: NewLead, ledger: Ledger, linear: dict[str, Any]
) -> None:
    category = api.call("GET", "/service-categories").json["items"][0]["id"]
    furniture = {"kind": "furniture", "items": [_wanted(linear)]}
    rooms = {"kind": "calculator", "categoryId": category, "area": 20}
    for source, quote, pointer in (
        ("QUOTE_FORM", furniture, "/quote/kind"),
        ("FURNITURE_QUOTE", rooms, "/quote/kind"),
        ("FURNITURE_QUOTE", {**furniture, "kind": "sofa"}, "/quote/kind"),
        ("FURNITURE_QUOTE", {"items": furniture["items"]}, "/quote/kind"),
        ("FURNITURE_QUOTE", {**furniture, "total": {"amount": "1", "currency": "VND"}}, "/quote/total"),
        ("FURNITURE_QUOTE", None, "/quote"),
    ):
        answer = api.call("POST", "/leads", new_lead(source=source, quote=quote))
        assert answer.status == 422
        assert pointer in [fault["pointer"] for fault in answer.json["errors"]]
    assert ledger.rows("SELECT 1 FROM leads") == []


def test_a_plain_html_form_names_pieces_by_their_numbers(
    api: Api, new_lead: NewLead, linear: dict[str, Any], square: dict[str, Any]
) -> None:
    lead = new_lead()
    form = {
        "name": lead["name"],
        "phone": lead["phone"],
        "source": "FURNITURE_QUOTE",
        "consent.version": "2026-01",
        "consent.accepted": "on",
        "cf-turnstile-response": lead["turnstileToken"],
        "quote.kind": "furniture",
        "quote.items.10.productId": square["id"],
        "quote.items.10.length": "1.5",
        "quote.items.10.width": "2",
        "quote.items.10.quantity": "1",
        "quote.items.2.productId": linear["id"],
        "quote.items.2.length": "2.4",
        "quote.items.2.quantity": "2",
        "quote.items.2.fitIn": "on",
    }
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    answer = api.call("POST", "/leads", urlencode(form), headers=headers)
    assert answer.status == 201, answer.body
    first, second = answer.json["quote"]["items"]
    assert (first["productId"], first["lineTotal"]["amount"]) == (linear["id"], "10080000")
    assert (second["productId"], second["fitInFee"]["amount"]) == (square["id"], "0")
