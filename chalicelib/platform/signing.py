"""
Signature Version 4 by botocore's signer; its clients, which cost a cold start another 120 ms, are not used.

botocore itself is imported at the first signature, since most requests of a cold container need none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.auth import SigV4Auth


@dataclass(frozen=True)
class Identity:
    """As whom we call AWS, and where; Lambda sets it."""

    region: str
    access_key_id: str
    secret_access_key: str
    session_token: str | None

    def __repr__(self) -> str:
        return f"Identity({self.region!r})"


@cache
def _signer(identity: Identity, service: str) -> "SigV4Auth":
    from botocore.auth import SigV4Auth  # noqa: PLC0415  off the cold path
    from botocore.credentials import Credentials  # noqa: PLC0415

    credentials = Credentials(identity.access_key_id, identity.secret_access_key, identity.session_token)
    return SigV4Auth(credentials, service, identity.region)


def signed_headers(
    identity: Identity, service: str, url: str, body: bytes, headers: Mapping[str, str]
) -> dict[str, str]:
    """The headers with which a POST of *body* to *url* is *identity*'s own."""
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415  off the cold path

    request: Any = AWSRequest("POST", url, data=body, headers=dict(headers))
    _signer(identity, service).add_auth(request)
    return dict(request.headers.items())
