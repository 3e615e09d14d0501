"""
Two hundred leads through every fault of every dependency, with processes killed at random; then a job that
always fails, from its first execution to its redrive. Judged by the stand-ins' records.
"""

import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import boto3
import pytest

from tests.chaos.cells import Cell
from tests.chaos.run import Run
from tests.journey.conftest import Site

Phones = Callable[[], str]
_TARGETS = ("sqs", "redis", "sheets", "email")
# Refused calls open circuits, which would hide the others: so they come last.
_MODES = ("commit-then-timeout", "timeout", "refuse")
_SEED = 20261122
_LEADS = 200


def _dead_letters(site: Site, queue: str) -> list[dict[str, Any]]:
    environment = site.stack.environment
    sqs = boto3.client(
        "sqs",
        endpoint_url=f"http://127.0.0.1:{site.stack.ports['ministack']}",
        region_name=environment["AWS_REGION"],
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    url = environment[f"{queue.upper()}_DLQ_URL"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


def _timeline(site: Site, lead_id: str, staff: dict[str, str]) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = site.call(
        "GET", f"/api/admin/leads/{lead_id}/timeline", headers=staff
    ).json["events"]
    return events


@dataclass(frozen=True)
class _Changing:
    """
    One fault of each target after the other, then all at once.

    Where answers are lost, the fault flickers: else it would always hit the first call of a job, and never
    the one behind it that matters.
    """

    each_s: float

    def blow(self, site: Site, chosen: random.Random, over: threading.Event) -> None:
        """See tests.chaos.weather.Weather."""
        in_turn = [[(target, mode)] for mode in _MODES for target in _TARGETS]
        together = [[(target, mode) for target in _TARGETS] for mode in _MODES]
        for broken in [*in_turn, *together]:
            ends_at = time.monotonic() + self.each_s
            while time.monotonic() < ends_at and not over.is_set():
                flickers = broken[0][1] == "commit-then-timeout"
                for target, mode in broken:
                    site.fault(target, mode)
                over.wait(chosen.uniform(0.05, 0.15) if flickers else self.each_s)
                site.mend()
                over.wait(chosen.uniform(0.05, 0.15) if flickers else 0)
        over.wait()


@pytest.mark.timeout(420)
def test_200_leads_through_every_fault_are_once_in_every_sink_five_minutes_later(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(site, seed=_SEED, leads=_LEADS)
    outcome = run.cell(Cell("all", "every", "any", _Changing(each_s=2.0), sending_s=32.0))
    with capsys.disabled():
        print(f"\n  the storm: {outcome.describe()}")  # noqa: T201  for the suite's output
    assert outcome.broken == {}
    assert outcome.answered == _LEADS
    assert outcome.killed >= 5
    assert outcome.redriven == [], "an outage makes no dead letter"
    assert [_dead_letters(site, queue) for queue in ("email", "sync", "notification")] == [[], [], []]

    staff = site.sign_in("admin")
    stories = [_timeline(site, each.lead_id, staff) for each in run.sent if each.lead_id]
    for story in stories[::10]:
        told = {(event["kind"], event["status"]) for event in story}
        assert {("request", "received"), ("lead", "stored"), ("job", "completed")} <= told
        assert ("delivery", "completed") in told
        assert ("job", "dead") not in told
    assert any(event["status"] == "deferred" and event["detail"] for story in stories for event in story)


def test_a_job_that_always_fails_is_dead_after_four_executions_alerted_listed_and_redriven(
    site: Site, phones: Phones
) -> None:
    staff = site.sign_in("admin")
    email = f"always-{time.monotonic_ns()}@example.test"
    site.fault("email", "error", status=400)
    answer = site.call("POST", "/api/leads", site.new_lead(phones(), email=email))
    lead_id = answer.json["id"]

    def executions() -> list[datetime]:
        told = _timeline(site, lead_id, staff)
        mine = [event for event in told if event["kind"] == "job" and event["jobId"] == job_id]
        return [datetime.fromisoformat(event["at"]) for event in mine if event["status"] == "started"]

    def listed() -> list[dict[str, Any]]:
        items = site.call("GET", "/api/admin/queues/email/dead-letters", headers=staff).json["items"]
        return [item for item in items if item["correlationId"] == answer.headers["X-Correlation-Id"]]

    site.wait_for(lambda: any(item["payload"].get("recipientId") is None for item in listed()), "it is dead")
    (dead,) = [item for item in listed() if item["payload"].get("recipientId") is None]
    job_id = dead["jobId"]
    first, *later = executions()
    waits_s = [(at - before).total_seconds() for before, at in pairwise([first, *later])]
    assert len(waits_s) == 3
    for wait_s, expected_s in zip(waits_s, (1, 2, 4), strict=True):
        assert (
            expected_s - 0.1 <= wait_s < expected_s + 1.5
        )  # never sooner; later only as busy as the machine is
    assert dead["attempts"] == 4
    assert job_id in json.dumps(_dead_letters(site, "email"))
    assert job_id in json.dumps(site.call("GET", "/dev/alerts").json)

    site.mend()
    path = f"/api/admin/queues/email/dead-letters/{job_id}/redrive"
    assert site.call("POST", path, headers=staff).status in {200, 202}

    def mails() -> list[dict[str, Any]]:
        items = site.call("GET", "/dev/mail").json["items"]
        return [item for item in items if email in item["to"]]

    site.wait_for(lambda: len(mails()) == 1, "the mail")
    site.call("POST", "/api/admin/queues/email/redrive-all", headers=staff)
    site.let_pass(1)
    assert job_id not in json.dumps(_dead_letters(site, "email")), "its copy is cleared away"
    told = _timeline(site, lead_id, staff)
    statuses = [event["status"] for event in told if event["kind"] == "job" and event["jobId"] == job_id]
    assert statuses[-1] == "completed"
    assert "redriven" in statuses
    audit = site.call("GET", "/api/admin/audit", headers=staff).json["items"]
    assert any(job_id in json.dumps(item) and item["actor"]["role"] == "ADMIN" for item in audit)
    assert len(mails()) == 1
