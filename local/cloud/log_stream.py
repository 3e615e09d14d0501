"""
Standard output of a container: whole lines of JSON go to the function's log file, everything else to the
cloud's log.

Each line is one write to a file opened for appending, so containers share it without mixing lines, and what
was logged before a kill -9 is on file.
"""

import io
import os
import threading
from pathlib import Path


class LogStream(io.TextIOBase):
    """
    A text stream that sorts lines: *file* receives those that start like a JSON object, `metrics.jsonl`
    beside it those that CloudWatch would read figures from.
    """

    def __init__(self, file: Path, other: int = 1) -> None:
        self._json_lines = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        figures = file.with_name("metrics.jsonl")
        self._figures = os.open(figures, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._other = other
        self._rest = ""
        self._guard = threading.Lock()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Pass on every line that *text* completes, and keep the rest."""
        with self._guard:
            *lines, self._rest = (self._rest + text).split("\n")
            for line in lines:
                os.write(self._target_of(line), f"{line}\n".encode(errors="replace"))
        return len(text)

    def _target_of(self, line: str) -> int:
        if line.startswith('{"_aws"'):
            return self._figures
        return self._json_lines if line.startswith("{") else self._other

    def flush(self) -> None:
        """Nothing waits here but an unfinished line."""
