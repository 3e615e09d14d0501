"""Leads as staff find and read them: every submission is found, and shown as the lead that it belongs to."""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import Api, FrozenClock, Ledger

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.staff_fixtures",)
NewLead = Callable[..., dict[str, Any]]
LEAD, LEADS = "/admin/leads/{id}", "/admin/leads"
_SHAPE = {
    "id", "status", "source", "name", "phone", "email", "content", "quote", "submissionCount", "assignedTo",
    "createdAt", "correlationId",
}  # fmt: skip
_DETAIL = {
    "locale",
    "submissions",
    "statusHistory",
    "notes",
    "related",
    "firstContactAt",
    "consent",
    "utm",
    "erasedAt",
}


def _submit(api: Api, body: dict[str, Any]) -> str:
    answer = api.call("POST", "/leads", body)
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


def _found(desk: "Desk", **query: str) -> list[str]:
    return [item["id"] for item in desk.every(LEADS, query={name: [value] for name, value in query.items()})]


def test_a_lead_is_read_with_all_that_belongs_to_it(
    api: Api, desk: "Desk", clock: FrozenClock, new_lead: NewLead
) -> None:
    category = api.call("GET", "/service-categories").json["items"][0]["id"]
    quote = {"kind": "calculator", "categoryId": category, "area": 20, "materialIds": []}
    utm = {"first": {"source": "zalo"}}
    body = new_lead(source="QUOTE_FORM", quote=quote, email="hoa@example.test", utm=utm, locale="en")
    lead_id = _submit(api, body)
    found = desk.get(LEAD, id=lead_id)
    assert set(found) == _SHAPE | _DETAIL
    assert (found["id"], found["status"], found["source"]) == (lead_id, "NEW", "QUOTE_FORM")
    assert (found["name"], found["phone"]) == (body["name"], "+84912345678")
    assert (found["email"], found["content"], found["locale"]) == ("hoa@example.test", body["content"], "en")
    assert found["quote"]["total"]["currency"] == "VND"
    assert found["submissionCount"] == len(found["submissions"]) == 1
    assert found["createdAt"].endswith("Z")
    assert found["consent"] == {"version": "2026-01", "accepted": True, "at": found["createdAt"]}
    assert found["utm"] == utm
    assert found["statusHistory"] == found["notes"] == found["related"] == []
    assert found["firstContactAt"] is found["assignedTo"] is found["erasedAt"] is None
    assert clock.now().isoformat(timespec="milliseconds").startswith(found["createdAt"][:-1])


def test_a_merged_submission_is_read_as_its_lead_with_the_latest_words(
    api: Api, desk: "Desk", clock: FrozenClock, new_lead: NewLead
) -> None:
    first = _submit(api, new_lead())
    clock.advance(60)
    second = _submit(api, new_lead(content="Xin gọi lại sau năm giờ chiều.", email="moi@example.test"))
    found = desk.get(LEAD, id=second)
    assert found == desk.get(LEAD, id=first)
    assert (found["id"], found["submissionCount"]) == (first, 2)
    assert (found["content"], found["email"]) == ("Xin gọi lại sau năm giờ chiều.", "moi@example.test")
    assert [each["id"] for each in found["submissions"]] == [first, second]
    assert [each["email"] for each in found["submissions"]] == [None, "moi@example.test"]
    assert _found(desk) == [first]


def test_the_same_phone_elsewhere_is_related_and_a_quarantined_lead_says_why(
    api: Api, desk: "Desk", clock: FrozenClock, new_lead: NewLead
) -> None:
    first = _submit(api, new_lead())
    clock.advance(4000)
    later = _submit(api, new_lead())
    suspicious = _submit(api, new_lead(website="x"))
    _submit(api, new_lead(phone="0912 345 679"))
    related = desk.get(LEAD, id=first)["related"]
    assert {each["id"] for each in related} == {later, suspicious}
    assert set(related[0]) == {"id", "source", "status", "createdAt"}
    held = desk.get(LEAD, id=suspicious)
    assert (held["status"], held["submissions"][0]["quarantineReasons"]) == ("QUARANTINED", ["honeypot"])


def test_an_erased_lead_is_still_there_without_the_person(
    api: Api, desk: "Desk", ledger: Ledger, new_lead: NewLead
) -> None:
    lead_id = _submit(api, new_lead())
    ledger.rows("UPDATE leads SET name = NULL, phone = NULL, email = NULL, content = NULL, erased_at = now()")
    found = desk.get(LEAD, id=lead_id)
    assert [found[name] for name in ("name", "phone", "email", "content")] == [None] * 4
    assert found["erasedAt"] is not None
    assert (found["related"], _found(desk)) == ([], [lead_id])


@pytest.mark.parametrize(
    "search",
    [
        "thị ho",
        "NGUYỄN",
        "hoa@exam",
        "0912 345 678",
        "912345",
        "+84 912",
        "(0912) 345-678",
        "50%_off",
        "a\\b",
    ],
)
def test_a_lead_is_found_by_a_part_of_a_name_an_address_or_a_phone_in_any_writing(
    api: Api, desk: "Desk", new_lead: NewLead, search: str
) -> None:
    names = {"50%_off": "Hà 50%_off", "a\\b": "Hà a\\b"}
    other = new_lead(name="Lê Văn Cường 5000off ab", phone="0987 000 111", email="cuong@other.test")
    _submit(api, other)
    wanted = _submit(
        api, new_lead(email="hoa@example.test", **({"name": names[search]} if search in names else {}))
    )
    assert _found(desk, search=search) == [wanted]


def test_a_search_finds_a_lead_by_what_was_merged_into_it_and_by_any_reference(
    api: Api, desk: "Desk", new_lead: NewLead
) -> None:
    first = _submit(api, new_lead())
    second = _submit(api, new_lead(name="Anh Của Hoa", email="anh@example.test"))
    _submit(api, new_lead(phone="0987 000 111", name="Lê Văn Cường"))
    for search in ("anh của", "anh@", first, second, "nguyễn"):
        assert _found(desk, search=search) == [first]
    assert _found(desk, search=str(uuid.uuid4())) == []
    assert _found(desk, search="09") == []


def test_filters_leave_what_they_say(api: Api, desk: "Desk", ledger: Ledger, new_lead: NewLead) -> None:
    first = _submit(api, new_lead())
    held = _submit(api, new_lead(phone="0987 000 111", website="x"))
    quoted = _submit(api, new_lead(phone="0987 000 112"))
    ledger.rows("UPDATE leads SET source = 'FURNITURE_QUOTE', status = 'CONTACTED' WHERE id = %s", quoted)
    assert _found(desk, status="NEW") == [first]
    assert _found(desk, status="QUARANTINED") == [held]
    assert _found(desk, source="FURNITURE_QUOTE", status="CONTACTED") == [quoted]
    assert _found(desk, source="FURNITURE_QUOTE", status="NEW") == []
    assert len(_found(desk, status="", source="", search=" ", cursor="")) == 3


def test_every_lead_is_listed_once_the_latest_first_also_while_others_come_in(
    desk: "Desk", ledger: Ledger, clock: FrozenClock
) -> None:
    def store(count: int) -> None:
        ledger.rows(
            "INSERT INTO leads (id, status, source, name, phone, consent_version, consent_at, correlation_id,"
            " created_at) SELECT gen_random_uuid(), 'NEW', 'CONTACT_FORM', 'L', '+84' || n, '1', %s, 'c',"
            " %s - (n / 3) * interval '1 microsecond' FROM generate_series(1, %s) AS n",
            clock.now(), clock.now(), count,
        )  # fmt: skip

    store(120)
    first = desk.get(LEADS)
    assert (len(first["items"]), set(first)) == (50, {"items", "nextCursor"})
    assert set(first["items"][0]) == _SHAPE
    clock.advance(1)
    store(10)
    rest = desk.every(LEADS, query={"cursor": [first["nextCursor"]]})
    seen = first["items"] + rest
    assert len({item["id"] for item in seen}) == len(seen) == 120
    instants = [item["createdAt"] for item in seen]
    assert instants == sorted(instants, reverse=True)


@pytest.mark.parametrize(
    "query",
    [
        {"status": ["new"]},
        {"source": ["x"]},
        {"cursor": ["x"]},
        {"cursor": ["é"]},
        {"cursor": ["MjAyNi0wMS0wMSAx"]},
        {"search": ["a\x00b"]},
        {"search": ["a" * 201]},
        {"search": ["a", "b"]},
        {"page": ["2"]},
    ],
)
def test_a_query_that_means_nothing_is_refused(desk: "Desk", query: dict[str, list[str]]) -> None:
    answer = desk.call("GET", LEADS, query=query)
    assert (answer.status, answer.json["code"]) == (422, "VALIDATION_ERROR")
    assert answer.json["errors"][0]["pointer"] == f"/{next(iter(query))}"
