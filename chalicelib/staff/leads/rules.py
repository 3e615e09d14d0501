"""Pure decisions of the staff desk about leads: what a search means, and what a row of the journey says."""

import json
import re
import unicodedata
from typing import Any, get_args
from uuid import UUID

from chalicelib.platform.http.edge import Parameter
from chalicelib.platform.http.listing import id_in, moment_in, one_of
from chalicelib.platform.postgres import Row
from chalicelib.staff.leads.models import Source, Status, TimelineEvent

# An empty one counts as not given.
_MOMENT = {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}, {"maxLength": 0}]}
_ID = {"type": "string", "anyOf": [{"format": "uuid"}, {"maxLength": 0}]}
FILTERS: dict[str, str | Parameter] = {
    "search": "A part of a name, an e-mail address or a phone number in any writing, or a whole reference. "
    "A name without accents finds those with accents, too.",
    "status": Parameter("Only those of this status.", {"enum": [*get_args(Status)]}),
    "source": Parameter("Only those of this source.", {"enum": [*get_args(Source)]}),
    "assignedTo": Parameter("Only those that this person has.", _ID, "7d0f1f0e-52c3-4c1c-8f0a-3a5b8e2d9c11"),
    "from": Parameter("A day (UTC) or an instant: leads from then on.", _MOMENT, "2026-01-01"),
    "to": Parameter(
        "A day (UTC): leads up to its end. Or an instant: leads before it.", _MOMENT, "2026-01-31"
    ),
}

_PHONE_LIKE = re.compile(r"[\d\s()+./-]+")
_DIGITS_AT_LEAST = 3
_PURPOSES = {
    "google_sheets": "bring the lead to the sheet",
    "quotation": "mail the quotation to the visitor",
    "notification": "mail a confirmation to the visitor",
    "lead_notice": "tell staff that the lead came in",
}
_PURPOSES_FOR_ONE = {
    "in_app": "tell one person in the app",
    "lead_overdue": "tell who has the lead that it waits",
    "notification": "mail one person",
    "sms": "send one person a text message",
    "webhook": "tell a webhook",
}
_PROVIDERS = {"email": "SES", "sms": "SNS", "webhook": "The webhook's receiver"}
_SECOND = {"email": "mail", "sms": "message", "webhook": "call, under the same id"}
_DELIVERY_STATUS = {"started": "started", "sent": "completed", "written": "completed", "kept": "completed"}
_STAFF_STATUS = {
    "job.redriven": "redriven",
    "lead.released": "released",
    "lead.merged": "merged",
    "lead.erased": "erased",
}


def filters_in(query: dict[str, str]) -> dict[str, Any]:
    """
    What `store.list_leads` is asked by the `FILTERS` in *query*.

    Raises:
        ValidationFailed: one of them means nothing.
    """
    return {
        "status": one_of(query, "status", get_args(Status)),
        "source": one_of(query, "source", get_args(Source)),
        "assigned_to": id_in(query, "assignedTo"),
        "since": moment_in(query, "from"),
        "until": moment_in(query, "to", is_end=True),
        **_search_parameters(query.get("search")),
    }


def _search_parameters(search: str | None) -> dict[str, Any]:
    """
    A part of a name or an address, of a phone in any writing, or a whole reference.

    `is_folded`: it has no accents, so it finds names with and without. `has_trigrams`: an index can help.
    """
    if search is None:
        return {"pattern": None, "phone_pattern": None, "reference": None}
    search = unicodedata.normalize("NFC", search)
    escaped = re.sub(r"([\\%_])", r"\\\1", search)
    digits = re.sub(r"\D", "", search).lstrip("0")
    is_phone = _PHONE_LIKE.fullmatch(search) and len(digits) >= _DIGITS_AT_LEAST
    try:
        reference = UUID(search)
    except ValueError:
        reference = None
    return {
        "pattern": f"%{escaped}%",
        "phone_pattern": f"%{digits}%" if is_phone else None,
        "reference": reference,
        "is_folded": search.isascii(),
        "has_trigrams": re.search(r"[^\W_]{3}", search) is not None,
    }


def event_of(row: Row) -> TimelineEvent:
    """*row* of `store.list_events` as staff read it."""
    status, detail = _TELLERS[row["kind"]](row)
    known = {name: row[name] for name in ("at", "kind", "queue", "job_id", "attempt", "correlation_id")}
    return TimelineEvent(**known, status=status, detail=detail)


def _request(row: Row) -> tuple[str, str | None]:
    return row["status"], f"POST /leads, {row['detail']}"


def _lead(row: Row) -> tuple[str, str | None]:
    if row["status"] == "quarantined":
        return "quarantined", f"held back until staff look at it: {row['detail']}"
    if row["status"] == "merged":
        return "merged", "the same phone and source within the hour: another submission of this lead"
    if row["status"] == "erased":
        return "erased", "the person is forgotten; what happened stays"
    return row["status"], None


def _job(row: Row) -> tuple[str, str | None]:
    if row["type"] is None:
        return row["status"], row["detail"]
    purposes = _PURPOSES_FOR_ONE if row["reference"] else _PURPOSES
    return row["status"], f"{row['type']}: {purposes.get(row['type'], 'no further word')}"


def _delivery(row: Row) -> tuple[str, str | None]:
    channel, state, reference = row["type"], row["status"], row["reference"]
    provider = _PROVIDERS.get(channel, channel)
    why = f" ({row['detail']})" if row["detail"] else ""
    detail = {
        "started": f"{provider} is asked",
        "sent": f"{provider} accepted it (message {reference})",
        "refused": f"{provider} refused it{why}",
        "not_reached": f"{provider} could not be reached, so nothing was sent{why}",
        "unknown": f"No answer{why}: {provider} may have accepted it; the next attempt may be the second "
        f"{_SECOND.get(channel, 'one')}",
        "written": f"Row {reference} of the sheet says it",
        "kept": "The person finds it in the app",
    }[state]
    return _DELIVERY_STATUS.get(state, "failed"), detail


def _staff(row: Row) -> tuple[str, str | None]:
    before, after = json.loads(row["detail"])
    changes = [_change(name, before or {}, after) for name in sorted(after)] if row["job_id"] is None else []
    told = f": {', '.join(changes)}" if changes else ""
    return _STAFF_STATUS.get(
        row["status"], "changed"
    ), f"{row['status']} by a person ({row['reference']}){told}"


def _change(name: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    was = f"{before[name] or 'nobody'} → " if name in before else ""
    return f"{name} {was}{after[name] or 'nobody'}"


_TELLERS = {"request": _request, "lead": _lead, "job": _job, "delivery": _delivery, "staff": _staff}
