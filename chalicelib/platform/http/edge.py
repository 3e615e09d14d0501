"""
One wrapper around every view: correlation, body, guard, validation, error mapping, headers, one log line.

Each path takes OPTIONS too, and HEAD where it has GET: API Gateway knows only declared methods.

Chalice turns a route's exception into a bare 500 before any middleware sees it, so the mapping has to stand
here. Order of checks (details page): size, media type and JSON; then the guard (rate limit, who calls,
idempotency); then the model.
"""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from chalice.app import Blueprint, Response
from pydantic import BaseModel

from chalicelib.platform import deadline, logs, metrics
from chalicelib.platform.errors import PlumblineError
from chalicelib.platform.http import body as bodies
from chalicelib.platform.http import cors
from chalicelib.platform.http.answer import JSON, Answer, problem
from chalicelib.platform.http.call import Call
from chalicelib.platform.http.listing import check_names
from chalicelib.platform.settings import settings

CALL_BUDGET_S = 20.0  # below API Gateway's 29 s, so that our own answer always arrives first
_RESERVE_S = 1.0
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
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
class Parameter:
    """A part of an address or a query: what it means, what it may be (JSON Schema), and one that is right."""

    description: str
    schema: Mapping[str, Any]
    example: Any = None


@dataclass(frozen=True)
class Operation:
    """
    A route as the outside sees it: what the edge enforces, `/openapi.json` tells.

    *query* and *address* say what its parameters are; a sentence alone means text, and in an address `id` and
    `…Id` are UUIDs. *media_type* is that of its success; *others* are its answers of another status that are
    no problems. *sent_on* says where its 303 leads, if it answers so.
    """

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
    query: Mapping[str, str | Parameter] = field(default_factory=dict)
    address: Mapping[str, Parameter] = field(default_factory=dict)
    idempotent: bool = False
    description: str = ""
    media_type: str = JSON
    others: Mapping[int, type[BaseModel]] = field(default_factory=dict)
    sent_on: str = ""

    @property
    def roles(self) -> frozenset[str] | None:
        """Who may call, being signed in; None where anybody may."""
        return self.guard.roles

    @property
    def reads_query(self) -> bool:
        """
        Whether the query is judged: by every guarded GET, also one that takes none.

        Nobody reads the query of the others, and a form whose action carries one must not lose its lead.
        """
        return self.method == "GET" and not isinstance(self.guard, Unguarded)


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
            if all(known.path != operation.path for known in _registered):
                self._answer_preflights(operation.path)
            _registered.append(operation)
            methods = ["GET", "HEAD"] if operation.method == "GET" else [operation.method]
            route = self.route(operation.path, methods=methods, content_types=["*/*"])
            route(handler)
            return handler

        return register

    def _answer_preflights(self, path: str) -> None:
        """
        Let *path* answer OPTIONS, guarded by nothing: it tells no more than `/openapi.json`.

        Chalice's own preflight would be API Gateway's, with one origin for all.
        """

        def handler(**path_parameters: str) -> Response:  # noqa: ARG001  nobody looks at them
            request = self.current_request
            return _run(preflight, _preflight, Call.from_chalice(request), self.lambda_context)

        preflight = Operation(
            method="OPTIONS",
            path=path,
            summary="Tell what this path takes",
            answer=None,
            status=204,
            refusals=(),
            guard=Unguarded(),
        )
        handler.__name__ = "preflight"
        self.route(path, methods=["OPTIONS"], content_types=["*/*"])(handler)


def _preflight(call: Call, **_path_parameters: str) -> Answer:
    methods = {each.method: each.roles is None for each in _registered if each.path == call.route}
    if "GET" in methods:
        methods["HEAD"] = methods["GET"]
    return Answer(204, headers=cors.preflight_headers(call.headers.get("origin"), methods))


def _run(operation: Operation, view: Callable[..., Answer], call: Call, context: Any) -> Response:
    budget_s = min(CALL_BUDGET_S, deadline.left_of(context) - _RESERVE_S)
    with logs.bind(correlation_id=call.correlation_id), deadline.within(budget_s):
        try:
            answer = _guarded(operation, view, call)
        except PlumblineError as error:
            answer = _problem(operation, call, error)
        except Exception as error:  # noqa: BLE001  the last line: whatever it is, the caller gets a clean 500
            log.failure("request.failed", error, route=operation.path)
            answer = _problem(operation, call, error)
        log.info(
            "request.answered",
            method=call.method,
            route=operation.path,
            status=answer.status,
            duration_ms=round((time.perf_counter() - call.began_s) * 1000, 1),
        )
    return _to_chalice(operation, call, answer)


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
        _count(operation, call, early)
        return early
    try:
        if operation.reads_query:
            check_names(call, operation.query)
        arguments: list[Any] = [call]
        if operation.body is not None:
            arguments.append(bodies.validate(operation.body, call.json, is_form=call.is_form))
        answer = view(*arguments, **call.path_parameters)
    except BaseException as error:
        operation.guard.abandon(call, error)
        raise
    _count(operation, call, answer)  # first, so that the trip which keeps the answer takes it along: the last
    operation.guard.complete(call, answer)
    return answer


def _problem(operation: Operation, call: Call, error: Exception) -> Answer:
    answer = problem(error, instance=call.path, correlation_id=call.correlation_id)
    _count(operation, call, answer)
    return answer


def _count(operation: Operation, call: Call, answer: Answer) -> None:
    """Count the answer, and what it took but for the trip that keeps it."""
    metrics.count(metrics.HTTP_REQUESTS, call.method, operation.path, str(answer.status))
    metrics.observe(metrics.HTTP_DURATION, time.perf_counter() - call.began_s, call.method, operation.path)


def _to_chalice(operation: Operation, call: Call, answer: Answer) -> Response:
    is_open = operation.roles is None and operation.method != "OPTIONS"  # a preflight says itself who may
    headers: dict[str, str | list[str]] = {
        **_SECURITY_HEADERS,
        "Content-Type": answer.media_type,
        "X-Correlation-Id": call.correlation_id,
        **cors.answer_headers(call.headers.get("origin"), is_open=is_open),
        **call.answer_headers,
        **answer.headers,
    }
    if answer.cookies:
        headers["Set-Cookie"] = [*answer.cookies]
    if settings().site_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return Response(body=answer.body, status_code=answer.status, headers=headers)
