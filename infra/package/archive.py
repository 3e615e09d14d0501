"""Writes folders as one zip whose bytes depend on the names and contents of their files alone."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

_TIME = (1980, 1, 1, 0, 0, 0)  # the oldest that the format knows
_MODE = 0o100644
_UNIX = 3


def write_zip(folders: Sequence[Path], target: Path) -> None:
    """Pack all of *folders* into *target*: sorted, with one fixed time and mode, readable for everybody."""
    files = {
        file.relative_to(folder).as_posix(): file
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file()
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w") as archive:
        for name, file in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.create_system = _UNIX
            entry.external_attr = _MODE << 16
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)
    unfinished.replace(target)
