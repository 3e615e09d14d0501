"""Grids, permissions and quotas as developers.google.com/workspace/sheets/api documents them.

Pages: reference/rest/v4/spreadsheets/get, /batchUpdate and /request, guides/field-masks, limits;
support.google.com/drive (10 million cells), cloud.google.com/apis/design/errors (the form of errors).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from local.world.process import WorldProcess

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def change(google: requests.Session, sheet: str, *wanted: dict[str, Any]) -> dict[str, Any]:
    return dict(google.post(f"{sheet}:batchUpdate", json={"requests": list(wanted)}, timeout=5).json())


def grid(google: requests.Session, sheet: str, fields: str = "sheets.properties") -> dict[str, Any]:
    return dict(google.get(sheet, params={"fields": fields}, timeout=5).json())


def ids(google: requests.Session, sheet: str) -> list[str]:
    cells = google.get(f"{sheet}/values/Leads!A:A", timeout=5).json().get("values", [])
    return [row[0] if row else "" for row in cells]


def fill(google: requests.Session, sheet: str, count: int) -> None:
    values = [[f"id{n}"] for n in range(1, count + 1)]
    params = {"valueInputOption": "RAW"}
    google.put(f"{sheet}/values/Leads!A1:A{count}", params=params, json={"values": values}, timeout=5)


def test_a_new_tab_has_1000_rows_and_26_columns(google: requests.Session, sheet: str) -> None:
    fields = "spreadsheetId,sheets(properties(title,gridProperties/rowCount,gridProperties.columnCount))"
    assert grid(google, sheet, fields) == {
        "spreadsheetId": sheet.rpartition("/")[2],
        "sheets": [
            {"properties": {"title": "Leads", "gridProperties": {"rowCount": 1000, "columnCount": 26}}}
        ],
    }
    assert grid(google, sheet, "sheets(")["error"]["status"] == "INVALID_ARGUMENT"


def test_appended_rows_can_be_written(google: requests.Session, sheet: str) -> None:
    answer = change(google, sheet, {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 500}})
    assert answer["replies"] == [{}]
    assert grid(google, sheet)["sheets"][0]["properties"]["gridProperties"]["rowCount"] == 1500
    body = {"values": [["x"]]}
    written = google.put(
        f"{sheet}/values/Leads!A1500", params={"valueInputOption": "RAW"}, json=body, timeout=5
    )
    assert written.status_code == 200


def test_add_sheet_names_its_properties(google: requests.Session, sheet: str) -> None:
    answer = change(google, sheet, {"addSheet": {"properties": {"title": "My tab"}}})
    properties = answer["replies"][0]["addSheet"]["properties"]
    assert (properties["title"], properties["index"]) == ("My tab", 1)
    assert google.get(f"{sheet}/values/'My tab'!A1:B2", timeout=5).json()["range"] == "'My tab'!A1:B2"
    again = change(google, sheet, {"addSheet": {"properties": {"title": "My tab"}}})["error"]["message"]
    assert again == (
        'Invalid requests[0].addSheet: A sheet with the name "My tab" already exists.'
        " Please enter another name."
    )


def test_deleted_rows_move_the_rest_up(google: requests.Session, sheet: str) -> None:
    fill(google, sheet, 5)
    span = {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}
    change(google, sheet, {"deleteDimension": {"range": span}})
    assert ids(google, sheet) == ["id1", "id4", "id5"]
    assert grid(google, sheet)["sheets"][0]["properties"]["gridProperties"]["rowCount"] == 998


def test_properties_in_the_mask_change_and_others_do_not(google: requests.Session, sheet: str) -> None:
    properties = {"sheetId": 0, "title": "Prospects", "gridProperties": {"rowCount": 10, "columnCount": 3}}
    change(
        google,
        sheet,
        {"updateSheetProperties": {"properties": properties, "fields": "title,gridProperties.rowCount"}},
    )
    now = grid(google, sheet)["sheets"][0]["properties"]
    assert (now["title"], now["gridProperties"]) == ("Prospects", {"rowCount": 10, "columnCount": 26})


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"appendDimension": {"sheetId": 9, "dimension": "ROWS", "length": 1}}, "No grid with id: 9"),
        (
            {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 400_000}},
            "increase the number of cells in the workbook above the limit of 10000000 cells.",
        ),
        ({"paintItBlack": {}}, 'Unknown name "paintItBlack"'),
        ({"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": "many"}}, "Invalid requests[1]"),
    ],
)
def test_one_bad_request_undoes_them_all(
    google: requests.Session, sheet: str, wrong: dict[str, Any], sentence: str
) -> None:
    good = {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 7}}
    error = change(google, sheet, good, wrong)["error"]
    assert error["code"] == 400
    assert sentence in error["message"]
    assert grid(google, sheet)["sheets"][0]["properties"]["gridProperties"]["rowCount"] == 1000


def test_an_unknown_spreadsheet_is_404(google: requests.Session, sheet: str) -> None:
    answer = google.get(sheet + "-unknown", timeout=5)
    assert answer.json()["error"] == {
        "code": 404,
        "message": "Requested entity was not found.",
        "status": "NOT_FOUND",
    }


def test_a_spreadsheet_that_is_not_shared_is_403(
    world: WorldProcess, google: requests.Session, sheet: str
) -> None:
    name = sheet.rpartition("/")[2]
    world.call("POST", f"/dev/sheets/{name}", {"permission": False})
    answer = google.get(sheet, timeout=5).json()["error"]
    assert answer == {
        "code": 403,
        "message": "The caller does not have permission",
        "status": "PERMISSION_DENIED",
    }
    world.call("POST", f"/dev/sheets/{name}", {"permission": True})
    assert google.get(sheet, timeout=5).status_code == 200


def test_the_61st_read_of_a_minute_is_429_and_writes_have_their_own_quota(
    tmp_path: Path, log_in: Callable[..., str]
) -> None:
    world = WorldProcess(tmp_path, {})
    world.start()
    try:
        url = f"{world.url}/google/v4/spreadsheets/demo"
        with requests.Session() as google:
            google.headers["Authorization"] = f"Bearer {log_in(world)}"
            wait_for_a_minute_with_room()
            statuses = [google.get(url, timeout=5).status_code for _ in range(62)]
            refused = google.get(url, timeout=5).json()["error"]
            batch = {"valueInputOption": "RAW", "data": []}
            assert google.post(f"{url}/values:batchUpdate", json=batch, timeout=5).status_code == 200
    finally:
        world.stop()
    assert statuses == [200] * 60 + [429] * 2
    assert refused["status"] == "RESOURCE_EXHAUSTED"
    assert refused["message"].startswith(
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user'"
    )
    assert refused["details"][0]["reason"] == "RATE_LIMIT_EXCEEDED"


def wait_for_a_minute_with_room() -> None:
    """Quotas are per minute of the clock: do not start at its end."""
    if time.time() % 60 > 57:
        time.sleep(60.1 - time.time() % 60)
