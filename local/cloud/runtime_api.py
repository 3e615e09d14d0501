"""
The Lambda Runtime API, version 2018-06-01, for one container: where its runtime client fetches events and
leaves answers.

One listener a container: a killed client leaves its GET /next open, and on a shared listener that would
swallow the next event. Source: the Runtime API page of the Lambda developer guide. What happens to a
container is `containers`' business.
"""

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

_PREFIX = "/2018-06-01/runtime/"
_ANSWER_BYTES = 6_291_556  # the longest answer that Lambda passes on (Lambda quotas)

Failure = Literal["function", "timeout", "crash"]


@dataclass(frozen=True)
class Outcome:
    """How an invocation ended: with *payload* as the answer or, where *failure* is set, the error object."""

    payload: bytes
    failure: Failure | None = None

    @classmethod
    def failed(cls, failure: Failure, kind: str, message: str) -> "Outcome":
        """The error that Lambda itself reports for an invocation."""
        return cls(json.dumps({"errorType": kind, "errorMessage": message}).encode(), failure)


@dataclass
class Invocation:
    """One event on its way through a container."""

    event: bytes
    function_arn: str
    timeout_s: float
    trace_id: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    outcome: "asyncio.Future[Outcome]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    begun_at: float = field(default_factory=time.time)
    delivered: asyncio.Event = field(default_factory=asyncio.Event)
    hold: Callable[[], Awaitable[bool]] | None = None

    def finish(self, outcome: Outcome) -> None:
        """Settle how it ended; the first one counts."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)


class RuntimeEndpoint:
    """
    The listener of one container.

    *on_idle* is called when the runtime asks for the next event, *on_init_error* when it could not load the
    handler.
    """

    def __init__(self, on_idle: Callable[[], None], on_init_error: Callable[[bytes], None]) -> None:
        self._on_idle = on_idle
        self._on_init_error = on_init_error
        self._waiting: asyncio.Future[Invocation] | None = None
        self._current: Invocation | None = None
        self._runner: web.ServerRunner | None = None

    async def open(self) -> str:
        """Listen on a free port of 127.0.0.1 and return `host:port`, the value of AWS_LAMBDA_RUNTIME_API."""
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        return f"{host}:{port}"

    async def close(self) -> None:
        """Stop listening."""
        if self._waiting is not None:
            self._waiting.cancel()
        if self._runner is not None:
            await self._runner.cleanup()

    def give(self, invocation: Invocation) -> None:
        """Hand *invocation* to the runtime, which is waiting for one."""
        if self._waiting is None or self._waiting.done():
            raise RuntimeError("This runtime is not waiting for an event.")
        self._current = invocation
        self._waiting.set_result(invocation)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path.removeprefix(_PREFIX)
        if request.method == "GET" and path == "invocation/next":
            return await self._next(request)
        if request.method == "POST" and path == "init/error":
            self._on_init_error(await request.read())
            return _accepted()
        parts = path.split("/")
        if (
            request.method == "POST"
            and len(parts) == 3
            and parts[0] == "invocation"
            and parts[2] in ("response", "error")
        ):
            return await self._finish(request, parts[1], parts[2])
        return web.json_response(
            {"errorType": "NotFound", "errorMessage": "There is no such call."}, status=404
        )

    async def _next(self, request: web.BaseRequest) -> web.StreamResponse:
        self._current = None
        self._waiting = asyncio.get_running_loop().create_future()
        self._on_idle()
        invocation = await self._waiting
        deadline_ms = int((time.time() + invocation.timeout_s) * 1000)
        answer = web.Response(
            body=invocation.event,
            headers={
                "Content-Type": "application/json",
                "Lambda-Runtime-Aws-Request-Id": invocation.id,
                "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
                "Lambda-Runtime-Trace-Id": invocation.trace_id,
            },
        )
        await answer.prepare(request)
        await answer.write_eof()
        invocation.delivered.set()
        return answer

    async def _finish(self, request: web.BaseRequest, invocation_id: str, kind: str) -> web.Response:
        invocation = self._current
        if invocation is None or invocation.id != invocation_id:
            problem = {
                "errorType": "InvalidRequestID",
                "errorMessage": "This invocation is not under way here.",
            }
            return web.json_response(problem, status=400)
        payload = await _read_answer(request)
        if invocation.hold is not None and not await invocation.hold():
            return _accepted()
        if payload is None:
            message = f"Response payload size exceeded maximum allowed payload size ({_ANSWER_BYTES} bytes)."
            invocation.finish(Outcome.failed("function", "Function.ResponseSizeTooLarge", message))
            return web.json_response(
                {"errorType": "RequestEntityTooLarge", "errorMessage": message}, status=413
            )
        invocation.finish(Outcome(payload, "function" if kind == "error" else None))
        return _accepted()


async def _read_answer(request: web.BaseRequest) -> bytes | None:
    """The body, or None where Lambda finds it too long; it is read to its end either way."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        if len(body) <= _ANSWER_BYTES:
            body += chunk
    return bytes(body) if len(body) <= _ANSWER_BYTES else None


def _accepted() -> web.Response:
    return web.json_response({"status": "OK"}, status=202)
