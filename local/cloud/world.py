"""
The world (stand-ins and fault proxies) as the cloud speaks to it: asks, requests that are passed on, reports
of deaths.

A world that does not answer is a 502 here, never an exception.
"""

import asyncio
import json
from typing import Any

import aiohttp
from aiohttp import web

from local.cloud.problems import problem

_NOT_PASSED_ON = frozenset(
    {"connection", "content-length", "host", "keep-alive", "transfer-encoding", "upgrade", "date", "server"}
)


class World:
    """The world at *url*."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session
        self._reports: set[asyncio.Task[tuple[int, Any]]] = set()

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and decoded body of the answer; 502 and an empty object without one."""
        try:
            async with self._session.request(method, self._url + path, json=body) as answer:
                data = await answer.read()
                return answer.status, json.loads(data) if data else {}
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return 502, {}

    async def list_items(self, path: str) -> list[dict[str, Any]]:
        """The `items` that *path* answers, none without an answer."""
        status, body = await self.ask("GET", path)
        items = body.get("items", []) if status == 200 and isinstance(body, dict) else []
        return list(items)

    def report_death(self, begun_at: float) -> None:
        """Say that a container died in the middle of what it had begun at *begun_at* (Unix seconds)."""
        report = asyncio.get_running_loop().create_task(
            self.ask("POST", "/dev/world/deaths", {"since": begun_at})
        )
        self._reports.add(report)
        report.add_done_callback(self._reports.discard)

    async def pass_on(self, request: web.Request) -> web.Response:
        """The world's answer to *request*."""
        try:
            async with self._session.request(
                request.method,
                self._url + request.raw_path,
                headers={name: value for name, value in request.headers.items() if _is_passed_on(name)},
                data=await request.read() or None,
                allow_redirects=False,
            ) as answer:
                kept = {name: value for name, value in answer.headers.items() if _is_passed_on(name)}
                return web.Response(status=answer.status, headers=kept, body=await answer.read())
        except (aiohttp.ClientError, TimeoutError):
            return no_answer(request)


def no_answer(request: web.Request) -> web.Response:
    """What a client is told when the world is away."""
    detail = "The world (the stand-ins) does not answer."
    return problem(request, 502, "INTERNAL_ERROR", detail, {"Retry-After": "1"})


def _is_passed_on(header: str) -> bool:
    return header.lower() not in _NOT_PASSED_ON
