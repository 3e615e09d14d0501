"""
`/dev`: what a developer and the tests may look at and break. Schedules, the clock and containers are ours,
the rest is the world's and passed on to it; the pages are `dev_pages`'.

Only for `make run`; a page of another origin may not change anything here, but may get a captcha token, as it
would from Cloudflare.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from local.cloud import clock, dev_pages
from local.cloud.containers import Function
from local.cloud.dev_pages import DevPages
from local.cloud.faults import TARGETS as OURS
from local.cloud.faults import ContainerFaults, FaultRefusedError
from local.cloud.problems import problem
from local.cloud.schedules import Schedules, UnknownScheduleError
from local.cloud.settings import CloudSettings
from local.cloud.sqs import Queues
from local.cloud.world import World, no_answer
from local.world.faults import TARGETS as THEIRS

_FOR_EVERY_PAGE = "/dev/turnstile/token"


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
        world: World,
    ) -> None:
        self._settings = settings
        self._functions = functions
        self._schedules = schedules
        self._faults = faults
        self._world = world
        self._clock_moves = asyncio.Lock()
        self._pages = DevPages(settings, functions, schedules, queues, world, self._all_faults)
        self.is_ready = False

    def add_to(self, app: web.Application) -> None:
        """Put the endpoints into *app*."""
        self._pages.add_to(app)
        app.router.add_get("/dev/cloud/health", self._health)
        app.router.add_get("/dev/schedules", self._list_schedules)
        app.router.add_post("/dev/schedules/{name}/run", self._run_schedule)
        app.router.add_get("/dev/clock", self._get_clock)
        app.router.add_post("/dev/clock", self._move_clock)
        app.router.add_get("/dev/faults", self._list_faults)
        app.router.add_post("/dev/faults", self._add_fault)
        app.router.add_delete("/dev/faults", self._clear_faults)
        app.router.add_post("/dev/faults/clear", self._clear_faults)  # a form cannot send DELETE
        app.router.add_route("*", r"/dev/{rest:[\s\S]*}", self._pass_on)

    async def _health(self, _request: web.Request) -> web.Response:
        containers = [
            {"name": one.name, "pid": one.pid, "state": one.state}
            for function in self._functions
            for one in function.list_containers()
        ]
        return web.json_response(
            {"ready": self.is_ready, "containers": containers}, status=200 if self.is_ready else 503
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
            return _refused(request, 404, "NOT_FOUND", f"There is no schedule {name}; known: {known}.")
        if outcome.failure is not None:
            detail = f"The schedule {name} failed: {outcome.payload.decode(errors='replace')[:2000]}"
            return _refused(request, 502, "INTERNAL_ERROR", detail)
        return _done(request, {"name": name, "result": json.loads(outcome.payload or b"null")}, "schedules")

    async def _get_clock(self, _request: web.Request) -> web.Response:
        return web.json_response({"offsetSeconds": clock.read_offset_s(self._settings.clock_file)})

    async def _move_clock(self, request: web.Request) -> web.Response:
        if refusal := _refuse_foreign(request):
            return refusal
        wish = await _read_object(request)
        if wish is None:
            return problem(request, 400, "BAD_REQUEST", "The body is not a JSON object.")
        workers = [function for function in self._functions if function.kind == "worker"]
        try:
            async with self._clock_moves, clock.workers_at_rest(workers):
                offset_s = clock.advance(self._settings.clock_file, wish.get("advanceSeconds"))
        except clock.ClockRefusedError as error:
            return _refused(request, 422, "VALIDATION_ERROR", str(error), "advanceSeconds")
        return _done(request, {"offsetSeconds": offset_s}, "clock")

    async def _list_faults(self, _request: web.Request) -> web.Response:
        return web.json_response({"items": await self._all_faults()})

    async def _add_fault(self, request: web.Request) -> web.Response:
        if refusal := _refuse_foreign(request):
            return refusal
        wish = await _read_object(request)
        if wish is None:
            return problem(request, 400, "BAD_REQUEST", "The body is not a JSON object.")
        if _is_form(request):
            wish = dev_pages.read_fault_form(wish)
        target = wish.get("target")
        if target not in (*OURS, *THEIRS):
            known = ", ".join((*THEIRS, *OURS))
            return _refused(
                request, 422, "VALIDATION_ERROR", f"The target must be one of: {known}.", "target"
            )
        if target not in OURS:
            status, body = await self._world.ask("POST", "/dev/faults", wish)
            return _done(request, body, "faults", status) if status < 300 else _passed(request, status, body)
        try:
            fault = self._faults.put(wish)
        except FaultRefusedError as error:
            return _refused(request, 422, "VALIDATION_ERROR", str(error), error.field)
        return _done(request, fault.as_item(), "faults", 201)

    async def _clear_faults(self, request: web.Request) -> web.Response:
        if refusal := _refuse_foreign(request):
            return refusal
        self._faults.clear()
        status, body = await self._world.ask("DELETE", "/dev/faults")
        if status >= 300:
            return _passed(request, status, body)
        return _done(request, None, "faults") if _is_form(request) else web.Response(status=204)

    async def _all_faults(self) -> list[dict[str, Any]]:
        return [*self._faults.list_items(), *await self._world.list_items("/dev/faults")]

    async def _pass_on(self, request: web.Request) -> web.Response:
        changes = request.method not in ("GET", "HEAD") and request.path != _FOR_EVERY_PAGE
        if changes and (refusal := _refuse_foreign(request)):
            return refusal
        return await self._world.pass_on(request)


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
        return json.loads(value) if value[0] in "-0123456789" else value
    except ValueError:
        return value


def _refuse_foreign(request: web.Request) -> web.Response | None:
    """A refusal for a browser on a page of another origin, None for everybody else."""
    origin = request.headers.get("Origin")
    if origin is None or urlsplit(origin).netloc == request.host:
        return None
    return problem(request, 403, "FORBIDDEN", "Only pages of this origin may do that.")


def _done(request: web.Request, body: object, section: str, status: int = 200) -> web.Response:
    """The answer to a program, or back to *section* of the page for its form."""
    if _is_form(request):
        return web.Response(status=303, headers={"Location": f"/dev#{section}"})
    return web.json_response(body, status=status)


def _refused(request: web.Request, status: int, code: str, detail: str, field: str = "") -> web.Response:
    """A problem for a program, a page for a form."""
    if _is_form(request):
        return dev_pages.refusal(status, detail)
    errors = [{"pointer": f"/{field}", "code": field, "detail": detail}] if field else []
    return problem(request, status, code, detail, errors=errors)


def _passed(request: web.Request, status: int, body: object) -> web.Response:
    """The world's refusal."""
    if not isinstance(body, dict) or not body:
        return no_answer(request)
    if _is_form(request):
        return dev_pages.refusal(status, str(body.get("detail", "")))
    return web.json_response(body, status=status, content_type="application/problem+json")
