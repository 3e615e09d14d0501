"""
One wrapper around every view: correlation, body, guard, validation, error mapping, headers, one log line.

Chalice turns a route's exception into a bare 500 before any middleware sees it, so the mapping has to stand
here. Order of checks (details page): size, media type and JSON; then the guard (rate limit, who calls,
idempotency); then the model.
"""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Protocol

from chalice.app import Blueprint, Response
from pydantic import BaseModel

from chalicelib.platform import deadline, logs
from chalicelib.platform.errors import PlumblineError
from chalicelib.platform.http import body as bodies
from chalicelib.platform.http.answer import Answer, problem
from chalicelib.platform.http.call import Call
from chalicelib.platform.settings import settings

CALL_BUDGET_S = 20.0  # below API Gateway's 29 s, so that our own answer always arrives first
_RESERVE_S = 1.0
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cache-Control": "no-store",
}
log = logs.EventLog("http")


class Guard(Protocol):
    """Decides whether a call may proceed, and hears how it ended."""

    @property
    def roles(self) -> frozenset[str] | None:
        """Who may call, being signed in; None where anybody may."""
        ...

    def admit(self, call: Call) -> Answer | None:
        """Let the call pass (None), answer it at once (a replay), or raise a `CallerError`."""
        ...

    def complete(self, call: Call, answer: Answer) -> None:
        """The view has answered; never raises."""
        ...

    def abandon(self, call: Call, error: BaseException) -> None:
        """The view refused or failed, so nothing may be kept for this call; never raises."""
        ...


class Unguarded:
    """Lets every call pass; for routes that must answer whatever happens."""

    roles = None

    def admit(self, call: Call) -> Answer | None:
        """Let the call pass."""

    def complete(self, call: Call, answer: Answer) -> None:
        """Nothing was taken, nothing is given back."""

    def abandon(self, call: Call, error: BaseException) -> None:
        """Nothing was taken, nothing is given back."""


@dataclass(frozen=True)
class Operation:
    """A route as the outside sees it: what the edge enforces, `/openapi.json` tells."""

    method: str
    path: str
    summary: str
    answer: type[BaseModel] | None
    status: int
    refusals: tuple[type[PlumblineError], ...]
    guard: Guard
    body: type[BaseModel] | None = None
    takes_form: bool = False
    repeated: Collection[str] = ()
    form_only: Collection[str] = ()
    query: dict[str, str] = field(default_factory=dict)
    idempotent: bool = False
    description: str = ""

    @property
    def roles(self) -> frozenset[str] | None:
        """Who may call, being signed in; None where anybody may."""
        return self.guard.roles


_registered: list[Operation] = []


def registered_operations() -> tuple[Operation, ...]:
    """Every operation of every blueprint that was imported."""
    return tuple(_registered)


class ApiBlueprint(Blueprint):
    """A blueprint whose routes are operations: declared once, guarded, documented and mapped alike."""

    def operation(self, operation: Operation) -> Callable[[Callable[..., Answer]], Callable[..., Response]]:
        """
        Register the decorated view: it takes the call, the validated body if there is one, and path
        parameters.
        """

        def register(view: Callable[..., Answer]) -> Callable[..., Response]:
            def handler(**path_parameters: str) -> Response:  # noqa: ARG001  the call holds them, decoded
                request = self.current_request
                return _run(operation, view, Call.from_chalice(request), self.lambda_context)

            handler.__name__ = view.__name__
            handler.__doc__ = view.__doc__
            _registered.append(operation)
            route = self.route(operation.path, methods=[operation.method], content_types=["*/*"])
            route(handler)
            return handler

        return register


def _run(operation: Operation, view: Callable[..., Answer], call: Call, context: Any) -> Response:
    started = time.perf_counter()
    budget_s = min(CALL_BUDGET_S, deadline.left_of(context) - _RESERVE_S)
    with logs.bind(correlation_id=call.correlation_id), deadline.within(budget_s):
        try:
            answer = _guarded(operation, view, call)
        except PlumblineError as error:
            answer = problem(error, instance=call.path, correlation_id=call.correlation_id)
        except Exception as error:  # noqa: BLE001  the last line: whatever it is, the caller gets a clean 500
            log.failure("request.failed", error, route=operation.path)
            answer = problem(error, instance=call.path, correlation_id=call.correlation_id)
        log.info(
            "request.answered",
            method=call.method,
            route=operation.path,
            status=answer.status,
            duration_ms=round((time.perf_counter() - started) * 1000, 1),
        )
    return _to_chalice(call, answer)


def _guarded(operation: Operation, view: Callable[..., Answer], call: Call) -> Answer:
    if operation.body is not None:
        content_type = call.headers.get("content-type", "")
        call.json, call.is_form = bodies.read(
            call.raw_body, content_type, takes_form=operation.takes_form, repeated=operation.repeated
        )
        if call.is_form:
            call.form_only = {
                name: str(call.json.pop(name)) for name in operation.form_only if name in call.json
            }
    early = operation.guard.admit(call)
    if early is not None:
        return early
    try:
        arguments: list[Any] = [call]
        if operation.body is not None:
            arguments.append(bodies.validate(operation.body, call.json, is_form=call.is_form))
        answer = view(*arguments, **call.path_parameters)
    except BaseException as error:
        operation.guard.abandon(call, error)
        raise
    operation.guard.complete(call, answer)
    return answer


def _to_chalice(call: Call, answer: Answer) -> Response:
    headers: dict[str, str | list[str]] = {
        **_SECURITY_HEADERS,
        "Content-Type": answer.media_type,
        "X-Correlation-Id": call.correlation_id,
        **call.answer_headers,
        **answer.headers,
    }
    if answer.cookies:
        headers["Set-Cookie"] = [*answer.cookies]
    if settings().site_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return Response(body=answer.body, status_code=answer.status, headers=headers)
