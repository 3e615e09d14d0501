"""Accepted leads arrive in the sheet, one row each, whatever breaks. Checked in the stand-in's records."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from tests.journey.conftest import Reply, Site

Phones = Callable[[], str]


def _submit(site: Site, body: dict[str, Any], position: int, key: str | None = None) -> Reply:
    headers = {} if key is None else {"Idempotency-Key": key}
    return site.call("POST", "/api/leads", body, headers=headers, address=f"127.0.1.{position + 1}")


def _submit_many(site: Site, bodies: list[dict[str, Any]], keys: list[str | None]) -> list[Reply]:
    with ThreadPoolExecutor(100) as threads:
        return list(threads.map(lambda p: _submit(site, bodies[p], p, keys[p]), range(len(bodies))))


def _sqs(site: Site) -> Any:
    environment = site.stack.environment
    return boto3.client(
        "sqs",
        endpoint_url=environment["AWS_ENDPOINT_URL_SQS"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def _dead_letters(site: Site) -> list[dict[str, Any]]:
    queue_url = site.stack.environment["SYNC_DLQ_URL"]
    found = _sqs(site).receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


def test_a_hundred_times_one_key_is_one_lead_with_one_answer(site: Site, phones: Phones) -> None:
    body = site.new_lead(phones())
    key = f"hundred-{body['phone']}"
    replies = _submit_many(site, [body] * 100, [key] * 100)
    done = [reply for reply in replies if reply.status == 201]
    assert {reply.status for reply in replies} <= {201, 409}
    assert len({reply.body for reply in done}) == 1
    site.fault("redis", "flush")
    again = _submit(site, body, 0, key)
    assert (again.status, again.body) == (201, done[0].body)
    lead_id = again.json["id"]
    site.wait_for_rows([lead_id])
    assert site.rows_of(lead_id)[0][10] == "1"


def test_a_hundred_at_once_from_one_phone_are_one_row_that_counts_them(site: Site, phones: Phones) -> None:
    phone = phones()
    bodies = [site.new_lead(phone) for _ in range(100)]
    replies = _submit_many(site, bodies, [None] * 100)
    assert [reply.status for reply in replies] == [201] * 100
    ids = {reply.json["id"] for reply in replies}
    assert len(ids) == 100
    site.wait_for(lambda: any(row[10] == "100" for row in site.rows_of(*ids)), "a row that counts 100")
    assert len(site.rows_of(*ids)) == 1


@pytest.mark.parametrize(
    ("target", "mode"),
    [
        ("sheets", "commit-then-timeout"),
        ("sheets", "refuse"),
        ("sqs", "refuse"),
        ("sqs", "timeout"),
        ("redis", "refuse"),
        ("redis", "timeout"),
    ],
)
def test_leads_that_came_in_during_an_outage_arrive_once(
    site: Site, phones: Phones, target: str, mode: str
) -> None:
    bodies = [site.new_lead(phones()) for _ in range(20)]
    deferred = site.count_events("sync_worker", "sheets.deferred")
    site.fault(target, mode)
    replies = _submit_many(site, bodies, [f"{target}-{mode}-{body['phone']}" for body in bodies])
    assert [reply.status for reply in replies] == [201] * 20
    if target == "sheets":
        site.wait_for(lambda: site.count_events("sync_worker", "sheets.deferred") > deferred, "a deferral")
    site.mend()
    lead_ids = [reply.json["id"] for reply in replies]
    site.wait_for_rows(lead_ids, passing_s=30)
    assert _dead_letters(site) == []


def test_a_worker_that_is_killed_in_the_middle_of_a_batch_loses_and_doubles_nothing(
    site: Site, phones: Phones
) -> None:
    bodies = [site.new_lead(phones()) for _ in range(20)]
    site.fault("worker", "crash", queue="sync", count=2)
    replies = _submit_many(site, bodies, [None] * 20)
    lead_ids = [reply.json["id"] for reply in replies]
    site.wait_for_rows(lead_ids, passing_s=30)
    assert _dead_letters(site) == []


def test_an_api_process_that_is_killed_leaves_one_lead_when_its_client_asks_again(
    site: Site, phones: Phones
) -> None:
    body = site.new_lead(phones())
    site.fault("api", "crash", count=1)
    first = _submit(site, body, 0, "killed-api")
    assert first.status == 502
    reply = _submit(site, body, 0, "killed-api")
    while reply.status == 409:
        site.let_pass(10)
        reply = _submit(site, body, 0, "killed-api")
    assert reply.status == 201
    site.wait_for_rows([reply.json["id"]])


def test_a_malformed_job_is_dead_lettered_with_its_reason(site: Site) -> None:
    environment, sqs = site.stack.environment, _sqs(site)
    sqs.send_message(QueueUrl=environment["SYNC_QUEUE_URL"], MessageBody='{"v": 9}')
    site.wait_for(lambda: bool(_dead_letters(site)), "a dead letter")
    assert "jobId: missing" in _dead_letters(site)[0]["reason"]
    sqs.purge_queue(QueueUrl=environment["SYNC_DLQ_URL"])
