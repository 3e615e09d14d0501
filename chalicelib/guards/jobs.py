"""What the guards do on schedule."""

from typing import Any

from chalicelib.guards import store
from chalicelib.platform import clock, deadline
from chalicelib.platform.postgres import database

_BATCH = 1000
_RESERVE_S = 5.0


def forget_expired(context: Any) -> None:
    """Delete idempotency records whose 24 hours have passed, in small statements, until none is left."""
    budget_s = deadline.left_of(context) - _RESERVE_S
    with deadline.within(budget_s):
        while (
            deadline.remaining_s(budget_s) > 1
            and store.delete_expired(database(), clock.now(), _BATCH) == _BATCH
        ):
            pass
