"""What each vendor's servers answer when they fail: the bodies of the fault mode `error`.

Google: the JSON error of its API design guide, and OAuth's own at the token address. AWS, after the request:
REST-JSON below /v2/ (SES v2), the JSON protocol's `__type` (SQS), S3's own XML, else the query protocol's;
the codes are those of botocore's service models and of S3's list of error responses. Cloudflare:
siteverify's `internal-error`.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from html import escape
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
_SNS_CODE = {
    400: "InvalidParameter",
    403: "AuthorizationError",
    429: "Throttled",
    500: "InternalError",
}
_SES_CODE = {
    400: "BadRequestException",
    403: "AccessDeniedException",
    404: "NotFoundException",
    409: "ConflictException",
    429: "TooManyRequestsException",
    500: "InternalServiceErrorException",
}
_XML_NAMESPACE = {
    "sqs": "http://queue.amazonaws.com/doc/2012-11-05/",
    "sms": "http://sns.amazonaws.com/doc/2010-03-31/",
    "email": "http://ses.amazonaws.com/doc/2010-12-01/",
}


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """A vendor's error without its status: body and headers."""

    content_type: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


_S3_CODE = {
    400: "InvalidRequest",
    403: "AccessDenied",
    404: "NoSuchKey",
    500: "InternalError",
    503: "SlowDown",
}


def error_answer(target: str, status: int, head: bytes) -> bytes:
    """A whole HTTP/1.1 answer with *status* as *target*'s vendor words it; *head* is the request's head."""
    if target == "sheets":
        error = ErrorBody("application/json; charset=UTF-8", _google(status, head))
    elif target == "turnstile":
        error = ErrorBody("application/json", _json({"success": False, "error-codes": ["internal-error"]}))
    else:
        error = _aws(target, status, head)
    lines = [
        f"HTTP/1.1 {status} {_reason(status)}",
        f"Content-Type: {error.content_type}",
        f"Content-Length: {len(error.body)}",
        *(f"{name}: {value}" for name, value in error.headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + error.body


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


def rest_error(code: str, message: str) -> ErrorBody:
    """AWS's error in the REST-JSON protocol: the code is in a header."""
    headers = {"x-amzn-RequestId": str(uuid.uuid4()), "x-amzn-ErrorType": code}
    return ErrorBody("application/json", _json({"message": message}), headers)


def query_error(target: str, status: int, code: str, message: str) -> ErrorBody:
    """AWS's error in the query protocol: XML."""
    request_id = str(uuid.uuid4())
    xml = (
        f'<ErrorResponse xmlns="{_XML_NAMESPACE[target]}"><Error><Type>{_fault_of(status)}</Type>'
        f"<Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return ErrorBody("text/xml", xml.encode(), {"x-amzn-RequestId": request_id})


def _aws(target: str, status: int, head: bytes) -> ErrorBody:
    if target == "s3":
        return _s3_error(status)
    is_rest = head.partition(b" ")[2].startswith(b"/v2/")
    known = {"email": _SES_CODE if is_rest else {}, "sms": _SNS_CODE}.get(target, {})
    fallback = "InternalFailure" if status >= 500 else "InvalidParameterValue"
    code = known.get(status) or _AWS_CODE.get(status, fallback)
    message = f"{code}: the service answers with an error for now."
    if is_rest:
        return rest_error(code, message)
    if b"x-amz-json" not in head.lower() and b"content-type: application/json" not in head.lower():
        return query_error(target, status, code, message)
    fields = {
        "x-amzn-RequestId": str(uuid.uuid4()),
        "x-amzn-query-error": f"{code};{_fault_of(status)}",
        "x-amzn-ErrorType": code,
    }
    body = _json({"__type": f"com.amazonaws.{target}#{code}", "message": message})
    return ErrorBody("application/x-amz-json-1.0", body, fields)


def _s3_error(status: int) -> ErrorBody:
    """S3's error: XML with `Error` as its root (Amazon S3 API reference, "Error responses")."""
    code, request_id = _S3_CODE.get(status, "ServiceUnavailable"), str(uuid.uuid4())
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code>'
        "<Message>The service answers with an error for now.</Message>"
        f"<RequestId>{request_id}</RequestId></Error>"
    )
    return ErrorBody("application/xml", xml.encode(), {"x-amz-request-id": request_id})


def _fault_of(status: int) -> str:
    return "Receiver" if status >= 500 else "Sender"


def _json(body: object) -> bytes:
    return json.dumps(body, indent=2).encode()


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
