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
    from botocore.credentials import Credentials


@dataclass(frozen=True)
class Identity:
    """As whom we call AWS, and where; Lambda sets it."""

    region: str
    access_key_id: str
    secret_access_key: str
    session_token: str | None

    def __repr__(self) -> str:
        return f"Identity({self.region!r})"


def _credentials(identity: Identity) -> "Credentials":
    from botocore.credentials import Credentials  # noqa: PLC0415  off the cold path

    return Credentials(identity.access_key_id, identity.secret_access_key, identity.session_token)


@cache
def _signer(identity: Identity, service: str) -> "SigV4Auth":
    from botocore.auth import S3SigV4Auth, SigV4Auth  # noqa: PLC0415  off the cold path

    kind: type[SigV4Auth] = S3SigV4Auth if service == "s3" else SigV4Auth
    return kind(_credentials(identity), service, identity.region)


def signed_headers(
    identity: Identity, method: str, service: str, url: str, body: bytes, headers: Mapping[str, str]
) -> dict[str, str]:
    """The headers with which this call is *identity*'s own."""
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415  off the cold path

    request: Any = AWSRequest(method, url, data=body, headers=dict(headers))
    _signer(identity, service).add_auth(request)
    return dict(request.headers.items())


def signed_link(identity: Identity, url: str, valid_for_s: int) -> str:
    """*url* of an S3 object, with a signature of *identity* by which anybody may GET it for so long."""
    from botocore.auth import S3SigV4QueryAuth  # noqa: PLC0415  off the cold path
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415

    request: Any = AWSRequest("GET", url)
    S3SigV4QueryAuth(_credentials(identity), "s3", identity.region, expires=valid_for_s).add_auth(request)
    return str(request.url)
