"""A running copy of the product for generated requests, which may destroy whatever is in it."""

from collections.abc import Iterator

import pytest

from local.stack import Stack
from local.stack.postgres_home import remove_home
from tests.contract.visitors import Visitors


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole product as `make run` starts it."""
    data_dir = tmp_path_factory.mktemp("contract")
    with Stack(data_dir, sheets_quota_per_minute=100_000) as running:
        yield running
    remove_home(data_dir)


@pytest.fixture
def visitors(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Visitors:
    """Whoever sends the generated requests."""
    found = Visitors(stack)
    found.carry_requests(monkeypatch)
    return found
