"""
The product in this process, on real PostgreSQL, Valkey, SQS and the world's stand-ins, under a frozen clock.

`api` calls the very handler that Lambda calls, with API Gateway's event; nothing of the product is replaced.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import psycopg
import pytest
import requests
from psycopg.rows import dict_row

from local.stack import Stack

_TABLES = (
    "leads, lead_slots, idempotency_records, jobs, job_events, fences, sheets, sheet_rows, alerts, "
    "users, link_tokens, announcements, notifications, deliveries, mail_allowances, audit_log, "
    "sign_in_failures, sessions, lead_status_changes, lead_notes, erasures, "
    "contractors, projects, reviews, bids, ranking_runs, rankings, cache_invalidations, "
    "webhooks, webhook_deliveries, exports, sheet_runs, sheet_findings"
)
_SMALL_BYTES = 256 * 1024
_SIZES = f"""
SELECT relname AS name, pg_relation_size(oid) AS size_bytes FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname = ANY('{{{_TABLES}}}')
"""  # noqa: S608  the tables above


def empty(run: Callable[[str], Sequence[Mapping[str, Any]]]) -> None:
    """
    Empty the tables of everything but the catalogue, by statements that *run* runs.

    To truncate them all takes longer than most tests, so only what is large is truncated; the rest is deleted
    in one statement, at whose end nothing refers to anything any more.
    """
    sizes = {row["name"]: row["size_bytes"] for row in run(_SIZES)}
    large = [name for name, size in sizes.items() if size > _SMALL_BYTES]
    small = [name for name, size in sizes.items() if 0 < size <= _SMALL_BYTES]
    if large:
        run(f"TRUNCATE {', '.join(large)} CASCADE")
    if small:
        steps = ", ".join(f"{name}_emptied AS (DELETE FROM {name})" for name in small)  # noqa: S608
        try:
            run(f"WITH {steps} SELECT 1")
        except psycopg.errors.ForeignKeyViolation:  # by a table that is not listed
            run(f"TRUNCATE {_TABLES} CASCADE")


class FrozenClock:
    """A clock that stands still until a test moves it; sleeping on it moves it."""

    def __init__(self) -> None:
        self.instant = datetime.now(UTC)

    def now(self) -> datetime:
        """The instant it stands at."""
        return self.instant

    def sleep(self, duration_s: float) -> None:
        """Let time pass without waiting."""
        self.advance(duration_s)

    def advance(self, duration_s: float) -> None:
        """Move on by *duration_s* seconds."""
        self.instant += timedelta(seconds=duration_s)


@dataclass(frozen=True)
class LambdaContext:
    """What the product asks of a Lambda context."""

    remaining_ms: int = 40_000

    def get_remaining_time_in_millis(self) -> int:
        """The time that is left."""
        return self.remaining_ms


@dataclass(frozen=True)
class Reply:
    """An answer of the API."""

    status: int
    body: str
    headers: dict[str, str]
    cookies: list[str] = field(default_factory=list)

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


def _path_parameters(resource: str, path: str) -> dict[str, str] | None:
    """What *path* has where *resource* has names, still percent-encoded, as API Gateway hands it on."""
    pairs = zip(resource.split("/"), path.split("/"), strict=True)
    return {name[1:-1]: value for name, value in pairs if name.startswith("{")} or None


@dataclass
class Api:
    """Calls `app.app` as API Gateway does; *address* is the TCP peer."""

    address: str = "203.0.113.7"
    headers: dict[str, str] = field(default_factory=dict)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        query: dict[str, list[str]] | None = None,
        address: str | None = None,
        resource: str | None = None,
    ) -> Reply:
        """Call one route; a body that is no text is sent as JSON."""
        from app import app  # noqa: PLC0415  the environment must stand before the app is imported

        text = body if body is None or isinstance(body, str) else json.dumps(body)
        sent = {"content-type": "application/json", **self.headers, **(headers or {})}
        event = {
            "httpMethod": method,
            "path": path,
            "resource": resource or path,
            "headers": sent,
            "multiValueHeaders": {name: [value] for name, value in sent.items()},
            "multiValueQueryStringParameters": query,
            "queryStringParameters": {name: values[-1] for name, values in (query or {}).items()} or None,
            "pathParameters": _path_parameters(resource or path, path),
            "stageVariables": None,
            "body": text,
            "isBase64Encoded": False,
            "requestContext": {
                "httpMethod": method,
                "resourcePath": resource or path,
                "path": f"/api{path}",
                "stage": "api",
                "identity": {"sourceIp": address or self.address},
            },
        }
        answer = app(event, LambdaContext())
        cookies = (answer.get("multiValueHeaders") or {}).get("Set-Cookie", [])
        return Reply(answer["statusCode"], answer["body"], answer["headers"], cookies)


@pytest.fixture(scope="session")
def world_url(parts: Stack) -> str:
    """Where the stand-ins and their faults are steered."""
    return f"http://127.0.0.1:{parts.ports['world']}"


@cache
def _connection(url: str) -> psycopg.Connection[dict[str, Any]]:
    """One that is kept: to open one takes longer than most of what is asked."""
    connection = Ledger(url).connection()
    connection.prepare_threshold = None  # tables change between two questions
    return connection


@dataclass(frozen=True)
class Ledger:
    """A look into PostgreSQL past the product."""

    url: str

    def connection(self) -> psycopg.Connection[dict[str, Any]]:
        """A connection of its own, to be closed by whoever asked."""
        return psycopg.connect(self.url, autocommit=True, row_factory=dict_row)

    def rows(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        """What *sql* finds."""
        try:
            cursor = _connection(self.url).execute(sql, parameters)
        except psycopg.OperationalError:
            if not _connection(self.url).closed:
                raise
            _connection.cache_clear()  # it died while it lay idle
            cursor = _connection(self.url).execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def ledger(parts: Stack) -> Ledger:
    """PostgreSQL, emptied of everything but the catalogue."""
    found = Ledger(parts.environment["MIGRATION_DATABASE_URL"])
    empty(found.rows)
    return found


@pytest.fixture
def clock(parts: Stack) -> Iterator[FrozenClock]:  # noqa: ARG001  the product may only be imported in its environment
    """The product's clock, standing still."""
    from chalicelib.platform import clock as product_clock  # noqa: PLC0415

    frozen = FrozenClock()
    previous = product_clock.install(frozen)
    yield frozen
    product_clock.install(previous)


@pytest.fixture
def faults(world_url: str, parts: Stack) -> Iterator["Faults"]:  # noqa: ARG001
    """Breaks dependencies, and mends them all at the end."""
    found = Faults(world_url)
    found.mend()
    yield found
    found.mend()


@dataclass(frozen=True)
class Faults:
    """The fault proxies in front of every dependency."""

    world_url: str

    def set(self, target: str, mode: str, **more: Any) -> None:
        """Break *target*."""
        fault = {"target": target, "mode": mode, **more}
        requests.post(f"{self.world_url}/dev/faults", json=fault, timeout=5).raise_for_status()

    def mend(self) -> None:
        """Mend everything, and let the product notice."""
        requests.delete(f"{self.world_url}/dev/faults", timeout=5).raise_for_status()
        from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

        valkey()._away_until = 0.0


def _flush(client: Any) -> None:
    """Empty Valkey, also on a machine so busy that its first answer takes more than 150 ms."""
    from chalicelib.resilience.valkey import ValkeyAway  # noqa: PLC0415

    for _ in range(10):
        try:
            client.command("FLUSHALL")
        except ValkeyAway:
            time.sleep(0.5)
        else:
            return
    raise RuntimeError("Valkey does not answer")


@pytest.fixture
def api(ledger: Ledger, clock: FrozenClock, faults: Faults) -> Api:  # noqa: ARG001  a clean house for each test
    """The API of an empty product, with nothing broken, nobody rate-limited and nothing counted."""
    from chalicelib.guards import admission  # noqa: PLC0415
    from chalicelib.platform import metrics  # noqa: PLC0415
    from chalicelib.resilience.carrier import carrier  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    metrics.take_sums()
    metrics.take_told()
    carrier._batch = ""
    _flush(valkey())
    admission._process_limiter._calls.clear()
    return Api()


@pytest.fixture
def unhurried(api: Api, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """The API whose Valkey may take its time: of thousands of calls one may meet a busy machine."""
    import redis  # noqa: PLC0415

    from chalicelib.platform.settings import settings  # noqa: PLC0415
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    url = settings().redis_url.get_secret_value()
    with redis.Redis.from_url(url, socket_timeout=20, protocol=2) as client:
        monkeypatch.setattr(valkey(), "_client", client)
        yield api


@dataclass(frozen=True)
class Turnstile:
    """Earns captcha tokens as a visitor does."""

    world_url: str

    def token(self, **more: Any) -> str:
        """A fresh token."""
        wanted = {"action": "lead", **more}
        answer = requests.post(f"{self.world_url}/dev/turnstile/token", json=wanted, timeout=5)
        return str(answer.json()["token"])


@pytest.fixture
def turnstile(world_url: str) -> Turnstile:
    """The captcha."""
    return Turnstile(world_url)


@pytest.fixture
def new_lead(turnstile: Turnstile) -> Any:
    """Makes a valid body; fields given replace its own."""

    def make(**fields: Any) -> dict[str, Any]:
        return {
            "name": "Nguyễn Thị Hoa",
            "phone": "0912 345 678",
            "content": "Tôi muốn sửa lại nhà bếp.",
            "source": "CONTACT_FORM",
            "consent": {"version": "2026-01", "accepted": True},
            "turnstileToken": turnstile.token(),
            **fields,
        }

    return make


@pytest.fixture
def key() -> str:
    """A fresh Idempotency-Key."""
    return str(uuid.uuid4())
