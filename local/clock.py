"""
The movable clock of `make run`: the machine's time plus an offset that `POST /dev/clock` writes to a file.

Containers install it before they import the app; nothing of it is in the deployed artefact.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chalicelib.platform import clock


class OffsetClock:
    """The machine's clock, moved by the seconds that stand in *file*; a missing file means not moved."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        """The moved instant, aware, in UTC."""
        try:
            offset_s = float(self._file.read_text(encoding="ascii") or 0)
        except FileNotFoundError:
            offset_s = 0.0
        return datetime.now(UTC) + timedelta(seconds=offset_s)

    def sleep(self, duration_s: float) -> None:
        """Let real seconds pass; the offset moves instants, not durations."""
        time.sleep(duration_s)


def install() -> None:
    """Make the product use the movable clock, if the cloud named a file for it."""
    file = os.environ.get("CLOCK_OFFSET_FILE")
    if file:
        clock.install(OffsetClock(Path(file)))
