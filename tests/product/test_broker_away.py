"""With the broker away a request does what fits into its time, through claim and runner; the rest waits."""

import time
import uuid
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import Api, Faults, FrozenClock, LambdaContext, Ledger
from tests.product.log_lines import events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.jobs.ledger import Claim
    from chalicelib.jobs.outcome import Claimed
    from tests.product.job_fixtures import Jobs

pytest_plugins = ("tests.product.job_fixtures",)


def _staff(ledger: Ledger, number: int = 3) -> list[uuid.UUID]:
    found = [uuid.uuid4() for _ in range(number)]
    for user_id in found:
        ledger.rows(
            "INSERT INTO users (id, email, name, role, password_hash, confirmed_at, created_at)"
            " VALUES (%s, %s, 'Staff', 'MANAGER', '-', now(), now())",
            user_id,
            f"{user_id}@plumbline.test",
        )
    return found


@pytest.mark.proves("P3")
def test_staff_find_the_lead_in_the_app_although_the_broker_is_away(
    api: Api, new_lead: Any, faults: Faults, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    """P3: the jobs are processed within the request, with a warning, and the request succeeds."""
    staff = _staff(ledger)
    body = new_lead()
    faults.set("sqs", "refuse")
    started = time.perf_counter()
    answer = api.call("POST", "/leads", body)
    assert time.perf_counter() - started < 0.8
    assert answer.status == 201
    told = ledger.rows("SELECT user_id, lead_id::text AS lead FROM notifications")
    assert {row["user_id"] for row in told} == set(staff)
    assert {row["lead"] for row in told} == {answer.json["id"]}
    assert events(capsys, "outbox.fallback")
    sheet = ledger.rows("SELECT state, attempts FROM jobs WHERE type = 'google_sheets'")
    assert sheet == [{"state": "waiting", "attempts": 0}], "a sheet's row is never written in a request"


def test_what_was_done_in_the_request_is_not_done_again_by_its_late_message(
    api: Api, new_lead: Any, faults: Faults, ledger: Ledger, clock: FrozenClock
) -> None:
    staff = _staff(ledger)
    body = new_lead()
    faults.set("sqs", "commit-then-timeout", count=2)  # both messages are taken, and nobody is told
    assert api.call("POST", "/leads", body).status == 201
    faults.mend()
    clock.advance(120)
    _drain_notifications(ledger)
    assert len(ledger.rows("SELECT 1 FROM notifications")) == len(staff)


@pytest.mark.parametrize("dependencies", [("sqs",), ("sqs", "redis"), ("sqs", "redis", "email")])
def test_the_whole_answer_has_800_ms_when_everything_hangs(
    api: Api, new_lead: Any, faults: Faults, ledger: Ledger, dependencies: tuple[str, ...]
) -> None:
    _staff(ledger)
    bodies = [new_lead(email=f"hoa{number}@example.test", phone=f"09123456{number}0") for number in range(6)]
    for target in dependencies:
        faults.set(target, "timeout")
    for body in bodies:
        started = time.perf_counter()
        assert api.call("POST", "/leads", body).status == 201
        assert time.perf_counter() - started < 0.85


def test_a_job_begun_in_a_request_is_never_cut_off(jobs: "Jobs", api: Api, faults: Faults) -> None:
    del api
    from chalicelib.jobs import dispatch as dispatching  # noqa: PLC0415
    from chalicelib.jobs.envelope import Job  # noqa: PLC0415
    from chalicelib.jobs.runner import Effect, OneByOne  # noqa: PLC0415

    may_end, ended = Event(), Event()

    def slowly(_job: "Claimed", _claim: "Claim") -> Effect:
        may_end.wait(10)
        ended.set()
        return Effect()

    job_id = jobs.add()
    faults.set("sqs", "refuse")
    kept = dict(dispatching._at_hand)
    dispatching.offer({"google_sheets": OneByOne("google_sheets", slowly, reserve_s=1, request_cost_s=0.01)})
    try:
        began = time.perf_counter()
        dispatching.dispatch([Job(job_id, "google_sheets", "test")], began_s=began)
        assert time.perf_counter() - began < 0.8
        assert jobs.one(job_id)["state"] == "running"
        may_end.set()
        assert ended.wait(5)
        _until_done(jobs, job_id)
    finally:
        dispatching._at_hand.clear()
        dispatching.offer(kept)


def test_nothing_is_begun_once_the_time_is_short(jobs: "Jobs", api: Api, faults: Faults) -> None:
    del api
    from chalicelib.jobs import dispatch as dispatching  # noqa: PLC0415
    from chalicelib.jobs.envelope import Job  # noqa: PLC0415

    job_id = jobs.add()
    faults.set("sqs", "refuse")
    dispatching.dispatch([Job(job_id, "in_app", "test")], began_s=time.perf_counter() - 0.75)
    assert jobs.one(job_id)["state"] == "waiting"


def _until_done(jobs: "Jobs", job_id: uuid.UUID) -> None:
    ends = time.monotonic() + 5
    while jobs.one(job_id)["state"] != "done":
        assert time.monotonic() < ends
        Event().wait(0.01)


def _drain_notifications(ledger: Ledger) -> None:
    from chalicelib.jobs import batch  # noqa: PLC0415
    from chalicelib.jobs.envelope import Job, seal  # noqa: PLC0415
    from chalicelib.notifications.jobs import KINDS  # noqa: PLC0415

    found = ledger.rows("SELECT id, type FROM jobs WHERE queue = 'notification'")
    records: Sequence[dict[str, str]] = [
        {
            "messageId": str(row["id"]),
            "receiptHandle": "r",
            "body": seal(Job(row["id"], row["type"], "test")),
        }
        for row in found
    ]
    batch.run({"Records": records}, LambdaContext(), "notification", KINDS)
