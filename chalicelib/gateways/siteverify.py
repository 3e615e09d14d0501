"""
Cloudflare Turnstile's siteverify: was this token earned by a visitor of ours, just now, for this action?

Three seconds, one attempt; its own `idempotency_key` lets an honest retry of ours validate the same token
again. Source: Cloudflare, "Validate the token" (server-side validation): fields, error codes and test keys.
"""

import json
from enum import Enum
from urllib.parse import urlencode

from chalicelib.gateways.http import NoAnswer, post
from chalicelib.platform import logs
from chalicelib.platform.settings import settings

TIMEOUT_S = 3.0
_OURS_TO_MEND = frozenset({"missing-input-secret", "invalid-input-secret", "internal-error", "bad-request"})
# Cloudflare's documented test secrets answer with a fixed hostname and no action, so neither can be compared.
_TEST_SECRETS = (
    "1x0000000000000000000000000000000AA",
    "2x0000000000000000000000000000000AA",
    "3x0000000000000000000000000000000AA",
)
log = logs.EventLog("siteverify")


class Verdict(Enum):
    """What siteverify says of a token."""

    PASSED = "passed"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


def verify(token: str, *, action: str, client_address: str, idempotency_key: str) -> Verdict:
    """
    Spend *token*; hostname and *action* must be ours. A silent or broken service is UNAVAILABLE, never
    REFUSED.
    """
    known = settings()
    secret = known.turnstile_secret_key.get_secret_value()
    form = {
        "secret": secret,
        "response": token,
        "remoteip": client_address,
        "idempotency_key": idempotency_key,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        reply = post(known.turnstile_verify_url, urlencode(form).encode(), headers, timeout_s=TIMEOUT_S)
        answer = json.loads(reply.body)
        if not isinstance(answer, dict):
            raise TypeError("not an object")
    except (NoAnswer, ValueError, TypeError) as error:
        log.warning("captcha.unavailable", reason=type(error).__name__)
        return Verdict.UNAVAILABLE
    codes = answer.get("error-codes") or []
    if answer.get("success") is not True:
        if reply.status >= 500 or not codes or _OURS_TO_MEND.intersection(codes):
            log.warning("captcha.unavailable", status=reply.status, codes=codes)
            return Verdict.UNAVAILABLE
        log.info("captcha.refused", codes=codes)
        return Verdict.REFUSED
    if secret in _TEST_SECRETS:
        return Verdict.PASSED
    hostnames = known.turnstile_hostnames
    if (hostnames and answer.get("hostname") not in hostnames) or answer.get("action") != action:
        log.info("captcha.refused", codes=["hostname-or-action"])
        return Verdict.REFUSED
    return Verdict.PASSED
