"""
Who sends the generated requests: clients of many addresses, staff who are signed in, visitors who pass the
captcha. Every limit stays on; they keep below it as people do, and a minute passes now and then.
"""

import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
import requests
from requests.adapters import HTTPAdapter
from schemathesis.transport.requests import RequestsTransport

from local.stack import Stack

_CALLS_OF_ONE_ADDRESS = 8  # below the ten of sign-in and sign-up
_CALLS_OF_ONE_MINUTE = 350  # below the 500 of an administrator
_TOKEN_FIELDS = ("turnstileToken", "cf-turnstile-response")
_ACTIONS = {"POST /leads": "lead", "POST /auth/signup": "signup"}
# What keeps a request from its route: size and type, who asks, the limit of the address or account.
STOPPED = frozenset({401, 403, 413, 415, 429})


class _From(HTTPAdapter):
    """Connections from one address of the loopback; each is a client of its own."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        """Bind each connection."""
        super().init_poolmanager(*arguments, **more, source_address=(self._address, 0))


@dataclass
class Visitors:
    """Sends what Schemathesis made, and counts what came of it."""

    stack: Stack
    sent: int = 0
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    honest: Counter[int] = field(default_factory=Counter)
    _token: str = ""
    _signed_in: int = 0
    _adapter: _From | None = None

    @property
    def url(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.stack.ports['site']}"

    def carry_requests(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let every request of Schemathesis go by way of these visitors."""
        send = RequestsTransport.send

        def sent_by_visitors(
            transport: RequestsTransport, case: Any, *, session: requests.Session | None = None, **more: Any
        ) -> Any:
            session = session or requests.Session()
            session.trust_env = False
            self._prepare(case, session)
            answer = send(transport, case, session=session, **more)
            self._note(case, answer)
            return answer

        monkeypatch.setattr(RequestsTransport, "send", sent_by_visitors)

    def bearer_of(self, case: Any) -> str:
        """The bearer for *case*: an administrator's; who erases an account has one of their own."""
        if case.operation.label == "DELETE /me":
            return self._sign_in(self._account("HOMEOWNER"))
        self._token = self._token or self._sign_in(self._account("ADMIN"))
        return self._token

    def show(self, case: Any, token: str) -> None:
        """Show it where the route asks for one."""
        if _is_secured(case):
            case.headers["Authorization"] = f"Bearer {token}"

    def _prepare(self, case: Any, session: requests.Session) -> None:
        self.sent += 1
        if self.sent % _CALLS_OF_ONE_MINUTE == 0:
            wanted = {"advanceSeconds": 61}
            requests.post(f"{self.url}/dev/clock", json=wanted, timeout=30).raise_for_status()
            self._token = ""
        if self._adapter is None or self.sent % _CALLS_OF_ONE_ADDRESS == 0:
            number = self.sent // _CALLS_OF_ONE_ADDRESS
            self._adapter = _From(f"127.{9 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}")
        session.mount("http://", self._adapter)
        if "/admin/leads/{id}" in case.operation.label and self.sent % 3:
            self._mean_a_lead(case)
        action = _ACTIONS.get(case.operation.label)
        if action is not None and isinstance(case.body, dict):
            for name in _TOKEN_FIELDS:
                if isinstance(case.body.get(name), str):
                    case.body = {**case.body, name: self._captcha_token(action)}

    def _mean_a_lead(self, case: Any) -> None:
        """Let a well-formed id be that of a lead that there is."""
        try:
            uuid.UUID(case.path_parameters["id"])
        except (TypeError, ValueError):
            return
        found = self._rows("SELECT id FROM leads ORDER BY created_at DESC, id LIMIT 20")
        if found:
            case.path_parameters["id"] = str(found[self.sent % len(found)][0])

    def _rows(self, sql: str, parameters: list[Any] | None = None) -> list[Any]:
        url = self.stack.environment["MIGRATION_DATABASE_URL"]
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def _note(self, case: Any, answer: Any) -> None:
        self.answers[case.operation.label, answer.status_code] += 1
        declared = case.method.upper() == case.operation.method.upper()
        shown = {name.lower(): value for name, value in (case.headers or {}).items()}.get("authorization")
        knows_who = not _is_secured(case) or shown in {f"Bearer {self._token}", None}
        if declared and knows_who and not (shown is None and _is_secured(case)):
            self.honest[answer.status_code] += 1

    def _captcha_token(self, action: str) -> str:
        answer = requests.post(f"{self.url}/dev/turnstile/token", json={"action": action}, timeout=30)
        return str(answer.json()["token"])

    def _sign_in(self, email: str) -> str:
        wanted = {"email": email, "password": self.stack.secrets["demo_password"]}
        session = requests.Session()
        session.trust_env = False
        self._signed_in += 1
        number = self._signed_in
        session.mount("http://", _From(f"127.200.{number // 250 % 250}.{number % 250 + 1}"))
        answer = session.post(f"{self.url}/api/auth/login", json=wanted, timeout=30)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["accessToken"])

    def _account(self, role: str) -> str:
        """A new account: generated requests learn the addresses of others, and fail to sign in with them."""
        email = f"{uuid.uuid4()}@plumbline.test"
        self._rows(
            "INSERT INTO users (id, email, name, role, password_hash, created_at, confirmed_at) "
            "SELECT %s, %s, name, %s, password_hash, created_at, confirmed_at "
            "FROM users WHERE email = 'homeowner@plumbline.test'",
            [uuid.uuid4(), email, role],
        )
        return email


def _is_secured(case: Any) -> bool:
    return bool(case.operation.definition.raw.get("security"))
