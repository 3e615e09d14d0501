"""The list and the search over more leads than fit into a sample: right, and by index."""

import unicodedata
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import Ledger

if TYPE_CHECKING:
    from tests.product.export_fixtures import Crowd
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.staff_fixtures", "tests.product.export_fixtures")
MANY = 25_000
LEADS = "/admin/leads"
# Each takes another way through the statement: a full sample, a walk, the trigrams, nothing at all.
SEARCHES = {
    "frequent": {"search": "Nguyễn"},
    "rare": {"search": "hiếm"},
    "rare with filters": {"search": "hiếm", "status": "NEW", "source": "QUOTE_FORM"},
    "one in a hundred": {"search": "77@example"},
    "one in thirty-five": {"search": "bùi hoa"},
    "phone": {"search": "0900 012 345"},
    "a part of a phone": {"search": "1234"},
    "of a few letters": {"search": "lê"},
    "nobody": {"search": "zzqqxx"},
    "only merged": {"search": "khach10998@"},
    "without accents": {"search": "nguyen"},
    "rare without accents": {"search": "hiem"},
    "one in thirty-five without accents": {"search": "bui hoa"},
    "of two letters without accents": {"search": "oi"},
    "of two letters that nobody has": {"search": "zq"},
    "far away": {"search": "Xa Xôi"},
    "far away without accents": {"search": "xa xoi"},
    "far away and merged": {"search": "Gộp Xa"},
}
_PLAIN = """
SELECT id::text FROM leads AS lead
WHERE merged_into IS NULL
  AND (%(status)s::text IS NULL OR status = %(status)s) AND (%(source)s::text IS NULL OR source = %(source)s)
  AND EXISTS (
      SELECT FROM leads AS said WHERE lead.id IN (said.id, said.merged_into)
        AND (CASE WHEN %(is_folded)s THEN folded(said.name) ELSE said.name END ILIKE %(pattern)s
             OR said.email ILIKE %(pattern)s OR said.phone LIKE %(phone)s)
  )
ORDER BY created_at DESC, id DESC
"""


@pytest.fixture
def many(crowd: "Crowd", ledger: Ledger) -> "Crowd":
    """25,000 leads; many of the oldest have a name of their own, and three of what was merged."""
    crowd.fill(MANY)
    ledger.rows("UPDATE leads SET name = 'Xa Xôi' WHERE correlation_id LIKE 'fill-248_0'")
    ledger.rows("UPDATE leads SET name = 'Xa Xôi' WHERE correlation_id LIKE 'fill-247__'")
    ledger.rows(
        "UPDATE leads SET name = 'Gộp Xa' WHERE correlation_id IN ('fill-24999', 'fill-24989', 'fill-23009')"
    )
    ledger.rows("ANALYZE leads")
    return crowd


def _plainly(ledger: Ledger, query: dict[str, str]) -> list[str]:
    from chalicelib.staff.leads.rules import filters_in  # noqa: PLC0415

    asked = filters_in(query)
    with ledger.connection() as connection:
        parameters = {**asked, "phone": asked["phone_pattern"]}
        return [row["id"] for row in connection.execute(_PLAIN, parameters).fetchall()]


@pytest.mark.usefixtures("many")
def test_a_search_of_many_finds_what_a_plain_statement_finds_page_by_page(
    desk: "Desk", ledger: Ledger
) -> None:
    for name, query in SEARCHES.items():
        expected = _plainly(ledger, query)
        first = desk.get(LEADS, query={key: [value] for key, value in query.items()})
        assert [item["id"] for item in first["items"]] == expected[:50], name
        assert (first["nextCursor"] is not None) == (len(expected) > 50), name
        if len(expected) < 1500:
            found = desk.every(LEADS, query={key: [value] for key, value in query.items()})
            assert [item["id"] for item in found] == expected, name
    assert len(_plainly(ledger, SEARCHES["far away"])) > 50
    assert len(_plainly(ledger, SEARCHES["far away and merged"])) == 3


@pytest.mark.usefixtures("many")
def test_the_last_pages_of_a_frequent_search_are_right_too(desk: "Desk", ledger: Ledger) -> None:
    from chalicelib.platform.http.listing import cursor_of  # noqa: PLC0415

    expected = _plainly(ledger, SEARCHES["frequent"])
    for left in (120, 51, 50, 49, 1):
        before = expected[-left - 1]
        (row,) = ledger.rows("SELECT created_at, id FROM leads WHERE id = %s", before)
        query = {"search": ["Nguyễn"], "cursor": [cursor_of(row["created_at"], row["id"])]}
        assert [item["id"] for item in desk.get(LEADS, query=query)["items"]] == expected[-left:][:50]


@pytest.mark.usefixtures("many")
def test_each_page_is_read_off_an_index_whatever_the_filters(ledger: Ledger) -> None:
    from chalicelib.staff.leads import store  # noqa: PLC0415
    from chalicelib.staff.leads.rules import filters_in  # noqa: PLC0415

    someone = str(uuid.uuid4())
    for query, index in (
        ({}, "leads_by_time"),
        ({"status": "SPAM"}, "using leads_"),
        ({"source": "QUOTE_FORM"}, "using leads_"),
        ({"status": "SPAM", "source": "QUOTE_FORM"}, "using leads_"),
        ({"status": "QUARANTINED"}, "leads_by_status"),
        ({"assignedTo": someone}, "leads_by_assignee"),
        ({"search": "zzqqxx"}, "leads_search_folded"),
        ({"search": "zzqqxxợ"}, "on leads_search "),
    ):
        plans: list[str] = []

        class Explained:
            """Asks PostgreSQL how it would, and did, find the rows."""

            def rows(self, sql: str, parameters: Any, plans: list[str] = plans) -> list[dict[str, Any]]:
                with ledger.connection() as connection:
                    # So few rows may be read quicker one by one; a million are not (bench.leads).
                    connection.execute("SET enable_seqscan = off")
                    found = connection.execute(f"EXPLAIN (ANALYZE, COSTS OFF) {sql}", parameters).fetchall()
                plans += [row["QUERY PLAN"] for row in found]
                return []

        store.list_leads(Explained(), filters_in(query), before=None, limit=51)  # type: ignore[arg-type]
        plan = "\n".join(plans)
        assert index in plan, f"{query}: {plan}"
        removed = [int(line.rsplit(":", 1)[1]) for line in plans if "Rows Removed by Filter" in line]
        assert sum(removed) < 5_000, f"{query}: {plan}"
        read = [line for line in plans if "Seq Scan on leads" in line and "never executed" not in line]
        assert read == [], f"{query}: {plan}"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("do thi nguyet", {"Đỗ Thị Nguyệt", "Do Thi Nguyet"}),
        ("DO THI", {"Đỗ Thị Nguyệt", "Do Thi Nguyet", "ĐỖ THỊ ƯNG"}),
        ("ung", {"ĐỖ THỊ ƯNG"}),
        ("đỗ thị", {"Đỗ Thị Nguyệt", "ĐỖ THỊ ƯNG"}),
        (unicodedata.normalize("NFD", "nguyệt"), {"Đỗ Thị Nguyệt"}),
        ("Nguyet", {"Đỗ Thị Nguyệt", "Do Thi Nguyet"}),
        ("d_ thi", set()),
    ],
)
def test_who_types_no_accents_finds_both_and_who_types_them_means_them(
    desk: "Desk", crowd: "Crowd", ledger: Ledger, search: str, found: set[str]
) -> None:
    crowd.fill(4)
    for place, name in enumerate(("Đỗ Thị Nguyệt", "Do Thi Nguyet", "ĐỖ THỊ ƯNG", "Trần Văn Bình")):
        ledger.rows(
            "UPDATE leads SET name = %s, merged_into = NULL WHERE correlation_id = %s", name, f"fill-{place}"
        )
    assert {item["name"] for item in desk.every(LEADS, query={"search": [search]})} == found
