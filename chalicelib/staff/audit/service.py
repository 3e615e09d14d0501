"""Says who does what from where, in the form that the audit log keeps."""

import json
from datetime import datetime
from typing import Any

from chalicelib.guards.access import caller_of
from chalicelib.platform.http import Call
from chalicelib.platform.postgres import Transaction
from chalicelib.staff.audit import store


def entry(call: Call, action: str, now: datetime) -> dict[str, Any]:
    """The parameters of `store.INSERT`; *action* is a thing and what becomes of it, like `job.redriven`."""
    caller = caller_of(call)
    return {
        "now": now,
        "actor_id": caller.id,
        "actor_role": caller.role,
        "action": action,
        "ip": call.client_address,
        "correlation_id": call.correlation_id,
    }


def record(
    transaction: Transaction,
    call: Call,
    action: str,
    *,
    target: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    now: datetime,
) -> None:
    """Write one entry, in the transaction of what it tells; *before* and *after* hold no people's data."""
    told = {
        "target": target,
        "before": None if before is None else json.dumps(before),
        "after": None if after is None else json.dumps(after),
    }
    store.record(transaction, {**entry(call, action, now), **told})
