"""Runs over a test's own spreadsheet, begun as staff begin them and done as the sync worker does them."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.product.sheet_fixtures import Meddler, Sheet
from tests.product.staff_fixtures import Desk

pytest_plugins = ("tests.product.sheet_fixtures", "tests.product.staff_fixtures")


@dataclass
class Runs:
    """The desk's button, and a worker of this spreadsheet."""

    sheet: Sheet
    desk: Desk

    def start(self, kind: str, **more: Any) -> str:
        """Press the button; the run's id."""
        answer = self.desk.call("POST", f"/admin/sheets/{kind}", **more)
        assert answer.status == 202, answer.body
        return str(answer.json["runId"])

    def work(self, meddle: Meddler | None = None, *, for_s: float = 42) -> None:
        """One invocation of the worker with what is due of the runs, *for_s* being its time."""
        from chalicelib.jobs.runner import OneByOne  # noqa: PLC0415
        from chalicelib.platform import deadline  # noqa: PLC0415
        from chalicelib.sheets.runs import service  # noqa: PLC0415

        sync = self.sheet.sync(meddle)
        with deadline.within(for_s):
            OneByOne("sheet_backfill", lambda job, _: service.backfill(sync, job), reserve_s=22)(())
            OneByOne("sheet_reconcile", lambda job, _: service.reconcile(sync, job), reserve_s=22)(())

    def see(self, run_id: str) -> dict[str, Any]:
        """The run as staff see it."""
        found: dict[str, Any] = self.desk.get("/admin/sheets/runs/{id}", id=run_id)
        return found

    def run(self, kind: str) -> dict[str, Any]:
        """Begin a run, let it be done, and see it."""
        run_id = self.start(kind)
        self.work()
        return self.see(run_id)


@pytest.fixture
def runs(sheet: Sheet, desk: Desk) -> Runs:
    """Runs over a fresh spreadsheet."""
    return Runs(sheet, desk)
