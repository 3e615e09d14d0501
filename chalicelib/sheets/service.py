"""
Drains what is due into the sheet: one writer at a time, explicit rows, up to 100 a call.

Before a call its rows and fence are committed as in flight; after it they are confirmed under the same
fence together with their jobs. What an older fence left in flight is written again, at once and once more
after the longest time that a call of a sleeping holder can still land. A repeat writes the same cells, so
no row is ever doubled.

An outage (no answer, 429, an open circuit, a broken sheet) defers jobs and spends nothing; only a row that
Google refuses by itself, found by bisecting, spends an attempt.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from chalicelib.alerts import service as alerts
from chalicelib.gateways.google_sheets import (
    TIMEOUT_S,
    GoogleSheet,
    RowsRefused,
    RowWrite,
    SheetBroken,
    Throttled,
)
from chalicelib.gateways.http import NoAnswer
from chalicelib.jobs import ledger
from chalicelib.jobs import store as jobs_store
from chalicelib.jobs.ledger import Claim
from chalicelib.jobs.outcome import deferred
from chalicelib.platform import clock, deadline, logs, metrics
from chalicelib.platform.errors import LockTimeout, ServiceUnavailable
from chalicelib.platform.postgres import Database, Row, Transaction
from chalicelib.resilience.breaker import Breaker
from chalicelib.resilience.lock import Lease, held
from chalicelib.resilience.store import FenceLost, hold_fence, issue_fence
from chalicelib.resilience.valkey import Valkey
from chalicelib.sheets import rules, store
from chalicelib.sheets.outcomes import OUTAGES, Outage, Sent, outage_of, outcome_of

JOB_TYPE, QUEUE = "google_sheets", "sync"
CIRCUIT = "google_sheets"
BATCH_ROWS = 100
CALL_BUDGET_S = (
    22.0  # a token, a read and a write, each within its own timeout, must fit before the next is begun
)
_GROW_BY_ROWS = 1000
# A worker may sleep for as long as its function may run, and then still make the call that it had checked.
_LATE_LANDING = timedelta(seconds=ledger.FUNCTION_TIMEOUT_S[QUEUE] + TIMEOUT_S + 5)
_ALERT_WINDOW = timedelta(minutes=15)
_NOBODYS = Claim(UUID(int=0), ())
T = TypeVar("T")
log = logs.EventLog("sheets")


class SheetSync:
    """The sync of one tab; one instance a container, so that what it learned of the grid is kept."""

    def __init__(
        self, database: Database, valkey: Valkey, sheet: GoogleSheet, spreadsheet_id: str, tab: str
    ) -> None:
        self._database = database
        self._sheet = sheet
        self._spreadsheet_id, self._tab = spreadsheet_id, tab
        self._name = f"sheets:{spreadsheet_id}"
        self._valkey = valkey
        self.breaker = Breaker(valkey, CIRCUIT, TIMEOUT_S)
        self._known_rows = 0

    @contextmanager
    def alone(self) -> Iterator[tuple[Lease, int]]:
        """
        Hold the sheet, so that no other writes to it: the lease, and the fence for every transaction.

        Raises:
            LockTimeout: another holds it.
        """
        with held(self._valkey, self._name) as lease:
            yield lease, issue_fence(self._database, self._name)

    def drain(self, woken_by: Sequence[UUID]) -> None:
        """
        Write everything that is due, as far as the deadline allows; *woken_by* are deferred if the lock is
        busy.
        """
        try:
            with self.alone() as (lease, fence):
                self.drain_under(lease, fence)
        except LockTimeout:
            self._defer("LOCK_TIMEOUT", clock.now() + timedelta(seconds=5), woken_by)
        except FenceLost as error:
            log.warning("sheets.fence_lost", detail=str(error))
        except Outage as outage:
            self._defer(outage.reason, outage.until, None)

    def _defer(self, reason: str, until: datetime, ids: Sequence[UUID] | None) -> None:
        count = jobs_store.defer_due(
            self._database,
            queue=QUEUE,
            job_type=JOB_TYPE,
            now=clock.now(),
            until=until,
            reason=reason,
            ids=None if ids is None else list(ids),
        )
        if count:
            metrics.count(metrics.JOBS, QUEUE, "deferred", by=count)
        log.warning("sheets.deferred", reason=reason, until=until, jobs=count)

    def drain_under(self, lease: Lease, fence: int) -> None:
        """Write what is due, holding the sheet. Raises Outage and FenceLost."""
        try:
            self._take_over(lease, fence)
        except Outage as outage:
            # Whether a job has waited for 24 h is judged once it is claimed, so an outage claims too.
            self._put_off(ledger.claim_due(self._database, QUEUE, JOB_TYPE, BATCH_ROWS), outage)
            raise
        due = jobs_store.count_due(self._database, queue=QUEUE, job_type=JOB_TYPE, now=clock.now())
        number, total = 0, -(-due // BATCH_ROWS)
        while deadline.remaining_s(60) > CALL_BUDGET_S:
            claim = ledger.claim_due(self._database, QUEUE, JOB_TYPE, BATCH_ROWS)
            if not claim.jobs:
                return
            number += 1
            log.info("sheets.batch", batch=number, total=max(number, total), jobs=len(claim.jobs))
            self._write_claim(lease, fence, claim)

    def _take_over(self, lease: Lease, fence: int) -> None:
        """Write again what an older fence left in flight, now and once more when none of it can land."""
        while deadline.remaining_s(60) > CALL_BUDGET_S:
            with self.transaction(fence) as transaction:
                rows = self._existing(transaction, store.left_in_flight(transaction, fence, BATCH_ROWS))
            if not rows:
                return
            log.warning("sheets.taken_over", rows=len(rows))
            self._send(lease, fence, rows, _NOBODYS, rewrite_at=clock.now() + _LATE_LANDING)

    def _write_claim(self, lease: Lease, fence: int, claim: Claim) -> None:
        lead_ids = list(dict.fromkeys(job.subject_id for job in claim.jobs))
        try:
            self.write(lease, fence, lead_ids, claim)
        except Outage as outage:
            self._put_off(claim, outage)
            raise

    def write(self, lease: Lease, fence: int, lead_ids: Sequence[UUID], claim: Claim = _NOBODYS) -> Sent:
        """
        Write the rows of *lead_ids*, a call's worth at the most, and settle *claim* with them.

        Raises:
            Outage, FenceLost: nothing of it is confirmed; what was sent will be written again.
        """
        with self.transaction(fence) as transaction:
            rows = self._existing(transaction, store.raise_versions(transaction, list(lead_ids)))
            self._number(transaction, rows)
        return self._send(lease, fence, rows, claim, rewrite_at=None)

    def ids(self, lease: Lease) -> list[str]:
        """The id column as it stands now, from row 1 on. Raises Outage and FenceLost."""
        try:
            rows = self._call(lease, self._sheet.row_count)
            return self._call(lease, lambda: self._sheet.ids_in(rows))
        except OUTAGES as error:
            raise self._outage_of(error) from error

    @contextmanager
    def transaction(self, fence: int) -> Iterator[Transaction]:
        """A transaction that commits only while *fence* is the latest. Raises FenceLost."""
        with self._database.transaction() as transaction:
            hold_fence(transaction, self._name, fence)
            yield transaction

    def _put_off(self, claim: Claim, outage: Outage) -> None:
        now = clock.now()
        outcomes = [deferred(job, outage.reason, now, outage.until) for job in claim.jobs]
        ledger.settle(self._database, claim, outcomes)

    @staticmethod
    def _existing(transaction: Transaction, rows: list[Row]) -> list[Row]:
        """Those of *rows* whose lead is not gone."""
        found = store.contents(transaction, [row["lead_id"] for row in rows])
        return [row for row in rows if row["lead_id"] in found]

    def _number(self, transaction: Transaction, rows: list[Row]) -> None:
        """Give each row without a number the next one."""
        fresh = [row for row in rows if row["row_number"] is None]
        if not fresh:
            return
        first = store.allot_rows(
            transaction, spreadsheet_id=self._spreadsheet_id, tab=self._tab, count=len(fresh)
        )
        for number, row in enumerate(fresh, first):
            row["row_number"] = number
        store.number_rows(transaction, [row["lead_id"] for row in fresh], first)

    def _take_off(
        self, fence: int, rows: list[Row], moved: set[UUID], taken: set[UUID], rewrite_at: datetime | None
    ) -> dict[UUID, RowWrite]:
        """Commit what was seen of the places, and the others as in flight; return what to write."""
        numbers = {row["lead_id"]: row["row_number"] for row in rows if row["lead_id"] not in moved | taken}
        with self.transaction(fence) as transaction:
            store.mark_moved(transaction, list(moved), clock.now())
            store.give_up_number(transaction, list(taken))
            store.take_off(transaction, fence=fence, lead_ids=list(numbers), rewrite_at=rewrite_at)
            found = store.contents(transaction, list(numbers))
        return {
            lead_id: RowWrite(number, rules.cells_of(found[lead_id]))
            for lead_id, number in numbers.items()
            if lead_id in found
        }

    def _send(
        self, lease: Lease, fence: int, rows: list[Row], claim: Claim, *, rewrite_at: datetime | None
    ) -> Sent:
        """
        Make the calls for *rows* and settle *claim*, in one transaction under the fence.

        In flight is only what a call was made for: what an outage kept from being sent stands nowhere.
        """
        moved: set[UUID] = set()
        taken: set[UUID] = set()
        writes: dict[UUID, RowWrite] = {}
        may_stand: set[UUID] = set()
        try:
            if rows:
                # First, since reading beyond the grid is refused: somebody may have cut old rows off.
                self._ensure_room(lease, max(row["row_number"] for row in rows))
                moved, taken = self._look(lease, rows)
                writes = self._take_off(fence, rows, moved, taken, rewrite_at)
            refused = self._write_bisecting(lease, list(writes.items()), may_stand)
        except NoAnswer as error:
            raise self._outage_of(error) from error
        except (ServiceUnavailable, Throttled, SheetBroken) as error:
            if rewrite_at is None:  # of a row taken over, an older call may still land
                store.never_left(self._database, list(writes.keys() - may_stand), fence)
            raise self._outage_of(error) from error
        now = clock.now()
        sent = Sent(refused, moved, taken)
        outcomes = [outcome_of(job, sent, now) for job in claim.jobs]
        with self.transaction(fence) as transaction:
            store.never_left(transaction, list(refused), fence)
            store.landed(transaction, [lead_id for lead_id in writes if lead_id not in refused], fence)
            held_jobs = ledger.write(transaction, claim, outcomes)
        ledger.announce(claim, outcomes, held_jobs)
        if moved:
            body = f"{len(moved)} rows hold another's id, and are left alone until someone reconciles."
            alerts.raise_alert(
                "sheet_rows_moved", "Someone moved rows in the sheet", body, window=_ALERT_WINDOW
            )
        return sent

    def _outage_of(self, error: Exception) -> Outage:
        outage = outage_of(error, clock.now())
        if isinstance(error, SheetBroken):
            if error.is_grid:
                self._known_rows = 0
            alerts.raise_alert("sheet_broken", "The sheet refuses our rows", str(error), window=_ALERT_WINDOW)
        return outage

    def _call(self, lease: Lease, call: Callable[[], T]) -> T:
        """One call to Google under lease and breaker; an answered error is no failure of the service."""
        if not lease.extend():
            raise FenceLost(f"{self._name}: the lease was lost")
        granted = self.breaker.enter()
        try:
            answer = call()
        except NoAnswer:
            self.breaker.fail(granted)
            raise
        except (Throttled, SheetBroken, RowsRefused):
            self.breaker.succeed(granted)
            raise
        self.breaker.succeed(granted)
        return answer

    def _look(self, lease: Lease, rows: list[Row]) -> tuple[set[UUID], set[UUID]]:
        """
        Which of *rows* must not be written: those that a person moved, and fresh places where something
        stands.

        A row that was confirmed must hold its own id; one that may have been sent may also still be empty.
        """
        ids = self._call(lease, lambda: self._sheet.ids_at([row["row_number"] for row in rows]))
        moved, taken = set(), set()
        for row in rows:
            found = ids[row["row_number"]]
            if found == str(row["lead_id"]):
                continue
            if row["written_version"] or (found and row["in_flight_version"] is not None):
                moved.add(row["lead_id"])
            elif found:
                taken.add(row["lead_id"])
        return moved, taken

    def _ensure_room(self, lease: Lease, last_row: int) -> None:
        """Grow the grid before it is needed, and write the header once."""
        if self._known_rows >= last_row:
            return
        is_first_look = self._known_rows == 0
        rows = self._call(lease, self._sheet.row_count)
        if rows < last_row:
            missing = max(_GROW_BY_ROWS, last_row - rows)
            self._call(lease, lambda: self._sheet.add_rows(missing))
            log.info("sheets.grown", rows=rows + missing)
            rows += missing
        if is_first_look and not self._call(lease, lambda: self._sheet.ids_at([1]))[1]:
            self._call(lease, lambda: self._sheet.write([RowWrite(1, rules.HEADER)]))
        self._known_rows = rows

    def _write_bisecting(
        self, lease: Lease, writes: list[tuple[UUID, RowWrite]], may_stand: set[UUID]
    ) -> set[UUID]:
        """Write all of *writes* but the rows that Google refuses, and return those; the rest *may_stand*."""
        if not writes:
            return set()
        try:
            self._call(lease, lambda: self._sheet.write([write for _, write in writes]))
        except RowsRefused:
            if len(writes) == 1:
                log.warning("sheets.row_refused", lead_id=str(writes[0][0]))
                return {writes[0][0]}
            half = len(writes) // 2
            return self._write_bisecting(lease, writes[:half], may_stand) | self._write_bisecting(
                lease, writes[half:], may_stand
            )
        may_stand.update(lead_id for lead_id, _ in writes)
        return set()
