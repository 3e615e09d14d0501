"""
A lead as most projects take it: the usual libraries one after the other, each as its documentation shows.

Rate limit, key, captcha, transaction, three messages, cache. It loses nothing in fair weather.
"""

import json
import os
import uuid
from typing import Any

import boto3
import limits
import limits.storage
import limits.strategies
import psycopg
import redis
import requests

_QUEUES = ("EMAIL_QUEUE_URL", "SYNC_QUEUE_URL", "NOTIFICATION_QUEUE_URL")
_valkey = redis.Redis.from_url(os.environ["REDIS_URL"])
_limiter = limits.strategies.MovingWindowRateLimiter(limits.storage.RedisStorage(os.environ["REDIS_URL"]))
_limit = limits.RateLimitItemPerMinute(30)
_database = psycopg.connect(os.environ["DATABASE_URL"].partition("?")[0])
_sqs = boto3.client(
    "sqs",
    endpoint_url="/".join(os.environ["SYNC_QUEUE_URL"].split("/")[:3]),
    region_name=os.environ["AWS_REGION"],
)


def take(body: dict[str, Any], key: str, address: str) -> tuple[int, dict[str, Any]]:
    """The status and the answer."""
    if not _limiter.hit(_limit, address):
        return 429, {"code": "RATE_LIMITED"}
    if not _valkey.set(f"bench:key:{key}", "running", nx=True, ex=86_400):
        kept = _valkey.get(f"bench:key:{key}")
        return 201, json.loads(kept or b"{}")
    form = {"secret": os.environ["TURNSTILE_SECRET_KEY"], "response": body["turnstileToken"]}
    if not requests.post(os.environ["TURNSTILE_VERIFY_URL"], data=form, timeout=3).json()["success"]:
        return 400, {"code": "CAPTCHA_FAILED"}
    lead_id, jobs = str(uuid.uuid4()), [str(uuid.uuid4()) for _ in _QUEUES]
    with _database.transaction():
        _database.execute("INSERT INTO bench_leads (id, body) VALUES (%s, %s)", (lead_id, json.dumps(body)))
        for job in jobs:
            _database.execute("INSERT INTO bench_leads (id, body) VALUES (%s, '{}')", (job,))
    for name, job in zip(_QUEUES, jobs, strict=True):
        _sqs.send_message(QueueUrl=os.environ[name], MessageBody=json.dumps({"jobId": job}))
    answer = {"id": lead_id, "status": "RECEIVED"}
    _valkey.set(f"bench:key:{key}", json.dumps(answer), ex=86_400)
    return 201, answer


def cached() -> bytes:
    """What is cached."""
    found: bytes = _valkey.get("bench:categories")  # type: ignore[assignment]  the client is not async
    return found
