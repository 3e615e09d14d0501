"""
A schedule looks through the dead-letter queues: what is not dead is woken again, what is over is cleared
away.
"""

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import Api, Faults, FrozenClock, LambdaContext

if TYPE_CHECKING:
    from tests.product.job_fixtures import Jobs, Queues

pytest_plugins = ("tests.product.job_fixtures",)


def _drain() -> int:
    from chalicelib.jobs import dead_letters  # noqa: PLC0415

    return dead_letters.drain(LambdaContext())


def _put(queues: "Queues", *bodies: str) -> None:
    for body in bodies:
        queues.sqs.send_message(QueueUrl=queues.dlq_url, MessageBody=body)


def _copy(job_id: uuid.UUID, epoch: int = 0) -> str:
    """What `bury` puts there."""
    envelope = {
        "v": 1,
        "jobId": str(job_id),
        "epoch": epoch,
        "type": "google_sheets",
        "correlationId": "test",
    }
    return json.dumps({"reason": "refused", "envelope": envelope})


def _bare(job_id: uuid.UUID, epoch: int = 0) -> str:
    """What SQS itself moves there after 50 receives: the message as it was."""
    return json.dumps(json.loads(_copy(job_id, epoch))["envelope"])


def test_a_message_that_sqs_gave_up_wakes_its_unfinished_job_again(
    api: Api, jobs: "Jobs", queues: "Queues"
) -> None:
    del api
    job_id = jobs.add("queued", sent_at=jobs.clock.now())
    _put(queues, _bare(job_id))
    assert _drain() == 1
    assert queues.sent() == [job_id]
    assert queues.dead() == []


@pytest.mark.parametrize("state", ["done", "dead"])
def test_what_is_over_is_cleared_away_and_a_dead_jobs_copy_stays(
    api: Api, jobs: "Jobs", queues: "Queues", state: str
) -> None:
    del api
    job_id = jobs.add(state)
    _put(queues, _copy(job_id))
    assert _drain() == 0
    assert queues.sent() == []
    left = [document["envelope"]["jobId"] for document in queues.dead()]
    assert left == ([str(job_id)] if state == "dead" else [])


def test_the_copy_of_a_job_that_was_redriven_is_cleared_away(
    api: Api, jobs: "Jobs", queues: "Queues"
) -> None:
    del api
    from chalicelib.jobs import store  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    job_id = jobs.add("dead", epoch=2)
    _put(queues, _copy(job_id, epoch=2))
    redriven = store.redrive(
        database(), "sync", ids=[job_id], now=jobs.clock.now(), detail="by a test", limit=10
    )
    assert [row["epoch"] for row in redriven] == [3]
    assert _drain() == 0
    assert queues.dead() == []


@pytest.mark.parametrize("body", ["nonsense", "[]", "{}", '{"envelope": 7}', '{"reason": "x", "body": "y"}'])
def test_what_nobody_can_read_stays_for_people_to_look_at(
    api: Api, jobs: "Jobs", queues: "Queues", body: str
) -> None:
    del api, jobs
    _put(queues, body)
    assert _drain() == 0
    assert len(queues.take(queues.dlq_url)) == 1


def test_a_hundred_messages_are_looked_at_once_each(api: Api, jobs: "Jobs", queues: "Queues") -> None:
    del api
    ids = [jobs.add("queued", sent_at=jobs.clock.now()) for _ in range(60)]
    _put(queues, *[_bare(job_id) for job_id in ids])
    assert _drain() == 60
    assert sorted(queues.sent()) == sorted(ids)


@pytest.mark.parametrize("target", ["sqs", "postgres"])
def test_an_outage_meanwhile_loses_no_dead_letter(
    api: Api, jobs: "Jobs", queues: "Queues", faults: Faults, target: str
) -> None:
    del api
    job_id = jobs.add("queued", sent_at=jobs.clock.now())
    _put(queues, _bare(job_id))
    faults.set(target, "refuse")
    assert _drain() == 0
    faults.mend()
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    figures = queues.sqs.get_queue_attributes(QueueUrl=queues.dlq_url, AttributeNames=names)["Attributes"]
    assert sum(int(figure) for figure in figures.values()) == 1


def test_a_redriven_job_has_all_its_attempts_again_and_old_messages_wake_nobody(
    api: Api, jobs: "Jobs", clock: FrozenClock
) -> None:
    del api
    from chalicelib.jobs import store  # noqa: PLC0415
    from chalicelib.jobs.outcome import done  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    job_id = jobs.add("dead")
    jobs.ledger.rows(
        "UPDATE jobs SET attempts = 4, reason = 'refused', finished_at = now() WHERE id = %s", job_id
    )
    detail: dict[str, Any] = {"now": clock.now(), "detail": "by a test", "limit": 10}
    assert len(store.redrive(database(), "sync", ids=[job_id], **detail)) == 1
    assert store.redrive(database(), "sync", ids=[job_id], **detail) == [], "it is not dead any more"
    row = jobs.one(job_id)
    assert (row["state"], row["epoch"], row["attempts"], row["reason"]) == ("waiting", 1, 0, None)
    stale = jobs.message(job_id, epoch=0)
    assert jobs.run([stale], done) == [], "acknowledged"
    assert jobs.one(job_id)["state"] == "done"
