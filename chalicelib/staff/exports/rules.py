"""
How leads are written as CSV: UTF-8 with a BOM, a header row, RFC 4180, and no cell that a spreadsheet would
run.
"""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chalicelib.platform.cells import safe_text
from chalicelib.platform.clock import rfc3339
from chalicelib.platform.postgres import Row

MEDIA_TYPE = "text/csv; charset=utf-8"
FILE_NAME = "leads.csv"
COLUMNS = (
    "id",
    "createdAt",
    "status",
    "source",
    "name",
    "phone",
    "email",
    "content",
    "quoteTotal",
    "quoteCurrency",
    "submissionCount",
    "assignedTo",
    "correlationId",
)


def cell_of(value: Any) -> str:
    """*value* as a cell: empty for nothing (so for people who were erased), and never a formula."""
    return safe_text(rfc3339(value) if isinstance(value, datetime) else value)


def header() -> str:
    """The byte order mark, by which spreadsheets know UTF-8, and the first row."""
    return "\ufeff" + _written([COLUMNS])


def lines_of(rows: Iterable[Row]) -> str:
    """A line for each of *rows* (`leads.store.list_leads`)."""
    return _written([cell_of(value) for value in _values_of(row)] for row in rows)


def _values_of(row: Row) -> tuple[Any, ...]:
    total = (row["quote"] or {}).get("total") or {}
    return (
        row["id"],
        row["created_at"],
        row["status"],
        row["source"],
        row["name"],
        row["phone"],
        row["email"],
        row["content"],
        total.get("amount"),
        total.get("currency"),
        row["submission_count"],
        row["assigned_to"],
        row["correlation_id"],
    )


def _written(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def told(query: dict[str, str]) -> dict[str, str]:
    """*query* as the audit log keeps it: that something was searched for, never what; it may name people."""
    return {name: "given" if name == "search" else value for name, value in query.items()}
