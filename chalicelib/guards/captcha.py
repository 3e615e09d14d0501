"""The captcha: each token is spent once, after every other field is valid and no kept answer was found."""

from chalicelib.gateways import siteverify
from chalicelib.gateways.siteverify import Verdict
from chalicelib.guards import idempotency
from chalicelib.guards.idempotency import Reservation
from chalicelib.platform.errors import CaptchaFailed
from chalicelib.platform.http import Call


def spend(call: Call, token: str | None, *, action: str, reservation: Reservation | None) -> bool:
    """
    Spend *token*; False when siteverify is away, and the use case says what that means for it.

    Raises:
        CaptchaFailed: there is none, or it is not one that a visitor of ours just earned for *action*.
    """
    if not token:
        raise CaptchaFailed("The captcha token is missing; please complete the captcha.")
    verdict = siteverify.verify(
        token,
        action=action,
        client_address=call.client_address.partition("/")[0],
        idempotency_key=idempotency.captcha_idempotency_key(reservation, token),
    )
    if verdict is Verdict.REFUSED:
        raise CaptchaFailed("The captcha token is not valid any more; please complete the captcha again.")
    return verdict is Verdict.PASSED
