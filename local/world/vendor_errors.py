"""What each vendor's servers answer when they fail: the bodies of the fault mode `error`.

Google: the JSON error of its API design guide, and OAuth's own at the token address. AWS: the JSON protocol's
`__type` or the query protocol's XML, after the request's content type. Cloudflare: siteverify's `internal-
error`.
"""

from __future__ import annotations

import json
import uuid
from http import HTTPStatus
from typing import Any

GOOGLE_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
GOOGLE_MESSAGE = {
    400: "Request contains an invalid argument.",
    401: "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or"
    " other valid authentication credential.",
    403: "The caller does not have permission",
    404: "Requested entity was not found.",
    500: "Internal error encountered.",
    503: "The service is currently unavailable.",
    504: "Deadline expired before operation could complete.",
}
_AWS_CODE = {
    400: "InvalidParameterValue",
    403: "AccessDenied",
    404: "NotFound",
    429: "Throttling",
    500: "InternalFailure",
    503: "ServiceUnavailable",
}
_XML_NAMESPACE = {
    "sqs": "http://queue.amazonaws.com/doc/2012-11-05/",
    "sms": "http://sns.amazonaws.com/doc/2010-03-31/",
    "email": "http://ses.amazonaws.com/doc/2010-12-01/",
}


def error_answer(target: str, status: int, head: bytes) -> bytes:
    """A whole HTTP/1.1 answer with *status* as *target*'s vendor words it; *head* is the request's head."""
    extra: dict[str, str] = {}
    if target == "sheets":
        content_type, body = "application/json; charset=UTF-8", _google(status, head)
    elif target == "turnstile":
        content_type, body = "application/json", _json({"success": False, "error-codes": ["internal-error"]})
    else:
        content_type, body, extra = _aws(target, status, head)
    lines = [
        f"HTTP/1.1 {status} {_reason(status)}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in extra.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def google_error(
    status: int, message: str = "", details: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Google's error body (google.rpc.Status in JSON)."""
    error: dict[str, Any] = {
        "code": status,
        "message": message or GOOGLE_MESSAGE.get(status, _reason(status)),
        "status": GOOGLE_STATUS.get(status, "UNAVAILABLE" if status >= 500 else "FAILED_PRECONDITION"),
    }
    if details:
        error["details"] = details
    return {"error": error}


def _google(status: int, head: bytes) -> bytes:
    if b"/token" in head.split(b"\r\n", 1)[0]:
        return _json({"error": "internal_failure", "error_description": "Backend Error"})
    message = "Quota exceeded for quota metric 'Write requests'." if status == 429 else ""
    return _json(google_error(status, message))


def _aws(target: str, status: int, head: bytes) -> tuple[str, bytes, dict[str, str]]:
    code = _AWS_CODE.get(status, "InternalFailure" if status >= 500 else "InvalidParameterValue")
    kind = "Receiver" if status >= 500 else "Sender"
    request_id = str(uuid.uuid4())
    message = f"{code}: the service answers with an error for now."
    if b"x-amz-json" in head.lower() or b"content-type: application/json" in head.lower():
        body = _json({"__type": f"com.amazonaws.{target}#{code}", "message": message})
        fields = {
            "x-amzn-RequestId": request_id,
            "x-amzn-query-error": f"{code};{kind}",
            "x-amzn-ErrorType": code,
        }
        return "application/x-amz-json-1.0", body, fields
    xml = (
        f'<ErrorResponse xmlns="{_XML_NAMESPACE[target]}"><Error><Type>{kind}</Type><Code>{code}</Code>'
        f"<Message>{message}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return "text/xml", xml.encode(), {"x-amzn-RequestId": request_id}


def _json(body: object) -> bytes:
    return json.dumps(body, indent=2).encode()


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
