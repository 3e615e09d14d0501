"""Cloudflare Turnstile's siteverify, and the issuing of tokens that its widget does in the browser.

As documented on developers.cloudflare.com/turnstile (get-started/server-side-validation,
troubleshooting/testing): form or JSON in, JSON out, tokens of 300 s and one use, `idempotency_key` repeats
the first result, test secrets know only the dummy token, and the stand-in's own secret knows only tokens that
it issued.
"""

from __future__ import annotations

import json
import re
import secrets
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.world.faults import InvalidInput
from local.world.store import transaction

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

SITE_KEY = "local-turnstile-sitekey"
SECRET_KEY = "local-turnstile-secret"  # noqa: S105  # the stand-in's own, known to everybody
TEST_SECRETS = {
    "1x0000000000000000000000000000000AA": "",
    "2x0000000000000000000000000000000AA": "invalid-input-response",
    "3x0000000000000000000000000000000AA": "timeout-or-duplicate",
}
DUMMY_TOKEN = "XXXX.DUMMY.TOKEN.XXXX"  # noqa: S105  # documented
TOKEN_LIFE_S = 300
TOKEN_CHARACTERS = 2048
_KEPT_S = 86_400
_ACTION = re.compile(r"[A-Za-z0-9_-]{0,32}")
_CDATA = re.compile(r"[A-Za-z0-9_-]{0,255}")


class Turnstile:
    """Issues tokens and judges them."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute("DELETE FROM turnstile_tokens WHERE issued_at < ?", (time.time() - _KEPT_S,))

    def issue(self, body: object) -> str:
        """
        Make a token as the widget would: `{result?: pass|fail, action?, cdata?, hostname?}`.

        Raises:
            InvalidInput: a field is unknown or not as Cloudflare allows it.
        """
        if not isinstance(body, dict):
            raise InvalidInput(("", "type", "The body must be a JSON object."))
        problems = [
            (f"/{name}", "unknown", f"Unknown field '{name}'.")
            for name in body
            if name not in ("result", "action", "cdata", "hostname", "sitekey")
        ]
        result = body.get("result") or "pass"
        action, cdata = body.get("action") or "", body.get("cdata") or ""
        hostname = body.get("hostname") or "localhost"
        if result not in ("pass", "fail"):
            problems.append(("/result", "value", "The result must be 'pass' or 'fail'."))
        if not isinstance(action, str) or not _ACTION.fullmatch(action):
            problems.append(
                ("/action", "format", "The action may have 32 letters, digits, '_' and '-' at most.")
            )
        if not isinstance(cdata, str) or not _CDATA.fullmatch(cdata):
            problems.append(
                ("/cdata", "format", "The cdata may have 255 letters, digits, '_' and '-' at most.")
            )
        if not isinstance(hostname, str) or len(hostname) > 253:
            problems.append(("/hostname", "format", "The hostname must be a host's name."))
        if problems:
            raise InvalidInput(*problems)
        token = f"0.{secrets.token_urlsafe(96)}"
        self._database.execute(
            "INSERT INTO turnstile_tokens (token, result, action, cdata, hostname, issued_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (token, result, action, cdata, hostname, time.time()),
        )
        return token

    def verify(self, fields: Mapping[str, Any] | None) -> dict[str, Any]:
        """Siteverify's answer to *fields* (None: the request was malformed)."""
        if fields is None:
            return _refusal("bad-request")
        secret, token = fields.get("secret"), fields.get("response")
        missing = [
            code
            for value, code in ((secret, "missing-input-secret"), (token, "missing-input-response"))
            if value in (None, "")
        ]
        if missing:
            return _refusal(*missing)
        if not isinstance(secret, str) or (secret != SECRET_KEY and secret not in TEST_SECRETS):
            return _refusal("invalid-input-secret")
        key = fields.get("idempotency_key")
        if key is not None and not _is_uuid(key):
            return _refusal("bad-request")
        token = token if isinstance(token, str) and len(token) <= TOKEN_CHARACTERS else ""
        if secret in TEST_SECRETS:
            return _dummy_verdict(TEST_SECRETS[secret], token)
        return self._redeem(token, key)

    def _redeem(self, token: str, key: str | None) -> dict[str, Any]:
        with transaction(self._database):
            row = self._database.execute(
                "SELECT result, action, cdata, hostname, issued_at, idempotency_key, answer"
                " FROM turnstile_tokens WHERE token = ?",
                (token,),
            ).fetchone()
            if row is None:
                return _refusal("invalid-input-response")
            result, action, cdata, hostname, issued_at, first_key, first_answer = row
            if first_answer is not None:
                if key is not None and key.lower() == first_key:
                    return dict(json.loads(first_answer))
                return _refusal("timeout-or-duplicate")
            if time.time() - issued_at > TOKEN_LIFE_S:
                return _refusal("timeout-or-duplicate")
            if result == "fail":
                answer = _refusal("invalid-input-response")
            else:
                answer = _acceptance(issued_at, hostname, action, cdata)
            self._database.execute(
                "UPDATE turnstile_tokens SET idempotency_key = ?, answer = ? WHERE token = ?",
                (key.lower() if key else None, json.dumps(answer), token),
            )
            return answer


def _dummy_verdict(error_code: str, token: str) -> dict[str, Any]:
    """What a test secret says; it refuses every token but the dummy one."""
    if token != DUMMY_TOKEN:
        return _refusal("invalid-input-response")
    if error_code:
        return _refusal(error_code)
    return _acceptance(time.time(), "localhost", "test", "test-data")


def _acceptance(issued_at: float, hostname: str, action: str, cdata: str) -> dict[str, Any]:
    solved = datetime.fromtimestamp(issued_at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "success": True,
        "error-codes": [],
        "challenge_ts": solved,
        "hostname": hostname,
        "action": action,
        "cdata": cdata,
    }


def _refusal(*codes: str) -> dict[str, Any]:
    return {"success": False, "error-codes": list(codes), "messages": []}


def _is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(uuid.UUID(value))
    except ValueError:
        return False
