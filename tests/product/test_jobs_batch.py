"""One batch of messages: each message's fate is decided by the ledger, and no message decides another's."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.product.log_lines import events
from tests.product.profiles import PROFILE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from chalicelib.jobs.outcome import Claimed, Outcome
    from tests.product.conftest import Api, Faults, FrozenClock
    from tests.product.job_fixtures import Jobs, Queues, RecordingQueue

pytest_plugins = ("tests.product.job_fixtures",)


def _done(job: Claimed) -> Outcome:
    from chalicelib.jobs.outcome import done  # noqa: PLC0415

    return done(job)


def _record(body: Any) -> dict[str, Any]:
    return {"messageId": f"m-{uuid.uuid4()}", "receiptHandle": f"r-{uuid.uuid4()}", "body": body}


@PROFILE
@given(bodies=st.lists(st.none() | st.integers() | st.text(max_size=30) | st.text(min_size=4097), max_size=3))
def test_what_nobody_can_read_is_moved_to_the_dead_letters_with_its_reason(
    api: Api, jobs: Jobs, queues: Queues, bodies: list[Any]
) -> None:
    del api
    job_id = jobs.add()
    malformed = [_record(body) for body in bodies]
    assert jobs.run([*malformed, jobs.message(job_id)], _done) == []
    assert jobs.one(job_id)["state"] == "done", "its batch-mates are done all the same"
    copies = {copy["messageId"]: copy for copy in queues.dead()}
    assert set(copies) == {record["messageId"] for record in malformed}
    for record in malformed:
        copy = copies[record["messageId"]]
        kept = record["body"] if isinstance(record["body"], str) else json.dumps(record["body"])
        assert copy["body"] == kept[:4096]
        assert copy["reason"]


def test_a_malformed_message_is_kept_while_the_dead_letter_queue_is_away(
    api: Api, jobs: Jobs, faults: Faults, queues: Queues
) -> None:
    del api
    faults.set("sqs", "refuse")
    malformed = _record("{")
    assert jobs.run([malformed], _done) == [malformed["messageId"]]
    faults.mend()
    assert jobs.run([malformed], _done) == []
    assert len(queues.dead()) == 1
    alerts = jobs.ledger.rows("SELECT kind, subject FROM alerts")
    assert alerts == [{"kind": "message_malformed", "subject": "A malformed message on sync"}]


def test_messages_of_no_known_job_or_type_are_dead_letters(api: Api, jobs: Jobs, queues: Queues) -> None:
    del api
    from chalicelib.jobs.envelope import Envelope  # noqa: PLC0415

    unknown_type = Envelope(v=1, job_id=uuid.uuid4(), epoch=0, type="e_mail", correlation_id="c")
    records = [jobs.message(uuid.uuid4()), _record(unknown_type.model_dump_json(by_alias=True))]
    assert jobs.run(records, _done) == []
    assert sorted(copy["reason"] for copy in queues.dead()) == [
        "no such job",
        "this queue has no job type e_mail",
    ]


def test_one_bad_job_never_makes_its_batch_mates_run_again(
    api: Api, jobs: Jobs, recording_queue: RecordingQueue
) -> None:
    del api
    from chalicelib.jobs.outcome import failed  # noqa: PLC0415

    ids = [jobs.add() for _ in range(5)]
    ran: list[UUID] = []

    def verdict(job: Claimed) -> Outcome:
        ran.append(job.id)
        return failed(job, "bad", jobs.clock.now()) if job.id == ids[2] else _done(job)

    messages = [jobs.message(job_id) for job_id in ids]
    bad = messages[2]
    assert jobs.run(messages, verdict) == [bad["messageId"]]
    jobs.clock.advance(1)
    assert jobs.run([bad], verdict) == [bad["messageId"]]
    assert sorted(ran) == sorted([*ids, ids[2]])
    assert recording_queue.visibilities() == [1, 2]


def test_work_that_raises_keeps_its_messages_and_only_those(
    api: Api, jobs: Jobs, recording_queue: RecordingQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    del api
    finished, hopeful = jobs.add("done"), jobs.add()
    messages = [jobs.message(finished), jobs.message(hopeful)]

    def verdict(_job: Claimed) -> Outcome:
        raise RuntimeError("a secret that must not be logged")

    assert jobs.run(messages, verdict) == [messages[1]["messageId"]]
    told = events(capsys, "batch.failed")
    assert [line["error"] for line in told] == ["RuntimeError"]
    assert "secret" not in json.dumps(told)
    assert len(recording_queue.visibilities()) == 1


def test_finished_and_deferred_and_dead_are_acknowledged_and_unreached_comes_back(
    api: Api, jobs: Jobs, recording_queue: RecordingQueue
) -> None:
    """What becomes of a message is decided by the state of its job alone."""
    del api
    states = ["done", "dead", "deferred", "waiting", "queued"]
    messages = {state: jobs.message(jobs.add(state, due_in_s=3600)) for state in states}
    kept = jobs.run(list(messages.values()), _done)
    assert kept == sorted(messages[state]["messageId"] for state in ("waiting", "queued"))
    assert recording_queue.visibilities() == [2, 2]


def test_a_message_whose_job_has_a_live_lease_comes_back_after_it_and_within_30_seconds(
    api: Api, jobs: Jobs, recording_queue: RecordingQueue, clock: FrozenClock
) -> None:
    del api
    for left_s in (50, 12.2):
        lease = clock.now() + timedelta(seconds=left_s)
        job_id = jobs.add("running", lease_until=lease, claim_token=uuid.uuid4())
        message = jobs.message(job_id)
        assert jobs.run([message], _done) == [message["messageId"]]
        assert jobs.one(job_id)["state"] == "running"
    assert recording_queue.visibilities() == [30, 13]


def test_a_message_of_another_epoch_is_acknowledged_whatever_its_job_does(
    api: Api, jobs: Jobs, recording_queue: RecordingQueue
) -> None:
    del api
    redriven = jobs.add("waiting", due_in_s=3600, epoch=2)
    old, future = jobs.message(redriven, epoch=1), jobs.message(redriven, epoch=3)
    present = jobs.message(redriven, epoch=2)
    assert jobs.run([old, present, future], _done) == [present["messageId"]]
    assert len(recording_queue.calls) == 1


def test_with_the_database_away_every_readable_message_is_kept(
    api: Api, jobs: Jobs, faults: Faults, capsys: pytest.CaptureFixture[str]
) -> None:
    del api
    messages = [jobs.message(jobs.add()) for _ in range(3)]
    faults.set("postgres", "refuse")
    assert jobs.run(messages, _done) == sorted(message["messageId"] for message in messages)
    assert events(capsys, "batch.database_busy")
    faults.mend()
    assert jobs.run(messages, _done) == []


def test_a_batch_without_messages_is_answered_with_nothing_kept(api: Api, jobs: Jobs) -> None:
    del api
    assert jobs.run([], _done) == []


@pytest.mark.proves("P2")
def test_on_the_real_queue_a_failed_job_comes_back_after_a_second_and_not_at_once(
    api: Api, jobs: Jobs, queues: Queues, clock: FrozenClock
) -> None:
    """P2: SQS's own visibility brings the message back; its batch-mate stays away."""
    del api
    from chalicelib.jobs import outbox  # noqa: PLC0415
    from chalicelib.jobs.envelope import Job  # noqa: PLC0415
    from chalicelib.jobs.outcome import failed  # noqa: PLC0415

    bad, good = jobs.add(), jobs.add()
    sent = outbox.send([Job(job_id, "google_sheets", "test") for job_id in (bad, good)])
    assert len(sent) == 2

    def verdict(job: Claimed) -> Outcome:
        return failed(job, "bad", clock.now()) if job.id == bad else _done(job)

    records = queues.take(queues.sync_url)
    kept = jobs.run(records, verdict)
    assert _jobs_of(record for record in records if record["messageId"] in kept) == [bad]
    for record in records:
        if record["messageId"] not in kept:
            queues.sqs.delete_message(QueueUrl=queues.sync_url, ReceiptHandle=record["receiptHandle"])
    assert queues.take(queues.sync_url) == [], "not before its second is over"
    again = queues.take(queues.sync_url, wait_s=5)
    assert _jobs_of(again) == [bad]
    clock.advance(1)
    assert jobs.run(again, _done) == []
    assert jobs.one(bad)["state"] == "done"


def _jobs_of(records: Sequence[dict[str, Any]] | Any) -> list[UUID]:
    return [uuid.UUID(json.loads(record["body"])["jobId"]) for record in records]
