"""How `make chaos` tells what it does and found: a bar, a table, a JSON file, and the whole matrix."""

import itertools
import json
import platform
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.chaos.cells import FAULTS, MOMENTS, TARGETS, why_not
from tests.chaos.outcome import Outcome

_ROOT = Path(__file__).resolve().parents[2]
_RESULTS = _ROOT / "bench" / "results" / "chaos.json"
_BAR, _EVERY_S = 24, 0.2
_HEAD = (
    *("cell", "", "answered", "tries", "calm p99", "p50", "p99", "latest", "converged", "killed"),
    *("redriven", "mails twice"),
)


class Progress:
    """The bar while the cell *name* runs, which comes after *before* of *total*; then its line."""

    def __init__(self, name: str, before: int, total: int) -> None:
        self._name = name
        self._before = before
        self._total = total
        self._began = time.monotonic()
        self._said_at = 0.0

    def say(self, what: str) -> None:
        """Show *what* is going on; on a screen only."""
        now = time.monotonic()
        if sys.stdout.isatty() and now - self._said_at > _EVERY_S:
            self._said_at = now
            print(
                f"\r{self._bar(0)} {self._name}: {what}, {now - self._began:.0f} s\033[K", end="", flush=True
            )

    def end(self, outcome: Outcome) -> None:
        """Show what became of it."""
        start = "\r\033[K" if sys.stdout.isatty() else ""
        converged = "never" if outcome.converged_s is None else f"{outcome.converged_s:.0f} s"
        print(
            f"{start}{self._bar(1)} {outcome.cell:34} {outcome.verdict:6} {outcome.answered}/{outcome.leads}"
            f" in {outcome.tries} tries, p99 {outcome.p99_s:.2f} s (calm {outcome.calm_p99_s:.2f} s),"
            f" converged in {converged}, took {outcome.took_s:.0f} s  {outcome.late}",
            flush=True,
        )
        for name, found in outcome.broken.items():
            print(f"    {name}: {len(found)}, such as {', '.join(found[:3])}", flush=True)

    def _bar(self, more: int) -> str:
        done = self._before + more
        full = _BAR * done // self._total
        return f"[{'#' * full}{'-' * (_BAR - full)}] {done:2}/{self._total}"


def show_table(outcomes: Sequence[Outcome], in_the_end: dict[str, list[str]], took_s: float) -> None:
    """All cells, one line each, and the sum."""
    rows = [_HEAD, *map(_row, outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    print()
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    for name, found in in_the_end.items():
        print(f"{name}: {len(found)}, such as {', '.join(found[:3])}")
    broken = sum(bool(each.broken) for each in outcomes)
    late = sum(bool(each.late) for each in outcomes)
    print(
        f"\n{len(outcomes)} cells in {took_s / 60:.1f} min:"
        f" {broken} broke the promise, {late} answered too late."
        f" Kept in {_RESULTS.relative_to(_ROOT)}."
    )


def keep(outcomes: Sequence[Outcome], in_the_end: dict[str, list[str]], *, seed: int) -> None:
    """Write all there is by now to `bench/results/chaos.json`."""
    kept = {
        "command": f"make chaos ARGS='{' '.join(sys.argv[1:])}'",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": platform.platform(),
        "seed": seed,
        "cells": [each.describe() for each in outcomes],
        "inTheEnd": in_the_end,
    }
    _RESULTS.parent.mkdir(exist_ok=True)
    _RESULTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def show_matrix() -> None:
    """Every cell there is, and why it is not run."""
    for target, fault, moment in itertools.product(TARGETS, FAULTS, MOMENTS):
        print(f"{f'{target} / {fault} / {moment}':36} {why_not(target, fault, moment) or 'run'}")


def _row(outcome: Outcome) -> tuple[str, ...]:
    return (
        outcome.cell,
        outcome.verdict,
        f"{outcome.answered}/{outcome.leads}",
        str(outcome.tries),
        f"{outcome.calm_p99_s:.2f} s",
        f"{outcome.p50_s:.2f} s",
        f"{outcome.p99_s:.2f} s",
        f"{outcome.latest_s:.2f} s",
        "never" if outcome.converged_s is None else f"{outcome.converged_s:.0f} s",
        str(outcome.killed),
        str(len(outcome.redriven)),
        str(outcome.ambiguous_mails),
    )
