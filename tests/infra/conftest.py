"""The templates of the present sources, written once a session and kept until a source changes."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from infra.proof.synthesis import Templates, synthesise_once
from tests.infra import emulator as aws

STAGES = ("dev", "prod")  # the least and the most of everything


@pytest.fixture(scope="session")
def written() -> dict[str, Templates]:
    """Both stages' templates."""
    return {each.stage: each for each in synthesise_once(STAGES)}


@pytest.fixture
def app(written: dict[str, Templates]) -> dict[str, Any]:
    """Production's app stack after SAM's expansion; a test may spoil it."""
    return copy.deepcopy(written["prod"].app())


@pytest.fixture
def data(written: dict[str, Templates]) -> dict[str, Any]:
    """Production's data stack."""
    return written["prod"].data()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[aws.Emulator]:
    """AWS on this machine."""
    with aws.running(tmp_path_factory.mktemp("aws")) as found:
        yield found
