"""
A visitor's page as the server meets it: the rules of `web/src/shared/submission` in Python.

One key belongs to one body, whatever happens; every try has a fresh captcha token; 409, 429, 5xx and silence
are waited out, Retry-After or longer; a captcha that was refused is solved again three times, a key that
cannot be used is replaced twice, and after five faults of ours other than 503 the page gives up and says so.
Then its visitor presses the button again, twice at most: the same body, so the same key.
"""

import random
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from tests.journey.conftest import Reply, Site

_TIMEOUT_S = 20.0  # of `fetch` in web/src/shared/api/client.ts
_LONGEST_BACKOFF_S = 30.0
_MOST_CAPTCHA_FAILURES, _MOST_KEY_REPLACEMENTS, _MOST_SERVER_ERRORS = 3, 2, 5
_PRESSES, _PRESSES_AGAIN_AFTER_S = 3, 5.0


class Passing:
    """Time as it passes for everybody in a cell: the machine's, and what the product's clock is moved by."""

    def __init__(self) -> None:
        self._moved_s = 0.0
        self._moves = threading.Condition()

    def now_s(self) -> float:
        """Seconds since some instant."""
        return time.monotonic() + self._moved_s

    def sleep(self, duration_s: float) -> None:
        """Wait until *duration_s* have passed, one way or the other."""
        ends_at = self.now_s() + duration_s
        with self._moves:
            while (left_s := ends_at - self.now_s()) > 0:
                self._moves.wait(left_s)

    def moved(self, duration_s: float) -> None:
        """The product's clock was moved by *duration_s*."""
        with self._moves:
            self._moved_s += duration_s
            self._moves.notify_all()


@dataclass(frozen=True)
class Try:
    """One request of a submission: when it began, how long it took, and its status (None: no answer)."""

    began_s: float
    took_s: float
    status: int | None
    code: str | None = None


@dataclass
class Submission:
    """One form that somebody sends, and what came of it; *lead_id* once it was answered with 2xx."""

    phone: str
    email: str | None
    address: str
    tries: list[Try] = field(default_factory=list)
    lead_id: str | None = None
    gave_up: int = 0  # how often the page did


@dataclass(frozen=True)
class Form:
    """What is filled in, apart from who sends it."""

    source: str = "CONTACT_FORM"
    quote: dict[str, Any] | None = None
    locale: str = "vi"


class Browser:
    """One page; *chosen* decides about keys and jitter."""

    def __init__(self, site: Site, passing: Passing, chosen: random.Random) -> None:
        self._site = site
        self._passing = passing
        self._chosen = chosen

    def submit(self, submission: Submission, form: Form, over: threading.Event) -> None:
        """Send *form* for *submission* until it is answered, nobody tries any more, or it is *over*."""
        body = {
            "name": "Trần Văn Minh",
            "phone": submission.phone,
            "content": "Tôi muốn sửa lại phòng tắm.",
            "source": form.source,
            "consent": {"version": "2026-01", "accepted": True},
            "locale": form.locale,
            "elapsedMs": 20_000,
            **({} if submission.email is None else {"email": submission.email}),
            **({} if form.quote is None else {"quote": form.quote}),
        }
        key = self._new_key()
        for _ in range(_PRESSES):
            key = self._press(submission, body, key, over)
            if submission.lead_id is not None or over.is_set():
                return
            submission.gave_up += 1
            self._passing.sleep(_PRESSES_AGAIN_AFTER_S)

    def _press(self, submission: Submission, body: dict[str, Any], key: str, over: threading.Event) -> str:
        """Send it until it is answered or the page gives up; the key that it has then."""
        waits = captcha_failures = replacements = server_errors = 0
        while not over.is_set():
            reply = self._try(submission, body, key)
            status, code = (None, "") if reply is None else (reply.status, _code_of(reply))
            if reply is not None and status == 201 and "id" in reply.json:
                submission.lead_id = str(reply.json["id"])
                break
            if code.startswith("IDEMPOTENCY_KEY_") and replacements < _MOST_KEY_REPLACEMENTS:
                key, replacements = self._new_key(), replacements + 1
                continue
            if code == "CAPTCHA_FAILED" and captcha_failures + 1 < _MOST_CAPTCHA_FAILURES:
                captcha_failures += 1
                continue
            server_errors += status is not None and status >= 500 and status != 503
            may_wait = status is None or status in {409, 429} or status >= 500
            if not may_wait or server_errors >= _MOST_SERVER_ERRORS:
                break
            self._passing.sleep(self._backoff_s(waits, reply))
            waits += 1
        return key

    def _try(self, submission: Submission, body: dict[str, Any], key: str) -> Reply | None:
        """One request with a fresh token; None without an answer."""
        token = self._token(submission.address)
        if token is None:
            return None
        began = time.monotonic()
        try:
            reply = self._site.call(
                "POST",
                "/api/leads",
                {**body, "turnstileToken": token},
                headers={"Idempotency-Key": key},
                address=submission.address,
                timeout_s=_TIMEOUT_S,
            )
        except (OSError, HTTPException):
            reply = None
        took_s = time.monotonic() - began
        code = None if reply is None or reply.status < 400 else _code_of(reply)
        submission.tries.append(Try(began, took_s, None if reply is None else reply.status, code))
        return reply

    def _token(self, address: str) -> str | None:
        try:
            reply = self._site.call(
                "POST", "/dev/turnstile/token", {"action": "lead"}, address=address, timeout_s=10
            )
            return str(reply.json["token"]) if reply.status == 200 else None
        except (OSError, HTTPException, ValueError):
            return None

    def _backoff_s(self, waits: int, reply: Reply | None) -> float:
        jitter = self._chosen.random()
        said = None if reply is None else reply.headers.get("Retry-After")
        if said is not None and said.isdigit():
            return max(1, int(said)) + jitter / 4
        return float(min(_LONGEST_BACKOFF_S, 2 ** min(waits, 10)) * (0.5 + jitter / 2))

    def _new_key(self) -> str:
        return f"{self._chosen.getrandbits(128):032x}"


def _code_of(reply: Reply) -> str:
    try:
        found = reply.json
    except ValueError:
        return ""
    return str(found.get("code", "")) if isinstance(found, dict) else ""
