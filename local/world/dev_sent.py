"""`/dev/mail`, `/dev/sms`, `/dev/alerts`: what people would have got, the newest last; and reports of deaths.

`?limit=` leaves the newest so many. A mail's HTML is served with a policy that runs no script and loads
nothing from elsewhere; its links open in a tab of their own.
"""

from __future__ import annotations

import asyncio
import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import web

from local.world.dev import read_json
from local.world.faults import InvalidInput

if TYPE_CHECKING:
    from local.world.delivery import Deliveries
    from local.world.sent_store import Kind

_PATHS: dict[str, Kind] = {"/dev/mail": "mail", "/dev/sms": "sms", "/dev/alerts": "alert"}
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:;"
    " style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_HEAD = re.compile(r"<head[^>]*>|$", re.IGNORECASE)
_LINKS_LEAVE = '<base target="_blank">'
_NOTICES_ITS_SOCKETS_S = 0.1
_dumps = partial(json.dumps, ensure_ascii=False)


class DevSent:
    """The three lists."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries
        self._store = deliveries.store

    def routes(self) -> list[web.RouteDef]:
        """Every address of them."""
        routes = [web.post("/dev/world/deaths", self.report_death), web.get("/dev/mail/{id}/html", self.html)]
        for path, kind in _PATHS.items():
            routes += [
                web.get(path, partial(self.list, kind)),
                web.delete(path, partial(self.empty, kind)),
                web.get(f"{path}/{{id}}", partial(self.show, kind)),
            ]
        return routes

    async def list(self, kind: Kind, request: web.Request) -> web.Response:
        """`GET`: all, or the newest `?limit=`."""
        text = request.query.get("limit")
        if text is not None and not (text.isascii() and text.isdigit() and 1 <= len(text) <= 9):
            raise InvalidInput(("", "limit", "The limit must be a whole number."))
        items = self._store.items(kind, None if text is None else int(text))
        return web.json_response({"items": items}, dumps=_dumps)

    async def show(self, kind: Kind, request: web.Request) -> web.Response:
        """`GET …/{id}`."""
        return web.json_response(self._find(kind, request), dumps=_dumps)

    async def html(self, request: web.Request) -> web.Response:
        """`GET /dev/mail/{id}/html`: as its reader sees it."""
        text = str(self._find("mail", request)["html"])
        if not text:
            raise web.HTTPNotFound(text="This mail has no HTML, only text.")
        text = _HEAD.sub(lambda head: head[0] + _LINKS_LEAVE, text, count=1)
        headers = {
            "Content-Security-Policy": _MAIL_POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }
        return web.Response(text=text, content_type="text/html", charset="utf-8", headers=headers)

    async def empty(self, kind: Kind, _request: web.Request) -> web.Response:
        """`DELETE`: forget them."""
        self._store.empty(kind)
        return web.Response(status=204)

    async def report_death(self, request: web.Request) -> web.Response:
        """`POST /dev/world/deaths` `{since}`: a container died in the middle of what it then began."""
        body = await read_json(request)
        since = body.get("since") if isinstance(body, dict) else None
        if not isinstance(since, int | float):
            raise InvalidInput(("/since", "type", "since must be a number of Unix seconds."))
        await asyncio.sleep(
            _NOTICES_ITS_SOCKETS_S
        )  # they close with the process, and we may not have heard yet
        self._deliveries.client_died(float(since))
        return web.Response(status=204)

    def _find(self, kind: Kind, request: web.Request) -> dict[str, Any]:
        found = self._store.find(kind, request.match_info["id"])
        if found is None:
            raise web.HTTPNotFound(text=f"There is no {kind} '{request.match_info['id']}'.")
        return found
