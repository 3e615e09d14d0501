"""spreadsheets.batchUpdate and spreadsheets.get: the tabs and the size of their grids, on a draft; pure.

As documented on developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/batchUpdate and
/request. Known requests: addSheet, deleteSheet, appendDimension, insertDimension, deleteDimension,
updateSheetProperties.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from local.world.sheets_grid import NEW_COLUMNS, NEW_ROWS, Book, GoogleError, Tab, invalid
from local.world.sheets_values import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def describe(book: Book) -> dict[str, Any]:
    """The Spreadsheet resource, without cell data."""
    return {
        "spreadsheetId": book.id,
        "properties": {
            "title": book.title,
            "locale": "en_US",
            "autoRecalc": "ON_CHANGE",
            "timeZone": "Etc/GMT",
        },
        "sheets": [{"properties": _properties(tab, index)} for index, tab in enumerate(book.tabs)],
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
    }


def batch_update(draft: Book, body: object) -> Outcome:
    """Apply every request in order, or none of them."""
    requests = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(requests, list) or not requests:
        raise invalid("Must specify at least one request.")
    replies = []
    for index, request in enumerate(requests):
        kind = next(iter(request), "") if isinstance(request, dict) and len(request) == 1 else ""
        if kind not in _REQUESTS or not isinstance(request[kind], dict):
            sentence = f"Unknown name \"{kind}\" at 'requests[{index}]': Cannot find field."
            raise invalid(f"Invalid JSON payload received. {sentence}")
        try:
            replies.append(_REQUESTS[kind](draft, request[kind]))
            draft.check_size()
        except GoogleError as error:
            raise invalid(f"Invalid requests[{index}].{kind}: {error.message}") from None
        except (KeyError, TypeError, ValueError, AttributeError):
            raise invalid(
                f"Invalid requests[{index}].{kind}: Request contains an invalid argument."
            ) from None
    answer: dict[str, Any] = {"spreadsheetId": draft.id, "replies": replies}
    if isinstance(body, dict) and body.get("includeSpreadsheetInResponse"):
        answer["updatedSpreadsheet"] = describe(draft)
    return Outcome(answer, 0, [next(iter(request)) for request in requests])


def _properties(tab: Tab, index: int) -> dict[str, Any]:
    return {
        "sheetId": tab.sheet_id,
        "title": tab.title,
        "index": index,
        "sheetType": "GRID",
        "gridProperties": {"rowCount": tab.row_count, "columnCount": tab.column_count},
    }


def _add_sheet(draft: Book, request: Mapping[str, Any]) -> dict[str, Any]:
    properties = request.get("properties") or {}
    title = properties.get("title") or f"Sheet{len(draft.tabs) + 1}"
    _check_title(draft, title, None)
    sheet_id = properties.get("sheetId")
    if sheet_id is None:
        sheet_id = secrets.randbelow(2**31)
    if any(tab.sheet_id == sheet_id for tab in draft.tabs):
        raise invalid(f"A sheet with the id {sheet_id} already exists. Please use another id.")
    grid = properties.get("gridProperties") or {}
    tab = Tab(
        sheet_id, title, _size(grid.get("rowCount", NEW_ROWS)), _size(grid.get("columnCount", NEW_COLUMNS))
    )
    index = properties.get("index", len(draft.tabs))
    draft.tabs.insert(index, tab)
    return {"addSheet": {"properties": _properties(tab, draft.tabs.index(tab))}}


def _delete_sheet(draft: Book, request: Mapping[str, Any]) -> dict[str, Any]:
    tab = draft.tab_numbered(request.get("sheetId", 0))
    if len(draft.tabs) == 1:
        raise invalid("You can't remove all the sheets in a document.")
    draft.tabs.remove(tab)
    return {}


def _append_dimension(draft: Book, request: Mapping[str, Any]) -> dict[str, Any]:
    tab = draft.tab_numbered(request.get("sheetId", 0))
    length = _size(request["length"])
    if _is_rows(request):
        tab.row_count += length
    else:
        tab.column_count += length
    return {}


def _insert_dimension(draft: Book, request: Mapping[str, Any]) -> dict[str, Any]:
    tab, start, end = _span(draft, request["range"])
    if _is_rows(request["range"]):
        tab.insert_rows(start + 1, end - start)
    else:
        tab.insert_columns(start + 1, end - start)
    return {}


def _delete_dimension(draft: Book, request: Mapping[str, Any]) -> dict[str, Any]:
    tab, start, end = _span(draft, request["range"])
    is_rows = _is_rows(request["range"])
    length = tab.row_count if is_rows else tab.column_count
    what = "rows" if is_rows else "columns"
    if end > length:
        raise invalid(f"Cannot delete {what} {start} to {end}: the sheet has {length}.")
    if end - start >= length:
        raise invalid(f"You can't delete all the {what} on the sheet.")
    if is_rows:
        tab.delete_rows(start + 1, end)
    else:
        tab.delete_columns(start + 1, end)
    return {}


def _update_properties(draft: Book, request: Mapping[str, Any]) -> dict[str, Any]:
    properties, mask = request["properties"], str(request.get("fields", ""))
    if not mask:
        raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    tab = draft.tab_numbered(properties.get("sheetId", 0))
    names = mask.replace(" ", "").split(",")
    grid = properties.get("gridProperties") or {}
    whole = {"*", "gridProperties"} & set(names)
    if {"*", "title"} & set(names) and "title" in properties:
        _check_title(draft, properties["title"], tab)
        tab.title = properties["title"]
    if (whole or "gridProperties.rowCount" in names) and "rowCount" in grid:
        _resize_rows(tab, _size(grid["rowCount"]))
    if (whole or "gridProperties.columnCount" in names) and "columnCount" in grid:
        _resize_columns(tab, _size(grid["columnCount"]))
    if {"*", "index"} & set(names) and "index" in properties:
        draft.tabs.remove(tab)
        draft.tabs.insert(int(properties["index"]), tab)
    return {}


def _resize_rows(tab: Tab, count: int) -> None:
    if count < tab.row_count:
        tab.delete_rows(count + 1, tab.row_count)
    tab.row_count = count


def _resize_columns(tab: Tab, count: int) -> None:
    if count < tab.column_count:
        tab.delete_columns(count + 1, tab.column_count)
    tab.column_count = count


def _span(draft: Book, dimension_range: Mapping[str, Any]) -> tuple[Tab, int, int]:
    tab = draft.tab_numbered(dimension_range.get("sheetId", 0))
    length = tab.row_count if _is_rows(dimension_range) else tab.column_count
    start, end = dimension_range.get("startIndex", 0), dimension_range.get("endIndex", length)
    if type(start) is not int or type(end) is not int or not 0 <= start < end:
        raise invalid(f"startIndex[{start}] must be below endIndex[{end}] and not negative.")
    return tab, start, end


def _is_rows(request: Mapping[str, Any]) -> bool:
    dimension = request.get("dimension")
    if dimension not in ("ROWS", "COLUMNS"):
        raise invalid("No dimension specified.")
    return bool(dimension == "ROWS")


def _size(value: object) -> int:
    if type(value) is not int or value < 1:
        raise invalid(f"Invalid size: {value}. It must be a whole number above 0.")
    return value


def _check_title(draft: Book, title: object, own: Tab | None) -> None:
    if not isinstance(title, str) or not 1 <= len(title) <= 100:
        raise invalid("A sheet's name must have 1 to 100 characters.")
    other = draft.tab_titled(title)
    if other is not None and other is not own:
        raise invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')


_REQUESTS: dict[str, Callable[[Book, Mapping[str, Any]], dict[str, Any]]] = {
    "addSheet": _add_sheet,
    "deleteSheet": _delete_sheet,
    "appendDimension": _append_dimension,
    "insertDimension": _insert_dimension,
    "deleteDimension": _delete_dimension,
    "updateSheetProperties": _update_properties,
}
