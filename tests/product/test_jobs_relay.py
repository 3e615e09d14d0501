"""A broker that is away costs time and never a job: what the request could not send, the relay does."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import LambdaContext
from tests.product.log_lines import events

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.jobs.outcome import Claimed, Outcome
    from tests.product.conftest import Api, Faults, FrozenClock
    from tests.product.job_fixtures import Jobs, Queues, RecordingQueue

    NewLead = Callable[..., dict[str, Any]]

pytest_plugins = ("tests.product.job_fixtures",)


def _relay() -> int:
    from chalicelib.jobs import relay  # noqa: PLC0415

    return relay.run(LambdaContext())


def _job(job_id: UUID) -> Any:
    from chalicelib.jobs.envelope import Job  # noqa: PLC0415

    return Job(job_id, "google_sheets", "test")


def test_exactly_what_should_have_a_message_and_has_none_is_sent(
    api: Api, jobs: Jobs, queues: Queues, clock: FrozenClock
) -> None:
    """Every state on both sides of its instant; what was sent is not sent again a moment later."""
    del api

    def ago(seconds: float) -> Any:
        return clock.now() - timedelta(seconds=seconds)

    def leased(left_s: float, **more: Any) -> UUID:
        return jobs.add("running", due_in_s=-90, lease_until=ago(-left_s), claim_token=uuid.uuid4(), **more)

    wanted = {
        "never sent for 5 s": jobs.add("waiting", due_in_s=-5),
        "never sent for a day": jobs.add("waiting", due_in_s=-86_400),
        "deferred until now": jobs.add("deferred"),
        "deferred, sent before that": jobs.add("deferred", due_in_s=-1, sent_at=ago(20)),
        "sent 60 s ago in vain": jobs.add("queued", due_in_s=-70, sent_at=ago(60)),
        "its worker is gone": leased(0),
        "its worker is gone, sent long ago": leased(-1, sent_at=ago(61)),
        "to be retried for a minute": jobs.add("retrying", due_in_s=-60),
    }
    others = {
        "left to the request": jobs.add("waiting", due_in_s=-4.999),
        "not due yet": jobs.add("waiting", due_in_s=1),
        "deferred for longer": jobs.add("deferred", due_in_s=0.001),
        "deferred and sent since": jobs.add("deferred", due_in_s=-2, sent_at=ago(1)),
        "sent 59 s ago": jobs.add("queued", due_in_s=-70, sent_at=ago(59.9)),
        "its worker is at work": leased(0.001),
        "its message will come back": jobs.add("retrying", due_in_s=-59.9),
        "done": jobs.add("done", due_in_s=-500),
        "dead": jobs.add("dead", due_in_s=-500),
    }
    assert _relay() == len(wanted)
    sent = queues.sent()
    names = {job_id: name for name, job_id in {**wanted, **others}.items()}
    assert sorted(names[job_id] for job_id in sent) == sorted(wanted)
    states = jobs.states()
    assert states[wanted["never sent for 5 s"]] == "queued"
    assert states[wanted["deferred until now"]] == "deferred", "only a claim ends a deferral"
    assert _relay() == 0


def test_what_the_queue_lost_is_sent_again_after_60_seconds_and_not_before(
    api: Api, jobs: Jobs, queues: Queues, clock: FrozenClock
) -> None:
    del api
    job_id = jobs.add(due_in_s=-5)
    found = []
    for _ in range(150):
        found.append(_relay())
        clock.advance(1)
    assert [second for second, count in enumerate(found) if count] == [0, 60, 120]
    assert queues.sent() == [job_id] * 3


def test_more_than_one_batch_is_sent_in_one_run(api: Api, jobs: Jobs, queues: Queues) -> None:
    del api
    jobs.add(due_in_s=-5)
    jobs.ledger.rows(
        "INSERT INTO jobs (id, queue, type, subject_id, state, due_at, correlation_id, created_at)"
        " SELECT gen_random_uuid(), queue, type, subject_id, state, due_at, correlation_id, created_at"
        " FROM jobs, generate_series(1, 526)"
    )
    assert _relay() == 527
    assert sorted(queues.sent()) == sorted(jobs.states())


@pytest.mark.parametrize("mode", ["refuse", "reset", "timeout", "error", "slow", "commit-then-timeout"])
def test_a_broken_broker_costs_the_request_half_a_second_and_the_lead_is_taken(
    api: Api, jobs: Jobs, queues: Queues, faults: Faults, new_lead: NewLead, mode: str
) -> None:
    """P3's ground: 201 within the budget, the job waits, and the relay sends it once the broker is mended."""
    from chalicelib.jobs import outbox  # noqa: PLC0415
    from chalicelib.sheets.jobs import sync  # noqa: PLC0415

    outbox.send([_job(uuid.uuid4())])  # what only a container's first call pays
    queues.purge()
    more = {"delaySeconds": 2} if mode == "slow" else {}
    faults.set("sqs", mode, **more)
    started = time.perf_counter()
    assert outbox.send([_job(uuid.uuid4())]) == []
    assert time.perf_counter() - started < 0.55
    body, started = new_lead(), time.perf_counter()
    answer = api.call("POST", "/leads", body)
    assert time.perf_counter() - started < 0.8
    assert answer.status == 201
    (job_id,) = jobs.states()
    assert jobs.states() == {job_id: "waiting"}
    assert set(jobs.states("lead_notice").values()) == {"done"}, "what fits into the request is done there"
    jobs.clock.advance(5)
    if mode in {"refuse", "error"}:
        assert _relay() == 0, "still away; nothing may be taken for sent"
        assert jobs.states() == {job_id: "waiting"}
    faults.mend()
    queues.purge()
    assert _relay() == 1
    assert queues.sent() == [job_id]
    sync([job_id])
    assert jobs.states() == {job_id: "done"}


def test_a_message_whose_answer_was_lost_comes_twice_and_its_job_is_done_once(
    api: Api, jobs: Jobs, queues: Queues, faults: Faults, clock: FrozenClock
) -> None:
    del api
    from chalicelib.jobs import outbox  # noqa: PLC0415
    from chalicelib.jobs.outcome import done  # noqa: PLC0415

    job_id, ran = jobs.add(), list[Any]()

    def verdict(job: Claimed) -> Outcome:
        ran.append(job.id)
        return done(job)

    faults.set("sqs", "commit-then-timeout", count=1)
    assert outbox.send([_job(job_id)]) == []
    faults.mend()
    clock.advance(5)
    assert _relay() == 1
    records = queues.take(queues.sync_url)
    assert len(records) == 2
    for record in records:
        assert jobs.run([record], verdict) == []
    assert ran == [job_id]


def test_many_batches_on_a_hung_broker_are_given_up_together(
    api: Api, faults: Faults, capsys: pytest.CaptureFixture[str]
) -> None:
    del api
    from chalicelib.jobs import outbox  # noqa: PLC0415

    faults.set("sqs", "timeout")
    started = time.perf_counter()
    assert outbox.send([_job(uuid.uuid4()) for _ in range(60)]) == []
    assert time.perf_counter() - started < 0.7
    assert events(capsys, "broker.unavailable")


def test_batches_are_sent_in_parallel_so_that_a_slow_broker_gets_them_all_in_time(
    api: Api, queues: Queues, faults: Faults
) -> None:
    """Three calls of 0.18 s fit into the 0.4 s of a request only side by side."""
    del api, queues
    from chalicelib.jobs import outbox  # noqa: PLC0415

    outbox.send([_job(uuid.uuid4()) for _ in range(30)])  # what only a container's first call pays
    faults.set("sqs", "slow", delaySeconds=0.18)
    assert len(outbox.send([_job(uuid.uuid4()) for _ in range(30)])) == 30


@pytest.mark.parametrize(
    "answer", [b"<html>captive portal</html>", b"[]", b"null", b'{"Failed": []}', b"\xff"]
)
def test_an_answer_that_is_not_sqs_own_means_not_sent(
    api: Api, new_lead: NewLead, recording_queue: RecordingQueue, jobs: Jobs, answer: bytes
) -> None:
    recording_queue.answer = answer
    assert api.call("POST", "/leads", new_lead()).status == 201
    assert [action for action, _ in recording_queue.calls] == ["AmazonSQS.SendMessageBatch"]
    assert list(jobs.states().values()) == ["waiting"]


def test_only_what_sqs_took_is_marked_as_sent(api: Api, jobs: Jobs, recording_queue: RecordingQueue) -> None:
    del api
    ids = [jobs.add(due_in_s=-10 + number) for number in range(3)]
    recording_queue.answer = b'{"Successful": [{"Id": "0"}, {"Id": "2"}], "Failed": [{"Id": "1"}]}'
    assert _relay() == 2
    assert [jobs.states()[job_id] for job_id in ids] == ["queued", "waiting", "queued"]


@pytest.fixture
def topic(queues: Queues, jobs: Jobs) -> Callable[[], list[str]]:
    """What an engineer who subscribed to the alerts was sent since the last look."""
    del jobs
    import json  # noqa: PLC0415

    import boto3  # noqa: PLC0415

    from chalicelib.platform.settings import settings  # noqa: PLC0415

    known = settings()
    sns = boto3.client(
        "sns",
        endpoint_url=known.aws_endpoint_url_sns,
        region_name=known.aws_region,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    url = queues.sqs.create_queue(QueueName=f"engineers-{uuid.uuid4().hex}")["QueueUrl"]
    attributes = queues.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    sns.subscribe(TopicArn=known.alert_topic_arn, Protocol="sqs", Endpoint=attributes["QueueArn"])
    return lambda: [json.loads(record["body"])["Message"] for record in queues.take(url)]


def test_an_alert_is_told_once_per_kind_subject_and_window(
    api: Api, jobs: Jobs, clock: FrozenClock, topic: Callable[[], list[str]]
) -> None:
    del api
    from chalicelib.alerts.service import raise_alert  # noqa: PLC0415

    window = timedelta(minutes=15)
    slot_s = window.total_seconds()
    clock.advance(slot_s - clock.now().timestamp() % slot_s)  # the beginning of a window
    for number in range(4):
        raise_alert("deep", "The queue is deep", f"first {number}", window=window)
        clock.advance(slot_s / 4 - 0.001)
    raise_alert("deep", "Another queue is deep", "another subject", window=window)
    raise_alert("full", "The queue is deep", "another kind", window=window)
    clock.advance(0.004)
    raise_alert("deep", "The queue is deep", "the next window", window=window)
    expected = ["first 0", "another subject", "another kind", "the next window"]
    assert topic() == expected
    assert [row["body"] for row in jobs.ledger.rows("SELECT body FROM alerts ORDER BY id")] == expected


@pytest.mark.usefixtures("api")
@pytest.mark.parametrize("mode", ["refuse", "timeout", "error"])
def test_an_alert_waits_in_the_database_while_the_topic_is_away(
    jobs: Jobs, faults: Faults, mode: str, capsys: pytest.CaptureFixture[str], topic: Callable[[], list[str]]
) -> None:
    """Its row, at once; its message as soon as the topic takes it, once."""
    from chalicelib.alerts.service import raise_alert, tell_untold  # noqa: PLC0415

    faults.set("sms", mode)
    raise_alert("deep", "The queue is deep", "body", window=timedelta(minutes=15))
    assert jobs.ledger.rows("SELECT kind FROM alerts") == [{"kind": "deep"}]
    jobs.clock.advance(31)
    tell_untold()
    assert len(events(capsys, "alert.not_published")) == 2
    faults.mend()
    tell_untold()
    tell_untold()
    assert topic() == ["body"]


def test_an_alert_that_was_published_is_not_told_again(
    api: Api, topic: Callable[[], list[str]], clock: FrozenClock
) -> None:
    assert api.call("GET", "/health").status == 200
    from chalicelib.alerts.service import raise_alert, tell_untold  # noqa: PLC0415

    raise_alert("deep", "The queue is deep", "body", window=timedelta(minutes=15))
    clock.advance(31)
    tell_untold()
    assert topic() == ["body"]
    assert 'alerts_raised_total{kind="deep"} 1' in api.call("GET", "/metrics").body.splitlines()


def test_an_alert_goes_out_once_a_process_when_the_database_is_away(
    api: Api, faults: Faults, topic: Callable[[], list[str]]
) -> None:
    del api
    from chalicelib.alerts.service import raise_alert  # noqa: PLC0415

    faults.set("postgres", "refuse")
    for number in (1, 2):
        raise_alert(
            "deep", f"Hàng đợi đầy\nSubject: forged {'x' * 200}", f"{number}", window=timedelta(minutes=1)
        )
    assert topic() == ["1"]
