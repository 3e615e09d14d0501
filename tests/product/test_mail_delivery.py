"""When SES is silent, refuses or is away: nothing is lost, and every mail that may be double is known."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.mail_samples import ADDRESS, CONTENT, NAME, PHONE

if TYPE_CHECKING:
    from uuid import UUID

    from local.stack import Stack
    from tests.product.conftest import Faults, FrozenClock
    from tests.product.job_fixtures import Queues
    from tests.product.mail_fixtures import Office

pytest_plugins = ("tests.product.mail_fixtures", "tests.product.job_fixtures")


def _started_after_s(office: "Office", job_id: "UUID") -> list[float]:
    rows = office.ledger.rows(
        "SELECT extract(epoch FROM at - min(at) OVER ())::float AS after_s FROM job_events"
        " WHERE job_id = %s AND status = 'started' ORDER BY seq",
        job_id,
    )
    return [row["after_s"] for row in rows]


def _wait_until(is_so: Any) -> None:
    ends = time.monotonic() + 4
    while not is_so():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.02)


def test_a_mail_whose_answer_was_lost_is_known_to_be_under_way_and_then_counted_as_unknown(
    office: "Office", faults: "Faults", clock: "FrozenClock"
) -> None:
    """The row `sending` is committed while SES has the mail already; the second mail costs no attempt."""
    job_id = office.job("quotation", office.lead())
    faults.set("email", "commit-then-timeout")
    with ThreadPoolExecutor(1) as worker:
        run = worker.submit(office.work)
        _wait_until(office.mails)
        assert office.deliveries() == ["sending"]
        run.result()
    assert office.deliveries() == ["unknown"]
    job = office.one(job_id)
    assert (job["state"], job["attempts"], job["reason"]) == ("deferred", 0, "email: no answer")
    faults.mend()
    clock.advance(15)
    office.work()
    assert office.deliveries() == ["unknown", "sent"]
    assert (office.one(job_id)["state"], office.one(job_id)["attempts"]) == ("done", 1)
    first, second = office.mails()
    assert (first["answerLost"], second["answerLost"]) == (True, False)
    assert (first["html"], first["text"]) == (second["html"], second["text"])


@pytest.mark.proves("P2")
def test_a_refused_mail_is_tried_again_after_1_2_and_4_s_and_then_dead(
    office: "Office", faults: "Faults", clock: "FrozenClock", queues: "Queues", parts: "Stack"
) -> None:
    """P2: four executions at 0, 1, 3, 7 s, then the dead-letter queue and an alert, which name nobody."""
    dead_letters = (
        queues.dlq_url.rpartition("/")[0] + "/" + parts.environment["EMAIL_DLQ_URL"].rpartition("/")[2]
    )
    queues.sqs.purge_queue(QueueUrl=dead_letters)
    job_id = office.job("quotation", office.lead())
    faults.set("email", "error", status=400)
    for _ in range(20):
        office.work()
        clock.advance(0.5)
    assert _started_after_s(office, job_id) == [0, 1, 3, 7]
    job = office.one(job_id)
    assert (job["state"], job["attempts"]) == ("dead", 4)
    assert office.deliveries() == ["refused"] * 4
    (copy,) = [json.loads(record["body"]) for record in queues.take(dead_letters)]
    assert copy["envelope"]["jobId"] == str(job_id)
    assert copy["reason"] == job["reason"]
    (alert,) = office.ledger.rows("SELECT kind, subject, body FROM alerts")
    assert alert["kind"] == "job_dead"
    assert str(job_id) in alert["subject"]
    for told in (copy["reason"], alert["subject"], alert["body"]):
        assert ADDRESS not in told


def test_an_address_that_ses_refuses_ends_in_the_dead_letters_without_being_named_there(
    office: "Office", clock: "FrozenClock"
) -> None:
    job_id = office.job("quotation", office.lead(email="two..dots@example.test"))
    for _ in range(4):
        office.work()
        clock.advance(4)
    assert office.one(job_id)["state"] == "dead"
    assert office.one(job_id)["reason"] == "email: 400 BadRequestException"
    for table in ("jobs", "job_events", "deliveries", "alerts"):
        assert "two..dots" not in str(office.ledger.rows(f"SELECT * FROM {table}"))  # noqa: S608


def test_throttling_defers_and_spends_nothing(
    office: "Office", faults: "Faults", clock: "FrozenClock"
) -> None:
    job_id = office.job("quotation", office.lead())
    faults.set("email", "error", status=429)
    for _ in range(8):
        office.work()
        job = office.one(job_id)
        assert (job["state"], job["attempts"], job["reason"]) == ("deferred", 0, "email: throttled")
        assert (job["due_at"] - clock.now()).total_seconds() == 5
        clock.advance(5)
    faults.mend()
    office.work()
    assert office.one(job_id)["state"] == "done"
    assert office.deliveries() == ["refused"] * 8 + ["sent"]
    assert len(office.mails()) == 1


def test_what_never_reached_ses_is_not_counted_as_doubtful(
    office: "Office", faults: "Faults", clock: "FrozenClock"
) -> None:
    job_id = office.job("quotation", office.lead())
    faults.set("email", "refuse")
    office.work()
    assert office.deliveries() == ["not_reached"]
    assert (office.one(job_id)["state"], office.one(job_id)["attempts"]) == ("deferred", 0)
    faults.mend()
    clock.advance(15)
    office.work()
    assert office.deliveries() == ["not_reached", "sent"]
    assert len(office.mails()) == 1


@pytest.mark.proves("P17")
def test_after_five_silences_no_call_is_made_for_30_s_and_jobs_wait_for_free(
    office: "Office", faults: "Faults", clock: "FrozenClock"
) -> None:
    job_ids = [office.job("quotation", office.lead(email=f"v{number}@example.test")) for number in range(8)]
    faults.set("email", "reset")
    office.work()
    assert office.deliveries() == ["unknown"] * 5
    faults.mend()
    for _ in range(2):
        office.ledger.rows("UPDATE jobs SET due_at = %s", clock.now())
        office.work()
    assert office.deliveries() == ["unknown"] * 5, "nobody was called while the circuit was open"
    assert office.mails() == []
    assert {(office.one(job_id)["state"], office.one(job_id)["attempts"]) for job_id in job_ids} == {
        ("deferred", 0)
    }
    assert {office.one(job_id)["reason"] for job_id in job_ids} == {"ServiceUnavailable"}
    clock.advance(30)
    office.work()
    assert office.states() == ["done"] * 8
    assert len(office.mails()) == 8


def test_a_worker_that_died_over_a_call_leaves_a_doubtful_one_and_its_successor_sends(
    office: "Office", clock: "FrozenClock"
) -> None:
    import uuid  # noqa: PLC0415

    from chalicelib.deliveries import store  # noqa: PLC0415
    from chalicelib.jobs import ledger  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    job_id = office.job("quotation", office.lead())
    claim = ledger.claim_due(database(), "email", "quotation", 1)
    assert store.begin(
        database(),
        delivery_id=uuid.uuid4(),
        job_id=job_id,
        token=claim.token,
        channel="email",
        now=clock.now(),
    )
    office.work()
    assert office.deliveries() == ["sending"], "its claim still holds"
    clock.advance(31)
    office.work()
    assert office.deliveries() == ["unknown", "sent"]
    assert (office.one(job_id)["state"], office.one(job_id)["lost_leases"]) == ("done", 1)
    assert len(office.mails()) == 1


def test_a_worker_that_slept_past_its_claim_calls_nobody_and_changes_nothing(
    office: "Office", clock: "FrozenClock"
) -> None:
    from chalicelib.jobs import ledger  # noqa: PLC0415
    from chalicelib.mail.jobs import KINDS  # noqa: PLC0415
    from chalicelib.platform.postgres import database  # noqa: PLC0415

    job_id = office.job("quotation", office.lead())
    claim = ledger.claim_due(database(), "email", "quotation", 1)
    clock.advance(31)
    KINDS["quotation"]._work_off(claim)  # nobody else has it yet, but its time is over
    assert office.mails() == []
    office.work()
    KINDS["quotation"]._work_off(claim)
    assert len(office.mails()) == 1
    assert office.deliveries() == ["sent"]
    assert (office.one(job_id)["state"], office.one(job_id)["attempts"]) == ("done", 1)


def test_one_mail_that_is_refused_holds_up_none_of_its_batch(office: "Office") -> None:
    bad = office.job("quotation", office.lead(email="two..dots@example.test"))
    good = [office.job("quotation", office.lead(email=f"v{number}@example.test")) for number in range(9)]
    assert len(office.work()) == 1
    assert office.one(bad)["state"] == "retrying"
    assert {office.one(job_id)["state"] for job_id in good} == {"done"}
    office.work()
    assert len(office.mails()) == 9


def test_logs_and_ledger_name_no_one_whatever_happens(
    office: "Office", faults: "Faults", clock: "FrozenClock", capsys: pytest.CaptureFixture[str]
) -> None:
    from chalicelib.guards.link_token import token_of  # noqa: PLC0415

    user_id = office.account(email="minh@example.test", confirmed_at=None)
    link_id = office.link(user_id, "confirm", minutes=24 * 60)
    for mode in ({"mode": "error", "status": 400}, {"mode": "error", "status": 503}, {"mode": "reset"}, None):
        if mode:
            faults.set("email", **mode)
        else:
            faults.mend()
        for job_type, subject in (("quotation", office.lead()), ("welcome", link_id)):
            office.job(job_type, subject)
        office.work()
        clock.advance(60)
    said = capsys.readouterr().out
    assert '"job.completed"' in said
    assert '"delivery.refused"' in said
    tables = ("jobs", "job_events", "deliveries", "mail_allowances", "alerts")
    said += "".join(str(office.ledger.rows(f"SELECT * FROM {table}")) for table in tables)  # noqa: S608
    for secret in (ADDRESS, "minh@", "example.test", NAME, PHONE, CONTENT, token_of(link_id, "confirm")):
        assert secret not in said
