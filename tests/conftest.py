"""
For every test: a generated example has no time limit of its own, since machines are busy; and which tests
share a lane when the suite runs in two, because they share parts that are slow to start.
"""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("plumbline", deadline=None)
settings.load_profile("plumbline")

_TESTS = Path(__file__).parent
_TOGETHER = frozenset({"artefact", "journey"})  # each starts the whole stack once


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file together, and all of a folder that starts a stack."""
    for item in items:
        folder, *_ = item.path.relative_to(_TESTS).parts
        lane = folder if folder in _TOGETHER else str(item.path)
        item.add_marker(pytest.mark.xdist_group(lane))
