"""`/dev/sheets`: a person's edits, the log of calls, and what survives a kill -9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from local.world.process import WorldProcess
from local.world.turnstile import SECRET_KEY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def write(google: requests.Session, sheet: str, *values: list[Any], top: int = 1) -> None:
    body = {
        "valueInputOption": "RAW",
        "data": [{"range": f"Leads!A{n}:Z{n}", "values": [row]} for n, row in enumerate(values, start=top)],
    }
    assert google.post(f"{sheet}/values:batchUpdate", json=body, timeout=5).status_code == 200


def name_of(sheet: str) -> str:
    return sheet.rpartition("/")[2]


def rows(world: WorldProcess, sheet: str) -> list[list[Any]]:
    tabs = world.call("GET", f"/dev/sheets/{name_of(sheet)}")[1]["tabs"]
    assert [tab["title"] for tab in tabs] == ["Leads"]
    return list(tabs[0]["rows"])


def test_the_demo_spreadsheet_is_there_from_the_start(world: WorldProcess) -> None:
    status, answer = world.call("GET", "/dev/sheets/demo")
    assert (status, [tab["title"] for tab in answer["tabs"]]) == (200, ["Leads"])
    assert world.call("GET", "/dev/sheets/nothing")[0] == 404


def test_a_person_overwrites_deletes_and_inserts_rows(
    world: WorldProcess, google: requests.Session, sheet: str
) -> None:
    write(google, sheet, ["id"], ["a"], ["b"], ["c"])
    path = f"/dev/sheets/{name_of(sheet)}/rows"
    assert world.call("PUT", f"{path}/2", {"cells": ["changed", 7]})[0] == 200
    assert world.call("DELETE", f"{path}/3")[0] == 204
    assert rows(world, sheet) == [["id"], ["changed", 7], ["c"]]
    assert world.call("POST", f"{path}/2", {})[0] == 201
    assert rows(world, sheet) == [["id"], [], ["changed", 7], ["c"]]


def test_a_wrong_edit_is_422_and_a_row_outside_the_grid_404(world: WorldProcess, sheet: str) -> None:
    path = f"/dev/sheets/{name_of(sheet)}/rows"
    assert world.call("PUT", f"{path}/2", {"cells": "x"})[0] == 422
    assert world.call("PUT", f"{path}/0", {"cells": []})[0] == 422
    assert world.call("DELETE", f"{path}/5000")[0] == 404


def test_every_call_is_logged_failed_ones_too(
    world: WorldProcess, google: requests.Session, sheet: str
) -> None:
    write(google, sheet, ["a"], ["b"])
    google.get(f"{sheet}/values/Nowhere!A1", timeout=5)
    requests.get(sheet, timeout=5)
    google.get(f"{sheet}/values/Leads!A1:A5", timeout=5)
    calls = world.call("GET", f"/dev/sheets/{name_of(sheet)}")[1]["calls"]
    assert [(call["method"], call["rows"], call["status"]) for call in calls] == [
        ("spreadsheets.values.batchUpdate", 2, 200),
        ("spreadsheets.values.get", 0, 400),
        ("spreadsheets.get", 0, 401),
        ("spreadsheets.values.get", 2, 200),
    ]
    assert all(call["at"].endswith("Z") for call in calls)


def test_a_lost_answer_still_wrote_and_swallowed_calls_are_logged(
    world: WorldProcess, google: requests.Session, sheet: str, set_fault: Callable[..., Any]
) -> None:
    body = {"valueInputOption": "RAW", "data": [{"range": "Leads!A2", "values": [["a"]]}]}
    set_fault("sheets", "commit-then-timeout", count=1)
    try:
        google.post(f"{sheet}/values:batchUpdate", json=body, timeout=0.5)
        raise AssertionError("there was an answer")
    except requests.Timeout:
        pass
    set_fault("sheets", "error", status=503, count=1)
    assert google.get(sheet, timeout=5).json()["error"]["status"] == "UNAVAILABLE"
    assert rows(world, sheet) == [[], ["a"]]
    calls = world.call("GET", f"/dev/sheets/{name_of(sheet)}")[1]["calls"]
    assert [(call["method"], call["rows"], call["status"]) for call in calls] == [
        ("spreadsheets.values.batchUpdate", 1, 200),
        ("spreadsheets.get", 0, 503),
    ]


def test_everything_answered_survives_kill_9(tmp_path: Path, log_in: Callable[..., str]) -> None:
    world = WorldProcess(tmp_path, {})
    world.start()
    sheet = f"{world.url}/google/v4/spreadsheets/demo"
    google = requests.Session()
    google.headers["Authorization"] = f"Bearer {log_in(world)}"
    grow = {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 100}}
    google.post(f"{sheet}:batchUpdate", json={"requests": [grow]}, timeout=5)
    write(google, sheet, ["id"], ["a"], ["b"], ["c"])
    world.call("DELETE", "/dev/sheets/demo/rows/3")
    account = world.call("GET", "/dev/world/service-account")
    token = world.call("POST", "/dev/turnstile/token", {})[1]["token"]
    before = world.call("GET", "/dev/sheets/demo")
    world.kill()
    world.start()
    try:
        assert world.call("GET", "/dev/sheets/demo") == before
        assert world.call("GET", "/dev/world/service-account") == account
        google.close()
        grid = google.get(sheet, timeout=5).json()["sheets"][0]["properties"]["gridProperties"]
        assert grid["rowCount"] == 1099
        proof = {"secret": SECRET_KEY, "response": token}
        verdicts = [
            requests.post(f"{world.url}/turnstile/v0/siteverify", data=proof, timeout=5) for _ in "12"
        ]
        assert [verdict.json()["success"] for verdict in verdicts] == [True, False]
    finally:
        world.stop()


def test_a_call_of_100_rows_is_logged_as_100_rows(
    world: WorldProcess, google: requests.Session, sheet: str
) -> None:
    values = [[f"id{n}", *(["x" * 40] * 12)] for n in range(100)]
    for _ in range(5):
        write(google, sheet, *values)
    calls = world.call("GET", f"/dev/sheets/{name_of(sheet)}")[1]["calls"]
    assert [call["rows"] for call in calls] == [100] * 5
