"""
A Google Sheet in memory whose calls can be frozen, lost or late, and containers that can be frozen with them.

It takes what `GoogleSheet` takes and fails as that fails. A write that would put one lead's row over
another's is remembered in `trespasses`.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.gateways.google_sheets import RowWrite
    from chalicelib.sheets.service import SheetSync
    from tests.machines.conftest import House, Line

ID = 0  # the column of the lead's id
_UNFINISHED = "SELECT id FROM jobs WHERE state NOT IN ('done', 'dead')"
Landing = Callable[[], None]


@dataclass
class Grid:
    """What Google has."""

    rows: dict[int, tuple[str, ...]] = field(default_factory=dict)
    row_count: int = 3
    disliked: set[str] = field(default_factory=set)  # leads whose row it refuses with a 400
    trespasses: list[str] = field(default_factory=list)

    def check_room(self, numbers: Sequence[int]) -> None:
        """Refuse what lies beyond the grid."""
        from chalicelib.gateways.google_sheets import SheetBroken  # noqa: PLC0415

        if max(numbers) > self.row_count:
            raise SheetBroken("Range exceeds grid limits", is_grid=True)

    def write(self, writes: "Sequence[RowWrite]") -> None:
        """All of them, or none."""
        from chalicelib.gateways.google_sheets import RowsRefused  # noqa: PLC0415

        self.check_room([write.number for write in writes])
        if self.disliked & {write.cells[ID] for write in writes}:
            raise RowsRefused("Google answered 400")
        for write in writes:
            there = self.rows.get(write.number, ("",))[ID]
            if there not in ("", write.cells[ID]):
                self.trespasses.append(f"row {write.number}: {there} overwritten by {write.cells[ID]}")
            self.rows[write.number] = write.cells

    def ids_at(self, numbers: Sequence[int]) -> dict[int, str]:
        """See GoogleSheet."""
        self.check_room(numbers)
        return {number: self.rows.get(number, ("",))[ID] for number in numbers}

    def insert_row(self, number: int) -> None:
        """A person inserts an empty row; what was there moves down."""
        self.rows = {at + (at >= number): cells for at, cells in self.rows.items()}
        self.row_count += 1

    def swap(self, one: int, other: int) -> None:
        """A person sorts."""
        rows = {one: self.rows.pop(other, None), other: self.rows.pop(one, None)}
        self.rows |= {number: cells for number, cells in rows.items() if cells is not None}


class ContainerDied(BaseException):
    """Nothing of the container's code runs any more."""


@dataclass
class Fate:
    """What becomes of one call of a run: the one of *method* after *skipped* others; all others are well."""

    method: str
    kind: str
    skipped: int = 0


@dataclass
class Wire:
    """What a container reaches Google by: one call of each run may meet its fate."""

    grid: Grid
    line: "Line"
    now: Callable[[], datetime]
    fate: Fate | None = None
    late: list[tuple[datetime, Landing]] = field(default_factory=list)  # sent then, and not landed yet
    signals: SimpleQueue[str] = field(default_factory=SimpleQueue)  # to the machine: frozen, ended
    orders: SimpleQueue[str] = field(default_factory=SimpleQueue)  # to the container: a kind of fate

    def write(self, rows: "Sequence[RowWrite]") -> None:
        """See GoogleSheet."""
        self._call("write", lambda: self.grid.write(rows))

    def ids_at(self, row_numbers: Sequence[int]) -> dict[int, str]:
        """See GoogleSheet."""
        found: dict[int, str] = self._call("ids_at", lambda: self.grid.ids_at(row_numbers))
        return found

    def row_count(self) -> int:
        """See GoogleSheet."""
        count: int = self._call("row_count", lambda: self.grid.row_count)
        return count

    def add_rows(self, count: int) -> None:
        """See GoogleSheet."""

        def grow() -> None:
            self.grid.row_count += count

        self._call("add_rows", grow)

    def _call(self, method: str, call: Callable[[], Any]) -> Any:
        fate = self.fate
        if fate is None or fate.method != method:
            return call()
        if fate.skipped:
            fate.skipped -= 1
            return call()
        self.fate = None
        return self._meet(fate.kind, call)

    def _meet(self, kind: str, call: Callable[[], Any]) -> Any:
        from chalicelib.gateways.google_sheets import Throttled  # noqa: PLC0415
        from chalicelib.gateways.http import NoAnswer  # noqa: PLC0415

        if kind == "dies":
            self.line.state = "cut"  # not even its good-bye reaches Valkey
            raise ContainerDied
        if kind == "throttled":
            raise Throttled("429")
        if kind == "lost":
            raise NoAnswer("it never arrived")
        if kind == "late":
            self.late.append((self.now(), call))
            raise NoAnswer("it is on its way")
        if kind == "frozen before":
            self.signals.put("frozen")
            return self._meet(self.orders.get(timeout=60), call)
        if kind == "last words":
            self.late.append((self.now(), call))
            return self._meet("dies", call)
        answer = call()
        if kind == "answer lost":
            raise NoAnswer("it is done, but who says so?")
        if kind == "frozen after":
            self.signals.put("frozen")
            return self._meet(self.orders.get(timeout=60), lambda: answer)
        return answer


@dataclass
class Container:
    """One container of the sync worker: what it knows of the grid, its wire and its line to Valkey."""

    house: "House"
    valkey: Any
    line: "Line"
    wire: Wire
    sync: "SheetSync"
    is_frozen: bool = False
    began: datetime | None = None
    failure: BaseException | None = None

    def run(self, fate: Fate | None) -> None:
        """One invocation; it may end at once, or freeze in the middle."""
        self.wire.fate, self.began = fate, self.house.now()
        if fate is None or not fate.kind.startswith("frozen"):
            self._drain()
        else:
            threading.Thread(target=self._drain_aside, daemon=True).start()
            self._await()

    def order(self, kind: str) -> None:
        """Let a frozen container go on, its call with *kind* of fate."""
        self.wire.orders.put(kind)
        self._await()

    def _await(self) -> None:
        self.is_frozen = self.wire.signals.get(timeout=60) == "frozen"
        if self.failure is not None:
            raise self.failure

    def _drain_aside(self) -> None:
        try:
            self._drain()
        except BaseException as error:  # noqa: BLE001  raised again where the machine sees it
            self.failure = error
        self.wire.signals.put("ended")

    def _drain(self) -> None:
        """The worker's own code, woken by the messages of all that is unfinished."""
        from chalicelib.platform import deadline  # noqa: PLC0415

        self.valkey._away_until = 0.0
        state = self.line.state
        try:
            with deadline.within(40):
                self.sync.drain([row["id"] for row in self.house.rows(_UNFINISHED)])
        except ContainerDied:
            pass
        finally:
            self.line.state = state
