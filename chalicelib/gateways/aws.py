"""Signed calls to AWS's query, JSON and REST protocols over the kept-alive pool; `platform.signing` signs."""

import json
import re
from functools import cache

from chalicelib.gateways import http
from chalicelib.gateways.http import Exchange, Reply
from chalicelib.platform.settings import settings
from chalicelib.platform.signing import Identity, signed_headers, signed_link

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
def _identity() -> Identity:
    known = settings()
    token = known.aws_session_token.get_secret_value() if known.aws_session_token else None
    secret = known.aws_secret_access_key.get_secret_value()
    return Identity(known.aws_region, known.aws_access_key_id, secret, token)


def signed_post(service: str, url: str, body: bytes, headers: dict[str, str], *, timeout_s: float) -> Reply:
    """POST *body* to *url*; see `signed`."""
    return signed("POST", service, url, body, headers, timeout_s=timeout_s)


def signed(
    method: str, service: str, url: str, body: bytes, headers: dict[str, str], *, timeout_s: float
) -> Reply:
    """
    Make one call that is signed for *service* (Signature Version 4).

    Raises:
        NoAnswer: nobody answered in time.
        Refused: an answer other than 2xx.
    """
    return taken(begin(method, service, url, body, headers, timeout_s=timeout_s))


def begin(
    method: str, service: str, url: str, body: bytes, headers: dict[str, str], *, timeout_s: float
) -> Exchange:
    """
    Send such a call, and leave its answer to `taken`.

    Raises:
        NoAnswer: nobody took it in time.
    """
    sent = signed_headers(_identity(), method, service, url, body, headers)
    return http.begin(method, url, body, sent, timeout_s=timeout_s)


def taken(exchange: Exchange) -> Reply:
    """
    Wait for the answer to a call that was begun.

    Raises:
        NoAnswer, Refused: as `signed`.
    """
    reply = exchange.reply()
    if reply.status >= 300:
        raise Refused(reply.status, code_of(reply))
    return reply


def link_to(url: str, *, valid_for_s: int) -> str:
    """A link by which anybody may GET the S3 object at *url* for so long; nobody is called."""
    return signed_link(_identity(), url, valid_for_s)


def code_of(reply: Reply) -> str:
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
