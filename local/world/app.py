"""Puts the world together: the stand-ins over one SQLite file, the fault proxies, and the table of routes.

Start order: database, stand-ins, HTTP, proxies; it is up when `GET /dev/world/health` says 200. A port that
is taken ends the start with OSError.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

from local.world.aws_front import AwsFront
from local.world.delivery import Deliveries
from local.world.dev import DevFaults, DevSheets, DevTurnstile
from local.world.dev_sent import DevSent
from local.world.faults import FaultBook, InvalidInput
from local.world.google_oauth import GoogleAccounts, OAuthError
from local.world.http_proxy import HttpLink, HttpProxy
from local.world.sent_store import SentStore
from local.world.sheets_api import SheetsApi
from local.world.sheets_quota import Quota
from local.world.sheets_store import SheetsStore
from local.world.store import open_database
from local.world.tcp_proxy import HOST, TcpProxy
from local.world.turnstile import Turnstile

if TYPE_CHECKING:
    from local.world.settings import WorldSettings

_LARGEST_BODY_BYTES = 64 * 1024 * 1024
_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "PAYLOAD_TOO_LARGE", 503: "SERVICE_UNAVAILABLE"}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class World:
    """Everything that runs in the process; start() and close() are called once each."""

    def __init__(self, settings: WorldSettings) -> None:
        self.settings = settings
        self._database = open_database(settings.data_dir)
        self._turnstile = Turnstile(self._database)
        own_uri = f"http://{HOST}:{settings.port}/google/token"
        self._accounts = GoogleAccounts(self._database, (settings.token_uri, own_uri))
        self._sheets = SheetsStore(self._database)
        self._api = SheetsApi(self._sheets, self._accounts, Quota(settings.quota_per_minute))
        self._deliveries = Deliveries(SentStore(self._database))
        self._aws: AwsFront | None = None
        if settings.aws_port is not None:
            self._aws = AwsFront(
                settings.aws_port, settings.ses_identities, self._deliveries, self._find_link
            )
        self._proxies = {target: self._make_proxy(target) for target in settings.proxies}
        self._book = FaultBook(self._proxies)
        self._runner = web.AppRunner(self._make_app(), access_log=None, keepalive_timeout=600)

    async def start(self) -> None:
        """
        Listen everywhere.

        Raises:
            OSError: a port is taken.
        """
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self.settings.port, backlog=1024, shutdown_timeout=1).start()
        for proxy in self._proxies.values():
            await proxy.start()

    async def close(self) -> None:
        """Stop listening, break what is open, close the file."""
        for proxy in self._proxies.values():
            await proxy.close()
        await self._runner.cleanup()
        if self._aws is not None:
            await self._aws.close()
        self._database.close()

    def _find_link(self, port: int) -> HttpLink | None:
        """The proxies' connection that reaches us from *port*, None for somebody who came directly."""
        for proxy in self._proxies.values():
            link = proxy.links_by_port.get(port)
            if proxy.upstream_port == self.settings.port and isinstance(link, HttpLink):
                return link
        return None

    def _make_proxy(self, target: str) -> TcpProxy:
        wanted = self.settings.proxies[target]
        if wanted.kind == "tcp":
            return TcpProxy(wanted.listen_port, wanted.upstream_port)
        hook = self._api.record_swallowed if target == "sheets" else None
        return HttpProxy(target, wanted.listen_port, wanted.upstream_port, hook)

    def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[_problems], client_max_size=_LARGEST_BODY_BYTES)
        captcha, faults, sheets = (
            DevTurnstile(self._turnstile),
            DevFaults(self._book),
            DevSheets(self._sheets),
        )
        row = "/dev/sheets/{id}/rows/{n:[0-9]{1,9}}"
        app.router.add_routes(
            [
                web.post("/turnstile/v0/siteverify", self._siteverify),
                web.post("/google/token", self._token),
                web.route("*", "/google/v4/spreadsheets/{rest:.*}", self._api.handle),
                web.post("/dev/turnstile/token", captcha.issue),
                web.get("/dev/turnstile/api.js", captcha.script),
                web.get("/dev/sheets/{id}", sheets.show),
                web.post("/dev/sheets/{id}", sheets.create),
                web.put(row, sheets.put_row),
                web.post(row, sheets.insert_row),
                web.delete(row, sheets.delete_row),
                *DevSent(self._deliveries).routes(),
                web.get("/dev/faults", faults.show),
                web.post("/dev/faults", faults.put),
                web.delete("/dev/faults", faults.clear),
                web.get("/dev/world/health", self._health),
                web.get("/dev/world/service-account", self._service_account),
            ]
        )
        if self._aws is not None:
            for path in ("/", "/v2/email/{rest:.*}"):
                app.router.add_route("*", path, self._aws.handle)
        return app

    async def _siteverify(self, request: web.Request) -> web.Response:
        fields = await _form_or_json(request)
        answer = self._turnstile.verify(fields)
        return web.json_response(answer, status=400 if fields is None else 200)

    async def _token(self, request: web.Request) -> web.Response:
        try:
            return web.json_response(self._accounts.exchange(await _form_or_json(request) or {}))
        except OAuthError as error:
            return web.json_response(error.body, status=400)

    async def _service_account(self, _request: web.Request) -> web.Response:
        return web.json_response(self._accounts.service_account())

    async def _health(self, _request: web.Request) -> web.Response:
        down = [target for target, proxy in self._proxies.items() if not proxy.is_up]
        return web.json_response(
            {"status": "down" if down else "ok", "down": down}, status=503 if down else 200
        )


async def _form_or_json(request: web.Request) -> dict[str, object] | None:
    """The body's fields, None if it is neither a form nor a JSON object."""
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read())
        except ValueError:
            return None
        return body if isinstance(body, dict) else None
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return dict(await request.post())
    return None


@web.middleware
async def _problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what a /dev handler refuses as problem+json (RFC 9457)."""
    try:
        return await handler(request)
    except InvalidInput as error:
        errors = [
            {"pointer": pointer, "code": code, "detail": text} for pointer, code, text in error.problems
        ]
        return _problem(422, "Validation error", "VALIDATION_ERROR", str(error), errors)
    except web.HTTPException as error:
        if not request.path.startswith("/dev"):
            raise
        code = _CODES.get(error.status, "BAD_REQUEST")
        return _problem(error.status, error.reason, code, error.text or error.reason, [])


def _problem(status: int, title: str, code: str, detail: str, errors: list[dict[str, str]]) -> web.Response:
    body: dict[str, object] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = errors
    return web.json_response(body, status=status, content_type="application/problem+json")
