"""
Signed calls to AWS's query and JSON protocols over the kept-alive pool.

botocore signs; its clients, which cost every cold start another 120 ms, are not used. botocore itself is
imported at the first call, since most requests of a cold container do not need it.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.gateways.http import NoAnswer, Reply, post
from chalicelib.platform.settings import settings

if TYPE_CHECKING:
    from botocore.auth import SigV4Auth


class Refused(Exception):
    """The service answered, but not with success; *code* is AWS's own error code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


@cache
def _signer(service: str) -> "SigV4Auth":
    from botocore.auth import SigV4Auth  # noqa: PLC0415  off the cold path
    from botocore.credentials import Credentials  # noqa: PLC0415

    known = settings()
    token = known.aws_session_token.get_secret_value() if known.aws_session_token else None
    credentials = Credentials(known.aws_access_key_id, known.aws_secret_access_key.get_secret_value(), token)
    return SigV4Auth(credentials, service, known.aws_region)


def signed_post(service: str, url: str, body: bytes, headers: dict[str, str], *, timeout_s: float) -> Reply:
    """
    POST *body* signed for *service* (Signature Version 4).

    Raises:
        NoAnswer: nobody answered in time.
        Refused: an answer other than 2xx.
    """
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415  off the cold path

    request: Any = AWSRequest("POST", url, data=body, headers=headers)
    _signer(service).add_auth(request)
    reply = post(url, body, dict(request.headers.items()), timeout_s=timeout_s)
    if reply.status >= 500:
        raise NoAnswer(f"{service} answered {reply.status}")
    if reply.status >= 300:
        raise Refused(
            reply.status,
            reply.headers.get("x-amzn-query-error", "") or reply.body[:200].decode(errors="replace"),
        )
    return reply
