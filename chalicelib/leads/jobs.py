"""
What a new lead's own job does (somebody is given it, and all staff are told), and the watch over leads that
nobody has looked at.
"""

from dataclasses import replace
from typing import Any

from chalicelib.jobs.ledger import Claim
from chalicelib.jobs.outcome import Claimed
from chalicelib.jobs.runner import Effect, OneByOne
from chalicelib.leads.assignment import service as assignment
from chalicelib.leads.sla import service as sla
from chalicelib.notifications import service as notifications
from chalicelib.platform import deadline

_RESERVE_S = 5.0


def take_in(job: Claimed, claim: Claim) -> Effect:
    """
    Give the lead to a manager, if that is wanted, and tell staff of it.

    Whoever has it when the job runs again keeps it, so a repeat gives nothing away.
    """
    given = assignment.assign(job.subject_id, job.correlation_id)
    effect = notifications.tell_staff(job, claim)
    return effect if given is None else replace(effect, note=given)


KINDS = {"lead_notice": OneByOne("lead_notice", take_in, reserve_s=2.0, request_cost_s=0.05)}


def watch(context: Any) -> None:
    """Alert about leads without a first contact, and about quarantine that nobody empties."""
    with deadline.within(deadline.left_of(context) - _RESERVE_S):
        sla.watch()
