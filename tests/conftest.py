"""
For every test: a generated example has no time limit of its own, since machines are busy; the real parts,
started once for all who test the product in this process; and which tests share a lane when the suite runs
in two.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from local.stack import Stack
from local.stack.postgres_home import remove_home

settings.register_profile("plumbline", deadline=None)
settings.load_profile("plumbline")

_TESTS = Path(__file__).parent
_TOGETHER = frozenset(
    {"artefact", "chaos", "contract", "infra", "journey"}
)  # each starts the whole stack once


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep the tests of a file together, and all of a folder that starts a stack, before the lanes are read."""
    folder, *_ = item.path.relative_to(_TESTS).parts
    lane = folder if folder in _TOGETHER else str(item.path)
    item.add_marker(pytest.mark.xdist_group(lane))


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The real parts without workers: what happens is what the test makes happen."""
    data_dir = tmp_path_factory.mktemp("product")
    # Minutes of tests pass in seconds, so Google's quota by the minute is not for them.
    with Stack(data_dir, with_cloud=False, sheets_quota_per_minute=100_000) as stack:
        os.environ.update(stack.environment)
        from chalicelib.resilience.flusher import flusher  # noqa: PLC0415

        flusher().rest()  # what counts trips would count its own, too
        yield stack
    remove_home(data_dir)
