"""
The token in a mail's link: derived from its row's id under a server key, and stored nowhere.

A mail that is sent again carries the same link, and neither a job nor the database nor a log can give one
away. Whether the row still stands (not used, not expired) is for its reader to see.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from uuid import UUID

from chalicelib.platform.settings import settings

CONFIRM, PASSWORD_RESET = "confirm", "password_reset"
_FORM = re.compile(r"([0-9a-f]{32})\.[A-Za-z0-9_-]{43}")


def token_of(link_id: UUID, purpose: str) -> str:
    """The token of row *link_id* for *purpose*: the same whenever it is asked for."""
    key = hmac.digest(settings().jwt_secret.get_secret_value().encode(), b"link-token", "sha256")
    proof = hmac.digest(key, f"{purpose}.{link_id.hex}".encode(), "sha256")
    return f"{link_id.hex}.{urlsafe_b64encode(proof).rstrip(b'=').decode()}"


def link_of(token: str, purpose: str) -> UUID | None:
    """The row that *token* was derived from for *purpose*, or None; a wrong proof takes the same time."""
    match = _FORM.fullmatch(token)
    if match is None:
        return None
    link_id = UUID(hex=match[1])
    return link_id if hmac.compare_digest(token.encode(), token_of(link_id, purpose).encode()) else None
