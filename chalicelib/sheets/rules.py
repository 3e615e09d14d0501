"""
What a lead's row looks like. Cells are text, RAW and formula-safe, at most 50,000 characters (Google's
limit).
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.platform import clock
from chalicelib.platform.cells import safe_text

HEADER = (
    "id",
    "createdAt",
    "status",
    "source",
    "name",
    "phone",
    "email",
    "content",
    "quoteTotal",
    "currency",
    "submissions",
    "locale",
    "utmSource",
)
_CELL_LIMIT = 50_000


def safe_cell(value: object) -> str:
    """*value* as text that no spreadsheet takes for a formula, cut to what a cell can hold."""
    return safe_text(value)[:_CELL_LIMIT]


def cells_of(lead: Mapping[str, Any]) -> tuple[str, ...]:
    """
    The row of *lead*, as `store.contents` reads it, in the order of `HEADER`.

    An erased lead keeps its id alone; one that staff merged keeps nothing of a person and names its primary.
    """
    if lead["erased_at"] is not None:
        return (str(lead["id"]), "", "ERASED", *[""] * (len(HEADER) - 3))
    if lead["merged_into"] is not None:
        words = {"id": lead["id"], "status": "MERGED", "content": f"see {lead['merged_into']}"}
        return tuple(safe_cell(words.get(column)) for column in HEADER)
    total = (lead["quote"] or {}).get("total") or {}
    first_touch = (lead["utm"] or {}).get("first") or {}
    values = (
        lead["id"],
        clock.rfc3339(lead["created_at"]),
        lead["status"],
        lead["source"],
        lead["name"],
        lead["phone"],
        lead["email"],
        lead["content"],
        total.get("amount"),
        total.get("currency"),
        lead["submissions"],
        lead["locale"],
        first_touch.get("source"),
    )
    return tuple(safe_cell(value) for value in values)
