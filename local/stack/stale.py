"""
Children that a killed supervisor left behind: written down while they run, ended at the next start.

A pid alone proves nothing after a reboot, so each is kept with its start time and only ended when both match.
"""

import contextlib
import json
import signal
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from local.stack.files import read_json, write_atomically

_SAME_START_S = 1.0
_GRACE_S = 3.0


def write_pids(path: Path, running: Iterable[tuple[str, int, float, int]]) -> None:
    """Keep name, pid, start time (Unix seconds) and stop signal of what is *running*."""
    records = {
        name: {"pid": pid, "startedAt": started_at, "signal": stop_signal}
        for name, pid, started_at, stop_signal in running
    }
    write_atomically(path, json.dumps(records, indent=2) + "\n")


def end_stale(path: Path) -> list[str]:
    """End what *path* names and is still the same process; return the names of those ended."""
    records = read_json(path)
    if not isinstance(records, dict):
        return []
    left = [
        (name, record, process) for name, record in records.items() if (process := _find(record)) is not None
    ]
    for _, record, process in left:
        _signal(process, int(record.get("signal", signal.SIGTERM)))
    deadline = time.monotonic() + _GRACE_S
    for _, _, process in left:
        try:
            process.wait(max(deadline - time.monotonic(), 0.01))
        except psutil.TimeoutExpired:
            _signal(process, signal.SIGKILL)
            process.wait(_GRACE_S)
    path.unlink(missing_ok=True)
    return [name for name, _, _ in left]


def _find(record: dict[str, float]) -> psutil.Process | None:
    try:
        process = psutil.Process(int(record["pid"]))
        same = abs(process.create_time() - record["startedAt"]) < _SAME_START_S
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (psutil.Error, KeyError, TypeError, ValueError):
        return None


def _signal(process: psutil.Process, number: int) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)
