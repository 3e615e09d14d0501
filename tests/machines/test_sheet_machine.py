"""The sheet against a plain model: frozen holders, late calls, lost answers, merges, erasures, and people."""

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.machines.conftest import Broker, House, Line
from tests.machines.slow_google import ID, Container, Fate, Grid, Wire
from tests.product.profiles import MACHINES, MACHINES_MAY_TAKE_S

pytestmark = pytest.mark.timeout(MACHINES_MAY_TAKE_S)
STATUS, CONTENT, SUBMISSIONS = 2, 7, 10  # columns
CONTAINERS = 2
CONTAINER_LIVES = timedelta(seconds=45)  # the sync function's timeout
CALL_LANDS_WITHIN = timedelta(seconds=15)  # the timeout of a call
FATES = st.one_of(
    st.none(),
    st.builds(
        Fate,
        st.sampled_from(["write", "write", "write", "ids_at", "row_count"]),
        st.sampled_from(
            [
                "frozen before",
                "frozen before",
                "frozen after",
                "late",
                "lost",
                "answer lost",
                "dies",
                "throttled",
            ]
        ),
        st.sampled_from([0, 0, 1, 2]),
    ),
)
PHONES, WHICH = st.integers(0, 3), st.integers(0, CONTAINERS - 1)
_SUBMIT = """
WITH lead AS (
    INSERT INTO leads (id, status, source, name, phone, content, consent_version, consent_at, merged_into,
                       correlation_id, created_at)
    VALUES (%(id)s, 'NEW', 'CONTACT_FORM', 'A lead', %(phone)s, %(content)s, '2026-01', %(now)s, %(primary)s,
            'test', %(now)s)
)
"""
_ERASE = """
WITH erased AS (
    UPDATE leads SET name = NULL, phone = NULL, email = NULL, content = NULL, erased_at = %(now)s
    WHERE id = %(subject)s OR merged_into = %(subject)s
)
"""
_JOB = """
INSERT INTO jobs (id, queue, type, subject_id, state, due_at, correlation_id, created_at)
VALUES (gen_random_uuid(), 'sync', 'google_sheets', %(subject)s, 'waiting', %(now)s, 'test', %(now)s)
"""
_IN_FLIGHT = "SELECT 1 FROM sheet_rows WHERE moved_at IS NULL AND in_flight_fence IS NOT NULL"
_UNSETTLED = """
SELECT 1 FROM jobs WHERE state NOT IN ('done', 'dead') UNION ALL
SELECT 1 FROM sheet_rows WHERE moved_at IS NULL AND (in_flight_fence IS NOT NULL OR rewrite_at IS NOT NULL)
"""


@dataclass
class Lead:
    """What one row should say."""

    phone: int
    words: list[str] = field(default_factory=list)
    is_erased: bool = False
    is_disturbed: bool = False  # a person has moved its row, so it is left alone

    def cells(self) -> tuple[str, str, str]:
        """Its status, content and number of submissions, as the row should have them."""
        return ("ERASED", "", "") if self.is_erased else ("NEW", self.words[-1], str(len(self.words)))


class Spreadsheet(RuleBasedStateMachine):
    """Visitors, two containers of the worker, a relay, a Google that is slow to land, and people."""

    house: House
    broker: Broker
    lines: list[tuple[Any, Line]]

    def __init__(self) -> None:
        super().__init__()
        from chalicelib.sheets.service import SheetSync  # noqa: PLC0415

        self.house.begin()
        self.broker.begin()
        self.grid, self.leads, self.containers = Grid(), dict[str, Lead](), list[Container]()
        for valkey, line in self.lines:
            line.state = "up"
            wire = Wire(self.grid, line, self.house.now)
            sheet: Any = wire
            sync = SheetSync(self.house.database, valkey, sheet, "modelled", "Leads")
            self.containers.append(Container(self.house, valkey, line, wire, sync))

    # What visitors and staff do

    def _open(self, phone: int) -> str | None:
        """The lead that a submission from *phone* joins."""
        return next(
            (id_ for id_, lead in self.leads.items() if lead.phone == phone and not lead.is_erased), None
        )

    @rule(phone=PHONES)
    def submit(self, phone: int) -> None:
        """A new lead, or one more submission of one that is open."""
        self.house.pass_time(timedelta(milliseconds=1))
        lead_id, primary = str(uuid.uuid4()), self._open(phone)
        words = f"Submission {lead_id}"
        parameters: dict[str, Any] = {"id": lead_id, "phone": str(phone), "content": words}
        parameters |= {"primary": primary, "subject": primary or lead_id, "now": self.house.now()}
        self.house.rows(_SUBMIT + _JOB, parameters)
        self.leads.setdefault(primary or lead_id, Lead(phone)).words.append(words)

    @rule(phone=PHONES)
    def erase(self, phone: int) -> None:
        """A person is erased: its row becomes a tombstone."""
        lead_id = self._open(phone)
        if lead_id is not None:
            self.house.rows(_ERASE + _JOB, {"subject": lead_id, "now": self.house.now()})
            self.leads[lead_id].is_erased = True

    # What containers do

    @precondition(lambda self: not all(container.is_frozen for container in self.containers))
    @rule(which=WHICH, fate=FATES)
    def run(self, which: int, fate: Fate | None) -> None:
        """A container drains what is due; one of its calls may meet its fate, or freeze it."""
        container = self.containers[which]
        if container.is_frozen:
            container = self.containers[1 - which]
        if fate is not None:
            container.run(Fate(fate.method, fate.kind, fate.skipped))
        else:
            self._run_well(container)

    def _run_well(self, container: Container) -> None:
        """Nothing happens to this run: unless it must wait, nothing of an older fence stays in flight."""
        fence, is_well = self._fence(), container.sync.breaker.state() == "closed"
        container.run(None)
        if is_well and self._fence() > fence:
            assert not self.house.rows(_IN_FLIGHT), "not taken over at once"

    def _fence(self) -> int:
        return sum(row["number"] for row in self.house.rows("SELECT number FROM fences"))

    @rule(phone=PHONES, is_flushed=st.booleans(), kind=st.sampled_from(["lands", "late", "last words"]))
    def let_a_holder_sleep_as_long_as_it_can(self, phone: int, kind: str, *, is_flushed: bool) -> None:
        """It sends its old words just before it is killed, after another has written newer ones."""
        sleeper, successor = self.containers
        if sleeper.is_frozen or successor.is_frozen:
            return
        self.submit(phone)
        sleeper.run(Fate("write", "frozen before"))
        if not sleeper.is_frozen or sleeper.began is None:
            return
        if is_flushed:
            self.flush()
        else:
            self.house.pass_time(timedelta(seconds=30))
        self.submit(phone)
        self._run_well(successor)
        self.house.clock.instant = sleeper.began + CONTAINER_LIVES - timedelta(milliseconds=1)
        sleeper.order(kind)
        self._let_leases_end()
        self.relay()
        self._run_well(successor)
        while sleeper.wire.late:
            self.land(0)

    def _let_leases_end(self) -> None:
        ends = self.house.rows("SELECT max(lease_until) AS at FROM jobs WHERE state = 'running'")[0]["at"]
        self.house.clock.instant = max(self.house.now(), ends or self.house.now())

    @precondition(lambda self: any(container.is_frozen for container in self.containers))
    @rule(
        which=WHICH,
        kind=st.sampled_from(["lands", "lands", "late", "last words", "lost", "answer lost", "dies"]),
    )
    def thaw(self, which: int, kind: str) -> None:
        """A frozen container goes on, unless its time was over first; its call meets one more fate."""
        container = self.containers[which]
        if not container.is_frozen:
            container = self.containers[1 - which]
        is_alive = container.began is not None and self.house.now() < container.began + CONTAINER_LIVES
        container.order(kind if is_alive else "dies")

    @precondition(lambda self: any(container.wire.late for container in self.containers))
    @rule(which=WHICH)
    def land(self, which: int) -> None:
        """A call that nobody waits for any more takes effect, unless it is lost by now."""
        late = self.containers[which].wire.late or self.containers[1 - which].wire.late
        sent_at, landing = late.pop(0)
        if self.house.now() < sent_at + CALL_LANDS_WITHIN:
            self._ignore_refusal(landing)

    @staticmethod
    def _ignore_refusal(landing: Any) -> None:
        from chalicelib.gateways.google_sheets import RowsRefused, SheetBroken  # noqa: PLC0415

        try:
            landing()
        except (RowsRefused, SheetBroken):
            return

    # What happens around them

    @rule(duration_s=st.sampled_from([1, 5, 14.999, 16, 29.999, 30, 44.999, 51, 61]))
    def pass_time(self, duration_s: float) -> None:
        """Time passes, often right up to an edge."""
        self.house.pass_time(timedelta(milliseconds=round(duration_s * 1000)))

    @rule()
    def relay(self) -> None:
        """The schedule of each minute."""
        from chalicelib.sheets import jobs  # noqa: PLC0415

        jobs.promote_rewrites()

    @rule()
    def wait_for_the_second_writing(self) -> None:
        """Up to the instant at which an older call is believed to have landed or to be lost."""
        due = self.house.rows("SELECT min(rewrite_at) AS at FROM sheet_rows WHERE moved_at IS NULL")[0]["at"]
        if due is not None:
            self.house.clock.instant = max(self.house.now(), due)
            self.relay()

    @rule()
    def flush(self) -> None:
        """Valkey fails over to a replica that knows of no lock and no circuit."""
        self.house.flush()

    @rule(which=WHICH, state=st.sampled_from(["up", "up", "cut"]))
    def cut_or_mend_a_line(self, which: int, state: str) -> None:
        """One container loses Valkey and skips the lock, or finds it again."""
        if not self.containers[which].is_frozen:
            self.containers[which].line.state = state

    @rule(phone=PHONES, is_liked=st.booleans())
    def change_googles_mind(self, phone: int, *, is_liked: bool) -> None:
        """Google refuses a row by itself, or takes it again."""
        lead_id = self._open(phone)
        if lead_id is not None:
            (self.grid.disliked.discard if is_liked else self.grid.disliked.add)(lead_id)

    @rule(number=st.integers(2, 6), other=st.integers(2, 6), is_insertion=st.booleans())
    def let_a_person_edit(self, number: int, other: int, *, is_insertion: bool) -> None:
        """A row is inserted, or two change places, while nothing is on its way (that no one could mend)."""
        late = [sent_at for container in self.containers for sent_at, _ in container.wire.late]
        is_busy = any(container.is_frozen for container in self.containers) or any(
            self.house.now() < sent_at + CALL_LANDS_WITHIN for sent_at in late
        )
        rows = self.house.rows("SELECT lead_id::text AS id, row_number, in_flight_fence FROM sheet_rows")
        if is_busy or any(row["in_flight_fence"] is not None for row in rows):
            return
        touched = (lambda at: at >= number) if is_insertion else (lambda at: at in (number, other))
        moved = {row["id"] for row in rows if row["row_number"] is not None and touched(row["row_number"])}
        moved |= {cells[ID] for at, cells in self.grid.rows.items() if touched(at)}
        for lead_id in moved & self.leads.keys():
            self.leads[lead_id].is_disturbed = True
        if is_insertion:
            self.grid.insert_row(number)
        elif number != other:
            self.grid.swap(number, other)

    # What must hold

    @invariant()
    def no_id_is_doubled_and_no_row_overwritten(self) -> None:
        """At every instant, also before everything has settled."""
        doubled = [id_ for id_, count in Counter(c[ID] for c in self.grid.rows.values()).items() if count > 1]
        assert doubled == []
        assert self.grid.trespasses == []

    def teardown(self) -> None:
        """Once the faults are over, minutes pass, and every lead is one row that says the latest."""
        for container in self.containers:
            if container.is_frozen:
                container.order("dies")
            for sent_at, landing in container.wire.late:
                if self.house.now() < sent_at + CALL_LANDS_WITHIN:
                    self._ignore_refusal(landing)
            container.line.state = "up"
        self.grid.disliked.clear()
        for _ in range(12):
            self.house.pass_time(timedelta(seconds=61))
            self.relay()
            self.containers[0].run(None)
            if not self.house.rows(_UNSETTLED):
                break
        else:
            raise AssertionError("not settled after 12 minutes")
        self.no_id_is_doubled_and_no_row_overwritten()
        self._check_rows()

    def _check_rows(self) -> None:
        jobs = self.house.rows("SELECT subject_id::text AS lead, state, reason FROM jobs")
        refused = {job["lead"] for job in jobs if job["reason"] == "Google refuses this row"}
        assert {job["lead"] for job in jobs if job["state"] == "dead"} <= refused
        found = {cells[ID]: cells for number, cells in self.grid.rows.items() if number > 1}
        assert set(found) <= set(self.leads)
        for lead_id, lead in self.leads.items():
            if lead.is_disturbed or lead_id in refused:
                continue
            row = self.house.rows("SELECT * FROM sheet_rows WHERE lead_id = %s", [lead_id])
            assert lead_id in found, f"it has no row: {row}"
            cells = found[lead_id]
            assert (cells[STATUS], cells[CONTENT], cells[SUBMISSIONS]) == lead.cells()


@pytest.fixture
def lines(house: House) -> Iterator[list[tuple[Any, Line]]]:
    """A client of Valkey for each container."""
    found = [house.another_line() for _ in range(CONTAINERS)]
    yield found
    for valkey, _ in found:
        valkey.close()


def test_every_lead_is_one_row_with_its_latest_words_whatever_freezes_lands_late_or_is_moved(
    house: House, broker: Broker, lines: list[tuple[Any, Line]]
) -> None:
    """R14.4: a state machine over the real sync, ledger, lock and fence."""
    attributes = {"house": house, "broker": broker, "lines": lines}
    run_state_machine_as_test(type("HousedSpreadsheet", (Spreadsheet,), attributes), settings=MACHINES)
