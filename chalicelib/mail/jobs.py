"""What the e-mail queue's jobs do."""

from collections.abc import Callable

from chalicelib.gateways import ses
from chalicelib.jobs.ledger import Claim
from chalicelib.jobs.outcome import Claimed
from chalicelib.jobs.runner import Effect, OneByOne
from chalicelib.mail import render, service

_RESERVE_S = ses.TIMEOUT_S + 1
_REQUEST_COST_S = 0.25


def _mail(job_type: str, do: Callable[[Claimed, Claim], Effect]) -> OneByOne:
    return OneByOne(job_type, do, _RESERVE_S, _REQUEST_COST_S, render.is_warm)


KINDS = {
    "quotation": _mail("quotation", service.send_quotation),
    "notification": _mail("notification", service.send_notification),
    "welcome": _mail("welcome", service.send_welcome),
    "password_reset": _mail("password_reset", service.send_password_reset),
}
