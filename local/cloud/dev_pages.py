"""
The pages below `/dev`: gathers what they show, answers with them, and reads the form for faults.

They need no script, load nothing from elsewhere, and show a mail's HTML in a frame that runs none. What they
look like is `dev_views`'.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import quote

from aiohttp import web

from local.cloud import clock, dev_views
from local.cloud.containers import Function
from local.cloud.dev_views import QueueFigures
from local.cloud.faults import TARGETS as OURS
from local.cloud.schedules import Schedules
from local.cloud.settings import CloudSettings
from local.cloud.sqs import Queues, SqsError
from local.cloud.world import World

_SHOWN = 50
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_OPTION_OF = {"status": ("error",), "delaySeconds": ("slow",)}


class DevPages:
    """The handlers of the pages."""

    def __init__(
        self,
        settings: CloudSettings,
        functions: Sequence[Function],
        schedules: Schedules,
        queues: Queues,
        world: World,
        list_faults: Callable[[], Awaitable[list[dict[str, Any]]]],
    ) -> None:
        self._settings = settings
        self._functions = functions
        self._schedules = schedules
        self._queues = queues
        self._world = world
        self._list_faults = list_faults

    def add_to(self, app: web.Application) -> None:
        """Put the pages into *app*."""
        app.router.add_get("/dev", self._overview)
        app.router.add_get("/dev/", self._overview)
        app.router.add_get("/dev/page.css", self._style)
        app.router.add_get("/dev/mail/{id}/page", self._mail)
        app.router.add_get("/dev/sheets/{id}/page", self._sheet)

    async def _overview(self, _request: web.Request) -> web.Response:
        world = self._world
        mails, texts, alerts, sheet, faults, queues = await asyncio.gather(
            world.list_items(f"/dev/mail?limit={_SHOWN}"),
            world.list_items(f"/dev/sms?limit={_SHOWN}"),
            world.list_items(f"/dev/alerts?limit={_SHOWN}"),
            world.ask("GET", "/dev/sheets/demo"),
            self._list_faults(),
            self._figures(),
        )
        view = dev_views.Overview(
            mails=mails,
            texts=texts,
            alerts=alerts,
            sheet=sheet[1] if sheet[0] == 200 else {},
            faults=faults,
            queues=queues,
            functions=self._functions,
            schedules=self._schedules.list_specs(),
            offset_s=clock.read_offset_s(self._settings.clock_file),
        )
        return _page(dev_views.overview(view))

    async def _mail(self, request: web.Request) -> web.Response:
        message_id = request.match_info["id"]
        status, mail = await self._world.ask("GET", f"/dev/mail/{quote(message_id, safe='')}")
        if status != 200:
            return refusal(404, f"There is no mail {message_id}.")
        return _page(dev_views.mail(mail))

    async def _sheet(self, request: web.Request) -> web.Response:
        sheet_id = request.match_info["id"]
        status, sheet = await self._world.ask("GET", f"/dev/sheets/{quote(sheet_id, safe='')}")
        if status != 200:
            return refusal(404, f"There is no spreadsheet {sheet_id}.")
        return _page(dev_views.sheet(sheet_id, sheet))

    async def _style(self, _request: web.Request) -> web.Response:
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return web.Response(text=dev_views.style(), content_type="text/css", headers=headers)

    async def _figures(self) -> list[QueueFigures]:
        names = [function.queue_name for function in self._functions if function.queue_name]
        return list(await asyncio.gather(*(self._figures_of(name) for name in names)))

    async def _figures_of(self, name: str) -> QueueFigures:
        try:
            own, dead = await asyncio.gather(self._queues.figures(name), self._queues.figures(f"{name}-dlq"))
        except SqsError:
            own, dead = {}, {}
        return QueueFigures(name, own, dead)


def read_fault_form(fields: dict[str, Any]) -> dict[str, Any]:
    """
    The body of `POST /dev/faults` that the page's form means.

    Its buttons send `fault=target/mode`, its fields are there for every fault; those that do not go with the
    chosen one are left out.
    """
    wish = dict(fields)
    target, _, mode = str(wish.pop("fault", "/")).partition("/")
    for name, modes in _OPTION_OF.items():
        if mode not in modes:
            wish.pop(name, None)
    if target not in OURS or target == "api":
        wish.pop("queue", None)
    if mode == "flush":
        wish = {}
    return {"target": target, "mode": mode, **wish}


def refusal(status: int, detail: str) -> web.Response:
    """The page for somebody whose wish was refused."""
    return _page(dev_views.refusal(detail), status)


def _page(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)
