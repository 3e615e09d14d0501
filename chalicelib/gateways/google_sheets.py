"""
Google Sheets v4 with a service account: explicit ranges, RAW values, one answer kind for each thing that can
go wrong.

A repeated `write` writes the same cells, so it may be repeated after a lost answer. Calls are given 15 s.
Source: Sheets API reference (spreadsheets, spreadsheets.values), usage limits; OAuth 2.0 for service
accounts.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from chalicelib.gateways.google_token import GoogleToken
from chalicelib.gateways.http import NoAnswer, request
from chalicelib.platform.settings import settings

TIMEOUT_S = 15.0
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_GRID_MESSAGES = ("exceeds grid limits", "Unable to parse range", "number of cells in the workbook")


class Throttled(Exception):
    """Google's quota of this minute is spent (429); the next minute has its own."""


class SheetBroken(Exception):
    """The sheet itself refuses: no permission, no such spreadsheet or tab, grid too small."""

    def __init__(self, message: str, *, is_grid: bool = False) -> None:
        super().__init__(message)
        self.is_grid = is_grid


class RowsRefused(Exception):
    """A 400 that some row among those sent has caused."""


@dataclass(frozen=True)
class RowWrite:
    """The whole of one row: its number (1 is the header) and its cells from column A on."""

    number: int
    cells: tuple[str, ...]


class GoogleSheet:
    """One tab of one spreadsheet; each call is given *timeout_s* seconds."""

    def __init__(
        self,
        api_url: str,
        token: GoogleToken,
        spreadsheet_id: str,
        tab: str,
        *,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._url = f"{api_url.rstrip('/')}/v4/spreadsheets/{quote(spreadsheet_id, safe='')}"
        self._token = token
        self._tab = tab
        self._timeout_s = timeout_s
        self._quoted_tab = "'" + tab.replace("'", "''") + "'"

    def _call(self, method: str, path: str, payload: Mapping[str, Any] | None = None) -> dict[str, Any]:
        body = None if payload is None else json.dumps(payload, ensure_ascii=False).encode()
        headers = {"Authorization": f"Bearer {self._token.value()}", "Content-Type": "application/json"}
        reply = request(method, self._url + path, body, headers, timeout_s=self._timeout_s)
        if reply.status == 200:
            found = json.loads(reply.body)
            return found if isinstance(found, dict) else {}
        raise self._problem(reply.status, reply.body)

    def _problem(self, status: int, body: bytes) -> Exception:
        try:
            message = str(json.loads(body)["error"]["message"])
        except (ValueError, KeyError, TypeError):
            message = ""
        if status == 429:
            return Throttled("Google's quota of this minute is spent")
        if status == 401:
            self._token.forget()
            return NoAnswer("Google refused the access token")
        if status >= 500:
            return NoAnswer(f"Google answered {status}")
        if status in {403, 404}:
            return SheetBroken(
                f"Google answered {status}: check the spreadsheet's id and that it is shared with us"
            )
        if any(known in message for known in _GRID_MESSAGES):
            return SheetBroken(message[:200], is_grid=True)
        return RowsRefused(f"Google answered {status}")

    def write(self, rows: Sequence[RowWrite]) -> None:
        """
        Write whole rows in one atomic call: all of them, or none.

        Raises:
            NoAnswer: not answered, or with a 5xx; it may have taken effect.
            Throttled, SheetBroken, RowsRefused: nothing was written.
        """
        data = [
            {
                "range": f"{self._quoted_tab}!A{row.number}:{_LETTERS[len(row.cells) - 1]}{row.number}",
                "majorDimension": "ROWS",
                "values": [list(row.cells)],
            }
            for row in rows
        ]
        self._call("POST", "/values:batchUpdate", {"valueInputOption": "RAW", "data": data})

    def ids_at(self, row_numbers: Sequence[int]) -> dict[int, str]:
        """The text in column A of each row; empty where there is none. Raises as `write` does."""
        query = urlencode([("ranges", f"{self._quoted_tab}!A{number}") for number in row_numbers])
        found = self._call("GET", f"/values:batchGet?{query}").get("valueRanges", [])
        return {
            number: str(ranged.get("values", [[""]])[0][0]) if ranged.get("values") else ""
            for number, ranged in zip(row_numbers, found, strict=True)
        }

    def ids_in(self, rows: int) -> list[str]:
        """
        The text in column A of each of the first *rows* rows, as it was at one instant; what is empty at the
        end is left out. About 45 bytes a row. Raises as `write` does.
        """
        area = quote(f"{self._quoted_tab}!A1:A{rows}", safe="")
        columns = self._call("GET", f"/values/{area}?majorDimension=COLUMNS").get("values", [])
        return [str(cell) for cell in columns[0]] if columns else []

    def row_count(self) -> int:
        """
        How many rows the tab's grid has (a new one: 1,000). Raises as `write` does, SheetBroken without the
        tab.
        """
        return self._properties()["gridProperties"]["rowCount"]  # type: ignore[no-any-return]

    def _properties(self) -> dict[str, Any]:
        answer = self._call("GET", "?fields=sheets.properties")
        for sheet in answer.get("sheets", []):
            if sheet["properties"]["title"] == self._tab:
                found: dict[str, Any] = sheet["properties"]
                return found
        raise SheetBroken(f"The spreadsheet has no tab {self._tab!r}")

    def add_rows(self, count: int) -> None:
        """
        Grow the tab's grid by *count* rows. Not repeatable, but too large a grid harms nobody. Raises as
        `write`.
        """
        append = {"sheetId": self._properties()["sheetId"], "dimension": "ROWS", "length": count}
        self._call("POST", ":batchUpdate", {"requests": [{"appendDimension": append}]})


@cache
def google_sheet() -> GoogleSheet:
    """The sheet of SPREADSHEET_ID and SHEET_TAB, under GOOGLE_CREDENTIALS."""
    known = settings()
    token = GoogleToken(known.google_credentials.get_secret_value())
    return GoogleSheet(known.sheets_api_url, token, known.spreadsheet_id, known.sheet_tab)
