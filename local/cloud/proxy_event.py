"""
Between HTTP and a Lambda function: API Gateway's REST proxy event (format 1.0) and its answer.

Source: "Lambda proxy integrations in API Gateway" of the API Gateway developer guide. An answer that the
guide calls malformed raises `MalformedAnswerError`, which the gateway turns into 502, as API Gateway does.
"""

import base64
import json
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

from local.cloud.routes import Match

STAGE = "api"
_ACCOUNT = "000000000000"
_API_ID = "plumbline"
# Of one connection, not of the message (RFC 9110, 7.6.1), or set by the gateway itself.
_DROPPED = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
_NOT_THE_FUNCTIONS = frozenset(
    {"connection", "content-length", "date", "server", "transfer-encoding", "keep-alive", "upgrade"}
)


class MalformedAnswerError(ValueError):
    """The function answered something that is no answer to a proxy integration."""


def build_event(
    request: web.BaseRequest,
    match: Match,
    body: bytes,
    *,
    raw_path: str,
    port: int,
    binary_types: Iterable[str],
) -> dict[str, Any]:
    """The event for *request*, whose resource is *match* and whose path without stage is *raw_path*."""
    headers = _headers(request, port)
    query = _all_values((name, value) for name, value in request.query.items())
    now = time.time()
    text, is_base64 = _encode_body(body, request.headers.get("Content-Type", ""), binary_types)
    return {
        "resource": match.route.pattern,
        "path": raw_path,
        "httpMethod": request.method,
        "headers": _last_values(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": _last_values(query) or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(match.parameters) or None,
        "stageVariables": None,
        "requestContext": {
            "accountId": _ACCOUNT,
            "apiId": _API_ID,
            "authorizer": None,
            "domainName": request.host.rsplit(":", 1)[0],
            "domainPrefix": request.host.split(".", 1)[0].split(":", 1)[0],
            "extendedRequestId": base64.b64encode(uuid.uuid4().bytes[:11]).decode(),
            "httpMethod": request.method,
            "identity": _identity(request),
            "path": f"/{STAGE}{raw_path}",
            "protocol": f"HTTP/{request.version.major}.{request.version.minor}",
            "requestId": str(uuid.uuid4()),
            "requestTime": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestTimeEpoch": int(now * 1000),
            "resourceId": None,
            "resourcePath": match.route.pattern,
            "stage": STAGE,
        },
        "body": text,
        "isBase64Encoded": is_base64,
    }


def peer(request: web.BaseRequest) -> str:
    """The address of the TCP peer; nothing that the client says about itself counts."""
    name = request.transport.get_extra_info("peername") if request.transport else None
    return str(name[0]) if name else "127.0.0.1"


def read_answer(payload: bytes) -> web.Response:
    """
    The HTTP answer that the function's *payload* describes.

    Raises:
        MalformedAnswerError: it describes none.
    """
    try:
        answer = json.loads(payload)
    except ValueError as error:
        raise MalformedAnswerError("The answer is not JSON.") from error
    if not isinstance(answer, dict) or not isinstance(answer.get("statusCode"), int | str):
        raise MalformedAnswerError("The answer has no statusCode.")
    try:
        status = int(answer["statusCode"])
        headers = _answer_headers(answer.get("headers") or {}, answer.get("multiValueHeaders") or {})
        body = _answer_body(answer.get("body"), is_base64=bool(answer.get("isBase64Encoded")))
    except (AttributeError, TypeError, ValueError) as error:
        raise MalformedAnswerError(str(error)) from error
    if not 200 <= status <= 599:
        raise MalformedAnswerError(f"{status} is no status for an answer.")
    return web.Response(status=status, body=body, headers=headers)


def _headers(request: web.BaseRequest, port: int) -> dict[str, list[str]]:
    writing: dict[str, str] = {}  # header names that differ only in case are one name, as first written
    headers = _all_values(
        (writing.setdefault(name.lower(), name), value)
        for name, value in request.headers.items()
        if name.lower() not in _DROPPED
    )
    set_here = ("x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id", "host")
    forwarded = ", ".join([*request.headers.getall("X-Forwarded-For", []), peer(request)])
    trace_id = (
        request.headers.get("X-Amzn-Trace-Id") or f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}"
    )
    own = {
        "Host": [request.host],
        "X-Amzn-Trace-Id": [trace_id],
        "X-Forwarded-For": [forwarded],
        "X-Forwarded-Port": [str(port)],
        "X-Forwarded-Proto": ["http"],
    }
    return {name: values for name, values in headers.items() if name.lower() not in set_here} | own


def _identity(request: web.BaseRequest) -> dict[str, str | None]:
    unknown = dict.fromkeys(
        (
            "accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType",
            "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "user", "userArn",
        )
    )  # fmt: skip
    return {**unknown, "sourceIp": peer(request), "userAgent": request.headers.get("User-Agent")}


def _all_values(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


def _last_values(values: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {name: several[-1] for name, several in values.items()}


def _encode_body(body: bytes, content_type: str, binary_types: Iterable[str]) -> tuple[str | None, bool]:
    if not body:
        return None, False
    media_type = content_type.split(";", 1)[0].strip().lower()
    if media_type in binary_types or "*/*" in binary_types:
        return base64.b64encode(body).decode(), True
    return body.decode(errors="replace"), False


def _answer_headers(single: Mapping[str, Any], several: Mapping[str, Any]) -> CIMultiDict[str]:
    """Both lists merged; where a name is in both, `multiValueHeaders` counts."""
    headers: CIMultiDict[str] = CIMultiDict()
    for name, values in several.items():
        for value in values if isinstance(values, list) else [values]:
            headers.add(name, str(value))
    for name, value in single.items():
        if name not in headers:
            headers[name] = str(value)
    for name in _NOT_THE_FUNCTIONS:
        headers.popall(name, None)
    headers.setdefault("Content-Type", "application/json")
    if any("\r" in value or "\n" in value for value in headers.values()):
        raise ValueError("A header holds a line break.")
    return headers


def _answer_body(body: Any, *, is_base64: bool) -> bytes:
    if body is None:
        return b""
    if not isinstance(body, str):
        raise TypeError("The body is not a string.")
    return base64.b64decode(body, validate=True) if is_base64 else body.encode(errors="replace")
