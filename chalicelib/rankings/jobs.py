"""What rankings do on schedule."""

from typing import Any

from chalicelib.platform import deadline, logs
from chalicelib.platform.errors import LockTimeout
from chalicelib.platform.postgres import database
from chalicelib.rankings import service
from chalicelib.resilience.valkey import valkey

_RESERVE_S = 5.0
log = logs.EventLog("rankings")


def recalculate(context: Any) -> None:
    """Judge every contractor anew, unless another run does so at the moment."""
    with deadline.within(deadline.left_of(context) - _RESERVE_S):
        try:
            service.recalculate(database(), valkey())
        except LockTimeout as error:
            log.info("rankings.skipped", detail=error.detail)
