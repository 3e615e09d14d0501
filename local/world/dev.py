"""The /dev endpoints that show and steer the stand-ins: sheets as a person sees them, captcha tokens, faults.

Wrong input raises InvalidInput, which app.py answers as 422 problem+json; what is not there is 404.
"""

from __future__ import annotations

import json
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, Any

from aiohttp import web

from local.world.faults import FaultBook, InvalidInput, parse_fault
from local.world.sheets_grid import MAX_CELL_CHARACTERS, Book, Tab

if TYPE_CHECKING:
    from local.world.sheets_store import SheetsStore
    from local.world.turnstile import Turnstile

_ANY_ORIGIN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
_LAST_ROW = 1_000_000


async def read_json(request: web.Request) -> Any:
    """The body as JSON whatever its type says; an empty body is an empty object."""
    raw = await request.read()
    try:
        return json.loads(raw) if raw.strip() else {}
    except ValueError:
        raise InvalidInput(("", "json", "The body is not JSON.")) from None


class DevTurnstile:
    """Tokens and the widget."""

    def __init__(self, turnstile: Turnstile) -> None:
        self._turnstile = turnstile
        self._script = resources.files(__package__).joinpath("widget.js").read_bytes()

    async def issue(self, request: web.Request) -> web.Response:
        """`POST /dev/turnstile/token`."""
        return web.json_response(
            {"token": self._turnstile.issue(await read_json(request))}, headers=_ANY_ORIGIN
        )

    async def script(self, _request: web.Request) -> web.Response:
        """`GET /dev/turnstile/api.js`."""
        return web.Response(
            body=self._script,
            content_type="text/javascript",
            charset="utf-8",
            headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff", **_ANY_ORIGIN},
        )


class DevFaults:
    """`/dev/faults`."""

    def __init__(self, book: FaultBook) -> None:
        self._book = book

    async def show(self, _request: web.Request) -> web.Response:
        """`GET`: the faults in force."""
        return web.json_response({"items": self._book.items()})

    async def put(self, request: web.Request) -> web.Response:
        """`POST`: a new fault; `flush` happens at once and is not kept."""
        fault = parse_fault(await read_json(request), self._book.proxies)
        if fault.mode == "flush":
            try:
                await self._book.proxies[fault.target].begin_fault(fault)
            except (OSError, TimeoutError):
                raise web.HTTPServiceUnavailable(text=f"{fault.target} cannot be reached.") from None
        else:
            await self._book.put(fault)
        return web.json_response(fault.describe(), status=201)

    async def clear(self, _request: web.Request) -> web.Response:
        """`DELETE`: all of them end."""
        await self._book.clear()
        return web.Response(status=204)


class DevSheets:
    """`/dev/sheets/{id}`: a person at the spreadsheet."""

    def __init__(self, store: SheetsStore) -> None:
        self._store = store

    async def show(self, request: web.Request) -> web.Response:
        """`GET`: every tab's rows (row 1 first) and every API call."""
        book = self._find(request)
        tabs = [
            {"title": tab.title, "rows": [list(tab.rows.get(n, ())) for n in range(1, tab.last_row + 1)]}
            for tab in book.tabs
        ]
        shown = {"tabs": tabs, "calls": self._store.calls(book.id)}
        return web.json_response(shown, dumps=partial(json.dumps, ensure_ascii=False))

    async def create(self, request: web.Request) -> web.Response:
        """`POST`: `{title?, permission?}` makes a spreadsheet, or changes whether the account may use it."""
        body = await read_json(request)
        if not isinstance(body, dict) or type(body.get("permission", True)) is not bool:
            raise InvalidInput(("/permission", "type", "The permission must be true or false."))
        spreadsheet_id = request.match_info["id"]
        title = str(body.get("title") or spreadsheet_id)
        book = self._store.create(spreadsheet_id, title, is_shared=body.get("permission", True))
        return web.json_response(
            {"id": book.id, "title": book.title, "permission": book.is_shared}, status=201
        )

    async def put_row(self, request: web.Request) -> web.Response:
        """`PUT …/rows/{n}`: `{cells: […]}` takes the place of the row; the grid grows if it ends before."""
        body = await read_json(request)
        cells = body.get("cells") if isinstance(body, dict) else None
        if not isinstance(cells, list) or not all(_is_cell(cell) for cell in cells):
            raise InvalidInput(
                ("/cells", "type", "The cells must be a list of texts, numbers and truth values.")
            )
        draft, tab, n = self._draft(request)
        tab.row_count = max(tab.row_count, n)
        tab.column_count = max(tab.column_count, len(cells))
        tab.put_row(n, ["" if cell is None else cell for cell in cells])
        return self._saved(draft, tab, n)

    async def insert_row(self, request: web.Request) -> web.Response:
        """`POST …/rows/{n}`: an empty row there; what was there moves down."""
        draft, tab, n = self._draft(request)
        tab.row_count = max(tab.row_count, n - 1)
        tab.insert_rows(n, 1)
        return self._saved(draft, tab, n, status=201)

    async def delete_row(self, request: web.Request) -> web.Response:
        """`DELETE …/rows/{n}`: the row is gone; what was below moves up."""
        draft, tab, n = self._draft(request)
        if n > tab.row_count:
            raise web.HTTPNotFound(text=f"Row {n} is outside the grid.")
        tab.delete_rows(n, n)
        tab.row_count = max(tab.row_count, 1)
        self._store.commit(draft)
        return web.Response(status=204)

    def _find(self, request: web.Request) -> Book:
        book = self._store.find(request.match_info["id"])
        if book is None:
            raise web.HTTPNotFound(text=f"There is no spreadsheet '{request.match_info['id']}'.")
        return book

    def _draft(self, request: web.Request) -> tuple[Book, Tab, int]:
        draft = self._find(request).copy()
        tab = draft.tab_titled(request.query.get("tab"))
        if tab is None:
            raise web.HTTPNotFound(text=f"There is no tab '{request.query['tab']}'.")
        n = int(request.match_info["n"])
        if not 1 <= n <= _LAST_ROW:
            raise InvalidInput(("", "row", f"The row must be from 1 to {_LAST_ROW}."))
        return draft, tab, n

    def _saved(self, draft: Book, tab: Tab, n: int, status: int = 200) -> web.Response:
        self._store.commit(draft)
        return web.json_response({"row": n, "cells": list(tab.rows.get(n, ()))}, status=status)


def _is_cell(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_CELL_CHARACTERS
    return value is None or isinstance(value, bool | int | float)
