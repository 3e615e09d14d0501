"""
The device cookie: a browser in which somebody signed in to an account has failures of its own there.

So nobody can lock an owner out of the browser that they use, and a stolen cookie gives a guesser ten more
tries and nothing else. Stored nowhere: its proof binds it to one address. Source: OWASP, "Slow Down Online
Guessing Attacks with Device Cookies".
"""

import hmac
import re
from datetime import timedelta
from uuid import uuid4

from chalicelib.accounts.sessions import cookie
from chalicelib.platform import clock
from chalicelib.platform.http import Call
from chalicelib.platform.settings import settings

NAME = "plumbline_device"
VALID_FOR = timedelta(days=180)
_FORM = re.compile(r"([0-9a-f]{32})\.([0-9]{1,12})\.[0-9a-f]{64}")


def _text(device: str, ends_at_s: int, email: str) -> str:
    key = hmac.digest(settings().jwt_secret.get_secret_value().encode(), b"device-cookie", "sha256")
    proof = hmac.digest(key, f"{device}.{ends_at_s}.{email.lower()}".encode(), "sha256")
    return f"{device}.{ends_at_s}.{proof.hex()}"


def find(call: Call, email: str) -> str | None:
    """The id of the device behind *call*, if somebody signed in to the account of *email* there."""
    for shown in cookie.values(call, NAME):
        match = _FORM.fullmatch(shown)
        if match is None or int(match[2]) <= clock.now().timestamp():
            continue
        if hmac.compare_digest(shown.encode(), _text(match[1], int(match[2]), email).encode()):
            return match[1]
    return None


def of(device: str | None, email: str) -> str:
    """The Set-Cookie field for *device* (None: a new one), in which *email* has just signed in."""
    ends_at_s = int((clock.now() + VALID_FOR).timestamp())
    text = _text(device or uuid4().hex, ends_at_s, email)
    return f"{NAME}={text}; Max-Age={int(VALID_FOR.total_seconds())}; {cookie.ATTRIBUTES}"
