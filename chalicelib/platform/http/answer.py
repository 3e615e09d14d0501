"""What goes out: an answer whose bytes are fixed when it is made, so a replay repeats them exactly."""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from chalicelib.platform.errors import INTERNAL_ERROR, PlumblineError, ValidationFailed, refusal_of

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"


@dataclass
class Answer:
    """
    A status, a body as text and its media type; *headers* are added by whoever has something to say, and
    *cookies* are whole Set-Cookie fields.
    """

    status: int
    body: str = ""
    media_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, payload: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> "Answer":
        """Render *payload* (a Pydantic model or plain data) as JSON in camelCase."""
        if isinstance(payload, BaseModel):
            text = payload.model_dump_json(by_alias=True)
        else:
            text = json.dumps(payload, default=_plain, ensure_ascii=False, separators=(",", ":"))
        return cls(status, text, JSON, dict(headers or {}))


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, Decimal):
        return str(value)
    return str(value)


def type_of(code: str) -> str:
    """The stable `type` of every problem with *code*: a relative reference, as RFC 9457 3.1.1 allows."""
    return f"/problems/{quote(code.lower().replace('_', '-'))}"


def problem(error: Exception, *, instance: str, correlation_id: str) -> Answer:
    """*error* as RFC 9457 problem details; what is not ours tells nothing but that it happened."""
    refusal = refusal_of(error) if isinstance(error, PlumblineError) else INTERNAL_ERROR
    detail = (
        error.detail
        if isinstance(error, PlumblineError)
        else "The request could not be finished. It is logged."
    )
    document: dict[str, Any] = {
        "type": type_of(refusal.code),
        "title": refusal.title,
        "status": refusal.status,
        "detail": detail,
        "instance": instance,
        "code": refusal.code,
        "correlationId": correlation_id,
    }
    headers: dict[str, str] = {}
    if isinstance(error, PlumblineError):
        headers |= error.headers
        if error.retry_after_s is not None:
            headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, ValidationFailed):
        document["errors"] = [vars(item) for item in error.errors]
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Answer(refusal.status, text, PROBLEM_JSON, headers)
