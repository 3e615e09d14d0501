"""
Describes the operations as OpenAPI 3.1, from the same declarations and Pydantic models that the edge
enforces.
"""

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chalicelib.platform.errors import (
    REFUSALS,
    BadRequest,
    DatabaseBusy,
    Forbidden,
    PayloadTooLarge,
    PlumblineError,
    RateLimited,
    Unauthenticated,
    UnsupportedMediaType,
    ValidationFailed,
)
from chalicelib.platform.http.answer import PROBLEM_JSON
from chalicelib.platform.http.edge import Operation, Unguarded

_REF = "#/components/schemas/{model}"
_BEARER = "bearerAuth"
_SECURITY_SCHEMES = {
    _BEARER: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The accessToken that `POST /auth/login` answers; valid for 15 minutes.",
    }
}
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "detail", "instance", "code", "correlationId"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string"},
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


def describe(operations: Iterable[Operation]) -> dict[str, Any]:
    """The whole document; served at `/openapi.json`, under the base path `/api`."""
    found = list(operations)
    bodies = {operation.body for operation in found if operation.body is not None}
    answers = {operation.answer for operation in found if operation.answer is not None}
    inputs = [(model, "validation") for model in sorted(bodies, key=lambda model: model.__name__)]
    outputs = [(model, "serialization") for model in sorted(answers, key=lambda model: model.__name__)]
    _, definitions = models_json_schema([*inputs, *outputs], by_alias=True, ref_template=_REF)  # type: ignore[list-item]
    paths: dict[str, dict[str, Any]] = {}
    for operation in found:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Plumbline",
            "version": "1",
            "description": "A lead answered with 2xx is stored for good. Errors are RFC 9457 problems.",
        },
        "servers": [{"url": "/api"}],
        "paths": paths,
        "components": {
            "schemas": {**definitions.get("$defs", {}), "Problem": _PROBLEM},
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    document: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": re.sub(r"[^a-z]+", "_", f"{operation.method}{operation.path}".lower()).strip("_"),
        "responses": _responses(operation),
    }
    described = [operation.description] if operation.description else []
    if operation.roles is not None:
        document["security"] = [{_BEARER: []}]
        described.append(f"For {', '.join(sorted(operation.roles))}.")
    if described:
        document["description"] = " ".join(described)
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]
    parameters += [
        {"name": name, "in": "query", "description": text, "schema": {"type": "string"}}
        for name, text in operation.query.items()
    ]
    if operation.idempotent:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "1 to 255 printable ASCII characters; the first result is repeated for 24 h.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x20-\\x7e]+$"},
            }
        )
    if parameters:
        document["parameters"] = parameters
    if operation.body is not None:
        schema = {"$ref": _REF.format(model=operation.body.__name__)}
        content: dict[str, Any] = {"application/json": {"schema": schema}}
        if operation.takes_form:
            content["application/x-www-form-urlencoded"] = {
                "schema": {"type": "object", "description": "The same fields by dotted names, as text."}
            }
        document["requestBody"] = {"required": True, "content": content}
    return document


def _schema_of(model: type[BaseModel] | None) -> dict[str, Any]:
    return {"type": "object"} if model is None else {"$ref": _REF.format(model=model.__name__)}


def _responses(operation: Operation) -> dict[str, Any]:
    refusals: list[type[PlumblineError]] = [*operation.refusals]
    if operation.body is not None:
        refusals += [BadRequest, PayloadTooLarge, UnsupportedMediaType, ValidationFailed]
    if not isinstance(operation.guard, Unguarded):
        refusals.append(RateLimited)
    if operation.roles is not None:
        refusals += [Unauthenticated, Forbidden]
    refusals.append(DatabaseBusy)
    codes: dict[int, set[str]] = {500: {"INTERNAL_ERROR"}}
    for refusal in refusals:
        codes.setdefault(REFUSALS[refusal].status, set()).add(REFUSALS[refusal].code)
    done: dict[str, Any] = {"description": "Done."}
    if operation.status != 204:
        done["content"] = {"application/json": {"schema": _schema_of(operation.answer)}}
    responses: dict[str, Any] = {str(operation.status): done}
    if operation.takes_form:
        responses["303"] = {"description": "A form was taken; go on to its `next`."}
    for status, names in sorted(codes.items()):
        responses[str(status)] = {
            "description": ", ".join(sorted(names)),
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return responses
