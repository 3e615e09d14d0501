"""
The gateway's own refusals as RFC 9457 problems, in the product's shape: what never reaches a function looks
the same.

`type,title,status,detail,instance` + `code` + `correlationId`, and the headers that are on every answer.
"""

import http
import json
import re
import uuid
from collections.abc import Mapping, Sequence

from aiohttp import web

_CORRELATION_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
# The product's own words, since a problem's title goes with its type (RFC 9457, 3.1.3).
_TITLES = {
    "NOT_FOUND": "There is no such thing",
    "METHOD_NOT_ALLOWED": "This method is not taken here",
    "PAYLOAD_TOO_LARGE": "The body is too large",
    "INTERNAL_ERROR": "Something went wrong on our side",
}


def correlation_id(request: web.BaseRequest) -> str:
    """The client's X-Correlation-Id where it is well-formed, else a new one."""
    given = request.headers.get("X-Correlation-Id", "")
    return given if _CORRELATION_ID.fullmatch(given) else uuid.uuid4().hex


def problem(
    request: web.BaseRequest,
    status: int,
    code: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
) -> web.Response:
    """The answer *status* with *code*, *detail* being a sentence for people, *errors* one for each field."""
    correlation = correlation_id(request)
    body: dict[str, object] = {
        "type": f"/problems/{code.lower().replace('_', '-')}",
        "title": _TITLES.get(code) or http.HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "code": code,
        "correlationId": correlation,
    }
    if errors:
        body["errors"] = errors
    return web.Response(
        status=status,
        body=json.dumps(body).encode(),
        headers={
            **_HEADERS,
            "Content-Type": "application/problem+json",
            "X-Correlation-Id": correlation,
            **(headers or {}),
        },
    )
