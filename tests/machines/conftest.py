"""
The parts that the state machines share: the real ones, a broker of their own, and a line to Valkey that can
be cut.

A machine drives the product's own code, step by step, and keeps a plain model beside it. Whatever it makes
fail, it makes fail outside of the product.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
import redis

from local.stack import Stack
from tests.product.conftest import FrozenClock, clock, empty

if TYPE_CHECKING:
    from chalicelib.platform.postgres import Database, Row
    from chalicelib.resilience.valkey import Valkey

__all__ = ["clock"]  # a fixture of the product's tests
# Whole milliseconds and a half, so that none is lost where the product counts them.
_BEGINNING = datetime(2026, 3, 2, 12, microsecond=500, tzinfo=UTC)


@dataclass
class Line:
    """
    The line from the product's client to Valkey: `up`, `cut` before the server hears, or `deaf`: the server
    does what it is asked, and its answer is lost.
    """

    client: Any
    state: str = "up"

    def _across(self, call: Callable[[], Any]) -> Any:
        if self.state == "cut":
            raise redis.exceptions.ConnectionError("the line is cut")
        answer = call()
        if self.state == "deaf":
            raise redis.exceptions.TimeoutError("the answer is lost")
        return answer

    def evalsha(self, *words: Any) -> Any:
        """See redis.Redis."""
        return self._across(lambda: self.client.evalsha(*words))

    def eval(self, *words: Any) -> Any:
        """See redis.Redis."""
        return self._across(lambda: self.client.eval(*words))

    def execute_command(self, *words: Any) -> Any:
        """See redis.Redis."""
        return self._across(lambda: self.client.execute_command(*words))

    @property
    def connection_pool(self) -> Any:
        """See redis.Redis."""
        return self.client.connection_pool

    def close(self) -> None:
        """See redis.Redis."""
        self.client.close()


@dataclass(frozen=True)
class House:
    """The real parts, reached directly: the fault proxies would only make ten thousand steps slow."""

    database: "Database"
    valkey: "Valkey"
    valkey_url: str
    clock: FrozenClock

    def begin(self) -> None:
        """An empty house at the beginning of time, for one more run."""
        from chalicelib.guards import admission  # noqa: PLC0415

        admission._process_limiter._calls.clear()
        empty(self.database.rows)
        self.flush()
        self.clock.instant = _BEGINNING

    def flush(self) -> None:
        """Valkey fails over to a replica that knows nothing."""
        self.valkey.command("FLUSHALL")

    def another_line(self) -> "tuple[Valkey, Line]":
        """The client of one more process, and its line."""
        from chalicelib.resilience.valkey import Valkey  # noqa: PLC0415

        client = Valkey(self.valkey_url)
        client._client = Line(_patient(self.valkey_url))
        return client, client._client

    def rows(self, sql: str, parameters: Any = None) -> "list[Row]":
        """What *sql* finds."""
        return self.database.rows(sql, parameters)

    def now(self) -> datetime:
        """The product's instant."""
        return self.clock.instant

    def pass_time(self, duration: timedelta) -> None:
        """Move on."""
        self.clock.instant += duration


def _patient(url: str) -> Any:
    """A client that bears a slow machine: here the line says when Valkey is away, and not 150 ms."""
    return redis.Redis.from_url(url, socket_timeout=20, protocol=2, driver_info=None)


@pytest.fixture(autouse=True)
def patience(parts: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Nothing is given up because real seconds passed: what fails, a machine makes fail.

    Ten thousand runs on a busy computer meet a pause of three seconds now and then; Hypothesis then finds
    that the same steps end differently.
    """
    del parts
    from chalicelib.gateways import siteverify  # noqa: PLC0415
    from chalicelib.jobs import batch, dead_letters, relay  # noqa: PLC0415

    for module, name in (
        (siteverify, "TIMEOUT_S"),
        (batch, "_TIMEOUT_S"),
        (dead_letters, "_TIMEOUT_S"),
        (relay, "_SEND_BUDGET_S"),
    ):
        monkeypatch.setattr(module, name, 60.0)


@pytest.fixture
def house(parts: Stack, clock: FrozenClock) -> Iterator[House]:
    """The parts, and a clock that only the machine moves."""
    from chalicelib.platform.postgres import Database  # noqa: PLC0415
    from chalicelib.resilience.valkey import Valkey  # noqa: PLC0415

    url = f"redis://127.0.0.1:{parts.ports['valkey']}/0"
    found = House(Database(parts.environment["MIGRATION_DATABASE_URL"]), Valkey(url), url, clock)
    found.valkey._client = _patient(url)
    yield found
    found.begin()
    found.database.close()
    found.valkey.close()


@pytest.fixture
def line(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """The line of the process's own client, as the guards use it."""
    from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

    _, between = house.another_line()
    monkeypatch.setattr(valkey(), "_client", between)
    monkeypatch.setattr(valkey(), "_away_until", 0.0)
    yield between
    between.close()


@dataclass
class Broker:
    """
    An SQS of the machines' own, `up`, `away` (503), `half` (takes every other message of a batch) or `deaf`
    (takes all of them, and nobody hears of it). What lies on it is delivered when the machine says so.
    """

    url: str = ""
    state: str = "up"
    messages: list[str] = field(default_factory=list)  # as they were sent, to the queues of the workers
    dead_letters: list[str] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)  # which of them the sender knows to be sent

    def begin(self) -> None:
        """Empty and up."""
        self.state = "up"
        for kept in (self.messages, self.dead_letters, self.confirmed):
            kept.clear()

    def answer(self, action: str, payload: Any) -> tuple[int, Any]:
        """Take a call as SQS would, or as its state has it."""
        if self.state == "away":
            return 503, {}
        if action != "AmazonSQS.SendMessageBatch":
            return 200, {}
        entries = payload["Entries"][:: 2 if self.state == "half" else 1]
        bodies = [entry["MessageBody"] for entry in entries]
        (self.dead_letters if payload["QueueUrl"].endswith("-dlq") else self.messages).extend(bodies)
        if self.state == "deaf":
            return 503, {}
        self.confirmed += bodies
        return 200, {"Successful": [{"Id": entry["Id"]} for entry in entries]}


class _Handler(BaseHTTPRequestHandler):
    """Hands each POST to whoever serves: status and document."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    serve: Callable[[str, bytes], tuple[int, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, document = type(self).serve(self.headers.get("X-Amz-Target", ""), body)
        answer = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: Any) -> None:
        return


def _served(serve: Callable[[str, bytes], tuple[int, Any]]) -> ThreadingHTTPServer:
    handler = type("Handler", (_Handler,), {"serve": staticmethod(serve)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


def _closed(server: ThreadingHTTPServer) -> None:
    server.shutdown()
    server.server_close()


@pytest.fixture
def broker(parts: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    """Stands where SQS and SNS stood."""
    from chalicelib.platform.settings import settings  # noqa: PLC0415

    found = Broker()

    def serve(action: str, body: bytes) -> tuple[int, Any]:
        return found.answer(action, json.loads(body) if action else None)

    server = _served(serve)
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    for name in parts.environment:
        if name.endswith(("_QUEUE_URL", "_DLQ_URL")):
            path = os.environ[name].split("/", 3)[3]
            monkeypatch.setenv(name, f"{found.url}/{path}")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SNS", found.url)
    settings.cache_clear()
    yield found
    monkeypatch.undo()
    settings.cache_clear()
    _closed(server)


@pytest.fixture
def captcha(parts: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Callable[[str], bool]]]:
    """Stands where siteverify stood: whoever is in the list says whether a token passes, when it likes."""
    del parts
    from chalicelib.platform.settings import settings  # noqa: PLC0415

    judges: list[Callable[[str], bool]] = []

    def serve(_action: str, body: bytes) -> tuple[int, Any]:
        has_passed = judges[-1](parse_qs(body.decode())["response"][0])
        codes = [] if has_passed else ["invalid-input-response"]
        verdict = {"success": has_passed, "error-codes": codes, "hostname": "localhost", "action": "lead"}
        return 200, verdict

    server = _served(serve)
    monkeypatch.setenv("TURNSTILE_VERIFY_URL", f"http://127.0.0.1:{server.server_address[1]}/siteverify")
    settings.cache_clear()
    yield judges
    monkeypatch.undo()
    settings.cache_clear()
    _closed(server)
