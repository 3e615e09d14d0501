"""
A lead as most projects take it: the usual libraries one after the other, each as its documentation shows.

Model, rate limit, key, captcha, transaction, three messages, cache. It loses nothing in fair weather. Signals
of quarantine, merging, the journey, figures and the log line are ours alone.
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
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

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


class Consent(BaseModel):
    """What the visitor agreed to."""

    version: str
    accepted: bool


class Lead(BaseModel):
    """The body, judged as both frameworks' users do."""

    model_config = ConfigDict(alias_generator=to_camel)

    name: str = Field(min_length=1, max_length=100)
    phone: str = Field(pattern=r"^[0-9 +()-]{6,30}$")
    email: str | None = Field(default=None, pattern=r"^[^@\s]+@[^@\s]+$")
    content: str | None = Field(default=None, max_length=5000)
    source: str
    consent: Consent
    turnstile_token: str


def take(lead: Lead, key: str, address: str) -> tuple[int, dict[str, Any]]:
    """The status and the answer."""
    if not _limiter.hit(_limit, address):
        return 429, {"code": "RATE_LIMITED"}
    if not _valkey.set(f"bench:key:{key}", "running", nx=True, ex=86_400):
        kept = _valkey.get(f"bench:key:{key}")
        return 201, json.loads(kept or b"{}")
    form = {"secret": os.environ["TURNSTILE_SECRET_KEY"], "response": lead.turnstile_token}
    if not requests.post(os.environ["TURNSTILE_VERIFY_URL"], data=form, timeout=3).json()["success"]:
        return 400, {"code": "CAPTCHA_FAILED"}
    lead_id, jobs = str(uuid.uuid4()), [str(uuid.uuid4()) for _ in _QUEUES]
    with _database.transaction():
        _database.execute(
            "INSERT INTO bench_leads (id, body) VALUES (%s, %s)", (lead_id, lead.model_dump_json())
        )
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
