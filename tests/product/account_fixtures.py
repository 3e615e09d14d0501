"""A newcomer at the door: sign-up bodies with their captcha, the mail box, and the links in it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from tests.product.account_samples import EMAIL, PASSWORD
from tests.product.conftest import Api, Ledger, Reply, Turnstile
from tests.product.work import work_off

_LINK = re.compile(r"/(?:verify|reset)\?token=([A-Za-z0-9._-]+)")
_addresses = iter(f"198.51.{a}.{b}" for a in range(100) for b in range(256))


@dataclass
class Door:
    """The way in: every call comes from an address of its own, so that only accounts are limited."""

    api: Api
    ledger: Ledger
    turnstile: Turnstile
    world_url: str
    seen: int = 0

    def body(self, **fields: Any) -> dict[str, Any]:
        """A valid sign-up; fields given replace its own."""
        return {
            "email": EMAIL,
            "password": PASSWORD,
            "name": "Nguyễn Thị Lan",
            "phone": "0912 345 678",
            "role": "HOMEOWNER",
            "locale": "en",
            "turnstileToken": self.turnstile.token(action="signup"),
            **fields,
        }

    def post(self, path: str, body: Any = None, **more: Any) -> Reply:
        """Post to one of the doors."""
        more.setdefault("address", next(_addresses))
        return self.api.call("POST", f"/auth/{path}", body, **more)

    def sign_up(self, **fields: Any) -> None:
        """A sign-up that is taken."""
        answer = self.post("signup", self.body(**fields))
        assert (answer.status, answer.body) == (201, '{"status":"RECEIVED"}')

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD, **more: Any) -> Reply:
        """Try a password."""
        return self.post("login", {"email": email, "password": password}, **more)

    def mails(self) -> list[dict[str, Any]]:
        """Let the e-mail worker do what waits, and read what came since the last look."""
        work_off(self.ledger, "email")
        items: list[dict[str, Any]] = requests.get(f"{self.world_url}/dev/mail", timeout=5).json()["items"]
        found, self.seen = items[self.seen :], len(items)
        return found

    def link(self) -> str:
        """The token in the one mail that came."""
        (mail,) = self.mails()
        found = _LINK.search(mail["text"])
        assert found, mail["text"]
        return found[1]

    def browser(self) -> "Browser":
        """Another browser, without cookies."""
        return Browser(self)

    def users(self) -> list[dict[str, Any]]:
        """Every account."""
        return self.ledger.rows("SELECT * FROM users ORDER BY created_at")


@dataclass
class Browser:
    """A browser of one person: it keeps the cookies that it is given, and shows them."""

    door: Door
    cookies: dict[str, str] = field(default_factory=dict)

    def post(self, path: str, body: Any = None, **headers: str) -> Reply:
        """Post with all cookies, and keep those of the answer."""
        shown = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.door.post(path, body, headers={"cookie": shown, **headers})
        self.keep(answer)
        return answer

    def keep(self, answer: Reply) -> None:
        """Do what the Set-Cookie fields of *answer* say; a single one may stand among the plain headers."""
        fields = answer.cookies or [text for text in [answer.headers.get("Set-Cookie")] if text]
        for text in fields:
            name, _, value = text.partition(";")[0].partition("=")
            if "Max-Age=0" in text:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> Reply:
        """Sign in, which must succeed."""
        answer = self.post("login", {"email": email, "password": password})
        assert answer.status == 200, answer.body
        return answer

    @property
    def token(self) -> str:
        """The refresh token that it holds."""
        return self.cookies.get("plumbline_refresh", "")

    @token.setter
    def token(self, value: str) -> None:
        self.cookies["plumbline_refresh"] = value

    def refresh(self, token: str | None = None) -> int:
        """Refresh, with another *token* if one is given, and return the status."""
        if token is not None:
            self.token = token
        return self.post("refresh").status


@pytest.fixture
def door(api: Api, ledger: Ledger, turnstile: Turnstile, world_url: str) -> Door:
    """The door of an empty product with an empty mail box."""
    import app  # noqa: PLC0415  here, since a process may only be started by its main thread

    del app
    requests.delete(f"{world_url}/dev/mail", timeout=5).raise_for_status()
    return Door(api, ledger, turnstile, world_url)


@pytest.fixture
def newcomer(door: Door) -> Callable[..., Door]:
    """Makes a confirmed account, which can sign in."""

    def make(**fields: Any) -> Door:
        door.sign_up(**fields)
        assert door.post("verify", {"token": door.link()}).status == 204
        return door

    return make


@pytest.fixture
def browser(newcomer: Callable[..., Door]) -> Browser:
    """A browser in which the newcomer has signed in."""
    found = newcomer().browser()
    found.sign_in()
    return found
