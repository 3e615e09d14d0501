"""The parts a benchmark runs on: real ones, of its own, gone when it ends."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from local.stack import Stack
from local.stack.postgres_home import remove_home


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder that parts may live in."""
    folder = Path(tempfile.mkdtemp(prefix="plumbline-bench-"))
    try:
        yield folder
    finally:
        remove_home(folder)
        for path in folder.rglob("*"):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)  # the functions' code is read-only
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def data_parts() -> Iterator[Stack]:
    """PostgreSQL with fsync on, Valkey and the emulator; neither the world nor the cloud."""
    with scratch() as folder, Stack(folder, with_cloud=False, with_world=False) as stack:
        yield stack
