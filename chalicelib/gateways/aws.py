"""
Signed calls to AWS's query and JSON protocols over the kept-alive pool.

botocore signs; its clients, which cost every cold start another 120 ms, are not used. botocore itself is
imported at the first call, since most requests of a cold container do not need it.
"""

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.gateways.http import Reply, post
from chalicelib.platform.settings import settings

if TYPE_CHECKING:
    from botocore.auth import SigV4Auth


_XML_CODE = re.compile(rb"<Code>([A-Za-z0-9.]{1,100})</Code>")
_CODE = re.compile(r"[A-Za-z0-9.]{1,100}")


class Refused(Exception):
    """
    The service answered, but not with success; *code* is AWS's own error code.

    Its message is not kept: it may repeat what was sent, such as an address.
    """

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
    if reply.status >= 300:
        raise Refused(reply.status, _code_of(reply))
    return reply


def _code_of(reply: Reply) -> str:
    """The error's name, wherever this protocol puts it: a header (REST, JSON), `__type` or `<Code>`."""
    told = reply.headers.get("x-amzn-errortype", "") or reply.headers.get("x-amzn-query-error", "")
    if not told:
        found = _XML_CODE.search(reply.body)
        told = found[1].decode() if found else _type_of(reply.body)
    match = _CODE.match(told.rpartition("#")[2])
    return match[0] if match else ""


def _type_of(body: bytes) -> str:
    try:
        document = json.loads(body)
    except ValueError:
        return ""
    return str(document.get("__type", "")) if isinstance(document, dict) else ""
