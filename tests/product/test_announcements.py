"""`POST /admin/notifications`: the announcement, its one job and its audit entry, together or not at all."""

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import Faults, FrozenClock, Ledger
from tests.product.work import drain

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.staff_fixtures",)
PATH = "/admin/notifications"


def _body(desk: "Desk", **fields: Any) -> dict[str, Any]:
    return {
        "userIds": [str(desk.ids["HOMEOWNER"]), str(desk.ids["CONTRACTOR"])],
        "channels": ["in_app", "email"],
        "title": "Lịch nghỉ Tết",
        "content": "Chúng tôi nghỉ từ 28.\nHẹn gặp lại.",
        **fields,
    }


def test_an_announcement_is_stored_with_one_job_and_an_audit_entry_without_its_words(
    desk: "Desk", ledger: Ledger, clock: FrozenClock
) -> None:
    body = _body(desk)
    answer = desk.call("POST", PATH, body, headers={"x-correlation-id": "tet"})
    assert (answer.status, set(answer.json)) == (202, {"id"})
    (stored,) = ledger.rows("SELECT * FROM announcements")
    assert str(stored["id"]) == answer.json["id"]
    assert [str(user_id) for user_id in stored["user_ids"]] == body["userIds"]
    assert (stored["title"], stored["content"], stored["channels"]) == (
        body["title"], body["content"], body["channels"],
    )  # fmt: skip
    assert (stored["created_by"], stored["created_at"]) == (desk.ids["MANAGER"], clock.now())
    (job,) = ledger.rows("SELECT queue, type, subject_id, state, correlation_id FROM jobs")
    assert tuple(job.values()) == ("notification", "announcement", stored["id"], "waiting", "tet")
    (entry,) = desk.audit()
    assert (entry["action"], entry["target"]) == ("announcement.created", f"announcements/{stored['id']}")
    assert entry["after"] == {
        "fields": ["title", "content"],
        "channels": ["in_app", "email"],
        "recipients": 2,
    }
    assert "Tết" not in json.dumps([entry["before"], entry["after"]], ensure_ascii=False)


def test_each_of_them_is_told_once(desk: "Desk", ledger: Ledger) -> None:
    assert desk.call("POST", PATH, _body(desk, channels=["in_app"])).status == 202
    drain(ledger, "notification")
    told = [row["user_id"] for row in ledger.rows("SELECT user_id FROM notifications")]
    assert sorted(told) == sorted([desk.ids["HOMEOWNER"], desk.ids["CONTRACTOR"]])


def test_when_somebody_does_not_exist_nobody_is_told_and_the_places_are_named(
    desk: "Desk", ledger: Ledger
) -> None:
    ids = [str(uuid.uuid4()), str(desk.ids["HOMEOWNER"]), str(uuid.uuid4())]
    answer = desk.call("POST", PATH, _body(desk, userIds=ids))
    assert (answer.status, answer.json["code"]) == (422, "VALIDATION_ERROR")
    assert [error["pointer"] for error in answer.json["errors"]] == ["/userIds/0", "/userIds/2"]
    assert ledger.rows("SELECT id FROM announcements UNION SELECT id FROM jobs") == desk.audit() == []


def test_a_thousand_people_can_be_told_at_once(desk: "Desk", ledger: Ledger, clock: FrozenClock) -> None:
    rows = ledger.rows(
        "INSERT INTO users (id, email, name, role, password_hash, created_at)"
        " SELECT gen_random_uuid(), n || '@many.test', 'N', 'HOMEOWNER', '-', %s"
        " FROM generate_series(1, 1000) AS n RETURNING id::text",
        clock.now(),
    )
    ids = [row["id"] for row in rows]
    assert desk.call("POST", PATH, _body(desk, userIds=ids)).status == 202
    too_many = desk.call("POST", PATH, _body(desk, userIds=[*ids, str(desk.ids["HOMEOWNER"])]))
    assert (too_many.status, too_many.json["errors"][0]["pointer"]) == (422, "/userIds")
    nobody = desk.call("POST", PATH, _body(desk, userIds=[str(uuid.uuid4()) for _ in range(1000)]))
    assert (nobody.status, len(nobody.json["errors"])) == (422, 100)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"userIds": []}, "/userIds"),
        ({"userIds": ["x"]}, "/userIds/0"),
        ({"userIds": ["7f1c1c34-7a55-4d0e-9a2c-1d1b6f6f0a01"] * 2}, "/userIds"),
        ({"channels": []}, "/channels"),
        ({"channels": ["fax"]}, "/channels/0"),
        ({"channels": ["email", "email"]}, "/channels"),
        ({"title": ""}, "/title"),
        ({"title": "  "}, "/title"),
        ({"title": "a" * 121}, "/title"),
        ({"title": "a\nb"}, "/title"),
        ({"content": "a" * 2001}, "/content"),
        ({"content": "a\x00b"}, "/content"),
        ({"roles": ["ADMIN"]}, "/roles"),
    ],
)
def test_what_is_no_announcement_is_refused_at_its_place(
    desk: "Desk", ledger: Ledger, fields: dict[str, Any], pointer: str
) -> None:
    answer = desk.call("POST", PATH, _body(desk, **fields))
    assert answer.status == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    assert ledger.rows("SELECT 1 FROM announcements") == []


def test_without_the_broker_it_is_stored_and_sent_later(desk: "Desk", ledger: Ledger, faults: Faults) -> None:
    faults.set("sqs", "refuse")
    assert desk.call("POST", PATH, _body(desk)).status == 202
    assert ledger.rows("SELECT type, state FROM jobs") == [{"type": "announcement", "state": "waiting"}]
