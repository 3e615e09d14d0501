"""What happens once when a container starts: libraries are quieted, the environment is checked."""

import atexit
import signal
import sys

from chalicelib.platform import logs, postgres
from chalicelib.platform.settings import SettingsError, settings


def start() -> None:
    """
    Make this process ready to serve, or end it with the names of every variable that is wrong.

    Lambda sends SIGTERM to runtimes with an extension, a laptop always does; a runtime with its own plans
    for it keeps them. However the process ends, every connection is closed.
    """
    logs.quiet_libraries()
    try:
        settings()
    except SettingsError as error:
        logs.EventLog("start").error("settings.unusable", detail=str(error))
        sys.stderr.write(f"{error}\n")
        raise
    atexit.register(_close)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))


def _close() -> None:
    if postgres.database.cache_info().currsize:
        postgres.database().close()
