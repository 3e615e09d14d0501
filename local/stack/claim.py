"""
One running stack per data folder, held by a lock on a file that the kernel drops with the process.

A second one fails at once and is told who holds it.
"""

import fcntl
import os
from pathlib import Path
from typing import IO

from local.stack.errors import StackError
from local.stack.files import read_json


class Claim:
    """The right to run on *data_dir*."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self.path = data_dir / "stack.lock"
        self._file: IO[str] | None = None

    def take(self) -> None:
        """
        Hold the folder until `give_up` or the end of this process.

        Raises:
            StackError: another process holds it.
        """
        self._data_dir.mkdir(parents=True, exist_ok=True)
        file = self.path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            demo = read_json(self._data_dir / "demo.json")
            where = f" It answers on {demo['url']}." if isinstance(demo, dict) and "url" in demo else ""
            raise StackError(
                f"This clone is running already (process {holder}).{where}\n"
                "Stop that one with Ctrl-C first; a second clone can run beside it with another PORT."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def give_up(self) -> None:
        """Let go; safe to repeat."""
        if self._file is not None:
            self._file.close()
            self._file = None
