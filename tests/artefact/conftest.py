"""The deployment zip, built of the present sources, and the whole product run from it as Lambda runs it."""

import hashlib
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.package.build import build_once
from infra.package.target import MACHINE
from infra.package.unpack import add_runtime_client, unpack
from local.stack import Stack
from local.stack.postgres_home import remove_home
from tests.journey.conftest import Site, phones

__all__ = ["phones"]  # a fixture here too
linux_only = pytest.mark.skipif(
    sys.platform == "darwin", reason="awslambdaric, and what the zip holds for Lambda, do not run on macOS"
)


def contents(folder: Path) -> dict[str, tuple[str, int, int]]:
    """What lies in *folder*: every file's digest, and the mode and time of files and folders."""
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
            path.stat().st_mode,
            path.stat().st_mtime_ns,
        )
        for path in folder.rglob("*")
    }


@pytest.fixture(scope="session")
def artefact() -> Path:
    """The zip; building it takes a while when the pins have changed, and seconds when the sources have."""
    return build_once(platform.machine() if sys.platform.startswith("linux") else MACHINE)


@pytest.fixture(scope="package")
def var(artefact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip as Lambda has it in `/var`: its code in `task`, AWS's runtime client in `runtime`."""
    folder = tmp_path_factory.mktemp("var")
    unpack(artefact, folder)
    add_runtime_client(folder)
    return folder


@pytest.fixture(scope="package")
def untouched(var: Path) -> dict[str, tuple[str, int, int]]:
    """What lay in the code folder before anything ran."""
    return contents(var / "task")


@pytest.fixture(scope="package")
def site(
    var: Path, untouched: dict[str, tuple[str, int, int]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The running product, each of its functions under `awslambdaric` from the unpacked zip."""
    assert untouched
    data_dir = tmp_path_factory.mktemp("artefact")
    with Stack(data_dir, artefact_dir=var, api_containers=2, sheets_quota_per_minute=100_000) as stack:
        yield Site(stack)
    remove_home(data_dir)
