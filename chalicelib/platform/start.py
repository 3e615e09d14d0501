"""What happens once when a container starts: libraries are quieted, the environment is checked."""

import atexit
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable

from chalicelib.platform import logs, postgres
from chalicelib.platform.settings import SettingsError, settings

_endings: list[Callable[[], object]] = []


def at_end(ending: Callable[[], object]) -> None:
    """Run *ending*, which never raises, when the process ends in order; connections are still open then."""
    _endings.append(ending)


def start() -> None:
    """
    Make this process ready to serve, or end it with the names of every variable that is wrong.

    Lambda sends SIGTERM to runtimes with an extension, a laptop always does; a runtime with its own plans
    for it keeps them. However the process ends, every connection is closed.
    """
    gc.freeze()  # what was loaded stays, and is never looked at again
    logs.quiet_libraries()
    try:
        settings()
    except SettingsError as error:
        logs.EventLog("start").error("settings.unusable", detail=str(error))
        sys.stderr.write(f"{error}\n")
        raise
    atexit.register(_close)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        _end_on_sigterm()


def _end_on_sigterm() -> None:
    """
    Let SIGTERM end this process in order, also while AWS's runtime client waits for the next event.

    Up to Python 3.11 it waits in C on the main thread, where no handler of ours is run before the next event
    comes; but the interpreter itself writes the signal's number into a pipe at once.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    threading.Thread(target=_end_when_told, args=(reader,), name="sigterm", daemon=True).start()


def _end_when_told(reader: int) -> None:
    while os.read(reader, 1) != bytes([signal.SIGTERM]):
        pass
    _close()
    os._exit(0)


def _close() -> None:
    while _endings:
        _endings.pop()()
    if postgres.database.cache_info().currsize:
        postgres.database().close()
