"""Gives a new lead to a manager, as the setting `leadAssignment` says; `none` leaves it to staff."""

from uuid import UUID

from chalicelib.jobs import outbox
from chalicelib.leads.assignment import store
from chalicelib.platform import clock, logs
from chalicelib.platform.postgres import database
from chalicelib.webhooks import service as webhooks

NOBODY = "none"
log = logs.EventLog("leads")


def assign(lead_id: UUID, correlation_id: str) -> str | None:
    """
    Give the lead to whoever is next, once: one that somebody has stays theirs.

    Returns what the journey says of it; None where the lead was not given to anybody.
    """
    mode = store.find_mode(database(), lead_id)
    if mode is None or mode == NOBODY:
        return None
    with database().transaction() as transaction:
        store.take_turn(transaction)
        manager_id = store.give(transaction, lead_id, mode)
        if manager_id is None:
            return None
        told = webhooks.announce(
            transaction, "lead.updated", [lead_id], now=clock.now(), correlation_id=correlation_id
        )
    outbox.send(told)
    log.info("lead_assigned", lead_id=str(lead_id), user_id=str(manager_id), mode=mode)
    return f"given to a manager ({mode})"
