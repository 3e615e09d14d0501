"""Envelopes that cannot be read, executions that are counted, and claims that nobody shares."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.product.log_lines import events
from tests.product.profiles import PROFILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from chalicelib.jobs.outcome import Claimed, Outcome
    from local.stack import Stack
    from tests.product.conftest import Api, FrozenClock
    from tests.product.job_fixtures import Jobs, Queues

pytest_plugins = ("tests.product.job_fixtures",)
MARK = "xq7mark"
GOOD = {"v": 1, "jobId": str(uuid.uuid4()), "epoch": 0, "type": "google_sheets", "correlationId": "c-1"}
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=80)


@st.composite
def malformed_bodies(draw: st.DrawFn) -> Any:
    """Bodies of every wrong kind; those close to a good one above all."""
    kind = draw(st.sampled_from(["nothing", "text", "JSON", "lacking", "wrong", "more", "long", "deep"]))
    if kind == "nothing":
        return draw(st.none() | st.integers() | st.lists(st.integers(), max_size=2) | st.just(""))
    if kind == "text":
        return draw(_ANY_TEXT)
    if kind == "JSON":
        return json.dumps(draw(_JSON))
    if kind == "long":
        return json.dumps({**GOOD, "correlationId": "c"}) + " " * draw(st.integers(4096, 5000))
    if kind == "deep":
        return draw(st.sampled_from(["[", '{"v":'])) * draw(st.integers(50, 1000))
    name = draw(st.sampled_from(sorted(GOOD)))
    body: dict[str, Any] = dict(GOOD)
    if kind == "lacking":
        del body[name]
    elif kind == "wrong":
        wrong = {
            "v": _JSON,
            "jobId": _JSON,
            "epoch": st.text() | st.integers(max_value=-1),
            "type": st.text(),
        }
        body[name] = draw(wrong.get(name, st.just("no id: " + MARK)))
        if body[name] == GOOD[name] and type(body[name]) is type(GOOD[name]):
            body[name] = None
    else:
        body[draw(st.text(min_size=1).map(lambda text: MARK + text))] = draw(_JSON)
    return json.dumps(body)


@PROFILE
@given(body=malformed_bodies())
def test_a_malformed_body_is_refused_with_a_reason_that_repeats_nothing(parts: Stack, body: Any) -> None:
    del parts
    from chalicelib.jobs.envelope import MalformedEnvelope, unseal  # noqa: PLC0415

    try:
        read = unseal(body)
    except MalformedEnvelope as refused:
        reason = str(refused)
    else:  # a wrong type that happens to be a well-formed one
        assert read.type != GOOD["type"]
        return
    assert 0 < len(reason) <= 300
    assert MARK not in reason


@PROFILE
@given(
    job_id=st.uuids(),
    epoch=st.integers(0, 2**31 - 1),
    correlation_id=st.from_regex(r"\A[A-Za-z0-9._-]{1,128}\Z"),
)
def test_a_sealed_job_is_read_again_and_carries_ids_only(
    parts: Stack, job_id: UUID, epoch: int, correlation_id: str
) -> None:
    del parts
    from chalicelib.jobs.envelope import Job, seal, unseal  # noqa: PLC0415

    body = seal(Job(job_id, "google_sheets", correlation_id, epoch))
    assert set(json.loads(body)) == set(GOOD)
    read = unseal(body)
    assert (read.job_id, read.epoch, read.correlation_id) == (job_id, epoch, correlation_id)


def _failing(job: Claimed) -> Outcome:
    from chalicelib.jobs.outcome import failed  # noqa: PLC0415
    from chalicelib.platform.clock import now  # noqa: PLC0415

    return failed(job, "answered with an error", now())


def _deferring(job: Claimed) -> Outcome:
    from chalicelib.jobs.outcome import deferred  # noqa: PLC0415
    from chalicelib.platform.clock import now  # noqa: PLC0415

    return deferred(job, "no answer", now(), now() + timedelta(seconds=15))


@pytest.mark.proves("P2")
def test_a_failing_job_runs_again_after_1_2_and_4_seconds_and_is_dead_on_the_fourth(
    api: Api, jobs: Jobs, queues: Queues, clock: FrozenClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """P2: four executions, never a moment early, then a copy on the dead-letter queue and one alert."""
    del api
    job_id = jobs.add()
    message = jobs.message(job_id)
    for attempt, wait_s in enumerate((1, 2, 4), start=1):
        assert jobs.run([message], _failing) == [message["messageId"]]
        row = jobs.one(job_id)
        assert (row["state"], row["attempts"]) == ("retrying", attempt)
        assert row["due_at"] - clock.now() == timedelta(seconds=wait_s)
        clock.advance(wait_s - 0.001)
        assert jobs.run([message], _failing) == [message["messageId"]], "too early: nothing is spent"
        assert jobs.one(job_id)["attempts"] == attempt
        clock.advance(0.001)
    assert jobs.run([message], _failing) == [], "dead: acknowledged"
    row = jobs.one(job_id)
    assert (row["state"], row["attempts"], row["reason"]) == ("dead", 4, "answered with an error")
    copies = queues.dead()
    assert [(copy["reason"], copy["envelope"]["jobId"]) for copy in copies] == [(row["reason"], str(job_id))]
    alerts = jobs.ledger.rows("SELECT kind, subject FROM alerts")
    assert alerts == [{"kind": "job_dead", "subject": f"google_sheets job {job_id} is dead"}]
    told = [
        (line["event"], line["attempt"]) for line in events(capsys, "job.") if line["jobId"] == str(job_id)
    ]
    assert told == [
        (f"job.{event}", attempt)
        for attempt in (1, 2, 3, 4)
        for event in ("started", "failed", "retried" if attempt < 4 else "dead")
    ]
    assert jobs.run([message], _failing) == [], "a message that comes twice changes nothing"
    assert jobs.one(job_id)["attempts"] == 4
    assert queues.dead() == []


def test_deferrals_spend_no_attempt_for_24_hours_and_then_the_job_is_dead(
    api: Api, jobs: Jobs, queues: Queues, clock: FrozenClock
) -> None:
    del api
    job_id = jobs.add()
    began = clock.now()
    while clock.now() - began < timedelta(hours=24):
        assert jobs.run([jobs.message(job_id)], _deferring) == [], "deferred: acknowledged"
        row = jobs.one(job_id)
        assert (row["state"], row["attempts"], row["deferred_since"]) == ("deferred", 0, began)
        clock.advance(1800)
    jobs.run([jobs.message(job_id)], _deferring)
    assert jobs.one(job_id)["state"] == "deferred", "24 h are not over"
    clock.advance(15.001)
    jobs.run([jobs.message(job_id)], _deferring)
    row = jobs.one(job_id)
    assert (row["state"], row["attempts"]) == ("dead", 0)
    assert "24 h" in row["reason"]
    assert len(queues.dead()) == 1


def test_an_answer_between_two_outages_begins_the_24_hours_anew(
    api: Api, jobs: Jobs, clock: FrozenClock
) -> None:
    del api
    job_id = jobs.add()
    verdicts = [_deferring, _failing, _deferring, _deferring]
    for verdict in verdicts:
        jobs.run([jobs.message(job_id)], verdict)
        clock.advance(20 * 3600)
    row = jobs.one(job_id)
    assert (row["state"], row["attempts"]) == ("deferred", 1)


def test_a_job_that_ten_workers_died_over_is_dead_and_no_lost_lease_spends_an_attempt(
    api: Api, jobs: Jobs, queues: Queues, clock: FrozenClock
) -> None:
    del api
    from chalicelib.jobs import ledger  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    job_id = jobs.add()
    for lost in range(10):
        claim = ledger.claim_due(database(), "sync", "google_sheets", 10)
        assert [job.id for job in claim.jobs] == [job_id]
        row = jobs.one(job_id)
        assert (row["attempts"], row["lost_leases"]) == (0, lost)
        clock.advance(55)
    assert ledger.claim_due(database(), "sync", "google_sheets", 10).jobs == ()
    row = jobs.one(job_id)
    assert (row["state"], row["lost_leases"]) == ("dead", 10)
    assert [copy["reason"] for copy in queues.dead()] == ["ten workers died over it"]


def _drain(_number: int) -> Iterator[list[UUID]]:
    from chalicelib.jobs import ledger  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    while True:
        claim = ledger.claim_due(database(), "sync", "google_sheets", 7)
        if not claim.jobs:
            return
        yield [job.id for job in claim.jobs]


def test_two_workers_never_hold_one_job(api: Api, jobs: Jobs) -> None:
    del api
    added = sorted(jobs.add(due_in_s=-number) for number in range(200))
    with ThreadPoolExecutor(8) as threads:
        found = [
            ids for claims in threads.map(lambda number: list(_drain(number)), range(8)) for ids in claims
        ]
    held = sorted(job_id for ids in found for job_id in ids)
    assert held == added


def test_an_expired_lease_is_claimable_and_the_old_token_finishes_nothing(
    api: Api, jobs: Jobs, clock: FrozenClock, capsys: pytest.CaptureFixture[str]
) -> None:
    del api
    from chalicelib.jobs import ledger  # noqa: PLC0415
    from chalicelib.jobs.outcome import dead, done  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    job_id = jobs.add()
    old = ledger.claim_due(database(), "sync", "google_sheets", 10)
    clock.advance(54.999)
    assert ledger.claim_due(database(), "sync", "google_sheets", 10).jobs == ()
    clock.advance(0.001)
    new = ledger.claim_due(database(), "sync", "google_sheets", 10)
    assert [job.id for job in new.jobs] == [job_id]
    before = jobs.one(job_id)
    ledger.settle(database(), old, [dead(old.jobs[0], "the sleeper's opinion")])
    assert jobs.one(job_id) == before
    assert [line["jobId"] for line in events(capsys, "job.claim_lost")] == [str(job_id)]
    ledger.settle(database(), new, [done(new.jobs[0])])
    assert jobs.one(job_id)["state"] == "done"
    ledger.settle(database(), old, [_failing(old.jobs[0])])
    assert jobs.one(job_id)["state"] == "done"
