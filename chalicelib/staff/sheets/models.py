"""Runs over the sheet, and the test of the connection."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chalicelib.platform.models import Instant, View

Kind = Literal["backfill", "reconcile", "adopt"]
State = Literal["queued", "running", "done", "failed"]


class RunAccepted(View):
    """The run that was begun, or that is under way already."""

    run_id: Annotated[UUID, Field(examples=["0b1f6c1e-1a0a-4d6f-9a55-0d5e4c1f7a10"])]


class RunView(View):
    """
    How far a run is. *done* of *total* are leads of a backfill, rows of a reconciliation.

    *missing*, *foreign*, *moved* and *doubled* count rows; *refused* those that Google would not take;
    *reason* says what it waits for, or why it failed.
    """

    id: Annotated[UUID, Field(examples=["0b1f6c1e-1a0a-4d6f-9a55-0d5e4c1f7a10"])]
    kind: Annotated[Kind, Field(examples=["reconcile"])]
    state: Annotated[State, Field(examples=["done"])]
    done: Annotated[int, Field(examples=[1200])]
    total: Annotated[int, Field(examples=[1200])]
    missing: Annotated[int, Field(examples=[1])]
    foreign: Annotated[int, Field(examples=[0], validation_alias="foreign_rows")]
    moved: Annotated[int, Field(examples=[2])]
    doubled: Annotated[int, Field(examples=[0])]
    refused: Annotated[int, Field(examples=[0])]
    reason: Annotated[str | None, Field(examples=[None])]
    started_by: Annotated[UUID | None, Field(examples=[None])]
    created_at: Instant
    finished_at: Instant | None


class Finding(View):
    """One row that differs: where it is (of a missing one: where it was), and whose; null is nobody's."""

    finding: Annotated[Literal["missing", "foreign", "moved", "doubled", "back"], Field(examples=["moved"])]
    row_number: Annotated[int | None, Field(examples=[17])]
    lead_id: Annotated[UUID | None, Field(examples=["6f1c2a7e-8a3b-4f6d-9a1e-0c2d3e4f5a6b"])]


class RunDetail(RunView):
    """A run with what it found, up to 200 rows; the counts tell of all."""

    findings: list[Finding]


class RunPage(View):
    """Runs, the latest first."""

    items: list[RunView]
    next_cursor: str | None


class Connection(View):
    """
    Whether the sheet can be written to; *problem* says what a person has to do where it cannot.

    *rows* is the size of the tab's grid.
    """

    ok: Annotated[bool, Field(examples=[True])]
    tab: Annotated[str, Field(examples=["Leads"])]
    rows: Annotated[int | None, Field(examples=[1000])]
    problem: Annotated[str | None, Field(examples=[None])]
