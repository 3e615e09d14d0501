"""
Describes the operations as OpenAPI 3.1, from the same declarations and Pydantic models that the edge
enforces; `openapi_answers` has what comes back.

It is made when somebody asks for it, never while a container starts.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from chalicelib.platform.http.answer import JSON
from chalicelib.platform.http.edge import Operation, Parameter
from chalicelib.platform.http.examples import example_of
from chalicelib.platform.http.form_schema import form_of
from chalicelib.platform.http.openapi_answers import (
    HEADERS,
    PROBLEM,
    REFERENCE,
    content_of,
    name_of,
    responses_of,
)

_FORM = "application/x-www-form-urlencoded"
_BEARER = "bearerAuth"
_SECURITY_SCHEMES = {
    _BEARER: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The accessToken that `POST /auth/login` answers; valid for 15 minutes.",
    }
}
_INTRODUCTION = (
    "A lead that is answered with 2xx is stored for good. Errors are RFC 9457 problems with a stable `code`. "
    "Whatever says later has Retry-After: send the same request again then, with the same Idempotency-Key "
    "where it had one. Times are RFC 3339 in UTC; money is an exact decimal string and its currency."
)
_TEXT = {"type": "string", "maxLength": 200, "pattern": r"^[^\x00-\x1f\x7f]*$"}
_UUID = {"type": "string", "format": "uuid"}
_CURSOR = {"type": "string", "maxLength": 200, "pattern": "^[A-Za-z0-9_-]*$"}


def describe(operations: Iterable[Operation]) -> dict[str, Any]:
    """The whole document; served at `/openapi.json`, under the base path `/api`."""
    found = list(operations)
    bodies = {operation.body for operation in found if operation.body is not None}
    answers = {operation.answer for operation in found if operation.answer is not None}
    answers |= {model for operation in found for model in operation.others.values()}
    inputs = [(model, "validation") for model in sorted(bodies, key=lambda model: model.__name__)]
    outputs = [(model, "serialization") for model in sorted(answers, key=lambda model: model.__name__)]
    _, schemas = models_json_schema([*inputs, *outputs], by_alias=True, ref_template=REFERENCE)  # type: ignore[list-item]
    definitions = schemas.get("$defs", {})
    paths: dict[str, dict[str, Any]] = {}
    refusals: dict[str, Any] = {}
    for operation in found:
        described = _operation(operation, definitions, refusals)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "Plumbline", "version": "1", "description": _INTRODUCTION},
        "servers": [{"url": "/api"}],
        "paths": paths,
        "components": {
            "schemas": {**definitions, "Problem": PROBLEM},
            "responses": refusals,
            "headers": HEADERS,
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


def _operation(
    operation: Operation, definitions: Mapping[str, Any], refusals: dict[str, Any]
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": re.sub(r"[^a-z]+", "_", f"{operation.method}{operation.path}".lower()).strip("_"),
        "tags": [_tag(operation.path)],
        "responses": responses_of(operation, definitions, refusals),
    }
    described = [operation.description] if operation.description else []
    if operation.roles is not None:
        document["security"] = [{_BEARER: []}]
        described.append(f"For {', '.join(sorted(operation.roles))}.")
    if described:
        document["description"] = " ".join(described)
    parameters = [*_in_address(operation), *_in_query(operation)]
    if operation.idempotent:
        parameters.append(_IDEMPOTENCY_KEY)
    if parameters:
        document["parameters"] = parameters
    if operation.body is not None:
        document["requestBody"] = _request_body(operation, definitions)
    return document


def _tag(path: str) -> str:
    """The chapter of the documentation: the first word of the address; for staff the first two."""
    words = [word for word in path.removesuffix(".json").split("/") if word and "{" not in word]
    return " ".join(words[: 2 if words[0] == "admin" else 1]).replace("-", " ").partition(".")[0]


_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "1 to 255 printable ASCII characters; the first result is repeated for 24 h.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x20-\\x7e]+$"},
    "example": "6f0e6c1a-9a52-4a4b-8a57-1f0b1c9d2e34",
}


def _in_address(operation: Operation) -> list[dict[str, Any]]:
    names = re.findall(r"{(\w+)}", operation.path)
    return [
        {"name": name, "in": "path", "required": True}
        | _told(operation.address.get(name, Parameter("", _UUID if _is_id(name) else {"type": "string"})))
        for name in names
    ]


def _is_id(name: str) -> bool:
    return name == "id" or name.endswith("Id")


def _in_query(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query"}
        | _told(
            each
            if isinstance(each, Parameter)
            else Parameter(each, _CURSOR if name == "cursor" else _UUID if _is_id(name) else _TEXT)
        )
        for name, each in operation.query.items()
    ]


def _told(parameter: Parameter) -> dict[str, Any]:
    told: dict[str, Any] = {"schema": dict(parameter.schema)}
    if parameter.description:
        told["description"] = parameter.description
    example = parameter.example
    if example is None and ("format" in told["schema"] or "enum" in told["schema"]):
        example = example_of(told["schema"], {})
    return told if example is None else {**told, "example": example}


def _request_body(operation: Operation, definitions: Mapping[str, Any]) -> dict[str, Any]:
    body = operation.body
    content = content_of(body, JSON, definitions)
    if body is not None and operation.takes_form:
        form = form_of(definitions[name_of(body)], definitions, form_only=operation.form_only)
        example = _as_form(content[JSON]["example"])
        content[_FORM] = {
            "schema": form,
            "example": {name: value for name, value in example.items() if name in form["properties"]},
        }
    return {"required": True, "content": content}


def _as_form(value: Any, prefix: str = "") -> dict[str, Any]:
    """An example of a body as its form would hold it."""
    found: dict[str, Any] = {}
    for name, each in value.items():
        if isinstance(each, dict):
            found |= _as_form(each, f"{prefix}{name}.")
        elif isinstance(each, bool):
            found[prefix + name] = "on" if each else "off"
        else:
            found[prefix + name] = each
    return found
