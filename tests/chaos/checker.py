"""
The independent checker: compares the answers that clients received with what people find in the sheet, in the
mail box, and among their notifications. It reads the stand-ins' records and the API as users do, never our
ledger.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.browser import Submission

_PHONE, _SUBMISSIONS = 5, 10  # columns of the sheet
_LEAD_PAGE = re.compile(r"/admin/leads/([0-9a-f-]{36})")


@dataclass(frozen=True)
class Records:
    """What the world has: the sheet's rows, the mails, and whom each reader's notifications are about."""

    rows: Sequence[Sequence[str]] = ()
    mails: Sequence[Mapping[str, Any]] = ()
    notes: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Findings:
    """What is wrong, each by the lead or address that it is wrong with; and how many mails may be double."""

    missing_rows: list[str]
    missing_mails: list[str]
    missing_notes: list[str]
    doubled_rows: list[str]
    doubled_leads: list[str]
    doubled_mails: list[str]
    doubled_notes: list[str]
    ambiguous_mails: int

    @property
    def missing(self) -> int:
        """How many effects have not arrived."""
        return len(self.missing_rows) + len(self.missing_mails) + len(self.missing_notes)

    @property
    def faults(self) -> dict[str, list[str]]:
        """What breaks the promise, by its name."""
        found = {name: value for name, value in vars(self).items() if isinstance(value, list) and value}
        return {name.replace("_", " "): value for name, value in found.items()}


def judge(submissions: Collection[Submission], records: Records) -> Findings:
    """
    Compare the *submissions* with the *records*.

    Of a form that was never answered nothing is promised, except that it is there once at most.
    """
    answered = {each.lead_id: each for each in submissions if each.lead_id is not None}
    rows = Counter(row[0] for row in records.rows if row)
    leads_of: dict[str, set[str]] = {}
    executed_twice = set()
    for row in records.rows:
        if len(row) > _SUBMISSIONS:
            phone = row[_PHONE].lstrip("'")
            leads_of.setdefault(phone, set()).add(row[0])
            if row[_SUBMISSIONS] != "1":
                executed_twice.add(phone)
    lead_of_phone = {each.phone: each.lead_id for each in submissions}
    others = {
        phone
        for phone, lead_id in lead_of_phone.items()
        if len(leads_of.get(phone, set()) | ({lead_id} if lead_id else set())) > 1
    }
    readers = {each.email for each in submissions}
    mails = {
        (to, about): lost
        for (to, about), lost in _mails_by_reader(records.mails).items()
        if to in readers or about in answered
    }
    notes = [Counter(found) for found in records.notes.values()]
    return Findings(
        missing_rows=[lead_id for lead_id in answered if rows[lead_id] == 0],
        missing_mails=[
            each.email for each in answered.values() if each.email and not mails.get((each.email, ""))
        ],
        missing_notes=[lead_id for lead_id in answered if any(found[lead_id] == 0 for found in notes)],
        doubled_rows=[lead_id for lead_id, count in rows.items() if count > 1],
        doubled_leads=sorted(others | (executed_twice & set(lead_of_phone))),
        doubled_mails=[
            f"{to} {about}".strip() for (to, about), lost in mails.items() if lost.count(False) > 1
        ],
        doubled_notes=[lead_id for found in notes for lead_id, count in found.items() if count > 1],
        ambiguous_mails=sum(len(lost) - 1 for lost in mails.values()),
    )


def _mails_by_reader(mails: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], list[bool]]:
    """
    For each reader and cause, whether each mail's answer was lost. Visitors have an address of their own for
    each lead and get one mail about it; staff are told of a lead by its page.
    """
    found: dict[tuple[str, str], list[bool]] = {}
    for mail in mails:
        about = _LEAD_PAGE.search(str(mail["text"]))
        for address in mail["to"]:
            found.setdefault((address, about[1] if about else ""), []).append(bool(mail["answerLost"]))
    return found
