"""
What a request costs, counted on the wire: a proxy in front of each part counts how often the client speaks.

These are facts, not timings (targets page): POST /leads takes at most two trips to Valkey and two to
PostgreSQL.
"""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from local.stack import Stack
from local.world.tcp_proxy import counting_proxy
from tests.product.conftest import Api, FrozenClock, Ledger

_SCRIPT = """
import json, sys, time
from tests.product.conftest import Api
warm, measured = json.loads(sys.stdin.readline())
from chalicelib.resilience.flusher import flusher
flusher().rest()  # it speaks beside the requests, whenever it likes
from chalicelib.resilience.valkey import ValkeyAway, valkey

def is_valkey_known_to_be_up():  # on a busy machine the first call may have taken too long
    try:
        return valkey().command("PING")
    except ValkeyAway:
        return False

api = Api()
while True:
    for method, path, body, key in warm:
        api.call(method, path, body, headers={"idempotency-key": key} if key else None)
    if is_valkey_known_to_be_up():
        break
    time.sleep(0.1)
print("READY", flush=True)
sys.stdin.readline()
for method, path, body, key in measured:
    reply = api.call(method, path, body, headers={"idempotency-key": key} if key else None)
    print("STATUS", reply.status, flush=True)
print("MEASURED", flush=True)
sys.stdin.readline()
"""
Request = tuple[str, str, Any, str | None]


def _by_way_of(url: str, port: int) -> str:
    parts = urlsplit(url)
    login = f"{parts.username}:{parts.password}@" if parts.username else ""
    return urlunsplit(parts._replace(netloc=f"{login}127.0.0.1:{port}"))


def _measure(stack: Stack, warm: list[Request], measured: list[Request]) -> tuple[int, int, list[int]]:
    """Trips to Valkey and to PostgreSQL of *measured* in a warm process of its own, and the statuses."""
    with (
        counting_proxy(stack.ports["valkey"]) as redis,
        counting_proxy(stack.ports["postgres"]) as postgres,
    ):
        environment = {
            **os.environ,
            "REDIS_URL": _by_way_of(stack.environment["REDIS_URL"], redis.listen_port),
            "DATABASE_URL": _by_way_of(stack.environment["DATABASE_URL"], postgres.listen_port),
        }
        process = subprocess.Popen(
            [sys.executable, "-c", _SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([warm, measured]) + "\n")
        process.stdin.flush()
        before = after = (0, 0)
        statuses: list[int] = []
        for line in process.stdout:
            if line.startswith("READY"):
                before = (redis.round_trips, postgres.round_trips)
                process.stdin.write("go\n")
                process.stdin.flush()
            elif line.startswith("STATUS"):
                statuses.append(int(line.split()[1]))
            elif line.startswith("MEASURED"):  # before it closes its connections, which speaks once more
                after = (redis.round_trips, postgres.round_trips)
                process.stdin.close()
        assert process.wait(timeout=30) == 0
        return after[0] - before[0], after[1] - before[1], statuses


@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize("source", ["QUOTE_FORM", "FURNITURE_QUOTE", "CONTACT_FORM"])
def test_a_lead_takes_two_trips_to_valkey_and_two_to_postgresql(
    parts: Stack, api: Api, new_lead: Callable[..., dict[str, Any]], source: str, *, keyed: bool
) -> None:
    category = api.call("GET", "/service-categories").json["items"][0]["id"]
    product = api.call("GET", "/furniture/products").json["items"][0]["id"]
    quotes: dict[str, Any] = {
        "QUOTE_FORM": {"kind": "calculator", "categoryId": category, "area": 20, "materialIds": []},
        "FURNITURE_QUOTE": {
            "kind": "furniture",
            "items": [{"productId": product, "length": 2, "quantity": 1}],
        },
    }
    fields = {"source": source, **({"quote": quotes[source]} if source in quotes else {})}

    def request(phone: str) -> Request:
        return ("POST", "/leads", new_lead(phone=phone, **fields), str(uuid.uuid4()) if keyed else None)

    redis, postgres, statuses = _measure(parts, [request("0912000001")], [request("0912000002")])
    assert statuses == [201]
    assert 1 <= redis <= 2
    assert 1 <= postgres <= 2


_WEBHOOK = """
INSERT INTO webhooks (id, url, events, created_at)
SELECT gen_random_uuid(), 'https://crm.customer.invalid/', ARRAY['lead.created'], %s
FROM generate_series(1, 3)
"""


@pytest.mark.usefixtures("api")
def test_webhooks_cost_a_lead_no_further_trip(
    parts: Stack, ledger: Ledger, clock: FrozenClock, new_lead: Callable[..., dict[str, Any]]
) -> None:
    ledger.rows(_WEBHOOK, clock.now())
    first, second = (
        ("POST", "/leads", new_lead(phone=phone), str(uuid.uuid4())) for phone in ("0912000003", "0912000004")
    )
    redis, postgres, statuses = _measure(parts, [first], [second])
    assert statuses == [201]
    assert 1 <= redis <= 2
    assert 1 <= postgres <= 2
    assert ledger.rows("SELECT count(*) AS jobs FROM jobs WHERE queue = 'webhook'") == [{"jobs": 6}]


@pytest.mark.usefixtures("api")
def test_a_replay_takes_one_trip_to_valkey_and_none_to_postgresql(
    parts: Stack, new_lead: Callable[..., dict[str, Any]]
) -> None:
    request: Request = ("POST", "/leads", new_lead(), str(uuid.uuid4()))
    assert _measure(parts, [request], [request]) == (1, 0, [201])


@pytest.mark.proves("P24")
def test_a_cached_answer_takes_one_trip_to_valkey_which_brings_the_figures_along(
    parts: Stack, api: Api
) -> None:
    """P24: counting costs no trip of its own, and what the trips brought is what had been answered."""
    request: Request = ("GET", "/service-categories", None, None)
    assert _measure(parts, [request], [request] * 3) == (3, 0, [200] * 3)
    answers = 'http_requests_total{method="GET",path="/service-categories",status="200"} 3'
    assert answers in api.call("GET", "/metrics").body.splitlines(), "the fourth lies in the other process"
