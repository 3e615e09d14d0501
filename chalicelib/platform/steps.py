"""Several pieces of work of one schedule: what is wrong with one keeps no other from its turn."""

from collections.abc import Callable

from chalicelib.platform import logs
from chalicelib.platform.errors import DatabaseBusy

log = logs.EventLog("schedule")


def run_each(*steps: Callable[[], object]) -> None:
    """
    Run *steps* in order, each also after one that failed.

    Without the database none of them can do anything, so that one ends it at once, before the function's
    time is up.

    Raises:
        DatabaseBusy: as said.
        Exception: the first failure, once all have had their turn, so that the invocation counts as failed.
    """
    failed: Exception | None = None
    for step in steps:
        try:
            step()
        except DatabaseBusy:
            raise
        except Exception as error:  # noqa: BLE001  raised below
            log.failure("schedule.step_failed", error)
            failed = failed or error
    if failed is not None:
        raise failed
