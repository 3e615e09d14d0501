"""The whole product as `make run` starts it, on free ports, for tests that use it from outside only."""

import http.client
import json
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.stack import Stack
from local.stack.postgres_home import remove_home

CONVERGES_WITHIN_S = 60.0


@dataclass(frozen=True)
class Reply:
    """An answer over HTTP."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Site:
    """A running copy of Plumbline, seen from outside."""

    stack: Stack

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return self.stack.url

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        address: str = "127.0.0.1",
        timeout_s: float = 60,
    ) -> Reply:
        """One request from *address* (all of 127.0.0.0/8 are different clients)."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.stack.ports["site"], timeout=timeout_s, source_address=(address, 0)
        )
        try:
            sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
            connection.request(method, path, sent, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return Reply(answer.status, answer.read(), dict(answer.getheaders()))
        finally:
            connection.close()

    def new_lead(self, phone: str, **fields: Any) -> dict[str, Any]:
        """A valid body with a fresh captcha token."""
        token = self.call("POST", "/dev/turnstile/token", {"action": "lead"}).json["token"]
        return {
            "name": "Trần Văn Minh",
            "phone": phone,
            "content": "Tôi muốn sửa lại phòng tắm.",
            "source": "CONTACT_FORM",
            "consent": {"version": "2026-01", "accepted": True},
            "turnstileToken": token,
            **fields,
        }

    def sign_in(self, name: str, *, address: str = "127.0.0.99") -> dict[str, str]:
        """The headers of a demo account (`admin`, `manager` …)."""
        wanted = {"email": f"{name}@plumbline.test", "password": self.stack.secrets["demo_password"]}
        answer = self.call("POST", "/api/auth/login", wanted, address=address)
        assert answer.status == 200, answer.body
        return {"Authorization": f"Bearer {answer.json['accessToken']}"}

    def sheet(self) -> list[list[str]]:
        """The rows below the header, as the stand-in has them."""
        rows: list[list[str]] = self.call("GET", "/dev/sheets/demo").json["tabs"][0]["rows"]
        return rows[1:]

    def rows_of(self, *lead_ids: str) -> list[list[str]]:
        """The sheet's rows of these leads."""
        return [row for row in self.sheet() if row and row[0] in lead_ids]

    def count_events(self, function: str, event: str) -> int:
        """How often *event* stands in the log of *function*."""
        log = self.stack.logs / f"{function}.jsonl"
        return log.read_text(encoding="utf-8").count(f'"event": "{event}"') if log.exists() else 0

    def fault(self, target: str, mode: str, **more: Any) -> None:
        """Break *target*."""
        assert self.call("POST", "/dev/faults", {"target": target, "mode": mode, **more}).status == 201

    def mend(self) -> None:
        """Mend everything."""
        self.call("DELETE", "/dev/faults")

    def let_pass(self, duration_s: float) -> None:
        """Move the product's clock and let the relay do what a minute would bring."""
        self.call("POST", "/dev/clock", {"advanceSeconds": duration_s})
        assert self.call("POST", "/dev/schedules/outbox-relay/run").status == 200

    def wait_for(self, condition: Callable[[], bool], what: str, *, passing_s: float = 0) -> None:
        """Wait until *condition* holds, moving the clock by *passing_s* now and then."""
        ends_at = time.monotonic() + CONVERGES_WITHIN_S
        while not condition():
            assert time.monotonic() < ends_at, f"did not happen: {what}"
            if passing_s:
                self.let_pass(passing_s)
            time.sleep(0.3)

    def wait_for_rows(self, lead_ids: list[str], *, passing_s: float = 0) -> None:
        """Wait until every lead has its one row."""
        self.wait_for(lambda: len(self.rows_of(*lead_ids)) >= len(lead_ids), "every row", passing_s=passing_s)
        assert sorted(row[0] for row in self.rows_of(*lead_ids)) == sorted(lead_ids)


@pytest.fixture(scope="session")
def site_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of the running copy."""
    folder = tmp_path_factory.mktemp("journey")
    yield folder
    remove_home(folder)


@pytest.fixture(scope="session")
def shop_port() -> int:
    """Where another site will be found, whose forms may post leads."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="session")
def started(site_data: Path, shop_port: int) -> Iterator[Site]:
    """A copy that runs for all journeys."""
    stack = Stack(
        site_data,
        sheets_quota_per_minute=100_000,  # minutes of tests pass in seconds
        extra_environment={
            "WEBHOOK_ALLOW_LOCAL": "1",
            "FORM_RETURN_ORIGINS": f"http://127.0.0.1:{shop_port}",
        },
    )
    stack.start()
    yield Site(stack)
    stack.stop()


@pytest.fixture
def site(started: Site) -> Iterator[Site]:
    """The running copy with nothing broken, before and after."""
    started.mend()
    yield started
    started.mend()


@pytest.fixture
def phones() -> Callable[[], str]:
    """Makes phone numbers that no other test uses."""
    base = uuid.uuid4().int % 10**6
    numbers = iter(range(1000))
    return lambda: f"+8491{(base * 1000 + next(numbers)) % 10**7:07d}"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser; `make test` finds or brings it."""
    path = os.environ.get("CHROMIUM", "")
    assert path, "CHROMIUM is not set: run the suite by `make test`, which finds the browser"
    return path
