"""
Secrets and signatures of webhooks (Standard Webhooks 1.0, "Signature scheme": symmetric, `v1`).

A secret is derived from the webhook's id and a generation under a server key, and stored nowhere: neither the
database nor a log can give one away. Rotating raises the generation; the one before signs as well for a
while.
"""

import hmac
from base64 import b64encode
from datetime import datetime, timedelta
from uuid import UUID

from chalicelib.platform.settings import settings

BOTH_SIGN_FOR = timedelta(hours=24)
_PREFIX = "whsec_"


def secret_of(webhook_id: UUID, generation: int) -> str:
    """What the receiver is shown once: `whsec_` and 32 bytes in Base64."""
    return _PREFIX + b64encode(_key_of(webhook_id, generation)).decode()


def signature_of(
    webhook_id: UUID,
    generation: int,
    previous_until: datetime | None,
    *,
    message_id: UUID,
    now: datetime,
    body: bytes,
) -> str:
    """The header `webhook-signature`: the present secret's, then that of the one before while it may sign."""
    generations = [generation]
    if previous_until is not None and now < previous_until:
        generations.append(generation - 1)
    signed = f"{message_id}.{int(now.timestamp())}.".encode() + body
    made = [hmac.digest(_key_of(webhook_id, number), signed, "sha256") for number in generations]
    return " ".join(f"v1,{b64encode(each).decode()}" for each in made)


def _key_of(webhook_id: UUID, generation: int) -> bytes:
    key = hmac.digest(settings().jwt_secret.get_secret_value().encode(), b"webhook-secret", "sha256")
    return hmac.digest(key, f"{webhook_id.hex}.{generation}".encode(), "sha256")
