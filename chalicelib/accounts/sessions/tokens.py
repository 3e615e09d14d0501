"""
Refresh tokens: derived from a session's id and a generation under a server key, and stored nowhere.

The next generation can be named again and again, so a client whose answer was lost is given the very same
token; and every generation proves itself, so a stolen one is known as such however old it is.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from chalicelib.platform.settings import settings

_FORM = re.compile(r"([0-9a-f]{32})\.(0|[1-9][0-9]{0,8})\.[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class RefreshToken:
    """The token of one generation of a session."""

    session_id: UUID
    generation: int

    @property
    def text(self) -> str:
        """The token as its owner keeps it."""
        key = hmac.digest(settings().jwt_secret.get_secret_value().encode(), b"refresh-token", "sha256")
        named = f"{self.session_id.hex}.{self.generation}"
        proof = urlsafe_b64encode(hmac.digest(key, named.encode(), "sha256")).rstrip(b"=").decode()
        return f"{named}.{proof}"


def read(text: str) -> RefreshToken | None:
    """The token that *text* is, or None; a wrong proof takes the same time."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    token = RefreshToken(UUID(hex=match[1]), int(match[2]))
    return token if hmac.compare_digest(text.encode(), token.text.encode()) else None
