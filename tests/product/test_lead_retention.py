"""How long people are known, and that a restore from a backup brings none of them back."""

import json
import os
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

import pytest

from tests.product.conftest import LambdaContext, Ledger

if TYPE_CHECKING:
    from tests.product.desk_fixtures import Work
    from tests.product.sheet_fixtures import Sheet

pytest_plugins = (
    "tests.product.staff_fixtures",
    "tests.product.desk_fixtures",
    "tests.product.sheet_fixtures",
    "tests.product.catalogue_fixtures",
)
DAY_S = 86_400


def _retention() -> None:
    from chalicelib.staff.leads.erasure.jobs import forget_over  # noqa: PLC0415

    forget_over(LambdaContext())


def _known(work: "Work") -> set[str]:
    return {str(row["id"]) for row in work.ledger.rows("SELECT id FROM leads WHERE phone IS NOT NULL")}


def test_a_lead_is_known_for_three_years_after_the_last_that_was_sent_or_done(
    work: "Work", sheet: "Sheet"
) -> None:
    untouched, changed, noted = (work.submit(phone=f"0987 654 32{number}") for number in range(3))
    sync = sheet.sync()
    sheet.drain(sync)
    work.clock.advance(600 * DAY_S)
    work.patch(changed, status="CONTACTED")
    work.patch(noted, note="Một.")
    work.clock.advance(495 * DAY_S - 3)
    _retention()
    assert _known(work) == {untouched, changed, noted}
    work.clock.advance(6)
    _retention()
    assert _known(work) == {changed, noted}
    found = work.get(untouched)
    assert (found["name"], found["erasedAt"] is None) == (None, False)
    assert work.ledger.rows("SELECT target, cause FROM erasures") == [
        {"target": f"leads/{untouched}", "cause": "retention"}
    ]
    events = work.desk.get("/admin/leads/{id}/timeline", id=untouched)["events"]
    assert [(each["kind"], each["status"]) for each in events if each["status"] == "erased"] == [
        ("lead", "erased")
    ]
    sheet.drain(sync)
    assert [cell for cell in sheet.rows()[1] if cell] == [untouched, "ERASED"]
    work.clock.advance(600 * DAY_S)
    _retention()
    assert _known(work) == set()


def test_spam_is_forgotten_sooner_and_what_is_held_back_is_not(work: "Work") -> None:
    spam, held = work.held(), work.held(phone="0987 654 321")
    work.clock.advance(50 * DAY_S)
    work.do("reject", spam)
    work.clock.advance(89 * DAY_S)
    _retention()
    assert _known(work) == {spam, held}
    work.clock.advance(2 * DAY_S)
    _retention()
    assert _known(work) == {held}


def test_how_long_is_a_setting(work: "Work", catalogue: Ledger) -> None:
    lead_id = work.submit()
    catalogue.rows("UPDATE settings SET value = '30' WHERE key = 'leadRetentionDays'")
    work.clock.advance(29 * DAY_S)
    _retention()
    assert _known(work) == {lead_id}
    work.clock.advance(2 * DAY_S)
    _retention()
    assert _known(work) == set()


def test_a_slot_is_forgotten_once_nothing_can_join_it(work: "Work") -> None:
    work.submit()
    work.clock.advance(23 * 3600)
    _retention()
    assert len(work.ledger.rows("SELECT 1 FROM lead_slots")) == 1
    work.clock.advance(2 * 3600)
    _retention()
    assert work.ledger.rows("SELECT 1 FROM lead_slots") == []


def _restore(ledger: Ledger, saved: dict[str, str]) -> None:
    """What a restore does with these tables: they are as they were, and know nothing of the erasures."""
    ledger.rows("DELETE FROM erasures; DELETE FROM audit_log")
    for table, rows in saved.items():
        columns = ", ".join(f"{name} = excluded.{name}" for name in json.loads(rows)[0] if name != "id")
        ledger.rows(
            f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)"  # noqa: S608  names
            f" ON CONFLICT (id) DO UPDATE SET {columns}",
            rows,
        )


def _saved(ledger: Ledger, *tables: str) -> dict[str, str]:
    return {
        table: json.dumps(
            ledger.rows(f"SELECT jsonb_agg(to_jsonb(kept)) AS rows FROM {table} AS kept")[0]["rows"]  # noqa: S608
        )
        for table in tables
    }


def _replay(lines: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "chalicelib.staff.erasures"],
        input=lines,
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_erasures_are_done_again_after_a_restore_from_what_the_log_says(
    work: "Work", sheet: "Sheet", capsys: pytest.CaptureFixture[str]
) -> None:
    """The command and the function of docs/runbooks.md, as an operator runs them."""
    erased, kept = work.submit(), work.submit(phone="0987 654 321")
    sheet.drain(sheet.sync())
    homeowner = str(work.desk.ids["HOMEOWNER"])
    saved = _saved(work.ledger, "users", "leads")
    capsys.readouterr()
    assert work.do("erase", erased).status == 200
    assert work.desk.call("DELETE", "/me", role="HOMEOWNER").status == 204
    assert work.patch(kept, status="CONTACTED").status == 200
    lines = capsys.readouterr().out
    _restore(work.ledger, saved)
    assert _known(work) == {erased, kept}
    assert _replay(lines) == "erased 2, forgotten already 0, kept 0"
    assert _known(work) == {kept}, "a line that only mentions a lead erases nobody"
    assert work.ledger.rows("SELECT 1 FROM users WHERE id = %s", homeowner) == []
    assert {
        (row["target"], row["cause"]) for row in work.ledger.rows("SELECT target, cause FROM erasures")
    } == {
        (f"leads/{erased}", "replay"),
        (f"users/{homeowner}", "owner"),
    }
    sheet.drain(sheet.sync())
    assert [cell for cell in sheet.rows()[1] if cell] == [erased, "ERASED"]
    assert _replay(lines) == "erased 0, forgotten already 2, kept 0"
    import app  # noqa: PLC0415

    again = app.repeat_erasures({"lines": lines.splitlines()}, LambdaContext())
    assert again == {"erased": 0, "forgotten": 2, "kept": 0}


def test_the_table_of_the_lost_database_is_understood_too(work: "Work") -> None:
    from chalicelib.staff.erasures.service import targets_in  # noqa: PLC0415

    lead_id = work.submit()
    work.do("erase", lead_id)
    lines = [row["target"] + "\n" for row in work.ledger.rows("SELECT target FROM erasures")]
    assert targets_in([*lines, *lines]) == [("leads", uuid.UUID(lead_id))]
    other = uuid.uuid4()
    noise = [
        f"see leads/{other}", f"leads/{other} and more",
        f'{{"event": "lead.changed", "target": "leads/{other}"}}',
        '{"event": "erasure.recorded"}', "{", "", f"sheets/{other}",
    ]  # fmt: skip
    assert targets_in(noise) == []
