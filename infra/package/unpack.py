"""Lays a zip out as Lambda does: the code in `task`, the runtime client in `runtime` beside it."""

import importlib.metadata
import zipfile
from pathlib import Path

_RUNTIME_CLIENT = ("awslambdaric", "simplejson", "snapshot-restore-py")  # the client and what it needs


def unpack(archive: Path, folder: Path) -> None:
    """Make *folder* what `/var` is on Lambda; nobody is meant to write to its `task`, which is read-only."""
    task = folder / "task"
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(task)
    for path in [*task.rglob("*"), task]:
        path.chmod(0o555 if path.is_dir() else 0o444)


def add_runtime_client(folder: Path) -> None:
    """
    Link `awslambdaric` and its own dependencies, and nothing else of this environment, into `runtime`.

    Raises:
        PackageNotFoundError: it is not installed here (there is none for macOS).
    """
    runtime = folder / "runtime"
    runtime.mkdir()
    for name in _RUNTIME_CLIENT:
        files = importlib.metadata.distribution(name).files or []
        for top in {file.parts[0] for file in files if not file.parts[0].endswith((".dist-info", ".."))}:
            site_packages = Path(str(importlib.metadata.distribution(name).locate_file("")))
            (runtime / top).symlink_to(site_packages / top)
