"""spreadsheets.values as developers.google.com/workspace/sheets/api documents it.

Pages: guides/values, guides/concepts (A1 notation), reference/rest/v4/spreadsheets.values and its methods,
limits (all requests are atomic). The sentences of errors are those that Google's API is reported to answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

RAW = {"valueInputOption": "RAW"}


def put(google: requests.Session, sheet: str, text: str, values: Any, **query: str) -> dict[str, Any]:
    answer = google.put(f"{sheet}/values/{text}", params={**RAW, **query}, json={"values": values}, timeout=5)
    return dict(answer.json())


def get(google: requests.Session, sheet: str, text: str, **query: str) -> dict[str, Any]:
    return dict(google.get(f"{sheet}/values/{text}", params=query, timeout=5).json())


def batch(google: requests.Session, sheet: str, *data: dict[str, Any]) -> dict[str, Any]:
    body = {"valueInputOption": "RAW", "data": list(data)}
    return dict(google.post(f"{sheet}/values:batchUpdate", json=body, timeout=5).json())


def test_update_answers_what_it_wrote(google: requests.Session, sheet: str) -> None:
    answer = put(google, sheet, "Leads!A2:C3", [["a", 1, True], ["b", 2.5]])
    name = sheet.rpartition("/")[2]
    assert answer == {
        "spreadsheetId": name,
        "updatedRange": "Leads!A2:C3",
        "updatedRows": 2,
        "updatedColumns": 3,
        "updatedCells": 5,
    }


def test_get_renders_values_and_omits_trailing_empty_rows_and_cells(
    google: requests.Session, sheet: str
) -> None:
    put(google, sheet, "Leads!A1:D4", [["a", "", True], [], [1, 2.5, "", ""], ["", ""]])
    assert get(google, sheet, "Leads!A1:D1000")["values"] == [["a", "", "TRUE"], [], ["1", "2.5"]]
    raw = get(google, sheet, "Leads!A1:D9", valueRenderOption="UNFORMATTED_VALUE")
    assert raw["values"] == [["a", "", True], [], [1, 2.5]]
    assert "values" not in get(google, sheet, "Leads!F1:G9")


def test_columns_are_rows_turned_round(google: requests.Session, sheet: str) -> None:
    body = {"values": [["a", "b"], ["c"]], "majorDimension": "COLUMNS"}
    google.put(f"{sheet}/values/Leads!A1:B2", params=RAW, json=body, timeout=5)
    assert get(google, sheet, "Leads!A1:B2")["values"] == [["a", "c"], ["b"]]
    assert get(google, sheet, "Leads!A1:B2", majorDimension="COLUMNS")["values"] == [["a", "b"], ["c"]]


def test_null_leaves_a_cell_and_an_empty_text_clears_it(google: requests.Session, sheet: str) -> None:
    put(google, sheet, "Leads!A1:C1", [["a", "b", "c"]])
    put(google, sheet, "Leads!A1:C1", [[None, "", "d"]])
    assert get(google, sheet, "Leads!A1:C1")["values"] == [["a", "", "d"]]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Leads!A:A", "Leads!A1:A1000"),
        ("Leads!2:3", "Leads!A2:Z3"),
        ("Leads!A5:A", "Leads!A5:A1000"),
        ("Leads", "Leads!A1:Z1000"),
        ("A1:B2", "Leads!A1:B2"),
        ("'Leads'!$B$2", "Leads!B2"),
        ("leads!a1", "Leads!A1"),
        ("Leads!B2:A1", "Leads!A1:B2"),
        ("Leads!A999:B2000", "Leads!A999:B1000"),
    ],
)
def test_every_documented_form_of_a_range(
    google: requests.Session, sheet: str, text: str, whole: str
) -> None:
    assert get(google, sheet, text)["range"] == whole


@pytest.mark.parametrize(
    "text", ["X!A1", "Leads!A", "Leads!", "Leads!A1:", "Leads!1A", "Leads!A0", "'Leads!A1", "No"]
)
def test_what_is_no_range_cannot_be_parsed(google: requests.Session, sheet: str, text: str) -> None:
    error = get(google, sheet, text)["error"]
    assert error == {"code": 400, "message": f"Unable to parse range: {text}", "status": "INVALID_ARGUMENT"}


def test_cells_outside_the_grid_are_refused(google: requests.Session, sheet: str) -> None:
    sentence = "Range (Leads!A1001:M1001) exceeds grid limits. Max rows: 1000, max columns: 26"
    assert put(google, sheet, "Leads!A1001:M1001", [["x"]])["error"]["message"] == sentence
    assert get(google, sheet, "Leads!A1001:M1001")["error"]["message"] == sentence
    assert "exceeds grid limits" in put(google, sheet, "Leads!AA1", [["x"]])["error"]["message"]


def test_values_must_fit_their_range_unless_it_is_one_cell(google: requests.Session, sheet: str) -> None:
    row = put(google, sheet, "Leads!A1:B1", [["a", "b"], ["c"]])["error"]["message"]
    assert row == "Requested writing within range [Leads!A1:B1], but tried writing to row [2]"
    column = put(google, sheet, "Leads!A1:B1", [["a", "b", "c"]])["error"]["message"]
    assert column == "Requested writing within range [Leads!A1:B1], but tried writing to column [C]"
    assert put(google, sheet, "Leads!A1", [["a", "b"], ["c"]])["updatedRange"] == "Leads!A1:B2"


@pytest.mark.parametrize(("value", "kind"), [(["x"], "list_value"), ({"a": 1}, "struct_value")])
def test_a_cell_is_a_scalar(google: requests.Session, sheet: str, value: Any, kind: str) -> None:
    error = put(google, sheet, "Leads!A1:B1", [["a", value]])["error"]
    assert error["message"].startswith(f"Invalid values[0][1]: {kind}")


def test_a_cell_holds_50000_characters(google: requests.Session, sheet: str) -> None:
    assert put(google, sheet, "Leads!A1", [["x" * 50_000]])["updatedCells"] == 1
    message = put(google, sheet, "Leads!A1", [["x" * 50_001]])["error"]["message"]
    assert message == "Your input contains more than the maximum of 50000 characters in a single cell."


def test_a_batch_writes_all_its_ranges(google: requests.Session, sheet: str) -> None:
    answer = batch(
        google,
        sheet,
        {"range": "Leads!A2:B2", "values": [["1", "2"]]},
        {"range": "Leads!A3:B3", "values": [["3", "4"]]},
    )
    totals = {name: value for name, value in answer.items() if name.startswith("total")}
    assert totals == {
        "totalUpdatedRows": 2,
        "totalUpdatedColumns": 2,
        "totalUpdatedCells": 4,
        "totalUpdatedSheets": 1,
    }
    assert [part["updatedRange"] for part in answer["responses"]] == ["Leads!A2:B2", "Leads!A3:B3"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"range": "Leads!A1001:B1001", "values": [["x"]]}, "exceeds grid limits"),
        ({"range": "Nowhere!A1", "values": [["x"]]}, "Unable to parse range: Nowhere!A1"),
        ({"range": "Leads!A3:B3", "values": [["x" * 50_001]]}, "50000 characters"),
        ({"range": "Leads!A3:B3", "values": [[{}]]}, "struct_value"),
        ({"range": "Leads!A3:B3", "values": [["x"]], "colour": 1}, 'Unknown name "colour"'),
    ],
)
def test_one_bad_range_fails_the_whole_batch(
    google: requests.Session, sheet: str, wrong: dict[str, Any], sentence: str
) -> None:
    good = {"range": "Leads!A2:B2", "values": [["1", "2"]]}
    error = batch(google, sheet, good, wrong)["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert sentence in error["message"]
    assert "values" not in get(google, sheet, "Leads")


def test_batch_get_answers_in_order(google: requests.Session, sheet: str) -> None:
    put(google, sheet, "Leads!A1:B2", [["a", "b"], ["c", "d"]])
    answer = google.get(
        f"{sheet}/values:batchGet", params={"ranges": ["Leads!B2", "Leads!A1"]}, timeout=5
    ).json()
    assert [part["values"] for part in answer["valueRanges"]] == [[["d"]], [["a"]]]


def test_append_goes_below_the_table_and_grows_the_grid(google: requests.Session, sheet: str) -> None:
    put(google, sheet, "Leads!A1:B2", [["id", "name"], ["1", "Ann"]])
    one = append(google, sheet, "Leads!A1:B1", [["2", "Bob"]])
    assert (one["tableRange"], one["updates"]["updatedRange"]) == ("Leads!A1:B2", "Leads!A3:B3")
    many = append(google, sheet, "Leads", [["x"]] * 1200)
    assert (many["tableRange"], many["updates"]["updatedRows"]) == ("Leads!A1:B3", 1200)
    assert len(get(google, sheet, "Leads!A:A")["values"]) == 1203


def test_append_to_an_empty_tab_starts_where_the_range_starts(google: requests.Session, sheet: str) -> None:
    answer = append(google, sheet, "Leads!B3:C4", [["x"]])
    assert "tableRange" not in answer
    assert answer["updates"]["updatedRange"] == "Leads!B3"


def append(google: requests.Session, sheet: str, text: str, values: Any) -> dict[str, Any]:
    address = f"{sheet}/values/{text}:append"
    return dict(google.post(address, params=RAW, json={"values": values}, timeout=5).json())


def test_raw_keeps_a_formula_as_text_and_user_entered_does_not(google: requests.Session, sheet: str) -> None:
    put(google, sheet, "Leads!A1", [["=1+1"]])
    put(google, sheet, "Leads!B1:E1", [["=1+1", "12", "true", "'=x"]], valueInputOption="USER_ENTERED")
    shown = get(google, sheet, "Leads!A1:E1", valueRenderOption="UNFORMATTED_VALUE")["values"][0]
    assert shown == ["=1+1", "#NAME?", 12, True, "=x"]


def test_the_input_option_is_required(google: requests.Session, sheet: str) -> None:
    answer = google.put(f"{sheet}/values/Leads!A1", json={"values": [["x"]]}, timeout=5)
    assert answer.json()["error"]["message"] == "'valueInputOption' is required but not specified"


def test_clear_empties_cells_and_leaves_the_rest(google: requests.Session, sheet: str) -> None:
    put(google, sheet, "Leads!A1:C1", [["a", "b", "c"]])
    answer = google.post(f"{sheet}/values/Leads!B1:clear", json={}, timeout=5).json()
    assert answer["clearedRange"] == "Leads!B1"
    assert get(google, sheet, "Leads!A1:C1")["values"] == [["a", "", "c"]]


def test_what_is_no_json_is_refused(google: requests.Session, new_sheet: Callable[[], str]) -> None:
    answer = google.post(f"{new_sheet()}/values:batchUpdate", data="{", timeout=5)
    assert answer.json()["error"]["message"].startswith("Invalid JSON payload received.")
