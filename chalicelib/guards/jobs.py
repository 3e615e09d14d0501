"""What the guards do on schedule."""

from typing import Any

from chalicelib.guards import store
from chalicelib.guards.invalidations import tell_untold
from chalicelib.platform import clock, deadline
from chalicelib.platform.postgres import database

_BATCH = 1000
_RESERVE_S = 5.0


def forget_expired(context: Any) -> None:
    """Delete kept answers and failed sign-ins whose time has passed, in small statements."""
    budget_s = deadline.left_of(context) - _RESERVE_S
    with deadline.within(budget_s):
        for delete in (store.delete_expired, store.delete_expired_failures):
            while deadline.remaining_s(budget_s) > 1 and delete(database(), clock.now(), _BATCH) == _BATCH:
                pass


def repeat_invalidations() -> None:
    """Tell the cache what it could not be told when it happened; part of the relay's schedule."""
    tell_untold()
