"""What accounts do on schedule."""

from typing import Any

from chalicelib.accounts import store
from chalicelib.accounts.sessions import store as sessions
from chalicelib.platform import clock, deadline
from chalicelib.platform.postgres import database

_BATCH = 1000
_RESERVE_S = 5.0


def forget_over(context: Any) -> None:
    """Delete sessions and links whose time has passed, and then accounts that nobody confirmed."""
    budget_s = deadline.left_of(context) - _RESERVE_S
    with deadline.within(budget_s):
        for delete in (sessions.delete_over, store.delete_expired_links, store.delete_unconfirmed):
            while deadline.remaining_s(budget_s) > 1 and delete(database(), clock.now(), _BATCH) == _BATCH:
                pass
