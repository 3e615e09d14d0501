"""What became of a cell: its figures, what breaks the promise, and what came too late."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.chaos.browser import Submission, Try
from tests.chaos.cells import Cell
from tests.chaos.checker import Findings

CONVERGES_WITHIN_S = 300.0
# The p99 of answers while a target is broken. PostgreSQL's figure is the latest that any answer may come,
# since without it there is none but 503: 20 s are a request's own budget, below API Gateway's 29.
_P99_S = {"siteverify": 4.0}
_P99_OTHERS_S, _LATEST_POSTGRES_S = 1.0, 20.5


@dataclass(frozen=True)
class Course:
    """How a cell went, apart from what it left in the sinks."""

    broken_from_s: float
    broken_until_s: float
    converged_s: float | None
    killed: Sequence[str]
    released: int
    redriven: Sequence[str]  # why each of the jobs was dead
    took_s: float


@dataclass(frozen=True)
class Outcome:
    """One line of the table."""

    cell: str
    leads: int
    answered: int
    tries: int
    gave_up: int
    statuses: dict[str, int]
    calm_p99_s: float  # before anything was broken, on the same machine in the same state
    p50_s: float
    p99_s: float
    latest_s: float
    killed: int
    released: int
    redriven: Sequence[str]
    ambiguous_mails: int
    converged_s: float | None
    took_s: float
    load: float
    broken: dict[str, list[str]]
    late: str

    @property
    def verdict(self) -> str:
        """In one word."""
        return "BROKEN" if self.broken else "late" if self.late else "kept"

    def describe(self) -> dict[str, Any]:
        """As it is kept in JSON."""
        return {**vars(self), "verdict": self.verdict}


def outcome_of(cell: Cell, sent: Sequence[Submission], findings: Findings, course: Course) -> Outcome:
    """Judge how *cell* went by its clients' answers (*sent*), the checker's *findings* and its *course*."""
    tries = [each for submission in sent for each in submission.tries]
    took = [(each.began_s, each.took_s) for each in tries]
    calm = sorted(took_s for began_s, took_s in took if began_s < course.broken_from_s) or [0.0]
    degraded = sorted(
        took_s for began_s, took_s in took if course.broken_from_s <= began_s <= course.broken_until_s
    ) or [0.0]
    p99_s = _percentile(degraded, 99)
    broken = findings.faults
    if unanswered := [each.phone for each in sent if each.lead_id is None]:
        broken["never answered with 2xx"] = unanswered
    if course.converged_s is None or course.converged_s > CONVERGES_WITHIN_S:
        broken["not within five minutes"] = [str(course.converged_s)]
    return Outcome(
        cell=cell.name,
        leads=len(sent),
        answered=sum(each.lead_id is not None for each in sent),
        tries=len(tries),
        gave_up=sum(each.gave_up for each in sent),
        statuses=_statuses(tries),
        calm_p99_s=round(_percentile(calm, 99), 3),
        p50_s=round(_percentile(degraded, 50), 3),
        p99_s=round(p99_s, 3),
        latest_s=round(degraded[-1], 3),
        killed=len(course.killed),
        released=course.released,
        redriven=course.redriven,
        ambiguous_mails=findings.ambiguous_mails,
        converged_s=None if course.converged_s is None else round(course.converged_s, 1),
        took_s=round(course.took_s, 1),
        load=round(os.getloadavg()[0], 1),
        broken=broken,
        late=_late(cell.target, p99_s, degraded[-1]),
    )


def _percentile(values: Sequence[float], percent: int) -> float:
    """Of sorted *values*."""
    return values[min(len(values) - 1, len(values) * percent // 100)]


def _statuses(tries: Sequence[Try]) -> dict[str, int]:
    """How often each status and code was answered, and how often none."""
    return dict(
        sorted(Counter(f"{each.status or 'none'} {each.code or ''}".strip() for each in tries).items())
    )


def _late(target: str, p99_s: float, latest_s: float) -> str:
    """What came too late, in words; empty where nothing did."""
    if target == "postgres":
        return f"an answer after {latest_s:.1f} s" if latest_s > _LATEST_POSTGRES_S else ""
    limit_s = _P99_S.get(target, _P99_OTHERS_S)
    return f"p99 {p99_s:.2f} s, not {limit_s:.0f} s" if p99_s > limit_s else ""
