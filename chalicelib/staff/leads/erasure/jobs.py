"""What retention does with leads: forgets people whose time is over, and slots that nothing can join."""

import uuid
from datetime import timedelta
from typing import Any

from chalicelib.platform import clock, deadline
from chalicelib.platform.postgres import database
from chalicelib.staff.leads.erasure import service, store

_BATCH, _SLOTS = 100, 1000
_RESERVE_S = 5.0
_SLOTS_FOR = timedelta(days=1)  # a slot holds a phone number and is of use for an hour
_LEADS, _SPAM = "leadRetentionDays", "spamRetentionDays"


def forget_over(context: Any) -> None:
    """Erase leads after the days that the settings say, and delete old slots, in small transactions."""
    budget_s = deadline.left_of(context) - _RESERVE_S
    with deadline.within(budget_s):
        while deadline.remaining_s(budget_s) > 1:
            if store.delete_slots(database(), clock.now() - _SLOTS_FOR, _SLOTS) < _SLOTS:
                break
        days, now = store.retention_days(database(), [_LEADS, _SPAM]), clock.now()
        correlation_id = f"retention-{uuid.uuid4()}"
        while deadline.remaining_s(budget_s) > 1:
            over = store.list_over(
                database(),
                before=now - timedelta(days=days[_LEADS]),
                spam_before=now - timedelta(days=days[_SPAM]),
                limit=_BATCH,
            )
            for lead_id in over:
                if deadline.remaining_s(budget_s) <= 1:
                    return
                service.erase_unasked(lead_id, "retention", correlation_id)
            if len(over) < _BATCH:
                return
