"""Keeps spreadsheets: in memory to work on, row by row in SQLite to survive, with the log of all calls.

A call's changes and its log line commit together, before the answer goes out. Only rows that changed are
written; a tab is written whole when its rows have moved.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.world.sheets_grid import Book, Cell, Formula, Tab
from local.world.store import transaction

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

DEMO_ID, DEMO_TAB = "demo", "Leads"
KEPT_CALLS, KEPT_RANGES, KEPT_NOTE_CHARACTERS = 50_000, 200, 300


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """A line of the log: *status* 0 is no answer; *note* says what was wrong, or how values were put in."""

    method: str
    status: int
    row_total: int = 0
    ranges: Sequence[str] = ()
    note: str = ""


class SheetsStore:
    """All spreadsheets there are."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._books = {book.id: book for book in _load(database)}
        if DEMO_ID not in self._books:
            self.create(DEMO_ID, "Plumbline leads", is_shared=True)

    def find(self, spreadsheet_id: str) -> Book | None:
        """The spreadsheet as it was last saved; never change it, change a copy."""
        return self._books.get(spreadsheet_id)

    def create(self, spreadsheet_id: str, title: str, *, is_shared: bool) -> Book:
        """Make a spreadsheet with one empty tab, or change who may use the one that is there."""
        book = self._books.get(spreadsheet_id) or Book(spreadsheet_id, title, is_shared, [Tab(0, DEMO_TAB)])
        draft = book.copy()
        draft.title, draft.is_shared = title, is_shared
        with transaction(self._database):
            self._save(draft)
        return draft

    def commit(self, draft: Book) -> None:
        """Save *draft* as the spreadsheet's new state."""
        with transaction(self._database):
            self._save(draft)

    def record(self, spreadsheet_id: str, call: LoggedCall, draft: Book | None = None) -> None:
        """Save *draft*, if the call changed anything, and the call's line in the log, together."""
        with transaction(self._database):
            if draft is not None:
                self._save(draft)
            line = (spreadsheet_id, time.time(), call.method, call.row_total, call.status)
            cursor = self._database.execute(
                "INSERT INTO sheet_calls (spreadsheet_id, at, method, row_total, status, ranges, note)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*line, json.dumps(call.ranges[:KEPT_RANGES]), call.note[:KEPT_NOTE_CHARACTERS]),
            )
            last = cursor.lastrowid or 0
            if last % 1000 == 0:
                self._database.execute("DELETE FROM sheet_calls WHERE id <= ?", (last - KEPT_CALLS,))

    def calls(self, spreadsheet_id: str) -> list[dict[str, Any]]:
        """Every call there was, oldest first; status 0: never answered, because of the fault in `note`."""
        rows = self._database.execute(
            "SELECT at, method, row_total, status, ranges, note FROM sheet_calls"
            " WHERE spreadsheet_id = ? ORDER BY id",
            (spreadsheet_id,),
        )
        return [
            {
                "at": datetime.fromtimestamp(at, UTC)
                .isoformat(timespec="milliseconds")
                .replace("+00:00", "Z"),
                "method": method,
                "rows": row_total,
                "status": status,
                "ranges": json.loads(ranges),
                "note": note,
            }
            for at, method, row_total, status, ranges, note in rows
        ]

    def methods_since(self, at: float) -> list[str]:
        """The methods that the quota has counted since *at* (Unix seconds)."""
        rows = self._database.execute(
            "SELECT method FROM sheet_calls"
            " WHERE at >= ? AND status NOT IN (0, 401, 429) AND note NOT LIKE 'fault%'",
            (at,),
        )
        return [method for (method,) in rows]

    def _save(self, draft: Book) -> None:
        run = self._database.execute
        run(
            "INSERT OR REPLACE INTO spreadsheets (id, title, is_shared) VALUES (?, ?, ?)",
            (draft.id, draft.title, draft.is_shared),
        )
        kept = self._books.get(draft.id)
        for tab in kept.tabs if kept else ():
            if all(tab.sheet_id != other.sheet_id for other in draft.tabs):
                run("DELETE FROM tabs WHERE spreadsheet_id = ? AND sheet_id = ?", (draft.id, tab.sheet_id))
                run(
                    "DELETE FROM sheet_rows WHERE spreadsheet_id = ? AND sheet_id = ?",
                    (draft.id, tab.sheet_id),
                )
        for position, tab in enumerate(draft.tabs):
            run(
                "INSERT OR REPLACE INTO tabs"
                " (spreadsheet_id, sheet_id, title, position, row_count, column_count)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (draft.id, tab.sheet_id, tab.title, position, tab.row_count, tab.column_count),
            )
            self._save_rows(draft.id, tab)
        for tab in draft.tabs:
            tab.dirty.clear()
            tab.is_reshaped = False
        self._books[draft.id] = draft

    def _save_rows(self, spreadsheet_id: str, tab: Tab) -> None:
        if tab.is_reshaped:
            self._database.execute(
                "DELETE FROM sheet_rows WHERE spreadsheet_id = ? AND sheet_id = ?",
                (spreadsheet_id, tab.sheet_id),
            )
        changed = tab.rows.keys() if tab.is_reshaped else tab.dirty
        self._database.executemany(
            "INSERT OR REPLACE INTO sheet_rows (spreadsheet_id, sheet_id, n, cells) VALUES (?, ?, ?, ?)",
            [(spreadsheet_id, tab.sheet_id, n, _encode(tab.rows[n])) for n in changed if n in tab.rows],
        )
        self._database.executemany(
            "DELETE FROM sheet_rows WHERE spreadsheet_id = ? AND sheet_id = ? AND n = ?",
            [(spreadsheet_id, tab.sheet_id, n) for n in changed if n not in tab.rows],
        )


def _load(database: sqlite3.Connection) -> list[Book]:
    books = [
        Book(spreadsheet_id, title, bool(is_shared), [])
        for spreadsheet_id, title, is_shared in database.execute(
            "SELECT id, title, is_shared FROM spreadsheets"
        )
    ]
    for book in books:
        for sheet_id, title, row_count, column_count in database.execute(
            "SELECT sheet_id, title, row_count, column_count FROM tabs"
            " WHERE spreadsheet_id = ? ORDER BY position",
            (book.id,),
        ):
            rows = database.execute(
                "SELECT n, cells FROM sheet_rows WHERE spreadsheet_id = ? AND sheet_id = ?",
                (book.id, sheet_id),
            )
            cells = {n: _decode(text) for n, text in rows}
            book.tabs.append(Tab(sheet_id, title, row_count, column_count, cells))
    return books


def _encode(row: tuple[Cell, ...]) -> str:
    cells = [{"formula": str(cell)} if isinstance(cell, Formula) else cell for cell in row]
    return json.dumps(cells, ensure_ascii=False)


def _decode(text: str) -> tuple[Cell, ...]:
    return tuple(Formula(cell["formula"]) if isinstance(cell, dict) else cell for cell in json.loads(text))
