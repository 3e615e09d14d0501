"""
Which pages of other origins may call this API: the Fetch standard's CORS, answered by the product itself.

Two kinds of pages. The site and ALLOWED_ORIGINS may do everything, with cookies. A page that only carries our
public forms (its host in TURNSTILE_HOSTNAMES, its origin in FORM_RETURN_ORIGINS) may call what is open to
everybody, and never with cookies. Every other origin is told nothing, so its browser keeps the answer from
it. A program that is no browser does not ask; nothing here stands in for a guard.
"""

import re
from collections.abc import Mapping

from chalicelib.platform.settings import settings

_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+)(:[0-9]{1,5})?")
_SENT = "Accept-Language, Authorization, Content-Type, Idempotency-Key, X-Correlation-Id"
_EXPOSED = ", ".join(
    (
        "X-Correlation-Id",
        "Idempotency-Replayed",
        "Retry-After",
        "RateLimit",
        "RateLimit-Policy",
        *(f"X-RateLimit-{name}" for name in ("Limit", "Remaining", "Reset")),
        *(f"X-RateLimit-User-{name}" for name in ("Limit", "Remaining", "Reset")),
        "X-Cache-Status",
        "Content-Disposition",
    )
)
_PREFLIGHT_KEPT_FOR_S = 7200  # as long as any browser of today keeps one


def answer_headers(origin: str | None, *, is_open: bool) -> dict[str, str]:
    """What an answer tells the page at *origin*; *is_open*: the route is for everybody."""
    headers = {"Vary": "Origin"}
    if origin is None:
        return headers
    if is_own(origin):
        headers["Access-Control-Allow-Credentials"] = "true"
    elif not (is_open and _carries_forms(origin)):
        return headers
    return {**headers, "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": _EXPOSED}


def preflight_headers(origin: str | None, methods: Mapping[str, bool]) -> dict[str, str]:
    """
    What a browser hears before it calls a path from the page at *origin*.

    *methods* are those that the path takes; the value says whether it is open to everybody.
    """
    allowed = sorted(name for name, is_open in methods.items() if is_open or (origin and is_own(origin)))
    headers = answer_headers(origin, is_open=bool(allowed))
    headers["Allow"] = ", ".join(sorted({*methods, "OPTIONS"}))
    headers["Vary"] = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
    if "Access-Control-Allow-Origin" in headers:
        headers["Access-Control-Allow-Methods"] = ", ".join(allowed)
        headers["Access-Control-Allow-Headers"] = _SENT
        headers["Access-Control-Max-Age"] = str(_PREFLIGHT_KEPT_FOR_S)
    return headers


def is_own(origin: str) -> bool:
    """Whether the page at *origin* is the site, or one of ALLOWED_ORIGINS."""
    known = settings()
    return origin in (known.site_origin, *known.allowed_origins)


def _carries_forms(origin: str) -> bool:
    known = settings()
    if origin in known.form_return_origins:
        return True
    found = _ORIGIN.fullmatch(origin)
    if found is None or (found["scheme"] == "http" and known.stage != "local"):
        return False
    return found["host"] in known.turnstile_hostnames
