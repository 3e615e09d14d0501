"""
For every test: a generated example has no time limit of its own, since machines are busy; the real parts,
started once for all who test the product in this process; and which tests share a lane when the suite runs
in two.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from local.stack import Stack
from local.stack.postgres_home import remove_home

settings.register_profile("plumbline", deadline=None)
settings.load_profile("plumbline")


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
