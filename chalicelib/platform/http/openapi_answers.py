"""The answers of an operation as OpenAPI has them: its success, and a problem for every way to be refused."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from chalicelib.platform.errors import (
    INTERNAL_ERROR,
    REFUSALS,
    BadRequest,
    DatabaseBusy,
    FieldError,
    Forbidden,
    NotFound,
    PayloadTooLarge,
    PlumblineError,
    RateLimited,
    RateLimitedUser,
    Refusal,
    Unauthenticated,
    UnsupportedMediaType,
    ValidationFailed,
)
from chalicelib.platform.http.answer import JSON, PROBLEM_JSON, type_of
from chalicelib.platform.http.edge import Operation, Unguarded
from chalicelib.platform.http.examples import example_of

REFERENCE = "#/components/schemas/{model}"
_CORRELATION_ID = "2f6c1f0e-2f0b-4a56-9d0c-6f5f3b8a7c11"
_FIELD_ERROR = FieldError("/name", "missing", "This field is required.")
_ALWAYS_LATER = {429, 503}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details; `errors` names every wrong place of a body or a query.",
    "required": ["type", "title", "status", "detail", "instance", "code", "correlationId"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"enum": sorted({refusal.code for refusal in [*REFUSALS.values(), INTERNAL_ERROR]})},
        "correlationId": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("pointer", "code", "detail")},
            },
        },
    },
}
_WHOLE = {"type": "string", "pattern": "^[0-9]+$"}
HEADERS: dict[str, dict[str, Any]] = {
    "X-Correlation-Id": {
        "description": "The caller's own where well-formed, else ours; in every log line and job.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"},
    },
    "Retry-After": {
        "description": "So many seconds later the same may be asked again.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[1-9][0-9]*$"},
    },
    "X-RateLimit-Limit": {"description": "Calls of one address in the window.", "schema": _WHOLE},
    "X-RateLimit-Remaining": {"description": "Calls that are left in it.", "schema": _WHOLE},
    "X-RateLimit-Reset": {"description": "When the oldest leaves it, in Unix seconds.", "schema": _WHOLE},
    "X-RateLimit-User-Limit": {"description": "Calls of one account in its window.", "schema": _WHOLE},
    "X-RateLimit-User-Remaining": {"description": "Calls that are left in it.", "schema": _WHOLE},
    "X-RateLimit-User-Reset": {
        "description": "When the oldest leaves it, in Unix seconds.",
        "schema": _WHOLE,
    },
    "RateLimit": {"description": "The IETF draft's field, in seconds.", "schema": {"type": "string"}},
    "RateLimit-Policy": {"description": "The IETF draft's field.", "schema": {"type": "string"}},
    "X-Cache-Status": {
        "description": "HIT: from the cache; MISS: from the database.",
        "schema": {"enum": ["HIT", "MISS"]},
    },
    "Idempotency-Replayed": {
        "description": "This is the answer that the key was given first.",
        "schema": {"const": "true"},
    },
    "WWW-Authenticate": {
        "description": "RFC 6750's word for what is wrong.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Location": {"description": "Where it goes on.", "required": True, "schema": {"type": "string"}},
}
_LIMITED = (
    *(name for name in HEADERS if name.startswith("X-RateLimit-") and "User" not in name),
    "RateLimit",
)
_PERSON = tuple(name for name in HEADERS if name.startswith("X-RateLimit-User-"))


def responses_of(
    operation: Operation, definitions: Mapping[str, Any], shared: dict[str, Any]
) -> dict[str, Any]:
    """
    Every answer by its status, each with its headers and an example that fits its schema.

    Refusals are put into *shared*, the document's own responses, since most routes refuse alike.
    """
    responses = {str(operation.status): _success(operation, definitions)}
    sent_on = "A form was taken; go on to its `next`." if operation.takes_form else operation.sent_on
    if sent_on:
        responses["303"] = {
            "description": sent_on,
            "headers": _headers(operation, "Location"),
        }
    for status, refusals in sorted(_refusals_of(operation).items()):
        described = _refusal(operation, status, refusals)
        name = "_".join([str(status), *sorted(refusals), *_kind(operation)])
        shared[name] = described
        responses[str(status)] = {"$ref": f"#/components/responses/{name}"}
    for status, model in operation.others.items():
        responses[str(status)] = {
            "description": "Not quite.",
            "headers": _headers(operation, *(["Retry-After"] if status in _ALWAYS_LATER else [])),
            "content": content_of(model, JSON, definitions),
        }
    return responses


def content_of(model: type[BaseModel] | None, media_type: str, definitions: Mapping[str, Any]) -> Any:
    """A body of *model*, or of what the media type alone says, with its example."""
    if model is None:
        return {media_type: {"schema": {"type": "object"} if media_type == JSON else {"type": "string"}}}
    schema = {"$ref": REFERENCE.format(model=name_of(model))}
    return {media_type: {"schema": schema, "example": example_of(schema, definitions)}}


def name_of(model: type[BaseModel]) -> str:
    """The name of *model* among the schemas, as Pydantic writes it."""
    return re.sub(r"[^a-zA-Z0-9.\-_]", "_", model.__name__)


def _kind(operation: Operation) -> list[str]:
    """What decides which headers its refusals have."""
    if operation.roles is not None:
        return ["person"]
    return [] if isinstance(operation.guard, Unguarded) else ["limited"]


def _success(operation: Operation, definitions: Mapping[str, Any]) -> dict[str, Any]:
    names: list[str] = []
    if getattr(operation.guard, "cached", None) is not None:
        names.append("X-Cache-Status")
    if operation.idempotent:
        names.append("Idempotency-Replayed")
    done: dict[str, Any] = {"description": "Done.", "headers": _headers(operation, *names)}
    if operation.status != 204:
        done["content"] = content_of(operation.answer, operation.media_type, definitions)
    return done


def _refusals_of(operation: Operation) -> dict[int, dict[str, tuple[Refusal, str]]]:
    """By status and code: the refusal and a sentence that goes with it."""
    classes: list[type[PlumblineError]] = [*operation.refusals, DatabaseBusy]
    if operation.body is not None:
        classes += [BadRequest, PayloadTooLarge, UnsupportedMediaType, ValidationFailed]
    if operation.reads_query:
        classes.append(ValidationFailed)
    if "{" in operation.path:
        classes.append(NotFound)
    if not isinstance(operation.guard, Unguarded):
        classes += [RateLimited, Forbidden]
    if operation.roles is not None:
        classes += [RateLimitedUser, Unauthenticated]
    found: dict[int, dict[str, tuple[Refusal, str]]] = {
        500: {INTERNAL_ERROR.code: (INTERNAL_ERROR, "The request could not be finished. It is logged.")}
    }
    for each in classes:
        refusal = REFUSALS[each]
        sentence = (each.__doc__ or "").strip().partition("\n")[0].partition("; *")[0].partition(": *")[0]
        found.setdefault(refusal.status, {})[refusal.code] = (refusal, sentence)
    return found


def _refusal(
    operation: Operation, status: int, refusals: Mapping[str, tuple[Refusal, str]]
) -> dict[str, Any]:
    names = ["Retry-After"] if status in _ALWAYS_LATER else []
    if status == 401:
        names.append("WWW-Authenticate")
    schema = {
        "allOf": [
            {"$ref": REFERENCE.format(model="Problem")},
            {"properties": {"status": {"const": status}, "code": {"enum": sorted(refusals)}}},
        ]
    }
    examples = {
        code: {"summary": refusal.title, "value": _problem(refusal, sentence)}
        for code, (refusal, sentence) in sorted(refusals.items())
    }
    return {
        "description": ", ".join(sorted(refusals)),
        "headers": _headers(operation, *names),
        "content": {PROBLEM_JSON: {"schema": schema, "examples": examples}},
    }


def _problem(refusal: Refusal, sentence: str) -> dict[str, Any]:
    document: dict[str, Any] = {
        "type": type_of(refusal.code),
        "title": refusal.title,
        "status": refusal.status,
        "detail": sentence,
        "instance": "/api/leads",
        "code": refusal.code,
        "correlationId": _CORRELATION_ID,
    }
    if refusal is REFUSALS[ValidationFailed]:
        document["errors"] = [vars(_FIELD_ERROR)]
    return document


def _headers(operation: Operation, *names: str) -> dict[str, Any]:
    known = ["X-Correlation-Id", *names]
    if not isinstance(operation.guard, Unguarded):
        known += [*_LIMITED, "RateLimit-Policy"]
    if operation.roles is not None:
        known += _PERSON
    return {name: {"$ref": f"#/components/headers/{name}"} for name in known}
