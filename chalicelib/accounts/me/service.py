"""Shows people all that is kept of them, and forgets them."""

from uuid import UUID

from chalicelib.accounts import service
from chalicelib.accounts.me import store
from chalicelib.accounts.me.models import Export
from chalicelib.guards.invalidations import RANKINGS, tell_cache
from chalicelib.guards.store import make_stale
from chalicelib.platform import clock, logs
from chalicelib.platform.errors import Conflict
from chalicelib.platform.postgres import database

log = logs.EventLog("accounts")


def export(user_id: UUID) -> Export:
    """
    All that is kept under the account of *user_id*.

    Raises:
        Unauthenticated: it is gone, though its token lives for some minutes more.
    """
    found = store.find_all(database(), user_id)
    if found is None:
        raise service.gone()
    log.info("account.exported", user_id=user_id)
    return Export.model_validate(found)


def erase(user_id: UUID, correlation_id: str) -> None:
    """
    Erase the account of *user_id* with its sessions, links and notifications, for good.

    A contractor is listed no more, neither in the rankings as they stand nor in what the cache keeps of them.

    Raises:
        Unauthenticated: it is gone already.
        Conflict: nobody would be left to administer.
    """
    account = service.get_me(user_id)
    parameters = {
        "user_id": user_id,
        "account_digest": service.failures_digest(account.email),
        "now": clock.now(),
        "correlation_id": correlation_id,
    }
    with database().transaction() as transaction:
        erased = store.erase(transaction, parameters)
        if erased is None:
            raise Conflict("This is the last account that can administer; make another first.")
        stale = make_stale(transaction, [RANKINGS]) if erased["was_listed"] else {}
    tell_cache(stale)
    log.info("account.erased", user_id=user_id)
    log.info("erasure.recorded", target=f"users/{user_id}", cause="owner")
