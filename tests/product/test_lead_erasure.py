"""Forgetting a person: what is left is an id, in every place that told of them."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.product.conftest import Ledger
from tests.product.desk_samples import LEAD, PERSONAL
from tests.product.work import drain, work_off

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.product.desk_fixtures import Work
    from tests.product.sheet_fixtures import Sheet

pytest_plugins = (
    "tests.product.staff_fixtures",
    "tests.product.desk_fixtures",
    "tests.product.sheet_fixtures",
)
_PEOPLES = ("name", "phone", "email", "content", "quote", "utm")


def _everything(ledger: Ledger) -> str:
    """All that stands in PostgreSQL as one text, without accounts, catalogue, and where staff called from."""
    from tests.product.catalogue_fixtures import _TABLES as CATALOGUE  # noqa: PLC0415

    tables = ledger.rows(
        "SELECT table_name AS name FROM information_schema.tables"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> ALL(%s)",
        ["users", *CATALOGUE],
    )
    found = []
    for table in tables:
        rows = ledger.rows(f"SELECT to_jsonb(kept) - 'ip' AS row FROM \"{table['name']}\" AS kept")  # noqa: S608
        found.append(json.dumps(rows, ensure_ascii=False))
    return "\n".join(found)


def test_nothing_of_the_person_is_left_anywhere(
    work: "Work", sheet: "Sheet", ledger: Ledger, world_url: str
) -> None:
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    sync, utm = sheet.sync(), {"first": {"referrer": "https://zalo.test/?q=Hoa"}}
    first = work.submit(email="hoa@example.test", utm=utm)
    headers = {"idempotency-key": "one"}
    work.clock.advance(1)
    again = work.api.call("POST", "/leads", work.new_lead(email="hoa@example.test"), headers=headers)
    work.patch(first, note="Chị Hoa muốn gọi lại sau năm giờ.")
    sheet.drain(sync)
    drain(ledger, "notification")
    answer = work.do("erase", again.json["id"])
    assert (answer.status, answer.json["id"]) == (200, first)
    found = answer.json
    assert [found[name] for name in _PEOPLES] == [None] * 6
    assert [each[name] for each in found["submissions"] for name in _PEOPLES[2:5]] == [None] * 6
    assert [note["text"] for note in found["notes"]] == [None]
    assert work.clock.now().isoformat(timespec="milliseconds").startswith(found["erasedAt"][:-1])
    sheet.drain(sync)
    assert [[cell for cell in row if cell] for row in sheet.rows()[1:]] == [[first, "ERASED"]]
    (told,) = work.desk.get("/me/notifications")["items"]
    assert told["content"] == "Dữ liệu của người này đã được xóa."
    requests.delete(f"{world_url}/dev/mail", timeout=5).raise_for_status()
    work_off(ledger, "email")
    assert requests.get(f"{world_url}/dev/mail", timeout=5).json()["items"] == []
    kept = _everything(ledger) + str([valkey().command("HGETALL", key) for key in _hashes()])
    for secret in PERSONAL:
        assert secret not in kept, secret


def _hashes() -> list[Any]:
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    keys: Any = valkey().command("KEYS", "*")
    return [key for key in keys if valkey().command("TYPE", key) in (b"hash", "hash")]


def test_it_is_audited_recorded_by_id_and_told_and_a_second_time_changes_nothing(work: "Work") -> None:
    lead_id = work.submit()
    work.clock.advance(60)
    first = work.do("erase", lead_id).json
    before = len(work.desk.audit()), work.jobs(lead_id)
    work.clock.advance(60)
    again = work.do("erase", lead_id)
    assert (again.status, again.json) == (200, first)
    assert (len(work.desk.audit()), work.jobs(lead_id)) == before
    (entry,) = work.desk.audit()
    assert (entry["action"], entry["target"], entry["before"]) == ("lead.erased", f"leads/{lead_id}", None)
    assert entry["after"] == {"erased": "name, phone, email, content, quote, utm, client_address, ask, notes"}
    (record,) = work.ledger.rows("SELECT target, cause FROM erasures")
    assert record == {"target": f"leads/{lead_id}", "cause": "staff"}
    events = work.desk.get(f"{LEAD}/timeline", id=lead_id)["events"]
    told = [(event["kind"], event["status"]) for event in events if event["status"] == "erased"]
    assert sorted(told) == [("lead", "erased"), ("staff", "erased")]


def test_every_column_that_a_visitor_fills_is_forgotten_or_named_here(ledger: Ledger) -> None:
    """A new column of `leads` makes this fail until somebody says whether it tells of a person."""
    from chalicelib.staff.leads.erasure.store import UNKEPT  # noqa: PLC0415

    kept = {
        "id", "status", "source", "locale", "consent_version", "consent_at", "quarantine_reasons",
        "merged_into", "merged_at", "erased_at", "correlation_id", "created_at", "assigned_to",
        "first_contact_at", "released_at",
    }  # fmt: skip
    columns = ledger.rows(
        "SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'leads'"
    )
    assert {column["name"] for column in columns} == kept | set(UNKEPT)


def test_an_erased_lead_cannot_be_changed(work: "Work") -> None:
    lead_id, held = work.submit(), work.held(phone="0987 654 321")
    for each in (lead_id, held):
        assert work.do("erase", each).status == 200
        for answer in (
            work.patch(each, status="CONTACTED"),
            work.patch(each, note="Một."),
            work.do("release", each),
            work.do("reject", each),
        ):
            assert (answer.status, answer.json["code"]) == (409, "CONFLICT")
    assert work.jobs(held) == [], "what was held back never came to the sheet, and does not come there now"


def test_what_staff_merged_is_erased_with_it_and_both_rows_are_tombstones(
    work: "Work", sheet: "Sheet"
) -> None:
    other, lead_id = work.submit(phone="0987 654 321"), work.submit()
    joined = work.submit()
    sync = sheet.sync()
    sheet.drain(sync)
    work.do("merge", lead_id, {"otherId": other})
    work.do("erase", lead_id)
    sheet.drain(sync)
    rows = [[cell for cell in row if cell] for row in sheet.rows()[1:]]
    assert rows == [[other, "ERASED"], [lead_id, "ERASED"]]
    assert work.jobs(joined) == [], "what joined on arrival has no row"


def test_the_next_submission_of_the_phone_is_a_lead_of_its_own(work: "Work") -> None:
    lead_id = work.submit()
    work.do("erase", lead_id)
    assert work.ledger.rows("SELECT 1 FROM lead_slots") == []
    later = work.submit()
    assert (work.get(later)["id"], work.get(later)["name"]) == (later, "Nguyễn Thị Hoa")
    assert work.get(lead_id)["related"] == []


@pytest.mark.parametrize("when", ["before the call", "after the call"])
def test_erased_while_the_sheet_is_written_it_ends_as_a_tombstone(
    work: "Work", sheet: "Sheet", when: str
) -> None:
    """The worker has read the old words and is in its call to Google when staff erase them."""
    lead_id = work.submit()
    on_their_way: list[Any] = []

    def erase_meanwhile(name: str, argument: Any, call: "Callable[[], Any]") -> Any:
        if name != "write" or "Nguyễn Thị Hoa" not in argument[0].cells:
            return call()
        on_their_way.append(argument)
        if when == "before the call":
            assert work.do("erase", lead_id).status == 200
            return call()
        answer = call()
        assert work.do("erase", lead_id).status == 200
        return answer

    sheet.drain(sheet.sync(erase_meanwhile))
    sheet.drain(sheet.sync())
    assert len(on_their_way) == 1
    assert [[cell for cell in row if cell] for row in sheet.rows()[1:]] == [[lead_id, "ERASED"]]


def test_a_submission_that_comes_while_the_lead_is_erased_is_erased_or_a_lead_of_its_own(
    work: "Work",
) -> None:
    for number in range(6):
        phone = f"0987 654 32{number}"
        lead_id, body = work.submit(phone=phone), work.new_lead(phone=phone)
        statuses = work.at_once(
            lambda: work.do("erase", lead_id),  # noqa: B023  done within the round
            lambda: work.api.call("POST", "/leads", body),  # noqa: B023
        )
        assert statuses == [200, 201]
        (late,) = work.ledger.rows(
            "SELECT name, merged_into, erased_at FROM leads WHERE id <> %s AND created_at = %s",
            lead_id,
            work.clock.now(),
        )
        is_own = late["merged_into"] is None and late["erased_at"] is None and late["name"] is not None
        is_erased = (
            str(late["merged_into"]) == lead_id and late["erased_at"] is not None and late["name"] is None
        )
        assert is_own != is_erased
        work.clock.advance(timedelta(minutes=2).total_seconds())
