"""
`make chaos`: the fault matrix, on stacks that it starts itself on free ports, with a table and a JSON file.

`ARGS="--seed 7 --only valkey"` repeats a part of it; `--only` takes parts of cells' names, separated by
commas; `--list` shows all 144 cells, and why which are not run. The exit code is 1 where a cell breaks the
promise.
"""

import argparse
import itertools
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from local.stack import Stack
from local.stack.postgres_home import remove_home
from tests.chaos import report
from tests.chaos.cells import CELLS, Cell
from tests.chaos.outcome import Outcome
from tests.chaos.run import SHEETS_QUOTA_PER_MINUTE, Run
from tests.journey.conftest import Site

_SEED, _LEADS = 1, 200
# A request that waits for a silent PostgreSQL or captcha holds its container, as on Lambda, which has more.
_API_CONTAINERS = {"siteverify": 32, "postgres": 32}
_API_CONTAINERS_OTHERS = 12


def main() -> int:
    """Run what was asked for; 1: the promise is broken, or an answer was too late; 2: a wrong argument."""
    parser = argparse.ArgumentParser(prog="make chaos", description="Run the fault matrix.")
    parser.add_argument("--seed", type=int, default=_SEED, help="decides about instants, victims and jitter")
    parser.add_argument("--only", default="", help="parts of cells' names, separated by commas")
    parser.add_argument("--leads", type=int, default=_LEADS, help=f"leads of each cell ({_LEADS})")
    parser.add_argument("--list", action="store_true", help="show the matrix and run nothing")
    arguments = parser.parse_args()
    if arguments.list:
        report.show_matrix()
        return 0
    parts = [part.strip() for part in arguments.only.split(",") if part.strip()]
    chosen = [cell for cell in CELLS if not parts or any(part in cell.name for part in parts)]
    if not chosen:
        parser.error("no cell has such a name; `make chaos ARGS=--list` shows them")
    if not 1 <= arguments.leads <= 1000:
        parser.error("--leads is a number from 1 to 1000")
    began = time.monotonic()
    outcomes, in_the_end = _run(chosen, arguments.seed, arguments.leads)
    report.show_table(outcomes, in_the_end, time.monotonic() - began)
    return 1 if in_the_end or any(each.broken or each.late for each in outcomes) else 0


def _run(chosen: Sequence[Cell], seed: int, leads: int) -> tuple[list[Outcome], dict[str, list[str]]]:
    """Each target's cells on a copy of their own; and what is wrong with all its leads in the end."""
    outcomes: list[Outcome] = []
    in_the_end: dict[str, list[str]] = {}
    for target, cells in itertools.groupby(chosen, key=lambda cell: cell.target):
        with _site(target) as site:
            run = Run(site, seed=seed, leads=leads)
            for cell in cells:
                progress = report.Progress(cell.name, len(outcomes), len(chosen))
                run.say = progress.say
                outcomes.append(run.cell(cell))
                progress.end(outcomes[-1])
            for name, found in run.last_look().items():
                in_the_end[f"{target}, in the end: {name}"] = found
        report.keep(outcomes, in_the_end, seed=seed)
    return outcomes, in_the_end


@contextmanager
def _site(target: str) -> Iterator[Site]:
    """A copy of the product for the cells of *target*, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    stack = Stack(
        folder,
        api_containers=_API_CONTAINERS.get(target, _API_CONTAINERS_OTHERS),
        sheets_quota_per_minute=SHEETS_QUOTA_PER_MINUTE,
    )
    try:
        with stack:
            yield Site(stack)
    finally:
        remove_home(folder)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
