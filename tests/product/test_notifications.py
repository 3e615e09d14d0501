"""The notification worker: one job for many becomes one for each person and channel; nobody is told twice."""

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from tests.product.conftest import Api, Faults, FrozenClock, Ledger
from tests.product.work import drain, messages_of, work_off

_PHONES = iter(f"+8491{number:07d}" for number in range(1000))


@dataclass(frozen=True)
class People:
    """Accounts, straight in the database."""

    ledger: Ledger

    def add(self, role: str = "MANAGER", **fields: Any) -> uuid.UUID:
        """One confirmed account; *fields* are columns."""
        user_id = uuid.uuid4()
        columns = {"name": "Trần Minh", "phone": None, "wants_lead_mail": False, "locale": "vi", **fields}
        self.ledger.rows(
            "INSERT INTO users (id, email, role, password_hash, confirmed_at, created_at, name, phone,"
            " wants_lead_mail, locale) VALUES (%s, %s, %s, '-', now(), now(), %s, %s, %s, %s)",
            user_id,
            f"{user_id}@plumbline.test",
            role,
            *(columns[name] for name in ("name", "phone", "wants_lead_mail", "locale")),
        )
        return user_id

    def announce(
        self, channels: list[str], user_ids: list[uuid.UUID], content: str = "Họp lúc 9 giờ."
    ) -> None:
        """An announcement with its job."""
        announcement_id = uuid.uuid4()
        self.ledger.rows(
            "INSERT INTO announcements (id, title, content, channels, user_ids, created_at)"
            " VALUES (%s, 'Lịch họp', %s, %s, %s, now())",
            announcement_id,
            content,
            channels,
            user_ids,
        )
        self.ledger.rows(
            "INSERT INTO jobs (id, queue, type, subject_id, state, due_at, correlation_id, created_at) VALUES"
            " (%s, 'notification', 'announcement', %s, 'waiting', now() - interval '1 hour', 'c-1', now())",
            uuid.uuid4(),
            announcement_id,
        )


@pytest.fixture
def people(ledger: Ledger) -> People:
    """Nobody yet."""
    return People(ledger)


def _token(user_id: uuid.UUID, role: str = "MANAGER") -> dict[str, str]:
    from chalicelib.guards.access import issue  # noqa: PLC0415

    return {"authorization": f"Bearer {issue(user_id, role)}"}


def _texts(world_url: str, phone: str) -> list[dict[str, Any]]:
    items = requests.get(f"{world_url}/dev/sms", timeout=5).json()["items"]
    return [item for item in items if item["to"] == phone]


def test_every_manager_and_admin_finds_a_new_lead_and_no_one_else(
    api: Api, new_lead: Any, people: People, ledger: Ledger
) -> None:
    told = {people.add("MANAGER"), people.add("ADMIN")}
    people.add("CONTRACTOR")
    people.add("HOMEOWNER")
    lead_id = api.call("POST", "/leads", new_lead()).json["id"]
    drain(ledger, "notification")
    kept = ledger.rows("SELECT user_id, lead_id::text AS lead FROM notifications")
    assert {row["user_id"] for row in kept} == told
    assert len(kept) == 2
    assert {row["lead"] for row in kept} == {lead_id}


def test_staff_who_want_mail_get_a_job_for_the_email_worker_beside_the_note(
    api: Api, new_lead: Any, people: People, ledger: Ledger
) -> None:
    wanting, other = people.add(wants_lead_mail=True), people.add()
    answer = api.call("POST", "/leads", new_lead())
    drain(ledger, "notification")
    mails = ledger.rows("SELECT recipient_id, correlation_id FROM jobs WHERE queue = 'email'")
    assert mails == [{"recipient_id": wanting, "correlation_id": answer.headers["X-Correlation-Id"]}]
    notes = {row["user_id"] for row in ledger.rows("SELECT user_id FROM notifications")}
    assert notes == {wanting, other}


def test_a_merged_submission_tells_staff_nothing_again(
    api: Api, new_lead: Any, people: People, ledger: Ledger
) -> None:
    people.add()
    for _ in range(3):
        assert api.call("POST", "/leads", new_lead()).status == 201
    drain(ledger, "notification")
    assert len(ledger.rows("SELECT 1 FROM notifications")) == 1


def test_a_quarantined_lead_causes_nothing(api: Api, new_lead: Any, people: People, ledger: Ledger) -> None:
    people.add()
    assert api.call("POST", "/leads", new_lead(website="x", email="hoa@example.test")).status == 201
    assert ledger.rows("SELECT 1 FROM jobs") == []


def test_a_worker_that_slept_past_its_lease_writes_no_note_and_makes_no_job(
    api: Api, new_lead: Any, people: People, ledger: Ledger, clock: FrozenClock
) -> None:
    from chalicelib.jobs import ledger as claims  # noqa: PLC0415
    from chalicelib.jobs.runner import _finish  # noqa: PLC0415
    from chalicelib.notifications.service import tell_staff  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    people.add()
    api.call("POST", "/leads", new_lead())
    stale = claims.claim_due(database(), "notification", "lead_notice", 1)
    (job,) = stale.jobs
    effect = tell_staff(job, stale)
    clock.advance(60)
    drain(ledger, "notification")
    assert list(_finish(job, stale, effect)) == []
    assert len(ledger.rows("SELECT 1 FROM notifications")) == 1
    assert len(ledger.rows("SELECT 1 FROM jobs WHERE type = 'in_app'")) == 1


def test_an_announcement_reaches_each_person_by_each_channel_once(
    api: Api, people: People, ledger: Ledger, world_url: str
) -> None:
    del api
    phones = [next(_PHONES), next(_PHONES)]
    users = [people.add("CONTRACTOR", phone=phone) for phone in phones]
    people.announce(["in_app", "sms", "email"], users)
    drain(ledger, "notification")
    assert {row["user_id"] for row in ledger.rows("SELECT user_id FROM notifications")} == set(users)
    for phone in phones:
        assert [item["text"] for item in _texts(world_url, phone)] == ["Lịch họp\nHọp lúc 9 giờ."]
    mails = ledger.rows("SELECT recipient_id FROM jobs WHERE queue = 'email' AND type = 'notification'")
    assert {row["recipient_id"] for row in mails} == set(users)


def test_a_person_without_a_phone_gets_no_text_and_the_job_says_so(
    api: Api, people: People, ledger: Ledger
) -> None:
    del api
    people.announce(["sms"], [people.add("HOMEOWNER")])
    drain(ledger, "notification")
    found = ledger.rows("SELECT state, reason FROM jobs WHERE type = 'sms'")
    assert found == [{"state": "done", "reason": "the person has no phone number"}]


def test_a_text_whose_answer_was_lost_may_come_twice_and_is_counted(
    api: Api, people: People, ledger: Ledger, faults: Faults, clock: FrozenClock, world_url: str
) -> None:
    del api
    phone = next(_PHONES)
    people.announce(["sms"], [people.add(phone=phone)])
    work_off(ledger, "notification")
    faults.set("sms", "commit-then-timeout", count=1)
    work_off(ledger, "notification")
    found = ledger.rows("SELECT state, attempts FROM jobs WHERE type = 'sms'")
    assert found == [{"state": "deferred", "attempts": 0}]
    faults.mend()
    clock.advance(60)
    drain(ledger, "notification")
    assert [item["answerLost"] for item in _texts(world_url, phone)] == [True, False]
    states = ledger.rows("SELECT state FROM deliveries ORDER BY started_at")
    assert [row["state"] for row in states] == ["unknown", "sent"]


@pytest.mark.proves("P2")
def test_a_refused_text_is_tried_four_times_at_0_1_3_and_7_seconds_and_is_dead_then(
    api: Api, people: People, ledger: Ledger, faults: Faults, clock: FrozenClock
) -> None:
    """P2: retried up to 3 times after 1, 2 and 4 s, then dead."""
    del api
    people.announce(["sms"], [people.add(phone=next(_PHONES))])
    work_off(ledger, "notification")
    faults.set("sms", "error", status=400)
    began = clock.now()
    for _ in range(70):
        work_off(ledger, "notification")
        clock.advance(0.125)
    started = ledger.rows(
        "SELECT at FROM job_events JOIN jobs ON jobs.id = job_id WHERE type = 'sms' AND status = 'started'"
        " ORDER BY at"
    )
    assert [(row["at"] - began).total_seconds() for row in started] == [0, 1, 3, 7]
    assert ledger.rows("SELECT state, attempts FROM jobs WHERE type = 'sms'") == [
        {"state": "dead", "attempts": 4}
    ]


def test_one_bad_job_never_holds_up_its_batch_mates(api: Api, people: People, ledger: Ledger) -> None:
    del api
    good = people.add()
    people.announce(["in_app"], [good])
    ledger.rows(
        "INSERT INTO jobs (id, queue, type, subject_id, state, due_at, correlation_id, created_at)"
        " VALUES (gen_random_uuid(), 'notification', 'announcement', gen_random_uuid(), 'waiting',"
        " now() - interval '2 hours', 'c-2', now())"
    )
    drain(ledger, "notification")
    dead = ledger.rows("SELECT reason, attempts FROM jobs WHERE state = 'dead'")
    assert dead == [{"reason": "there is no such announcement", "attempts": 1}]
    assert [row["user_id"] for row in ledger.rows("SELECT user_id FROM notifications")] == [good]
    assert messages_of(ledger, "notification") == []


def test_one_reads_ones_own_notes_in_ones_own_language_and_marks_them_read(
    api: Api, new_lead: Any, people: People, ledger: Ledger
) -> None:
    english, vietnamese = people.add(locale="en"), people.add(locale="vi")
    lead_id = api.call("POST", "/leads", new_lead()).json["id"]
    drain(ledger, "notification")
    (mine,) = api.call("GET", "/me/notifications", headers=_token(english)).json["items"]
    assert (mine["type"], mine["title"], mine["leadId"]) == ("lead", "New message", lead_id)
    assert mine["content"] == "Nguyễn Thị Hoa"
    assert mine["readAt"] is None
    (theirs,) = api.call("GET", "/me/notifications", headers=_token(vietnamese)).json["items"]
    assert theirs["title"] == "Tin nhắn mới"
    path, resource = f"/me/notifications/{mine['id']}/read", "/me/notifications/{id}/read"
    stranger = api.call("POST", path, headers=_token(vietnamese), resource=resource)
    assert (stranger.status, stranger.json["code"]) == (404, "NOT_FOUND")
    assert api.call("POST", path, headers=_token(english), resource=resource).status == 204
    (read,) = api.call("GET", "/me/notifications", headers=_token(english)).json["items"]
    assert read["readAt"] is not None
    ledger.rows("UPDATE leads SET name = NULL, phone = NULL, email = NULL, content = NULL, erased_at = now()")
    (erased,) = api.call("GET", "/me/notifications", headers=_token(english)).json["items"]
    assert "Hoa" not in erased["content"]


def test_notes_come_a_page_at_a_time_and_each_once(api: Api, people: People, ledger: Ledger) -> None:
    reader = people.add()
    for number in range(120):
        people.announce(["in_app"], [reader], content=f"Tin {number}")
    drain(ledger, "notification")
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query = None if cursor is None else {"cursor": [cursor]}
        page = api.call("GET", "/me/notifications", headers=_token(reader), query=query).json
        seen += [item["content"] for item in page["items"]]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(f"Tin {number}" for number in range(120))
