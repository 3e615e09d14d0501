"""A plain HTML form without any script can post a lead."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.product.conftest import Api, Ledger, Reply, Turnstile

FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def post(api: Api, turnstile: Turnstile) -> Callable[..., Reply]:
    """Post a valid form; fields given are added or replaced, headers too."""

    def send(fields: list[tuple[str, str]] | None = None, **headers: str) -> Reply:
        base = {
            "name": "Lê Văn Tám",
            "phone": "0912345678",
            "email": "",
            "content": "Tôi cần sơn lại nhà.\r\nGọi buổi tối.",
            "source": "CONTACT_FORM",
            "consent.version": "2026-01",
            "consent.accepted": "on",
            "utm.first.source": "zalo",
            "elapsedMs": "9000",
            "website": "",
            "cf-turnstile-response": turnstile.token(),
        }
        replaced = dict(fields or [])
        pairs = [(name, value) for name, value in base.items() if name not in replaced] + list(fields or [])
        return api.call("POST", "/leads", urlencode(pairs), headers={**FORM, **headers})

    return send


def test_a_form_is_stored_and_sent_on_to_its_next_page(post: Callable[..., Reply], ledger: Ledger) -> None:
    answer = post([("next", "/thanks?lang=vi")])
    assert (answer.status, answer.body) == (303, "")
    assert answer.headers["Location"].endswith("/thanks?lang=vi")
    stored = ledger.rows("SELECT name, email, content, utm FROM leads")
    assert stored[0]["name"] == "Lê Văn Tám"
    assert stored[0]["email"] is None
    assert stored[0]["utm"] == {"first": {"source": "zalo"}}


def test_a_program_that_sends_a_form_gets_json(post: Callable[..., Reply]) -> None:
    answer = post(accept="application/json")
    assert (answer.status, answer.json["status"]) == (201, "RECEIVED")


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb"]
)
def test_a_form_is_never_sent_to_another_site(
    post: Callable[..., Reply], ledger: Ledger, onward: str
) -> None:
    answer = post([("next", onward)])
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/next")
    assert ledger.rows("SELECT 1 FROM leads") == []


def test_a_quote_travels_by_dotted_and_repeated_names(api: Api, post: Callable[..., Reply]) -> None:
    category = api.call("GET", "/service-categories").json["items"][0]["id"]
    materials = api.call("GET", "/materials", query={"categoryId": [category]}).json["items"][:2]
    fields = [
        ("source", "QUOTE_FORM"),
        ("quote.kind", "calculator"),
        ("quote.categoryId", category),
        ("quote.area", "20.5"),
        *[("quote.materialIds", item["id"]) for item in materials],
    ]
    answer = post(fields, accept="application/json")
    assert answer.status == 201
    assert [item["id"] for item in answer.json["quote"]["materials"]] == [item["id"] for item in materials]


BAD_FORMS: list[tuple[list[tuple[str, str]], int]] = [
    ([("name", "A")], 422),
    ([("consent.accepted", "off")], 422),
    ([("unknown", "1")], 422),
    ([("name.first", "An"), ("name", "Binh")], 400),
    ([("phone", "0912345678"), ("phone", "0987654321")], 400),
    ([("cf-turnstile-response", "")], 400),
    ([("quote.area", "12")], 422),
    ([(f"field{number}", "x") for number in range(250)], 400),
]


@pytest.mark.parametrize(("fields", "status"), BAD_FORMS, ids=[str(row[0])[:30] for row in BAD_FORMS])
def test_a_bad_form_changes_nothing(
    post: Callable[..., Reply], ledger: Ledger, fields: list[tuple[str, str]], status: int
) -> None:
    assert post(fields).status == status
    assert ledger.rows("SELECT 1 FROM leads") == []


def test_a_form_that_is_not_url_encoded_utf8_is_refused(api: Api, ledger: Ledger) -> None:
    for body in ("name=%ff%fe", "name=é", "a=%zz&name=An"):
        answer: Any = api.call("POST", "/leads", body, headers=FORM)
        assert answer.status in {400, 422}
    assert ledger.rows("SELECT 1 FROM leads") == []


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_next_that_no_header_could_hold_is_refused_and_nothing_is_stored(
    post: Callable[..., Reply], ledger: Ledger, accept: str
) -> None:
    answer = post([("next", "/" + "a" * 2000)], accept=accept)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/next")
    assert ledger.rows("SELECT id FROM leads") == []
