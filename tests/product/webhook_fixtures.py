"""Receivers of webhooks on this machine, and an administrator who keeps webhooks that call them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from local.stack import Stack
from tests.product.work import work_off

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk

EVENTS = ["lead.created", "lead.updated", "lead.erased"]


@dataclass(frozen=True)
class Heard:
    """One call as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The message's id."""
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """Answers with *status*, or is silent until *silence* is set; keeps what it heard."""

    status: int = 204
    answer_headers: dict[str, str] = field(default_factory=dict)
    silence: Event | None = None
    calls: list[Heard] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    def open(self) -> ThreadingHTTPServer:
        """Begin to listen."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.calls.append(Heard(self.path, headers, body))
                if receiver.silence is not None:
                    receiver.silence.wait(60)
                    return
                self.send_response(receiver.status)
                for name, value in receiver.answer_headers.items():
                    self.send_header(name, value)
                self.end_headers()

            do_GET = do_POST  # noqa: N815  a redirect that is followed would come by GET

            def log_message(self, *_args: Any) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.port = server.server_address[1]
        Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        return server


@pytest.fixture
def receive() -> Iterator[Callable[..., Receiver]]:
    """Opens receivers."""
    opened: list[tuple[Receiver, ThreadingHTTPServer]] = []

    def open_one(**behaviour: Any) -> Receiver:
        receiver = Receiver(**behaviour)
        opened.append((receiver, receiver.open()))
        return receiver

    yield open_one
    for receiver, server in opened:
        if receiver.silence is not None:
            receiver.silence.set()
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class Webhooks:
    """Webhooks by the API, and their worker."""

    desk: "Desk"

    def add(self, url: str, **fields: Any) -> dict[str, Any]:
        """One webhook, for every event unless said otherwise."""
        body = {"url": url, "events": EVENTS, **fields}
        answer = self.desk.call("POST", "/admin/webhooks", body, role="ADMIN")
        assert answer.status == 201, answer.body
        found: dict[str, Any] = answer.json
        return found

    def change(self, webhook: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """The webhook with other *fields*."""
        answer = self.desk.call("PATCH", "/admin/webhooks/{id}", fields, role="ADMIN", id=webhook["id"])
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.json
        return found

    def read(self, webhook: dict[str, Any]) -> dict[str, Any]:
        """As a manager sees it."""
        found: dict[str, Any] = self.desk.get("/admin/webhooks/{id}", id=webhook["id"])
        return found

    def deliveries(self, webhook: dict[str, Any]) -> list[dict[str, Any]]:
        """What it was told, the latest first."""
        return self.desk.every("/admin/webhooks/{id}/deliveries", id=webhook["id"])

    def replay(self, webhook: dict[str, Any], delivery_id: str) -> Any:
        """Ask for it again."""
        path = "/admin/webhooks/{id}/deliveries/{deliveryId}/replay"
        return self.desk.call("POST", path, role="ADMIN", id=webhook["id"], deliveryId=delivery_id)

    def work(self, *, remaining_ms: int = 20_000) -> None:
        """Let the worker do all that is due."""
        work_off(self.desk.ledger, "webhook", remaining_ms=remaining_ms)

    def announce(self, event: str, lead_id: UUID) -> None:
        """Let *event* happen to a lead, as a use case does it."""
        from chalicelib.platform import clock  # noqa: PLC0415
        from chalicelib.platform.postgres import database  # noqa: PLC0415
        from chalicelib.webhooks import service  # noqa: PLC0415

        with database().transaction() as transaction:
            service.announce(transaction, event, [lead_id], now=clock.now(), correlation_id="c-desk")


@pytest.fixture
def local_targets(parts: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Webhooks may call this machine."""
    del parts
    from chalicelib.platform.settings import settings  # noqa: PLC0415

    monkeypatch.setenv("WEBHOOK_ALLOW_LOCAL", "1")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def webhooks(desk: "Desk", local_targets: None) -> Webhooks:  # noqa: ARG001
    """No webhook yet."""
    return Webhooks(desk)
