"""
A spreadsheet of the test's own: written by syncs of the product, read as the stand-in recorded it.

What a row should say is worked out here from the submissions alone, not with the product's query.
"""

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
import requests

from tests.product.conftest import Api, Faults, FrozenClock, Ledger, Turnstile, empty

ID, CONTENT, SUBMISSIONS = 0, 7, 10  # columns
WRITE = "spreadsheets.values.batchUpdate"
_HEADER_RANGE = "'Leads'!A1:M1"
_INSERT_LEADS = """
WITH lead AS (
    INSERT INTO leads (id, status, source, name, phone, content, consent_version, consent_at, correlation_id,
                       created_at)
    SELECT gen_random_uuid(), 'NEW', 'CONTACT_FORM', 'Lead ' || n, '+849' || n, 'Stored as number ' || n,
           '2026-01', %s, 'test', %s
    FROM generate_series(1, %s) AS n RETURNING id
)
INSERT INTO jobs (id, queue, type, subject_id, state, due_at, correlation_id, created_at)
SELECT gen_random_uuid(), 'sync', 'google_sheets', id, 'waiting', %s, 'test', %s FROM lead
RETURNING subject_id::text AS id
"""
_INSERT_JOB = """
INSERT INTO jobs (id, queue, type, subject_id, state, due_at, correlation_id, created_at)
VALUES (gen_random_uuid(), 'sync', 'google_sheets', %s, 'waiting', %s, 'test', %s)
"""
Meddler = Callable[[str, Any, Callable[[], Any]], Any]


@dataclass
class Meddled:
    """A GoogleSheet with somebody in between, who gets each call's name, its argument and the call itself."""

    google: Any
    meddle: Meddler

    def write(self, rows: Any) -> Any:
        """See GoogleSheet."""
        return self.meddle("write", rows, lambda: self.google.write(rows))

    def ids_at(self, row_numbers: Any) -> Any:
        """See GoogleSheet."""
        return self.meddle("ids_at", row_numbers, lambda: self.google.ids_at(row_numbers))

    def ids_in(self, rows: int) -> Any:
        """See GoogleSheet."""
        return self.meddle("ids_in", rows, lambda: self.google.ids_in(rows))

    def row_count(self) -> Any:
        """See GoogleSheet."""
        return self.meddle("row_count", None, self.google.row_count)

    def add_rows(self, count: int) -> Any:
        """See GoogleSheet."""
        return self.meddle("add_rows", count, lambda: self.google.add_rows(count))


@cache
def _token(credentials_json: str) -> Any:
    from chalicelib.gateways.google_token import GoogleToken  # noqa: PLC0415

    token = GoogleToken(credentials_json)
    token.value()
    return token


@dataclass
class Sheet:
    """One spreadsheet, the leads that belong in it, and whoever writes or reads it."""

    world_url: str
    api: Api
    ledger: Ledger
    clock: FrozenClock
    faults: Faults
    turnstile: Turnstile
    id: str = field(default_factory=lambda: f"test-{uuid.uuid4()}")
    _submitted: int = 0

    def afresh(self) -> "Sheet":
        """Another spreadsheet and an empty house, for one more example."""
        from chalicelib.resilience.valkey import valkey  # noqa: PLC0415

        empty(self.ledger.rows)
        valkey().command("FLUSHALL")
        other = Sheet(self.world_url, self.api, self.ledger, self.clock, self.faults, self.turnstile)
        other.create()
        return other

    def create(self, *, permission: bool = True) -> None:
        """Make the spreadsheet, or change whether the product may write to it."""
        url = f"{self.world_url}/dev/sheets/{self.id}"
        requests.post(url, json={"permission": permission}, timeout=5).raise_for_status()

    def google(self, *, timeout_s: float = 5.0) -> Any:
        """The product's gateway to this spreadsheet."""
        from chalicelib.gateways.google_sheets import GoogleSheet  # noqa: PLC0415
        from chalicelib.platform.settings import settings  # noqa: PLC0415

        token = _token(settings().google_credentials.get_secret_value())
        return GoogleSheet(settings().sheets_api_url, token, self.id, "Leads", timeout_s=timeout_s)

    def sync(self, meddle: Meddler | None = None, *, timeout_s: float = 5.0) -> Any:
        """A container's SheetSync of this spreadsheet, with *meddle* between it and Google."""
        from chalicelib.platform.postgres import database  # noqa: PLC0415
        from chalicelib.resilience.valkey import valkey  # noqa: PLC0415
        from chalicelib.sheets.service import SheetSync  # noqa: PLC0415

        google = self.google(timeout_s=timeout_s)
        between: Any = Meddled(google, meddle) if meddle else google
        return SheetSync(database(), valkey(), between, self.id, "Leads")

    def drain(self, sync: Any, woken_by: Any = ()) -> None:
        """One invocation of the worker."""
        from chalicelib.platform import deadline  # noqa: PLC0415

        with deadline.within(40):
            sync.drain(list(woken_by))

    def promote_rewrites(self) -> None:
        """What the relay's schedule does every minute."""
        from chalicelib.sheets import jobs  # noqa: PLC0415

        jobs.promote_rewrites()

    def settle(self, sync: Any) -> None:
        """Let minutes pass, with the relay and the worker at work, until nothing is left to do."""
        for _ in range(10):
            self.clock.advance(61)
            self.promote_rewrites()
            self.drain(sync)
            if not self.ledger.rows(
                "SELECT 1 FROM jobs WHERE type = 'google_sheets' AND state NOT IN ('done', 'dead')"
                " UNION ALL SELECT 1 FROM sheet_rows"
                " WHERE moved_at IS NULL AND (in_flight_fence IS NOT NULL OR rewrite_at IS NOT NULL)"
            ):
                return
        raise AssertionError(f"not settled after ten minutes: {self.jobs()}")

    def store_leads(self, count: int) -> list[str]:
        """Put *count* leads with their jobs into PostgreSQL; their ids."""
        now = self.clock.now()
        return [row["id"] for row in self.ledger.rows(_INSERT_LEADS, now, now, count, now, now)]

    def touch(self, lead_id: str) -> None:
        """Ask for a lead's row to be written again, as a use case that changed it does."""
        now = self.clock.now()
        self.ledger.rows(_INSERT_JOB, lead_id, now, now)

    def submit(self, phone: int, content: str) -> str:
        """Send the form a second later from another address; the id of the lead that it became or joined."""
        self._submitted += 1
        self.clock.advance(1)
        body = {
            "name": "Nguyễn Thị Hoa",
            "phone": f"0912 {phone:06d}",
            "content": content,
            "source": "CONTACT_FORM",
            "consent": {"version": "2026-01", "accepted": True},
            "turnstileToken": self.turnstile.token(),
        }
        address = f"10.9.{self._submitted // 200}.{self._submitted % 200 + 1}"
        reply = self.api.call("POST", "/leads", body, address=address)
        assert reply.status == 201, reply.body
        found = self.ledger.rows(
            "SELECT coalesce(merged_into, id)::text AS id FROM leads WHERE id = %s", reply.json["id"]
        )
        return str(found[0]["id"])

    def jobs(self) -> list[dict[str, Any]]:
        """The ledger's view of every job of the sheet, oldest first."""
        return self.ledger.rows(
            "SELECT id, subject_id::text AS lead, state, attempts, due_at, reason FROM jobs"
            " WHERE queue = 'sync' ORDER BY created_at, id"
        )

    def states(self) -> dict[str, int]:
        """How many jobs are in each state."""
        return dict(Counter(job["state"] for job in self.jobs()))

    def alerts(self, kind: str) -> int:
        """How many alerts of *kind* there were."""
        return len(self.ledger.rows("SELECT 1 FROM alerts WHERE kind = %s", kind))

    def _shown(self) -> dict[str, Any]:
        answer = requests.get(f"{self.world_url}/dev/sheets/{self.id}", timeout=10)
        answer.raise_for_status()
        shown: dict[str, Any] = answer.json()
        return shown

    def rows(self) -> list[list[Any]]:
        """Every row, the header first."""
        rows: list[list[Any]] = self._shown()["tabs"][0]["rows"]
        return rows

    def calls(self) -> list[dict[str, Any]]:
        """Every call that Google saw or a fault swallowed."""
        calls: list[dict[str, Any]] = self._shown()["calls"]
        return calls

    def batch_sizes(self) -> list[int]:
        """How many leads' rows each write call had that Google answered with 200."""
        return [
            call["rows"]
            for call in self.calls()
            if call["method"] == WRITE and call["status"] == 200 and call["ranges"] != [_HEADER_RANGE]
        ]

    def contents(self) -> dict[str, tuple[str, str]]:
        """What stands in the sheet: lead → words and number of submissions. Fails if an id is there twice."""
        body = [row for row in self.rows()[1:] if row]
        ids = [row[ID] for row in body]
        assert len(ids) == len(set(ids)), f"doubled: {[i for i, n in Counter(ids).items() if n > 1]}"
        return {row[ID]: (row[CONTENT], row[SUBMISSIONS]) for row in body}

    def wanted(self) -> dict[str, tuple[str, str]]:
        """What should stand there: the last submission's words, and how many there were."""
        words: dict[str, list[str]] = {}
        for row in self.ledger.rows(
            "SELECT coalesce(merged_into, id)::text AS id, content FROM leads ORDER BY created_at"
        ):
            words.setdefault(row["id"], []).append(row["content"])
        return {lead: (said[-1], str(len(said))) for lead, said in words.items()}

    def overwrite(self, number: int, cells: list[Any]) -> None:
        """A person types over a row."""
        url = f"{self.world_url}/dev/sheets/{self.id}/rows/{number}"
        requests.put(url, json={"cells": cells}, timeout=5).raise_for_status()

    def insert_row(self, number: int) -> None:
        """A person inserts an empty row; what was there moves down."""
        requests.post(f"{self.world_url}/dev/sheets/{self.id}/rows/{number}", timeout=5).raise_for_status()

    def delete_row(self, number: int) -> None:
        """A person deletes a row; what was below moves up, and the grid shrinks by one."""
        requests.delete(f"{self.world_url}/dev/sheets/{self.id}/rows/{number}", timeout=5).raise_for_status()

    def resize(self, rows: int) -> None:
        """A person cuts the grid off after *rows* rows, with all that stands below."""
        self._set({"gridProperties": {"rowCount": rows}}, "gridProperties.rowCount")

    def rename_tab(self, title: str) -> None:
        """A person gives the tab another name."""
        self._set({"title": title}, "title")

    def _set(self, properties: dict[str, Any], mask: str) -> None:
        request = {"updateSheetProperties": {"properties": {"sheetId": 0, **properties}, "fields": mask}}
        self.google()._call("POST", ":batchUpdate", {"requests": [request]})


@pytest.fixture
def sheet(
    api: Api, ledger: Ledger, clock: FrozenClock, faults: Faults, turnstile: Turnstile, world_url: str
) -> Sheet:
    """A fresh spreadsheet with an empty ledger, at the beginning of an alert window."""
    clock.instant = clock.instant.replace(minute=0, second=5, microsecond=0)
    found = Sheet(world_url, api, ledger, clock, faults, turnstile)
    found.create()
    return found
