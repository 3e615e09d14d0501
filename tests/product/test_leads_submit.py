"""What a lead may look like, and that everything else is refused and changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.product.conftest import Api, Faults, FrozenClock, Ledger, Turnstile

NewLead = Callable[..., dict[str, Any]]
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def _category(api: Api) -> str:
    return str(api.call("GET", "/service-categories").json["items"][0]["id"])


def _quote(api: Api, **fields: Any) -> dict[str, Any]:
    return {"kind": "calculator", "categoryId": _category(api), "area": 20, "materialIds": [], **fields}


def test_a_contact_lead_is_stored_with_its_job_and_row(api: Api, new_lead: NewLead, ledger: Ledger) -> None:
    answer = api.call("POST", "/leads", new_lead(phone="(0912) 345.678", locale="en"))
    assert answer.status == 201
    assert answer.json == {"id": answer.json["id"], "status": "RECEIVED"}
    stored = ledger.rows("SELECT id::text, status, phone, locale, name, correlation_id FROM leads")
    assert stored == [
        {
            "id": answer.json["id"],
            "status": "NEW",
            "phone": "+84912345678",
            "locale": "en",
            "name": "Nguyễn Thị Hoa",
            "correlation_id": answer.headers["X-Correlation-Id"],
        }
    ]
    jobs = ledger.rows("SELECT type, state, subject_id::text AS subject FROM jobs ORDER BY type")
    assert jobs == [
        {"type": job_type, "state": "waiting", "subject": answer.json["id"]}
        for job_type in ("google_sheets", "lead_notice")
    ]


def test_a_quote_lead_is_answered_with_what_the_server_computed(
    api: Api, new_lead: NewLead, ledger: Ledger
) -> None:
    body = new_lead(source="QUOTE_FORM", quote=_quote(api, area=12.5))
    del body["content"]
    answer = api.call("POST", "/leads", body)
    assert answer.status == 201
    assert answer.json["quote"]["total"] == {"amount": "812500", "currency": "VND"}
    assert answer.json["quote"]["area"] == 12.5
    assert ledger.rows("SELECT quote->'total'->>'amount' AS total FROM leads") == [{"total": "812500"}]


BAD_BODIES: list[tuple[str, Any, int, str]] = [
    ("not JSON", "{", 400, "BAD_REQUEST"),
    ("nothing", "", 400, "BAD_REQUEST"),
    ("a list", "[]", 400, "BAD_REQUEST"),
    ("a string", '"lead"', 400, "BAD_REQUEST"),
    ("NaN", '{"area": NaN}', 400, "BAD_REQUEST"),
    ("a doubled name", '{"name": "An", "name": "Binh"}', 400, "BAD_REQUEST"),
    ("nested beyond reason", "[" * 20_000, 400, "BAD_REQUEST"),
    ("a number of 5,000 digits", '{"elapsedMs": ' + "9" * 5000 + "}", 400, "BAD_REQUEST"),
    ("over 64 KiB", '{"name": "' + "a" * 65_536 + '"}', 413, "PAYLOAD_TOO_LARGE"),
]


@pytest.mark.parametrize(("what", "body", "status", "code"), BAD_BODIES, ids=[row[0] for row in BAD_BODIES])
def test_an_unreadable_body_is_refused(
    api: Api, ledger: Ledger, what: str, body: str, status: int, code: str
) -> None:
    answer = api.call("POST", "/leads", body)
    assert (answer.status, answer.json["code"]) == (status, code), what
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert ledger.rows("SELECT 1 FROM leads") == []


BAD_FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"name": "A"}, "/name"),
    ({"name": "A" * 101}, "/name"),
    ({"name": 7}, "/name"),
    ({"name": None}, "/name"),
    ({"name": "An\u0000"}, "/name"),
    ({"name": "An\nBinh"}, "/name"),
    ({"name": "   "}, "/name"),
    ({"phone": "12"}, "/phone"),
    ({"phone": "not a phone"}, "/phone"),
    ({"phone": "+84 1 2 3"}, "/phone"),
    ({"email": "no-at-sign"}, "/email"),
    ({"email": "a@b"}, "/email"),
    ({"email": "a" * 250 + "@b.vn"}, "/email"),
    ({"content": "short"}, "/content"),
    ({"content": "a" * 2001}, "/content"),
    ({"source": "FAX"}, "/source"),
    ({"consent": {"version": "1", "accepted": False}}, "/consent/accepted"),
    ({"consent": {"version": "1", "accepted": "yes"}}, "/consent/accepted"),
    ({"consent": None}, "/consent"),
    ({"locale": "fr"}, "/locale"),
    ({"elapsedMs": -1}, "/elapsedMs"),
    ({"elapsedMs": 1.5}, "/elapsedMs"),
    ({"elapsedMs": "3000"}, "/elapsedMs"),
    ({"utm": {"first": {"unknown": "x"}}}, "/utm/first/unknown"),
    ({"unknown": 1}, "/unknown"),
    ({"source": "QUOTE_FORM"}, "/quote"),
    ({"quote": {"kind": "calculator"}}, "/quote/categoryId"),
    ({"quote": {"kind": "magic"}}, "/quote/kind"),
]


@pytest.mark.parametrize(("fields", "pointer"), BAD_FIELDS, ids=[str(row[0])[:40] for row in BAD_FIELDS])
def test_a_bad_field_is_named_by_its_pointer(
    api: Api, new_lead: NewLead, ledger: Ledger, fields: dict[str, Any], pointer: str
) -> None:
    answer = api.call("POST", "/leads", new_lead(**fields))
    assert (answer.status, answer.json["code"]) == (422, "VALIDATION_ERROR")
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert all(error["detail"] and error["code"] for error in answer.json["errors"])
    assert ledger.rows("SELECT 1 FROM leads") == []


@pytest.mark.parametrize("area", [0, -3, 100_001, 1e300, "12,5", True, None, "", "NaN", "1e5", 0.00001])
def test_an_impossible_area_is_refused(api: Api, new_lead: NewLead, area: Any) -> None:
    body = new_lead(source="QUOTE_FORM", quote=_quote(api, area=area))
    answer = api.call("POST", "/leads", body)
    assert answer.status == 422
    assert [error["pointer"] for error in answer.json["errors"]] == ["/quote/area"]


def test_an_unknown_category_or_material_is_refused_before_the_captcha_is_spent(
    api: Api, new_lead: NewLead
) -> None:
    body = new_lead(source="QUOTE_FORM", quote=_quote(api, categoryId=UNKNOWN))
    refused = api.call("POST", "/leads", body)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/quote/categoryId")
    material = {**body, "quote": _quote(api, materialIds=[UNKNOWN])}
    refused = api.call("POST", "/leads", material)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/quote/materialIds/0")
    assert api.call("POST", "/leads", {**body, "quote": _quote(api)}).status == 201


def test_lone_surrogates_change_nothing(api: Api, ledger: Ledger) -> None:
    answer = api.call("POST", "/leads", '{"name": "\\ud800 An", "x\\udfff": 1}')
    assert (answer.status, answer.json["code"]) == (400, "BAD_REQUEST")
    assert ledger.rows("SELECT 1 FROM leads") == []


def test_refusals_speak_to_people(api: Api, new_lead: NewLead) -> None:
    answer = api.call("POST", "/leads", new_lead(name="A" * 101, email="no-at-sign", content="short"))
    told = {error["pointer"]: error["detail"] for error in answer.json["errors"]}
    assert told["/name"] == "Use at most 100 characters."
    assert told["/content"] == "Use at least 10 characters."
    assert "name@example.com" in told["/email"]


def test_another_media_type_is_refused(api: Api, ledger: Ledger) -> None:
    answer = api.call("POST", "/leads", "<lead/>", headers={"content-type": "text/xml"})
    assert (answer.status, answer.json["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert ledger.rows("SELECT 1 FROM leads") == []


@pytest.mark.proves("P7")
@pytest.mark.parametrize("token", ["missing", None, "", "made-up", "refused", "signup", "spent"])
def test_without_a_good_captcha_token_nothing_is_stored(
    api: Api, new_lead: NewLead, turnstile: Turnstile, ledger: Ledger, token: str | None
) -> None:
    """P7: missing, empty, null, forged, refused, of another action, or spent: 400 and nothing stored."""
    tokens = {
        "refused": lambda: turnstile.token(result="fail"),
        "signup": lambda: turnstile.token(action="signup"),
        "spent": lambda: _spent(api, new_lead),
    }
    body = new_lead(turnstileToken=tokens[token]() if token in tokens else token)
    if token == "missing":
        del body["turnstileToken"]
    before = len(ledger.rows("SELECT 1 FROM leads"))
    answer = api.call("POST", "/leads", body)
    assert (answer.status, answer.json["code"]) == (400, "CAPTCHA_FAILED")
    assert len(ledger.rows("SELECT 1 FROM leads")) == before


def _spent(api: Api, new_lead: NewLead) -> str:
    body = new_lead(phone="0987 654 321")
    assert api.call("POST", "/leads", body).status == 201
    return str(body["turnstileToken"])


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"website": "https://spam.example"}, "honeypot"),
        ({"elapsedMs": 400}, "too_fast"),
        ({"content": "Buy now https://a.example and https://b.example"}, "spam_score (links)"),
        ({"content": "Best <a href=1>casino</a> for you"}, "spam_score (markup, words of advertising)"),
        ({"name": "www.spam.example"}, "spam_score (link as name)"),
        ({"content": "aaaaaaaaaaaa https://a.example"}, "spam_score (links, repeated characters)"),
    ],
)
def test_a_suspicious_lead_is_kept_apart_and_its_sender_learns_nothing(
    api: Api, new_lead: NewLead, ledger: Ledger, fields: dict[str, Any], reason: str
) -> None:
    answer = api.call("POST", "/leads", new_lead(**fields))
    assert answer.status == 201
    assert answer.json["status"] == "RECEIVED"
    assert ledger.rows("SELECT status, quarantine_reasons FROM leads") == [
        {"status": "QUARANTINED", "quarantine_reasons": [reason]}
    ]
    assert ledger.rows("SELECT 1 FROM jobs") == []
    assert ledger.rows("SELECT 1 FROM sheet_rows") == []


@pytest.mark.parametrize("mode", ["refuse", "timeout", "error"])
def test_an_outage_of_the_captcha_loses_no_customer(
    api: Api, new_lead: NewLead, ledger: Ledger, faults: Faults, mode: str
) -> None:
    body = new_lead()
    faults.set("turnstile", mode)
    assert api.call("POST", "/leads", body).status == 201
    assert ledger.rows("SELECT status, quarantine_reasons FROM leads") == [
        {"status": "QUARANTINED", "quarantine_reasons": ["captcha_unavailable"]}
    ]


def test_an_outage_of_the_captcha_puts_the_strict_limit_in_force(
    api: Api, new_lead: NewLead, faults: Faults, clock: FrozenClock
) -> None:
    faults.set("turnstile", "refuse")
    body = new_lead()
    statuses = [api.call("POST", "/leads", body).status for _ in range(11)]
    assert statuses == [201] * 10 + [429]
    clock.advance(601)
    assert api.call("POST", "/leads", body).status == 201
