"""What happens once when a container starts: libraries are quieted, the environment is checked."""

import signal
import sys
from types import FrameType

from chalicelib.platform import logs, postgres
from chalicelib.platform.settings import SettingsError, settings


def start() -> None:
    """
    Make this process ready to serve, or end it with the names of every variable that is wrong.

    Lambda sends SIGTERM to runtimes with an extension; a laptop always does. Both close every connection.
    """
    logs.quiet_libraries()
    try:
        settings()
    except SettingsError as error:
        logs.EventLog("start").error("settings.unusable", detail=str(error))
        sys.stderr.write(f"{error}\n")
        raise
    signal.signal(signal.SIGTERM, _close)


def _close(_signal: int, _frame: FrameType | None) -> None:
    if postgres.database.cache_info().currsize:
        postgres.database().close()
    sys.exit(0)
