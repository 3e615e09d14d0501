"""The Sheets API over HTTP: which method an address means, who may call it, how often, and what is logged.

Order as Google's front end has it: address, credentials, quota, spreadsheet, permission, then the method
itself (pure, in sheets_values and sheets_batch) on a draft. Every call ends in the log of `GET
/dev/sheets/{id}`, refused ones too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from aiohttp import web

from local.world import sheets_batch, sheets_values
from local.world.sheets_fields import parse_fields, select
from local.world.sheets_grid import Book, GoogleError, invalid
from local.world.sheets_store import LoggedCall
from local.world.sheets_values import Outcome

if TYPE_CHECKING:
    from local.world.faults import Fault
    from local.world.google_oauth import GoogleAccounts
    from local.world.sheets_quota import Quota
    from local.world.sheets_store import SheetsStore

PREFIX = "/google/v4/spreadsheets/"
_READS = ("spreadsheets.get", "spreadsheets.values.get", "spreadsheets.values.batchGet")
_VERBS = {
    ("GET", ""): "get",
    ("PUT", ""): "update",
    ("POST", "append"): "append",
    ("POST", "clear"): "clear",
}
_COLLECTION = {("GET", "batchGet"), ("POST", "batchUpdate")}
Form = dict[str, str]
Operation = Callable[[Book, "ApiCall", Form, object], Outcome]


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call's meaning: Google's name of the method, the spreadsheet, and the range in the address."""

    method: str
    spreadsheet_id: str
    range: str = ""

    @property
    def is_write(self) -> bool:
        """Whether it counts as a write request and needs a scope that may write."""
        return self.method not in _READS


def read_address(http_method: str, raw_path: str) -> ApiCall | None:
    """The call that an address (still percent-encoded) means; None if there is no such method."""
    path = raw_path.partition("?")[0]
    if not path.startswith(PREFIX):
        return None
    head, *rest = path.removeprefix(PREFIX).split("/")
    spreadsheet_id, _, verb = unquote(head).partition(":")
    if not rest:
        if (http_method, verb) == ("GET", ""):
            return ApiCall("spreadsheets.get", spreadsheet_id)
        is_batch = (http_method, verb) == ("POST", "batchUpdate")
        return ApiCall("spreadsheets.batchUpdate", spreadsheet_id) if is_batch else None
    if len(rest) == 1 and rest[0].partition(":")[0] == "values":
        verb = rest[0].partition(":")[2]
        known = (http_method, verb) in _COLLECTION
        return ApiCall(f"spreadsheets.values.{verb}", spreadsheet_id) if known else None
    if len(rest) != 2 or rest[0] != "values":
        return None
    text = unquote(rest[1])
    start, _, verb = text.rpartition(":")
    if verb not in ("append", "clear"):
        start, verb = text, ""
    name = _VERBS.get((http_method, verb))
    return ApiCall(f"spreadsheets.values.{name}", spreadsheet_id, start) if name else None


class SheetsApi:
    """The handler of everything below /google/v4/spreadsheets/."""

    def __init__(self, store: SheetsStore, accounts: GoogleAccounts, quota: Quota) -> None:
        self._store = store
        self._accounts = accounts
        self._quota = quota
        minute = time.time() // 60 * 60
        quota.restore("Read" if method in _READS else "Write" for method in store.methods_since(minute))

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one call as Google would."""
        call = read_address(request.method, request.raw_path)
        raw = await request.read()
        if call is None:
            return _json(404, GoogleError(404, "Method not found.").body)
        try:
            outcome, draft = self._perform(call, request, raw)
            body = _selected(outcome.body, request.query.get("fields"))
        except GoogleError as error:
            refused = LoggedCall(call.method, error.status, note=error.message)
            self._store.record(call.spreadsheet_id, refused)
            return _json(error.status, error.body)
        done = LoggedCall(call.method, 200, outcome.row_total, outcome.ranges, outcome.note)
        self._store.record(call.spreadsheet_id, done, draft)
        return _json(200, body)

    def record_swallowed(self, http_method: str, path: str, fault: Fault) -> None:
        """Log a call that a fault kept from us: its status is the fault's own, 0 if there was no answer."""
        call = read_address(http_method, path)
        if call is not None:
            lost = LoggedCall(call.method, fault.status or 0, note=f"fault: {fault.mode}")
            self._store.record(call.spreadsheet_id, lost)

    def _perform(self, call: ApiCall, request: web.Request, raw: bytes) -> tuple[Outcome, Book | None]:
        self._check_credentials(call, request.headers.get("Authorization", ""))
        self._quota.spend("Write" if call.is_write else "Read")
        book = self._store.find(call.spreadsheet_id)
        if book is None:
            raise GoogleError(404)
        if not book.is_shared:
            raise GoogleError(403)
        query = dict(request.query)
        if call.method == "spreadsheets.values.batchGet":
            return sheets_values.batch_get(book, request.query.getall("ranges", []), query), None
        if not call.is_write:
            return _OPERATIONS[call.method](book, call, query, None), None
        draft = book.copy()
        return _OPERATIONS[call.method](draft, call, query, _parse(raw)), draft

    def _check_credentials(self, call: ApiCall, authorization: str) -> None:
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token:
            raise GoogleError(
                401,
                "Request is missing required authentication credential. Expected OAuth 2 access token, login"
                " cookie or other valid authentication credential.",
                [_reason("CREDENTIALS_MISSING", call)],
            )
        scopes = self._accounts.scopes_of(token.strip())
        if scopes is None:
            raise GoogleError(401, "", [_reason("ACCESS_TOKEN_TYPE_UNSUPPORTED", call)])
        if not self._accounts.allows(scopes, write=call.is_write):
            sentence = "Request had insufficient authentication scopes."
            raise GoogleError(403, sentence, [_reason("ACCESS_TOKEN_SCOPE_INSUFFICIENT", call)])


_OPERATIONS: dict[str, Operation] = {
    "spreadsheets.get": lambda book, _call, _query, _body: Outcome(sheets_batch.describe(book)),
    "spreadsheets.batchUpdate": lambda draft, _call, _query, body: sheets_batch.batch_update(draft, body),
    "spreadsheets.values.get": lambda book, call, query, _body: sheets_values.get(book, call.range, query),
    "spreadsheets.values.update": lambda d, call, query, body: sheets_values.update(
        d, call.range, body, query
    ),
    "spreadsheets.values.append": lambda d, call, query, body: sheets_values.append(
        d, call.range, body, query
    ),
    "spreadsheets.values.clear": lambda draft, call, _query, _body: sheets_values.clear(draft, call.range),
    "spreadsheets.values.batchUpdate": lambda draft, _call, _query, body: sheets_values.batch_update(
        draft, body
    ),
}


def _parse(raw: bytes) -> object:
    try:
        return json.loads(raw or b"{}", parse_constant=_no_constant)
    except ValueError:
        raise invalid("Invalid JSON payload received. Unexpected token.") from None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _selected(body: dict[str, Any], fields: str | None) -> Any:
    if not fields:
        return body
    try:
        return select(body, parse_fields(fields))
    except ValueError:
        raise invalid(f"Invalid field selection {fields}") from None


def _reason(reason: str, call: ApiCall) -> dict[str, Any]:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": "sheets.googleapis.com", "method": f"google.apps.sheets.v4.{call.method}"},
    }


def _json(status: int, body: object) -> web.Response:
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(status=status, text=text, content_type="application/json", charset="utf-8")
