"""
Makes a change visible to the next read of what the cache keeps of it.

That a namespace is stale is stored with the change, in its transaction (`store.make_stale`); the cache is
told right after the commit, and the relay's schedule repeats what could not be told (Valkey away, or a
process that died between the two).
"""

from collections.abc import Mapping

from chalicelib.guards import store
from chalicelib.platform import logs
from chalicelib.platform.errors import DatabaseBusy
from chalicelib.platform.postgres import database
from chalicelib.resilience.cache import Cache
from chalicelib.resilience.valkey import valkey

RANKINGS = "rankings"  # pages and places of contractors: a new run makes them stale, and one who leaves
log = logs.EventLog("cache")


def tell_cache(stale: Mapping[str, int]) -> bool:
    """
    Invalidate each namespace of *stale* (its number of changes beside it); False when not all could be.

    Never raises: the change has been committed, and what is not told now is told by `tell_untold`.
    """
    cache = Cache(valkey())
    told = {namespace: changes for namespace, changes in stale.items() if cache.invalidate(namespace)}
    if len(told) < len(stale):
        log.warning("cache.stale", namespaces=sorted(set(stale) - set(told)))
    try:
        if told:
            store.mark_told(database(), told)
    except DatabaseBusy:
        return False  # told once more by the schedule, which does no harm
    return len(told) == len(stale)


def tell_untold() -> bool:
    """Invalidate what is known to be stale and was not told; False when the cache is still away."""
    return tell_cache(store.find_untold(database()))
