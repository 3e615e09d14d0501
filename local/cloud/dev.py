"""
`/dev`: what a developer and the tests may look at and break. Schedules, the clock and containers are ours,
the rest is the world's and passed on to it.

Only for `make run`; a page of another origin may not change anything here.
"""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
from aiohttp import web

from local.cloud import clock, dev_page
from local.cloud.containers import Function
from local.cloud.faults import ContainerFaults, FaultRefusedError
from local.cloud.problems import problem
from local.cloud.schedules import Schedules, UnknownScheduleError
from local.cloud.settings import CloudSettings
from local.cloud.site import PAGE_HEADERS
from local.cloud.sqs import Queues, SqsError

_OURS = ("worker", "api")
_NOT_PASSED_ON = frozenset(
    {"connection", "content-length", "host", "keep-alive", "transfer-encoding", "upgrade", "date", "server"}
)


class Dev:
    """The endpoints below `/dev`."""

    def __init__(
        self,
        *,
        settings: CloudSettings,
        functions: Sequence[Function],
        schedules: Schedules,
        faults: ContainerFaults,
        queues: Queues,
        session: aiohttp.ClientSession,
    ) -> None:
        self._settings = settings
        self._functions = functions
        self._schedules = schedules
        self._faults = faults
        self._queues = queues
        self._session = session
        self.is_ready = False

    def add_to(self, app: web.Application) -> None:
        """Put the endpoints into *app*."""
        app.router.add_get("/dev", self._page)
        app.router.add_get("/dev/", self._page)
        app.router.add_get("/dev/cloud/health", self._health)
        app.router.add_get("/dev/schedules", self._list_schedules)
        app.router.add_post("/dev/schedules/{name}/run", self._run_schedule)
        app.router.add_get("/dev/clock", self._get_clock)
        app.router.add_post("/dev/clock", self._move_clock)
        app.router.add_get("/dev/faults", self._list_faults)
        app.router.add_post("/dev/faults", self._add_fault)
        app.router.add_delete("/dev/faults", self._clear_faults)
        app.router.add_route("*", "/dev/{rest:.*}", self._pass_on)

    async def _health(self, _request: web.Request) -> web.Response:
        containers = [
            {"name": one.name, "pid": one.pid, "state": one.state}
            for function in self._functions
            for one in function.list_containers()
        ]
        return web.json_response(
            {"ready": self.is_ready, "containers": containers}, status=200 if self.is_ready else 503
        )

    async def _page(self, _request: web.Request) -> web.Response:
        queues: list[tuple[str, dict[str, str]]] = []
        for name in [function.queue_name for function in self._functions if function.queue_name]:
            try:
                queues.append((name, await self._queues.figures(name)))
            except SqsError:
                queues.append((name, {}))
        text = dev_page.render(
            functions=self._functions,
            schedules=self._schedules.list_specs(),
            queues=queues,
            faults=await self._all_faults(),
            offset_s=clock.read_offset_s(self._settings.clock_file),
        )
        return web.Response(
            text=text, content_type="text/html", headers={**PAGE_HEADERS, "Cache-Control": "no-store"}
        )

    async def _list_schedules(self, _request: web.Request) -> web.Response:
        specs = self._schedules.list_specs()
        return web.json_response(
            {"items": [{"name": spec.name, "expression": spec.expression} for spec in specs]}
        )

    async def _run_schedule(self, request: web.Request) -> web.Response:
        if refusal := _refuse_foreign(request):
            return refusal
        name = request.match_info["name"]
        try:
            outcome = await self._schedules.run_now(name)
        except UnknownScheduleError:
            known = ", ".join(spec.name for spec in self._schedules.list_specs())
            return problem(request, 404, "NOT_FOUND", f"There is no schedule {name}; known: {known}.")
        if outcome.failure is not None:
            detail = f"The schedule {name} failed: {outcome.payload.decode(errors='replace')[:2000]}"
            return problem(request, 502, "INTERNAL_ERROR", detail)
        return web.json_response({"name": name, "result": json.loads(outcome.payload or b"null")})

    async def _get_clock(self, _request: web.Request) -> web.Response:
        return web.json_response({"offsetSeconds": clock.read_offset_s(self._settings.clock_file)})

    async def _move_clock(self, request: web.Request) -> web.Response:
        if refusal := _refuse_foreign(request):
            return refusal
        wish = await _read_object(request)
        if wish is None:
            return problem(request, 400, "BAD_REQUEST", "The body is not a JSON object.")
        try:
            offset_s = clock.advance(self._settings.clock_file, wish.get("advanceSeconds"))
        except clock.ClockRefusedError as error:
            return problem(request, 422, "VALIDATION_ERROR", str(error))
        return _done(request, {"offsetSeconds": offset_s})

    async def _list_faults(self, _request: web.Request) -> web.Response:
        return web.json_response({"items": await self._all_faults()})

    async def _add_fault(self, request: web.Request) -> web.StreamResponse:
        if refusal := _refuse_foreign(request):
            return refusal
        wish = await _read_object(request)
        if wish is None:
            return problem(request, 400, "BAD_REQUEST", "The body is not a JSON object.")
        if wish.get("target") not in _OURS:
            status, body = await self._ask_world("POST", "/dev/faults", wish)
            return _done(request, body, status) if status < 300 else _passed(request, status, body)
        try:
            fault = self._faults.put(wish)
        except FaultRefusedError as error:
            return problem(request, 422, "VALIDATION_ERROR", str(error))
        return _done(request, fault.as_item(), 201)

    async def _clear_faults(self, request: web.Request) -> web.Response:
        if refusal := _refuse_foreign(request):
            return refusal
        self._faults.clear()
        status, body = await self._ask_world("DELETE", "/dev/faults", None)
        return web.Response(status=204) if status < 300 else _passed(request, status, body)

    async def _all_faults(self) -> list[dict[str, Any]]:
        status, body = await self._ask_world("GET", "/dev/faults", None)
        theirs = body.get("items", []) if status == 200 and isinstance(body, dict) else []
        return [*self._faults.list_items(), *theirs]

    async def _ask_world(self, method: str, path: str, body: object) -> tuple[int, Any]:
        try:
            async with self._session.request(method, self._settings.world_url + path, json=body) as answer:
                data = await answer.read()
                return answer.status, json.loads(data) if data else {}
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return 502, {}

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        if request.method not in ("GET", "HEAD") and (refusal := _refuse_foreign(request)):
            return refusal
        headers = {
            name: value for name, value in request.headers.items() if name.lower() not in _NOT_PASSED_ON
        }
        try:
            async with self._session.request(
                request.method,
                self._settings.world_url + request.raw_path,
                headers=headers,
                data=await request.read() or None,
                allow_redirects=False,
            ) as answer:
                kept = [
                    (name, value)
                    for name, value in answer.headers.items()
                    if name.lower() not in _NOT_PASSED_ON
                ]
                return web.Response(status=answer.status, headers=dict(kept), body=await answer.read())
        except (aiohttp.ClientError, TimeoutError):
            return problem(
                request,
                502,
                "INTERNAL_ERROR",
                "The world (the stand-ins) does not answer.",
                {"Retry-After": "1"},
            )


async def _read_object(request: web.Request) -> dict[str, Any] | None:
    """The body as a JSON object; of the page's own forms, numbers are numbers and empty fields absent."""
    text = (await request.read()).decode(errors="replace")
    if _is_form(request):
        return {name: _from_field(value) for name, value in parse_qsl(text)}
    try:
        body = json.loads(text)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _is_form(request: web.Request) -> bool:
    """Whether a browser sent one of the page's forms; other clients name that type without meaning it."""
    return request.content_type == "application/x-www-form-urlencoded" and "text/html" in request.headers.get(
        "Accept", ""
    )


def _from_field(value: str) -> object:
    try:
        return json.loads(value) if value[0].isdigit() else value
    except ValueError:
        return value


def _refuse_foreign(request: web.Request) -> web.Response | None:
    """A refusal for a browser on a page of another origin, None for everybody else."""
    origin = request.headers.get("Origin")
    if origin is None or urlsplit(origin).netloc == request.host:
        return None
    return problem(request, 403, "FORBIDDEN", "Only pages of this origin may do that.")


def _done(request: web.Request, body: object, status: int = 200) -> web.Response:
    """The answer to a program, or back to the page for its form."""
    if _is_form(request):
        return web.Response(status=303, headers={"Location": "/dev"})
    return web.json_response(body, status=status)


def _passed(request: web.Request, status: int, body: object) -> web.Response:
    if isinstance(body, dict) and body:
        return web.json_response(body, status=status, content_type="application/problem+json")
    return problem(
        request, status, "INTERNAL_ERROR", "The world (the stand-ins) does not answer.", {"Retry-After": "1"}
    )
