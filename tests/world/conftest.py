"""One world for all tests of this folder, with upstreams that record what reaches them."""

from __future__ import annotations

import socketserver
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import requests

from local.world.process import WorldProcess
from tests.world.sending import AwsWorld, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCOPE = "https://www.googleapis.com/auth/spreadsheets"


class LineHandler(socketserver.StreamRequestHandler):
    """Answers every line with `+<line>`, as a Redis-like server would."""

    def handle(self) -> None:
        server: Any = self.server
        while line := self.rfile.readline():
            server.seen.append(line)
            self.wfile.write(b"+" + line)


class CountingHandler(BaseHTTPRequestHandler):
    """Answers every POST with 200 and what it got, and keeps the connection."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server.seen.append(body)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:  # noqa: ARG002
        return


class LineServer(socketserver.ThreadingTCPServer):
    """A TCP upstream; `seen` are the lines that reached it."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), LineHandler)
        self.seen: list[bytes] = []


class HttpUpstream(ThreadingHTTPServer):
    """An HTTP upstream; `seen` are the bodies that reached it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), CountingHandler)
        self.seen: list[bytes] = []


@pytest.fixture(scope="session")
def line_server() -> Iterator[LineServer]:
    with LineServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="session")
def http_upstream() -> Iterator[HttpUpstream]:
    with HttpUpstream() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="session")
def running_world(
    tmp_path_factory: pytest.TempPathFactory, line_server: LineServer, http_upstream: HttpUpstream
) -> Iterator[WorldProcess]:
    http_port = int(http_upstream.server_address[1])
    line_port = int(line_server.server_address[1])
    world = WorldProcess(
        tmp_path_factory.mktemp("world"),
        {
            "postgres": ("tcp", line_port),
            "redis": ("tcp", line_port),
            "sqs": ("http", http_port),
            "s3": ("http", http_port),
            "email": ("http", http_port),
            "sms": ("http", http_port),
            "sheets": ("http", 0),
            "turnstile": ("http", 0),
        },
        {"WORLD_SHEETS_QUOTA_PER_MINUTE": "1000000"},
    )
    world.start()
    yield world
    world.stop()


@pytest.fixture
def world(
    running_world: WorldProcess, line_server: LineServer, http_upstream: HttpUpstream
) -> Iterator[WorldProcess]:
    """The world, without faults before and after."""
    line_server.seen.clear()
    http_upstream.seen.clear()
    yield running_world
    running_world.call("DELETE", "/dev/faults")


@pytest.fixture(scope="session")
def access_token(running_world: WorldProcess) -> str:
    """A token as Google's own client library gets it."""
    return token_for(running_world)


@pytest.fixture
def google(access_token: str) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {access_token}"
        yield session


@pytest.fixture
def new_sheet(running_world: WorldProcess) -> Callable[[], str]:
    """Makes an empty spreadsheet of the test's own; returns its API address, which goes through the proxy."""

    def make() -> str:
        name = uuid.uuid4().hex
        running_world.call("POST", f"/dev/sheets/{name}", {})
        return f"{running_world.proxy_url('sheets')}/google/v4/spreadsheets/{name}"

    return make


@pytest.fixture
def sheet(new_sheet: Callable[[], str]) -> str:
    return new_sheet()


@pytest.fixture
def set_fault(world: WorldProcess) -> Callable[..., dict[str, Any]]:
    def post(target: str, mode: str, **more: Any) -> dict[str, Any]:
        status, item = world.call("POST", "/dev/faults", {"target": target, "mode": mode, **more})
        assert status == 201, item
        return dict(item)

    return post


def token_for(world: WorldProcess, scope: str = SCOPE) -> str:
    """Log in with google-auth, which shares no code with the stand-in."""
    from google.auth.transport.requests import Request  # noqa: PLC0415  # slow to import
    from google.oauth2.service_account import Credentials  # noqa: PLC0415

    key = world.call("GET", "/dev/world/service-account")[1]
    credentials = Credentials.from_service_account_info(key, scopes=[scope])  # type: ignore[no-untyped-call]
    credentials.refresh(Request())
    return str(credentials.token)


@pytest.fixture
def log_in() -> Callable[..., str]:
    return token_for


@pytest.fixture(scope="session")
def aws_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsWorld]:
    """A world with a real emulator behind SES and SNS."""
    with running(tmp_path_factory.mktemp("aws")) as aws:
        yield aws


@pytest.fixture
def aws(aws_world: AwsWorld) -> Iterator[AwsWorld]:
    """The same with empty lists, and without faults before and after."""
    aws_world.mend()
    aws_world.empty()
    yield aws_world
    aws_world.mend()
