"""spreadsheets.values: get, batchGet, update, batchUpdate, append, clear, on a draft of a spreadsheet; pure.

As documented on developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values and
guides/values. Each operation returns an Outcome or raises GoogleError; the caller saves the draft only then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from local.world.sheets_a1 import A1Range, column_letters, quoted
from local.world.sheets_grid import (
    MAX_CELL_CHARACTERS,
    Area,
    Book,
    Cell,
    Formula,
    GoogleError,
    Row,
    Tab,
    beyond,
    invalid,
    readable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_INPUT_OPTIONS = ("RAW", "USER_ENTERED")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_RENDERINGS = ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA")
_VALUE_RANGE = ("range", "majorDimension", "values")


@dataclass(slots=True)
class Outcome:
    """What a call answers, and what /dev shows of it."""

    body: dict[str, Any]
    row_total: int = 0
    ranges: list[str] = field(default_factory=list)
    note: str = ""


def get(book: Book, text: str, query: Mapping[str, str]) -> Outcome:
    """values.get: the cells of one range."""
    dimension = _dimension(query.get("majorDimension"))
    tab, wanted = book.resolve(text)
    area = readable(tab, wanted)
    lines = tab.read(area)
    return Outcome(_value_range(area, lines, dimension, _rendering(query)), len(lines), [text])


def batch_get(book: Book, texts: Sequence[str], query: Mapping[str, str]) -> Outcome:
    """values.batchGet: several ranges, all or none."""
    parts = [get(book, text, query) for text in texts]
    body = {"spreadsheetId": book.id, "valueRanges": [part.body for part in parts]}
    return Outcome(body, sum(part.row_total for part in parts), list(texts))


def update(draft: Book, text: str, body: object, query: Mapping[str, str]) -> Outcome:
    """values.update: one range."""
    option = _input_option(query.get("valueInputOption"))
    value_range = _fields(body, _VALUE_RANGE, "")
    if value_range.get("range", text) != text:
        raise invalid(f"Requested range {text} doesn't match value range {value_range['range']}")
    answer = _write(draft, text, value_range, option, query)
    return Outcome(answer, answer.get("updatedRows", 0), [text], option)


def batch_update(draft: Book, body: object) -> Outcome:
    """values.batchUpdate: several ranges; one that is wrong fails them all."""
    fields = _fields(
        body,
        (
            "valueInputOption",
            "data",
            "includeValuesInResponse",
            "responseValueRenderOption",
            "responseDateTimeRenderOption",
        ),
        "",
    )
    option = _input_option(fields.get("valueInputOption"))
    data = fields.get("data") or []
    if not isinstance(data, list):
        raise _bad_value("data", data)
    query = {"includeValuesInResponse": str(fields.get("includeValuesInResponse", "")).lower()}
    query["valueRenderOption"] = fields.get("responseValueRenderOption") or "FORMATTED_VALUE"
    responses, texts = [], []
    for index, item in enumerate(data):
        value_range = _fields(item, _VALUE_RANGE, f"data[{index}]")
        texts.append(str(value_range.get("range", "")))
        try:
            responses.append(_write(draft, texts[-1], value_range, option, query))
        except GoogleError as error:
            if error.message.startswith(("Your input contains", "Invalid value")):
                raise
            raise invalid(f"Invalid data[{index}]: {error.message}") from None
    written = [
        draft.resolve(response["updatedRange"]) for response in responses if "updatedCells" in response
    ]
    rows = {(tab.sheet_id, n) for tab, at in written for n in range(at.top or 1, (at.bottom or 1) + 1)}
    columns = {(tab.sheet_id, n) for tab, at in written for n in range(at.left or 1, (at.right or 1) + 1)}
    totals = {
        "totalUpdatedRows": len(rows),
        "totalUpdatedColumns": len(columns),
        "totalUpdatedCells": sum(response.get("updatedCells", 0) for response in responses),
        "totalUpdatedSheets": len({tab.sheet_id for tab, _ in written}),
    }
    shown = {name: total for name, total in totals.items() if total}
    answer = {"spreadsheetId": draft.id, **shown, "responses": responses}
    return Outcome(answer, len(rows), texts, option)


def append(draft: Book, text: str, body: object, query: Mapping[str, str]) -> Outcome:
    """values.append: below the table found in the range; the grid grows as needed."""
    option = _input_option(query.get("valueInputOption"))
    value_range = _fields(body, _VALUE_RANGE, "")
    values = _lines(value_range, option)
    tab, wanted = draft.resolve(text)
    area = readable(tab, wanted)
    table = _table(tab, area)
    top, left = (table.bottom + 1, table.left) if table else (area.top, area.left)
    if query.get("insertDataOption") == "INSERT_ROWS" and table:
        tab.insert_rows(top, len(values))
    width = max(map(len, values), default=0)
    tab.row_count = max(tab.row_count, top + len(values) - 1)
    tab.column_count = max(tab.column_count, left + width - 1)
    draft.check_size()
    answer: dict[str, Any] = {"spreadsheetId": draft.id}
    if table:
        answer["tableRange"] = str(table)
    answer["updates"] = _put(draft, tab, (top, left), values, query)
    return Outcome(answer, len(values), [text], option)


def clear(draft: Book, text: str) -> Outcome:
    """values.clear: the values go, the grid stays."""
    tab, wanted = draft.resolve(text)
    area = readable(tab, wanted)
    for n in range(area.top, min(area.bottom, tab.last_row) + 1):
        row = tab.rows.get(n, ())
        tab.put_row(
            n, (*row[: area.left - 1], *("" for _ in row[area.left - 1 : area.right]), *row[area.right :])
        )
    return Outcome({"spreadsheetId": draft.id, "clearedRange": str(area)}, 0, [text])


def _write(
    draft: Book, text: str, value_range: Mapping[str, Any], option: str, query: Mapping[str, str]
) -> dict[str, Any]:
    tab, wanted = draft.resolve(text)
    values = _lines(value_range, option)
    height, width = len(values), max(map(len, values), default=0)
    top, left = wanted.top or 1, wanted.left or 1
    if not wanted.is_single_cell:
        _check_within(tab, wanted, height, width)
    bottom, right = wanted.bottom or top, wanted.right or left
    if wanted.is_single_cell:
        bottom, right = top + max(height, 1) - 1, left + max(width, 1) - 1
    if max(top, bottom) > tab.row_count or max(left, right) > tab.column_count:
        raise beyond(tab, top, left, bottom, right)
    if top + height - 1 > tab.row_count or left + width - 1 > tab.column_count:
        raise beyond(tab, top, left, top + height - 1, left + width - 1)
    return _put(draft, tab, (top, left), values, query)


def _put(
    draft: Book, tab: Tab, corner: tuple[int, int], values: list[list[Cell | None]], query: Mapping[str, str]
) -> dict[str, Any]:
    top, left = corner
    height, width = len(values), max(map(len, values), default=0)
    area = Area(tab, top, left, top + max(height, 1) - 1, left + max(width, 1) - 1)
    written = tab.write(top, left, values)
    answer: dict[str, Any] = {"spreadsheetId": draft.id, "updatedRange": str(area)}
    if written:
        answer |= {"updatedRows": height, "updatedColumns": width, "updatedCells": written}
    if str(query.get("includeValuesInResponse", "")).lower() == "true":
        answer["updatedData"] = _value_range(area, tab.read(area), "ROWS", _rendering(query))
    return answer


def _check_within(tab: Tab, wanted: A1Range, height: int, width: int) -> None:
    top, left = wanted.top or 1, wanted.left or 1
    bottom, right = wanted.bottom or tab.row_count, wanted.right or tab.column_count
    area = f"{quoted(tab.title)}!{column_letters(left)}{top}:{column_letters(right)}{bottom}"
    if width > right - left + 1:
        outside = f"column [{column_letters(right + 1)}]"
        raise invalid(f"Requested writing within range [{area}], but tried writing to {outside}")
    if height > bottom - top + 1:
        raise invalid(f"Requested writing within range [{area}], but tried writing to row [{bottom + 1}]")


def _table(tab: Tab, area: Area) -> Area | None:
    """The last block of rows without a gap that reaches into *area*: what `append` takes for a table."""
    filled = [
        n
        for n in range(area.top, min(area.bottom, tab.last_row) + 1)
        if any(cell != "" for cell in tab.rows.get(n, ())[area.left - 1 : area.right])
    ]
    if not filled:
        return None
    top = bottom = filled[-1]
    while top - 1 in tab.rows:
        top -= 1
    while bottom + 1 in tab.rows:
        bottom += 1
    block = [tab.rows[n] for n in range(top, bottom + 1)]
    left = min(next(n for n, cell in enumerate(row, start=1) if cell != "") for row in block)
    return Area(tab, top, left, bottom, max(map(len, block)))


def _lines(value_range: Mapping[str, Any], option: str) -> list[list[Cell | None]]:
    values = value_range.get("values") or []
    if not isinstance(values, list):
        raise _bad_value("data.values", values)
    lines: list[list[Cell | None]] = []
    for row, line in enumerate(values):
        if not isinstance(line, list):
            raise _bad_value(f"data.values[{row}]", line)
        lines.append([_cell(value, row, column, option) for column, value in enumerate(line)])
    if _dimension(value_range.get("majorDimension")) == "COLUMNS":
        return [list(line) for line in zip_longest(*lines)]
    return lines


def _cell(value: object, row: int, column: int, option: str) -> Cell | None:
    if isinstance(value, dict | list):
        kind = "struct_value" if isinstance(value, dict) else "list_value"
        raise invalid(f"Invalid values[{row}][{column}]: {kind} {{\n}}\n")
    if isinstance(value, str):
        if len(value) > MAX_CELL_CHARACTERS:
            limit = f"{MAX_CELL_CHARACTERS} characters in a single cell."
            raise invalid(f"Your input contains more than the maximum of {limit}")
        return value if option == "RAW" else _as_typed(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    raise invalid(f"Invalid values[{row}][{column}]")


def _as_typed(text: str) -> Cell:
    """What a person's typing of *text* leaves in a cell: a formula, a number, a truth value, or text."""
    if text.startswith("'"):
        return text[1:]
    if len(text) > 1 and text[0] in "=+" and not _NUMBER.fullmatch(text):
        return Formula("=" + text[1:])
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE"
    if _NUMBER.fullmatch(text):
        number = float(text)
        return int(number) if number.is_integer() else number
    return text


def _value_range(area: Area, lines: list[Row], dimension: str, rendering: str) -> dict[str, Any]:
    shown: list[list[Any]] = [[_render(cell, rendering) for cell in line] for line in lines]
    if dimension == "COLUMNS":
        columns = [list(column) for column in zip_longest(*shown, fillvalue="")]
        shown = [_without_empty_end(column) for column in columns]
    body: dict[str, Any] = {"range": str(area), "majorDimension": dimension}
    return body | ({"values": shown} if shown else {})


def _without_empty_end(cells: list[Any]) -> list[Any]:
    while cells and cells[-1] == "":
        cells.pop()
    return cells


def _render(cell: Cell, rendering: str) -> Cell:
    if isinstance(cell, Formula):
        return str(cell) if rendering == "FORMULA" else "#NAME?"  # the stand-in evaluates nothing
    if rendering != "FORMATTED_VALUE" or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    return f"{cell:.10g}" if isinstance(cell, float) else str(cell)


def _rendering(query: Mapping[str, str]) -> str:
    name = query.get("valueRenderOption") or query.get("responseValueRenderOption") or "FORMATTED_VALUE"
    if name not in _RENDERINGS:
        raise _bad_value("value_render_option", name)
    return name


def _dimension(name: object) -> str:
    if name in (None, "", "ROWS", "DIMENSION_UNSPECIFIED"):
        return "ROWS"
    if name != "COLUMNS":
        raise _bad_value("major_dimension", name)
    return "COLUMNS"


def _input_option(name: object) -> str:
    if name in (None, "", "INPUT_VALUE_OPTION_UNSPECIFIED"):
        raise invalid("'valueInputOption' is required but not specified")
    if name not in _INPUT_OPTIONS:
        raise _bad_value("value_input_option", name)
    return str(name)


def _fields(body: object, known: Sequence[str], where: str) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise _bad_value(where or "data", body)
    unknown = [name for name in body if name not in known]
    if unknown:
        at = f" at '{where}'" if where else ""
        sentence = f'Invalid JSON payload received. Unknown name "{unknown[0]}"{at}: Cannot find field.'
        raise GoogleError(400, sentence, _violations(where, sentence))
    return body


def _bad_value(name: str, value: object) -> GoogleError:
    sentence = f"Invalid value at '{name}', {value!r}"
    return GoogleError(400, sentence, _violations(name, sentence))


def _violations(name: str, sentence: str) -> list[dict[str, Any]]:
    violation = {"field": name, "description": sentence}
    return [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}]
