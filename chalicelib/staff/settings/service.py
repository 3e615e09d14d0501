"""Changes a setting; public ones are seen by the next read."""

import re
from typing import Any

from chalicelib.catalogue.rules import SETTINGS
from chalicelib.guards import store as guards_store
from chalicelib.guards.invalidations import tell_cache
from chalicelib.platform import clock
from chalicelib.platform.errors import NotFound
from chalicelib.platform.http import Call
from chalicelib.platform.postgres import Row, database
from chalicelib.staff.audit import service as audit
from chalicelib.staff.settings import rules, store

_KEY = re.compile(r"[a-z][A-Za-z0-9]{0,59}")


def put(call: Call, key: str, given: Any) -> Row:
    """
    Let the setting *key* have the value *given*, and return it.

    Raises:
        NotFound: there is no such setting.
        ValidationFailed: the setting is of another type, or may not have this value.
    """
    with database().transaction() as transaction:
        before = store.find_locked(transaction, key) if _KEY.fullmatch(key) else None
        if before is None:
            raise NotFound("There is no such setting.")
        value = rules.value_of(given, before["type"], before["validation"])
        if value == before["value"]:
            return before
        after = store.put(transaction, key, value) or before
        audit.record(
            transaction,
            call,
            "setting.changed",
            target=f"settings/{key}",
            before={"value": before["value"]},
            after={"value": value},
            now=clock.now(),
        )
        stale = guards_store.make_stale(transaction, [SETTINGS] if before["is_public"] else [])
    tell_cache(stale)
    return after
