"""Claim and outbox against a plain model: whatever is lost, late, doubled or dead, each job ends once."""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.machines.conftest import Broker, House
from tests.machines.job_model import LEASE, ModelJob, Worker, outcome_of
from tests.product.conftest import LambdaContext
from tests.product.profiles import MACHINES, MACHINES_MAY_TAKE_S

pytestmark = pytest.mark.timeout(MACHINES_MAY_TAKE_S)
QUEUE, TYPE = "sync", "google_sheets"
EDGES_S = [0.999, 1, 2, 4, 5, 54.999, 55, 60, 3600, 6 * 3600]
PAUSES = {"silent": LEASE, "failed": timedelta(seconds=4), "deferred": timedelta(hours=7)}
VERDICTS = st.lists(
    st.sampled_from(["done", "done", "failed", "failed", "deferred", "deferred", "dead", "silent"]),
    min_size=1,
    max_size=4,
)
_INSERT = """
INSERT INTO jobs (id, queue, type, subject_id, state, due_at, correlation_id, created_at)
SELECT id, 'sync', 'google_sheets', gen_random_uuid(), 'waiting', %s, 'test', %s FROM unnest(%s::uuid[]) AS id
"""
_LOOK = """
SELECT id, state, attempts, lost_leases, epoch, due_at, claim_token AS token, lease_until, deferred_since,
       sent_at, (SELECT count(*) FROM machine_effects AS effect WHERE effect.job_id = jobs.id) AS executed
FROM jobs
"""


class Queue(RuleBasedStateMachine):
    """
    Requests, workers, a relay and a broker that loses and repeats; time passes.

    No rule depends on what lies on the broker or was claimed: which of several jobs that are due at one
    instant comes first is PostgreSQL's choice, and Hypothesis must be able to draw the same steps again.
    """

    house: House
    broker: Broker
    working: Bundle[Worker] = Bundle("working")
    finished: Bundle[Worker] = Bundle("finished")

    def __init__(self) -> None:
        super().__init__()
        self.house.begin()
        self.house.rows("TRUNCATE machine_effects")
        self.broker.begin()
        self.jobs: dict[UUID, ModelJob] = {}
        self.workers: list[Worker] = []

    # What requests do

    @rule(count=st.integers(1, 3), is_woken=st.booleans())
    def store(self, count: int, *, is_woken: bool) -> None:
        """A request commits jobs and, if it lives long enough, sends their messages."""
        from chalicelib.jobs import outbox  # noqa: PLC0415
        from chalicelib.jobs.envelope import Job  # noqa: PLC0415

        now = self.house.now()
        jobs = [Job(uuid.uuid4(), TYPE, "test") for _ in range(count)]
        self.house.rows(_INSERT, [now, now, [job.id for job in jobs]])
        self.jobs |= {job.id: ModelJob(now) for job in jobs}
        if is_woken:
            sent = outbox.send(jobs, budget_s=60.0)
            assert len(sent) == {"up": count, "half": (count + 1) // 2}.get(self.broker.state, 0)

    # What workers do

    def _claim(self, limit: int) -> Worker:
        """Claim, and see that exactly what may be claimed was, the oldest first."""
        from chalicelib.jobs import ledger  # noqa: PLC0415

        now = self.house.now()
        claimable = {job_id for job_id, job in self.jobs.items() if job.is_claimable(now)}
        worn_out = {job_id for job_id in claimable if self.jobs[job_id].is_lost(now)}
        worn_out = {job_id for job_id in worn_out if self.jobs[job_id].lost_leases == 9}
        claim = ledger.claim_due(self.house.database, QUEUE, TYPE, limit)
        worker = Worker(claim, {job.id for job in claim.jobs})
        buried = {
            row["id"]
            for row in self.house.rows("SELECT id FROM jobs WHERE state = 'dead'")
            if not self.jobs[row["id"]].is_over
        }
        assert worker.holds <= claimable - worn_out
        assert buried <= worn_out
        assert min(limit, len(claimable)) <= len(worker.holds | buried)
        assert len(worker.holds) <= limit
        taken = worker.holds | buried
        left = [self.jobs[job_id].due_at for job_id in claimable - taken]
        assert all(self.jobs[job_id].due_at <= due_at for job_id in taken for due_at in left)
        for other in self.workers:
            live = {job_id for job_id in other.holds & taken if not self.jobs[job_id].is_lost(now)}
            assert not live, "two live claims of one job"
            other.holds -= taken
        for job in claim.jobs:
            self.jobs[job.id].claim(claim.token, now)
            assert (job.attempts, job.lost_leases) == (
                self.jobs[job.id].attempts,
                self.jobs[job.id].lost_leases,
            )
        for job_id in buried:
            self.jobs[job_id].claim(claim.token, now)
            self.jobs[job_id].bury()
        self.workers.append(worker)
        return worker

    def _finish(self, worker: Worker, verdicts: Sequence[str], until_s: int) -> None:
        """Say what became of each job; the effect of `done` commits together with it."""
        from chalicelib.jobs import ledger  # noqa: PLC0415

        now = self.house.now()
        until = now + timedelta(seconds=until_s)
        said = {job.id: verdicts[position % len(verdicts)] for position, job in enumerate(worker.claim.jobs)}
        outcomes = [
            outcome_of(job, said[job.id], now, until) for job in worker.claim.jobs if said[job.id] != "silent"
        ]
        with self.house.database.transaction() as transaction:
            held = ledger.write(transaction, worker.claim, outcomes)
            for outcome in outcomes:
                if outcome.state == "done" and outcome.job_id in held:
                    transaction.rows("INSERT INTO machine_effects (job_id) VALUES (%s)", [outcome.job_id])
        ledger.announce(worker.claim, outcomes, held)
        told = {outcome.job_id for outcome in outcomes}
        assert held == {job_id for job_id in told if self.jobs[job_id].token == worker.claim.token}
        for job_id in held:
            self.jobs[job_id].finish(said[job_id], now, until)
            self.jobs[job_id].executed += said[job_id] == "done"
        worker.holds -= held

    @rule(target=working, limit=st.sampled_from([1, 2, 100]))
    def begin_work(self, limit: int) -> Worker:
        """A worker claims what is due, if anything is, and is in the middle of it."""
        return self._claim(limit)

    @rule(
        target=finished, worker=consumes(working), verdicts=VERDICTS, until_s=st.sampled_from([5, 60, 3600])
    )
    def finish_work(self, worker: Worker, verdicts: list[str], until_s: int) -> Worker:
        """It ends its work, in time or long after its lease."""
        self._finish(worker, verdicts, until_s)
        return worker

    @rule(worker=finished, verdicts=VERDICTS)
    def finish_again(self, worker: Worker, verdicts: list[str]) -> None:
        """Its last word comes twice: only what it had not spoken of, and still holds, is heard."""
        self._finish(worker, verdicts, 60)

    @rule(worker=consumes(working))
    def crash(self, worker: Worker) -> None:
        """It is gone without a word."""
        worker.holds.clear()

    @rule(what=st.sampled_from(sorted(PAUSES)), times=st.integers(1, 10))
    def meet_the_same_again(self, what: str, times: int) -> None:
        """Containers die over the same jobs in a row, or Google refuses them, or is away for a day."""
        for _ in range(times if what == "silent" else min(times, 4)):
            worker = self._claim(100)
            if what != "silent":
                self._finish(worker, [what], 60)
            worker.holds.clear()
            self.house.pass_time(PAUSES[what])

    @rule(until_s=st.sampled_from([5, 60]), is_for_all=st.booleans())
    def put_off(self, until_s: int, *, is_for_all: bool) -> None:
        """A worker finds the lock or the circuit busy: what nobody has claimed waits, for free."""
        from chalicelib.jobs import store  # noqa: PLC0415

        now = self.house.now()
        until = now + timedelta(seconds=until_s)
        ids = None if is_for_all else list(self.jobs)[::2]
        wanted = [
            job_id for job_id in (self.jobs if ids is None else ids) if self.jobs[job_id].is_claimable(now)
        ]
        count = store.defer_due(
            self.house.database, queue=QUEUE, job_type=TYPE, now=now, until=until, reason="busy", ids=ids
        )
        assert count == len(wanted)
        for job_id in wanted:
            self.jobs[job_id].put_off(now, until)
        for worker in self.workers:
            worker.holds -= set(wanted)

    # What staff, the broker and the relay do

    @rule(is_woken=st.booleans())
    def redrive(self, *, is_woken: bool) -> None:
        """Staff bring dead jobs back; messages and workers of the epoch before mean nothing to them."""
        from chalicelib.jobs import outbox, store  # noqa: PLC0415
        from chalicelib.jobs.envelope import Job  # noqa: PLC0415

        now, dead = self.house.now(), {job_id for job_id, job in self.jobs.items() if job.state == "dead"}
        ids = list(self.jobs)[::2]
        rows = store.redrive(self.house.database, QUEUE, ids=ids, now=now, detail="by hand", limit=100)
        assert {row["id"] for row in rows} == dead & set(ids)
        for row in rows:
            self.jobs[row["id"]].redrive(now)
            assert row["epoch"] == self.jobs[row["id"]].epoch
        if is_woken:
            outbox.send([Job(**row) for row in rows], budget_s=60.0)

    @rule(
        which=st.integers(0, 1000),
        verdicts=VERDICTS,
        limit=st.sampled_from([1, 100]),
        fate=st.sampled_from(["works", "works", "works", "fails before", "fails after"]),
        is_doubled=st.booleans(),
    )
    def deliver(self, which: int, verdicts: list[str], limit: int, fate: str, *, is_doubled: bool) -> None:
        """A message arrives, late and in any order; it goes only when nothing is left to wake for."""
        if not self.broker.messages:
            return
        body = self.broker.messages[which % len(self.broker.messages)]
        is_kept = self._run_batch(body, lambda: self._work(verdicts, limit, fate))
        job = self.jobs[UUID(json.loads(body)["jobId"])]
        is_current = json.loads(body)["epoch"] == job.epoch
        assert is_kept == (is_current and job.state not in {"done", "dead", "deferred"})
        if not is_kept and not is_doubled:
            self.broker.messages.remove(body)

    def _work(self, verdicts: list[str], limit: int, fate: str) -> None:
        if fate == "fails before":
            raise RuntimeError("before it has claimed anything")
        worker = self._claim(limit)
        if fate == "fails after":
            worker.holds.clear()
            raise RuntimeError("after it has claimed")
        self._finish(worker, verdicts, 60)

    def _run_batch(self, body: str, work: Callable[[], None]) -> bool:
        """Run one batch of one message through the product; whether the message comes back."""
        from chalicelib.jobs import batch  # noqa: PLC0415

        failures: list[BaseException] = []

        def watched(_woken_by: Sequence[UUID]) -> None:
            try:
                work()
            except AssertionError as error:  # which the batch would take for a job's
                failures.append(error)

        record = {"messageId": "m-1", "receiptHandle": "r-1", "body": body}
        answer = batch.run({"Records": [record]}, LambdaContext(), QUEUE, {TYPE: watched})
        assert not failures, failures[0]
        return bool(answer["batchItemFailures"])

    @rule(which=st.integers(0, 1000))
    def lose(self, which: int) -> None:
        """A message is gone."""
        if self.broker.messages:
            self.broker.messages.pop(which % len(self.broker.messages))

    @rule(state=st.sampled_from(["up", "up", "away", "half", "deaf"]))
    def break_or_mend_the_broker(self, state: str) -> None:
        """SQS goes away, takes a part, takes all and does not say so, or comes back."""
        self.broker.state = state

    @rule()
    def relay(self) -> None:
        """The schedule of each minute: a message for what needs one, and for nothing else."""
        from chalicelib.jobs import relay  # noqa: PLC0415

        now, confirmed, lying = self.house.now(), len(self.broker.confirmed), len(self.broker.messages)
        wanted = {job_id for job_id, job in self.jobs.items() if job.needs_message(now)}
        count = relay.run(LambdaContext())
        known = [UUID(json.loads(body)["jobId"]) for body in self.broker.confirmed[confirmed:]]
        taken = {UUID(json.loads(body)["jobId"]) for body in self.broker.messages[lying:]}
        assert len(known) == len(set(known)) == count
        assert set(known) <= wanted
        assert taken <= wanted
        assert self.broker.state != "up" or set(known) == wanted
        for job_id in known:
            self.jobs[job_id].sent(now)

    @rule(duration_s=st.one_of(st.sampled_from(EDGES_S), st.floats(0.001, 90)))
    def pass_time(self, duration_s: float) -> None:
        """Time passes, often right up to an edge."""
        self.house.pass_time(timedelta(milliseconds=round(duration_s * 1000)))

    # What must hold

    @invariant()
    def ledger_and_model_agree(self) -> None:
        """Every column that decides anything; at most 4 attempts; one effect for `done`, and no other."""
        rows = {row.pop("id"): row for row in self.house.rows(_LOOK)}
        assert set(rows) == set(self.jobs)
        for job_id, row in rows.items():
            job = self.jobs[job_id]
            assert row == {name: getattr(job, name) for name in row}
            assert row["attempts"] <= 4
            assert row["executed"] == (row["state"] == "done")

    def teardown(self) -> None:
        """With all healthy again, the relay alone brings every job to its end, and the journal says so."""
        self.broker.begin()
        for worker in self.workers:
            worker.holds.clear()
        for _ in range(4):
            instants = [job.lease_until or job.due_at for job in self.jobs.values() if not job.is_over]
            self.house.clock.instant = max([self.house.now(), *instants]) + timedelta(seconds=61)
            unfinished = {job_id for job_id, job in self.jobs.items() if not job.is_over}
            self.relay()
            woken = {UUID(json.loads(body)["jobId"]) for body in self.broker.messages}
            assert woken == unfinished, "somebody waits for a message that never comes"
            while self.broker.messages:
                self._run_batch(self.broker.messages.pop(), lambda: self._work(["done"], 100, "works"))
        self.ledger_and_model_agree()
        assert {job.state for job in self.jobs.values()} <= {"done", "dead"}
        told: dict[UUID, list[tuple[str, int]]] = {job_id: [] for job_id in self.jobs}
        for row in self.house.rows("SELECT job_id, status, attempt FROM job_events ORDER BY seq"):
            if row["status"] != "queued":
                told[row["job_id"]].append((row["status"], row["attempt"]))
        assert told == {job_id: job.events for job_id, job in self.jobs.items()}
        for job_id, events in told.items():
            ends = [status for status, _ in events if status in {"completed", "dead", "redriven"}]
            assert ends == [*["dead", "redriven"] * self.jobs[job_id].epoch, events[-1][0]]


@pytest.fixture
def effects(house: House) -> Iterator[House]:
    """A table for what workers do, without any constraint that would hide a second time."""
    house.rows("DROP TABLE IF EXISTS machine_effects")
    house.rows("CREATE TABLE machine_effects (job_id uuid NOT NULL)")
    yield house
    house.rows("DROP TABLE machine_effects")


@pytest.mark.proves("P2", "P3")
def test_every_job_ends_once_whatever_becomes_of_messages_workers_and_the_broker(
    effects: House, broker: Broker
) -> None:
    """P2 and P3: a state machine over the real ledger, outbox, batch runner and relay."""
    machine = type("HousedQueue", (Queue,), {"house": effects, "broker": broker})
    run_state_machine_as_test(machine, settings=MACHINES)
