"""When a receiver is tried again, when it is given up, and what it is told: decisions that touch nothing."""

from datetime import datetime, timedelta

from chalicelib.platform.postgres import Row
from chalicelib.webhooks.models import LeadData, Message, PersonalLeadData

# Standard Webhooks 1.0, "Deliverability and reliability": at once, then after 5 s, 5 min, 30 min, 2, 5, 10 h.
RETRY_AFTER_S = (5, 300, 1_800, 7_200, 18_000, 36_000)
ATTEMPTS = len(RETRY_AFTER_S) + 1
FAILING_AT_MOST = timedelta(days=5)
GONE = 410  # RFC 9110, 15.5.11; Standard Webhooks: the receiver wants no more


def body_of(found: Row) -> bytes:
    """The body for *found* (`store.find_call`); a person's data only where the webhook is to have them."""
    shape = PersonalLeadData if found["includes_personal_data"] else LeadData
    data = shape.model_validate({**found, "id": found["lead_id"]})
    message = Message(type=found["event"], timestamp=found["at"], data=data)
    return message.model_dump_json(by_alias=True).encode()


def is_hopeless(failing_since: datetime | None, now: datetime) -> bool:
    """Whether it has failed for days on end, so that it is switched off."""
    return failing_since is not None and now - failing_since >= FAILING_AT_MOST
