"""A few cells of the fault matrix, small, in every run of the suite; `make chaos` runs all, in full."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from local.stack import Stack
from local.stack.postgres_home import remove_home
from tests.chaos.cells import CELLS, Cell
from tests.chaos.run import SHEETS_QUOTA_PER_MINUTE, Run
from tests.journey.conftest import Site

_LEADS, _SENDING_S = 40, 6.0
_NAMES = (
    "postgres / lost answer / after",
    "valkey / flush/failover / during",
    "sheets / kill / during",
)
_CHOSEN = [replace(cell, sending_s=_SENDING_S) for cell in CELLS if cell.name in _NAMES]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A copy of the product for these cells."""
    folder = tmp_path_factory.mktemp("chaos")
    with Stack(folder, api_containers=8, sheets_quota_per_minute=SHEETS_QUOTA_PER_MINUTE) as stack:
        yield Run(Site(stack), seed=20261127, leads=_LEADS)
    remove_home(folder)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("cell", _CHOSEN, ids=lambda cell: cell.name.replace("/", "").replace("  ", "-"))
def test_a_cell_keeps_the_promise(run: Run, cell: Cell) -> None:
    outcome = run.cell(cell)
    assert outcome.broken == {}
    assert outcome.answered == outcome.leads == _LEADS
    assert outcome.killed
    assert run.last_look() == {}, "what earlier cells sent is still there, once"
