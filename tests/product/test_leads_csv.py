"""`leads.csv` within one answer: every lead once, every cell harmless, and who took it written down."""

import csv
import io
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.product.conftest import Api, FrozenClock, Ledger
from tests.product.export_files import CSV, cells, exported
from tests.product.profiles import PROFILE

if TYPE_CHECKING:
    from tests.product.export_fixtures import Crowd
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.staff_fixtures", "tests.product.export_fixtures")
NewLead = Callable[..., dict[str, Any]]
HEADER = (
    "id,createdAt,status,source,name,phone,email,content,quoteTotal,quoteCurrency,submissionCount,"
    "assignedTo,correlationId"
)
FORMULAS = "=+-@\t\r\n\0＝＋－＠"
ROW = dict.fromkeys(
    ("id", "created_at", "status", "source", "name", "phone", "email", "content", "submission_count"), "x"
) | {"quote": None, "assigned_to": None, "correlation_id": "x"}


def _submit(api: Api, body: dict[str, Any]) -> str:
    answer = api.call("POST", "/leads", body)
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


def test_leads_are_one_csv_with_a_byte_order_mark_and_a_header(
    api: Api, desk: "Desk", clock: FrozenClock, new_lead: NewLead
) -> None:
    category = api.call("GET", "/service-categories").json["items"][0]["id"]
    quote = {"kind": "calculator", "categoryId": category, "area": 20, "materialIds": []}
    first = _submit(api, new_lead(source="QUOTE_FORM", quote=quote, email="hoa@example.test"))
    clock.advance(60)
    words = 'Xin gọi lại, "sau năm giờ";\ncảm ơn.'
    _submit(api, new_lead(source="QUOTE_FORM", quote=quote, content=words))
    answer = desk.call("GET", CSV)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="leads.csv"'
    assert answer.body.startswith(f"\ufeff{HEADER}\r\n")
    assert answer.body.endswith("\r\n")
    shown = desk.get("/admin/leads/{id}", id=first)
    (row,) = cells(answer.body)
    assert row == {
        "id": first,
        "createdAt": shown["createdAt"],
        "status": "NEW",
        "source": "QUOTE_FORM",
        "name": shown["name"],
        "phone": "'+84912345678",
        "email": "",
        "content": words,
        "quoteTotal": shown["quote"]["total"]["amount"],
        "quoteCurrency": "VND",
        "submissionCount": "2",
        "assignedTo": "",
        "correlationId": shown["correlationId"],
    }


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"status": "NEW"},
        {"source": "QUOTE_FORM"},
        {"status": "SPAM", "source": "CONTACT_FORM"},
        {"search": "nguyễn"},
        {"search": "hiếm", "status": "NEW"},
        {"search": "nobody at all"},
    ],
)
def test_an_export_is_what_the_list_shows_with_the_same_filters(
    desk: "Desk", crowd: "Crowd", query: dict[str, str]
) -> None:
    crowd.fill(2500)
    listed = desk.every("/admin/leads", query={name: [value] for name, value in query.items()})
    assert [row["id"] for row in exported(desk, **query)] == [item["id"] for item in listed]


@PROFILE
@given(words=st.lists(st.text() | st.text(alphabet=FORMULAS + " '\"',;x"), min_size=1))
def test_asvs_1_2_10_no_cell_begins_a_formula_and_each_is_read_as_it_was_written(words: list[str]) -> None:
    """ASVS 5.0, 1.2.10 (CSV and formula injection): RFC 4180 quoting, and an apostrophe before a formula."""
    from chalicelib.staff.exports.rules import cell_of, lines_of  # noqa: PLC0415

    text = lines_of([{**ROW, "name": word, "content": word} for word in words])
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [(row[4], row[7]) for row in read] == [(cell_of(word), cell_of(word)) for word in words]
    for word, row in zip(words, read, strict=True):
        assert row[4] in {word, f"'{word}"}
        assert not row[4].startswith(tuple(FORMULAS))
        assert row[4] == word or word.startswith(tuple(FORMULAS))


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠SUM(A1)", '=HYPERLINK("http://x","y")']
)
def test_asvs_1_2_10_what_a_visitor_writes_never_runs_in_a_spreadsheet(
    api: Api, desk: "Desk", new_lead: NewLead, name: str
) -> None:
    _submit(api, new_lead(name=name, content=f"{name} và sửa lại nhà bếp"))
    (row,) = exported(desk)
    assert (row["name"], row["content"]) == (f"'{name}", f"'{name} và sửa lại nhà bếp")


def test_people_who_were_erased_are_empty_cells(
    api: Api, desk: "Desk", ledger: Ledger, new_lead: NewLead
) -> None:
    lead_id = _submit(api, new_lead(email="hoa@example.test"))
    ledger.rows("UPDATE leads SET name = NULL, phone = NULL, email = NULL, content = NULL, erased_at = now()")
    (row,) = exported(desk)
    assert row["id"] == lead_id
    assert [row[name] for name in ("name", "phone", "email", "content")] == [""] * 4


def test_who_exported_what_is_written_down_and_what_they_searched_for_is_not(
    api: Api, desk: "Desk", new_lead: NewLead, capsys: pytest.CaptureFixture[str]
) -> None:
    _submit(api, new_lead())
    capsys.readouterr()
    exported(desk, search="Nguyễn Thị Hoa", status="NEW")
    (entry,) = desk.audit()
    assert (entry["actor_id"], entry["action"], entry["target"]) == (
        desk.ids["MANAGER"],
        "leads.exported",
        "leads",
    )
    assert entry["after"] == {"filters": {"search": "given", "status": "NEW"}, "rows": 1}
    out = capsys.readouterr().out
    assert '"event":"leads.exported"' in out.replace(" ", "")
    assert "Nguy" not in out
    assert "Nguy" not in json.dumps(entry, default=str)


def test_a_day_or_an_instant_bounds_the_list_and_the_export(
    desk: "Desk", ledger: Ledger, crowd: "Crowd"
) -> None:
    crowd.fill(6)
    at = "UPDATE leads SET created_at = %s::timestamptz WHERE correlation_id = %s"
    instants = [
        "2026-03-01T00:00:00Z",
        "2026-03-01T23:59:59.999999Z",
        "2026-03-02T00:00:00Z",
        "2026-03-02T12:00:00+07:00",
        "2026-03-03T00:00:00Z",
        "2026-02-28T23:59:59Z",
    ]
    for n, instant in enumerate(instants):
        ledger.rows(at, instant, f"fill-{n}")

    def left(**query: str) -> set[str]:
        rows = exported(desk, **query)
        listed = desk.every("/admin/leads", query={name: [value] for name, value in query.items()})
        assert [row["id"] for row in rows] == [item["id"] for item in listed]
        return {row["correlationId"].removeprefix("fill-") for row in rows}

    assert left(**{"from": "2026-03-01", "to": "2026-03-01"}) == {"0", "1"}
    assert left(**{"from": "2026-03-02"}) == {"2", "3", "4"}
    assert left(to="2026-03-02T00:00:00Z") == {"0", "1", "5"}
    assert left(**{"from": "2026-03-02T12:00:00+07:00", "to": "2026-03-02"}) == {"3"}
    assert left(**{"from": "2026-03-04"}) == set()
    assert len(left(**{"from": "0001-01-01T00:00:00+14:00", "to": "9999-12-31"})) == 6


@pytest.mark.parametrize(
    "query",
    [
        {"status": ["new"]},
        {"cursor": ["x"]},
        {"assignedTo": ["me"]},
        {"from": ["yesterday"]},
        {"from": ["2026-02-30"]},
        {"from": ["20260227"]},
        {"to": ["2026-02-27T10:00:00"]},
        {"search": ["a", "b"]},
    ],
)
def test_a_filter_that_means_nothing_is_refused(desk: "Desk", query: dict[str, list[str]]) -> None:
    answer = desk.call("GET", CSV, query=query)
    assert (answer.status, answer.json["code"]) == (422, "VALIDATION_ERROR")
    assert answer.json["errors"][0]["pointer"] == f"/{next(iter(query))}"
    assert desk.audit() == []
