"""Dead letters: staff see why, and bring jobs back to life one by one or all, once, audited."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.product.conftest import Faults, FrozenClock, Ledger

if TYPE_CHECKING:
    from tests.product.job_fixtures import Queues
    from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.staff_fixtures", "tests.product.job_fixtures")
LIST = "/admin/queues/{queue}/dead-letters"
REDRIVE = "/admin/queues/{queue}/dead-letters/{jobId}/redrive"
REDRIVE_ALL = "/admin/queues/{queue}/redrive-all"


def _bury(ledger: Ledger, clock: FrozenClock, count: int = 1, queue: str = "sync") -> list[UUID]:
    """Dead jobs of *queue*, the first to die first."""
    rows = ledger.rows(
        "INSERT INTO jobs (id, queue, type, subject_id, recipient_id, state, epoch, attempts, due_at, reason,"
        " correlation_id, created_at, finished_at)"
        " SELECT gen_random_uuid(), %s, 'google_sheets', gen_random_uuid(), gen_random_uuid(), 'dead', 2, 4,"
        " %s, 'Google refuses this row', 'c-' || n, %s, %s + n * interval '1 second'"
        " FROM generate_series(1, %s) AS n RETURNING id, finished_at",
        queue, clock.now(), clock.now(), clock.now(), count,
    )  # fmt: skip
    clock.advance(count + 1)
    return [row["id"] for row in sorted(rows, key=lambda row: row["finished_at"])]


def _job(ledger: Ledger, job_id: UUID) -> dict[str, Any]:
    return ledger.rows("SELECT * FROM jobs WHERE id = %s", job_id)[0]


@pytest.mark.proves("P2")
def test_a_dead_job_is_listed_with_its_reason_and_ids_only(
    desk: "Desk", ledger: Ledger, clock: FrozenClock
) -> None:
    (job_id,) = _bury(ledger, clock)
    _bury(ledger, clock, queue="email")
    ledger.rows("INSERT INTO jobs SELECT (jsonb_populate_record(jobs, jsonb_build_object("
                "'id', gen_random_uuid(), 'state', 'done'))).* FROM jobs")  # fmt: skip
    (item,) = desk.get(LIST, queue="sync")["items"]
    row = _job(ledger, job_id)
    assert item == {
        "jobId": str(job_id),
        "type": "google_sheets",
        "attempts": 4,
        "failedAt": item["failedAt"],
        "reason": "Google refuses this row",
        "correlationId": "c-1",
        "payload": {
            "subjectId": str(row["subject_id"]),
            "recipientId": str(row["recipient_id"]),
            "epoch": 2,
        },
    }
    assert row["finished_at"].isoformat(timespec="milliseconds").startswith(item["failedAt"][:-1])


def test_all_of_them_are_listed_page_by_page_the_latest_first(
    desk: "Desk", ledger: Ledger, clock: FrozenClock
) -> None:
    buried = _bury(ledger, clock, 120)
    listed = [UUID(item["jobId"]) for item in desk.every(LIST, queue="sync")]
    assert listed == buried[::-1]


def test_a_redriven_job_has_all_its_attempts_in_a_new_epoch_a_message_and_an_audit_entry(
    desk: "Desk", ledger: Ledger, clock: FrozenClock, queues: "Queues"
) -> None:
    job_id, other = _bury(ledger, clock, 2)
    answer = desk.call("POST", REDRIVE, queue="sync", jobId=job_id, headers={"x-correlation-id": "mine"})
    assert (answer.status, answer.json) == (202, {"redriven": 1, "remaining": 1})
    job = _job(ledger, job_id)
    assert (job["state"], job["epoch"], job["attempts"], job["reason"]) == ("waiting", 3, 0, None)
    assert _job(ledger, other)["state"] == "dead"
    assert queues.sent() == [job_id]
    (entry,) = desk.audit()
    assert (entry["action"], entry["target"]) == ("job.redriven", f"jobs/{job_id}")
    assert (entry["actor_id"], entry["actor_role"]) == (desk.ids["MANAGER"], "MANAGER")
    assert (entry["before"], entry["after"]) == (
        {"state": "dead", "epoch": 2},
        {"state": "waiting", "epoch": 3},
    )
    assert (entry["ip"], entry["correlation_id"], entry["at"]) == ("203.0.113.7", "mine", clock.now())


def test_what_is_not_dead_or_not_there_is_not_redriven(
    desk: "Desk", ledger: Ledger, clock: FrozenClock
) -> None:
    (job_id,) = _bury(ledger, clock)
    assert desk.call("POST", REDRIVE, queue="sync", jobId=job_id).status == 202
    again = desk.call("POST", REDRIVE, queue="sync", jobId=job_id)
    assert (again.status, again.json["code"]) == (409, "CONFLICT")
    assert again.json["detail"] == "This job is waiting; only a dead one can be redriven."
    for queue, wanted in (("email", job_id), ("sync", uuid.uuid4()), ("sync", "x")):
        answer = desk.call("POST", REDRIVE, queue=queue, jobId=wanted)
        assert (answer.status, answer.json["code"]) == (404, "NOT_FOUND")
    assert len(desk.audit()) == 1


@pytest.mark.parametrize("queue", ["x", "SYNC", "plumbline-sync", "%00"])
def test_an_unknown_queue_is_a_404(desk: "Desk", queue: str) -> None:
    assert desk.call("GET", LIST, queue=queue).status == 404
    assert desk.call("POST", REDRIVE, queue=queue, jobId=uuid.uuid4()).status == 404
    assert desk.call("POST", REDRIVE_ALL, queue=queue).status == 404


def test_two_who_redrive_one_job_at_once_redrive_it_once(
    desk: "Desk", ledger: Ledger, clock: FrozenClock
) -> None:
    (job_id,) = _bury(ledger, clock)
    desk.get(LIST, queue="sync")
    from chalicelib.jobs import store  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    def redrive(_number: int) -> int:
        with database().transaction() as transaction:
            now = clock.now()
            return len(store.redrive(transaction, "sync", ids=[job_id], now=now, detail="x", limit=10))

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(redrive, range(8))) == 1
    assert _job(ledger, job_id)["epoch"] == 3


def test_all_are_redriven_a_thousand_a_call_those_that_died_first_and_each_call_is_audited(
    desk: "Desk", ledger: Ledger, clock: FrozenClock
) -> None:
    buried = _bury(ledger, clock, 1003)
    _bury(ledger, clock, queue="email")
    answer = desk.call("POST", REDRIVE_ALL, queue="sync")
    assert (answer.status, answer.json) == (202, {"redriven": 1000, "remaining": 3})
    left = ledger.rows("SELECT id FROM jobs WHERE queue = 'sync' AND state = 'dead'")
    assert {row["id"] for row in left} == set(buried[-3:])
    clock.advance(1)
    assert desk.call("POST", REDRIVE_ALL, queue="sync").json == {"redriven": 3, "remaining": 0}
    assert desk.call("POST", REDRIVE_ALL, queue="sync").json == {"redriven": 0, "remaining": 0}
    told = [(entry["action"], entry["target"], entry["after"]) for entry in desk.audit()]
    assert told == [
        ("queue.redriven", "queues/sync", {"redriven": 1000}),
        ("queue.redriven", "queues/sync", {"redriven": 3}),
    ]
    assert ledger.rows("SELECT count(*) AS n FROM jobs WHERE state = 'dead'") == [{"n": 1}]


def test_without_the_broker_they_are_redriven_all_the_same(
    desk: "Desk", ledger: Ledger, clock: FrozenClock, faults: Faults
) -> None:
    (job_id,) = _bury(ledger, clock)
    faults.set("sqs", "refuse")
    assert desk.call("POST", REDRIVE, queue="sync", jobId=job_id).status == 202
    assert _job(ledger, job_id)["state"] == "waiting"


def test_a_redrive_that_cannot_be_audited_does_not_happen(
    desk: "Desk", ledger: Ledger, clock: FrozenClock
) -> None:
    (job_id,) = _bury(ledger, clock)
    ledger.rows("ALTER TABLE audit_log RENAME TO audit_log_away")
    try:
        answer = desk.call("POST", REDRIVE, queue="sync", jobId=job_id)
        everything = desk.call("POST", REDRIVE_ALL, queue="sync")
    finally:
        ledger.rows("ALTER TABLE audit_log_away RENAME TO audit_log")
    assert (answer.status, everything.status) == (500, 500)
    assert _job(ledger, job_id)["state"] == "dead"


def test_a_redrive_that_does_not_happen_is_not_audited(
    desk: "Desk", ledger: Ledger, clock: FrozenClock
) -> None:
    """The database refuses the change at the commit, when all has been said."""
    (job_id,) = _bury(ledger, clock)
    ledger.rows(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RAISE EXCEPTION USING MESSAGE = TG_NAME; END'"
    )
    ledger.rows(
        "CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON jobs DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    try:
        answer = desk.call("POST", REDRIVE, queue="sync", jobId=job_id)
        everything = desk.call("POST", REDRIVE_ALL, queue="sync")
    finally:
        ledger.rows("DROP FUNCTION refuse CASCADE")
    assert (answer.status, everything.status) == (500, 500)
    assert (_job(ledger, job_id)["state"], desk.audit()) == ("dead", [])
