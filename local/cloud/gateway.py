"""
API Gateway: HTTP on the loopback to the API function and back, under the stage name `/api`.

What it refuses by itself (no such resource, wrong method, too large, no answer in 29 s, a container that
died) is a problem in the product's shape (`problems`), and pages of our own *origins* may read it: on AWS by
gateway responses, and by the distribution's response headers policy. `proxy_event` knows the event,
`containers` runs the function.
"""

import json
import socket
from collections.abc import Collection

from aiohttp import web

from local.cloud.containers import Function
from local.cloud.describe import AppDescription
from local.cloud.problems import correlation_id, problem
from local.cloud.proxy_event import STAGE, MalformedAnswerError, build_event, read_answer
from local.cloud.routes import Match, RouteTable

_PREFIX = f"/{STAGE}"
REQUEST_BYTES = 10 * 1024 * 1024
_EVENT_BYTES = 6 * 1024 * 1024  # what Lambda takes in one event
_INTEGRATION_TIMEOUT_S = 29.0
_SHUTDOWN_TIMEOUT_S = 1.0


class Gateway:
    """The REST API of *app*, whose function is *function*."""

    def __init__(
        self, app: AppDescription, function: Function, port: int, origins: Collection[str] = ()
    ) -> None:
        self._routes = RouteTable(app.routes)
        self._binary_types = frozenset(app.binary_types)
        self._function = function
        self._port = port
        self._origins = frozenset(origins)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request to `/api` or below it."""
        answer = await self._answer(request)
        answer.headers.setdefault("Vary", "Origin")
        origin = request.headers.get("Origin", "")
        if origin in self._origins and "Access-Control-Allow-Origin" not in answer.headers:
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Access-Control-Allow-Credentials"] = "true"
            answer.headers["Access-Control-Expose-Headers"] = "X-Correlation-Id, Retry-After"
        return answer

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        raw_path = request.rel_url.raw_path.removeprefix(_PREFIX) or "/"
        match = self._routes.find(raw_path)
        if match is None:
            return problem(request, 404, "NOT_FOUND", f"There is nothing at {request.path}.")
        if request.method not in match.route.methods:
            return self._other_method(request, match)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _too_large(request)
        event = build_event(
            request, match, body, raw_path=raw_path, port=self._port, binary_types=self._binary_types
        )
        data = json.dumps(event).encode()
        if len(data) > _EVENT_BYTES:
            return _too_large(request)
        return await self._invoke(request, data, event["headers"]["X-Amzn-Trace-Id"])

    async def _invoke(self, request: web.Request, event: bytes, trace_id: str) -> web.Response:
        try:
            outcome = await self._function.invoke(event, trace_id=trace_id, wait_s=_INTEGRATION_TIMEOUT_S)
        except TimeoutError:
            return _again(request, 504, "GATEWAY_TIMEOUT", "The API did not answer in time.")
        if outcome.failure is not None:
            return _again(request, 502, "INTERNAL_ERROR", "The API ended before it answered.")
        try:
            answer = read_answer(outcome.payload)
        except MalformedAnswerError as error:
            print(f"gateway: malformed answer to {request.method} {request.path}: {error}", flush=True)
            return _again(request, 502, "INTERNAL_ERROR", "The API did not answer properly.")
        answer.headers["X-Amzn-Trace-Id"] = trace_id
        return answer

    def _other_method(self, request: web.Request, match: Match) -> web.Response:
        if request.method != "OPTIONS":
            detail = f"{request.path} takes {match.allowed}."
            return problem(request, 405, "METHOD_NOT_ALLOWED", detail, {"Allow": match.allowed})
        headers = {
            "Allow": match.allowed,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "strict-origin-when-cross-origin",
            "X-Correlation-Id": correlation_id(request),
        }
        return web.Response(status=204, headers=headers | dict(match.route.preflight))


async def listen(app: web.Application, port: int) -> web.AppRunner:
    """
    Serve *app* on *port* of 127.0.0.1, and of ::1 where this machine has it.

    Raises:
        OSError: the port is taken.
    """
    app.on_response_prepare.append(_hide_server)
    runner = web.AppRunner(
        app, access_log=None, handle_signals=False, keepalive_timeout=75, shutdown_timeout=_SHUTDOWN_TIMEOUT_S
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return runner
    await web.TCPSite(runner, "::1", port, backlog=1024).start()
    return runner


async def _hide_server(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.popall("Server", None)


def _too_large(request: web.Request) -> web.Response:
    detail = f"A request may have {REQUEST_BYTES // (1024 * 1024)} MiB."
    return problem(request, 413, "PAYLOAD_TOO_LARGE", detail, {"Connection": "close"})


def _again(request: web.Request, status: int, code: str, detail: str) -> web.Response:
    return problem(request, status, code, detail, {"Retry-After": "1"})
