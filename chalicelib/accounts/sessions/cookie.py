"""
The refresh token's cookie: HttpOnly, Secure (browsers keep such a one on http://localhost too) and
SameSite=Strict, for `/api/auth` alone.

What the cookie does is done for pages of ours only: a request that names its origin must name this API's
own, the site, or one of ALLOWED_ORIGINS (OWASP ASVS 5.0, 3.5.1).
"""

from chalicelib.accounts.sessions import tokens
from chalicelib.accounts.sessions.tokens import RefreshToken
from chalicelib.platform.errors import Forbidden
from chalicelib.platform.http import Call, cors

NAME = "plumbline_refresh"
ATTRIBUTES = "Path=/api/auth; HttpOnly; Secure; SameSite=Strict"
CLEARED = f"{NAME}=; Max-Age=0; {ATTRIBUTES}"


def of(token: RefreshToken, *, for_s: int) -> str:
    """The Set-Cookie field that keeps *token* for *for_s* seconds."""
    return f"{NAME}={token.text}; Max-Age={for_s}; {ATTRIBUTES}"


def values(call: Call, name: str) -> list[str]:
    """Every value of the cookie *name* in *call*."""
    pairs = [part.strip().partition("=") for part in call.headers.get("cookie", "").split(";")]
    return [value for written, _, value in pairs if written == name]


def find(call: Call) -> RefreshToken | None:
    """
    The token that the browser shows, if it shows one and we made it.

    Of two with one name another host of the domain may have set one, so neither counts.
    """
    found = values(call, NAME)
    return tokens.read(found[0]) if len(found) == 1 else None


def check_origin(call: Call) -> None:
    """
    See that the page behind *call* is one of ours.

    Raises:
        Forbidden: it says that it is another.
    """
    origin = call.headers.get("origin")
    if origin is None:
        return
    host = call.headers.get("host", "")
    if cors.is_own(origin) or origin in (f"https://{host}", f"http://{host}"):
        return
    raise Forbidden("This can be asked for from the site's own pages only.")
