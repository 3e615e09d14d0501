"""
How a job ends: a database that is away is waited for, since what was done outside cannot be undone, and who
lost the claim has no effect.
"""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.product.conftest import Api, Faults, FrozenClock, LambdaContext

if TYPE_CHECKING:
    from chalicelib.jobs.ledger import Claim
    from chalicelib.jobs.outcome import Claimed
    from chalicelib.jobs.runner import Effect
    from tests.product.job_fixtures import Jobs

pytest_plugins = ("tests.product.job_fixtures",)


def _run(jobs: "Jobs", ids: Sequence[uuid.UUID], do: object, *, remaining_ms: int = 20_000) -> None:
    from chalicelib.jobs import batch  # noqa: PLC0415
    from chalicelib.jobs.runner import OneByOne  # noqa: PLC0415

    kind = OneByOne("google_sheets", do, reserve_s=2.0)  # type: ignore[arg-type]
    records = [jobs.message(job_id) for job_id in ids]
    batch.run({"Records": records}, LambdaContext(remaining_ms), "sync", {"google_sheets": kind})


def test_a_database_that_is_away_at_the_end_is_waited_for(api: Api, jobs: "Jobs", faults: Faults) -> None:
    del api
    from chalicelib.jobs.runner import Effect  # noqa: PLC0415

    job_id, done_outside = jobs.add(), list[uuid.UUID]()

    def do(job: "Claimed", _claim: "Claim") -> "Effect":
        done_outside.append(job.id)
        faults.set("postgres", "refuse", seconds=1.5)
        return Effect()

    _run(jobs, [job_id], do)
    assert done_outside == [job_id]
    assert jobs.one(job_id)["state"] == "done"


def test_it_is_waited_for_no_longer_than_the_invocation_lasts(api: Api, jobs: "Jobs", faults: Faults) -> None:
    del api
    from chalicelib.jobs.runner import Effect  # noqa: PLC0415

    job_id = jobs.add()

    def do(_job: "Claimed", _claim: "Claim") -> "Effect":
        faults.set("postgres", "refuse")
        return Effect()

    _run(jobs, [job_id], do, remaining_ms=7_000)
    faults.mend()
    assert jobs.one(job_id)["state"] == "running", "its lease runs out, and the relay wakes another"


def test_who_lost_the_claim_has_no_effect_either(api: Api, jobs: "Jobs", clock: FrozenClock) -> None:
    """It slept past its lease, and another has the job by now."""
    del api
    from chalicelib.jobs import ledger  # noqa: PLC0415
    from chalicelib.jobs.runner import Effect  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    job_id, effects = jobs.add(), list[uuid.UUID]()

    def do(job: "Claimed", _claim: "Claim") -> "Effect":
        clock.advance(60)
        assert [each.id for each in ledger.claim_due(database(), "sync", "google_sheets", 1).jobs] == [job_id]
        return Effect(lambda _transaction: effects.append(job.id) or ())  # type: ignore[func-returns-value]

    _run(jobs, [job_id], do)
    assert effects == []
    assert jobs.one(job_id)["state"] == "running", "as its new holder has it"
