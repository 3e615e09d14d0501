"""
One kept-alive HTTP client for every gateway: explicit timeouts, and no hidden retries.

`begin` sends and `Exchange.reply` waits, so that one thread has several calls under way at once. It stands on
`http.client`: urllib3's pool takes three times the processor time for a call. TLS is verified against the
system's certificates.
"""

import http.client
import select
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from chalicelib.platform import deadline

_IDLE_AT_MOST = 8  # connections that are kept for each origin
_IDLE_FOR_S = 60.0  # NAT gateways forget a connection after 350 s, and many servers after 75, without a word
_LEAST_S = 0.01  # at the deadline itself, what has arrived is still taken
# The connections of each origin, with the instant since when each lies idle.
_idle: dict[tuple[str, str], list[tuple[http.client.HTTPConnection, float]]] = {}


class NoAnswer(Exception):
    """
    Nobody answered within the time: whether the call took effect is not known.

    Unless *was_sent* is false: then no connection came about, and it certainly took none.
    """

    def __init__(self, reason: str, *, was_sent: bool = True) -> None:
        super().__init__(reason)
        self.was_sent = was_sent


@dataclass(frozen=True)
class Reply:
    """What a service answered."""

    status: int
    body: bytes
    headers: http.client.HTTPMessage


class Exchange:
    """A call that was sent, and whose answer is still to be waited for."""

    def __init__(
        self, origin: tuple[str, str], connection: http.client.HTTPConnection, ends_s: float
    ) -> None:
        self._origin = origin
        self._connection = connection
        self._ends_s = ends_s

    def reply(self) -> Reply:
        """
        Wait for the answer, once.

        Raises:
            NoAnswer: reset, or silent.
        """
        connection = self._connection
        sock = connection.sock  # the connection forgets it where the server will close it
        try:
            sock.settimeout(_left_s(self._ends_s))
            answer = connection.getresponse()
            sock.settimeout(_left_s(self._ends_s))
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise NoAnswer(type(error).__name__) from error
        kept = _idle.setdefault(self._origin, [])
        if not answer.will_close and len(kept) < _IDLE_AT_MOST:
            kept.append((connection, time.monotonic()))
        else:
            connection.close()
        return Reply(answer.status, body, answer.headers)


def post(url: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float) -> Reply:
    """POST *body* to *url*; see `request`."""
    return request("POST", url, body, headers, timeout_s=timeout_s)


def request(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], *, timeout_s: float
) -> Reply:
    """
    Make one call, which a silence ends *timeout_s* seconds from now, or at the present call's deadline.

    Raises:
        NoAnswer: refused, reset, or silent.
    """
    return begin(method, url, body, headers, timeout_s=timeout_s).reply()


def begin(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], *, timeout_s: float
) -> Exchange:
    """
    Send one call, and leave its answer to be waited for; the time of `request` runs from here.

    Raises:
        NoAnswer: refused, reset, or not taken in time.
    """
    ends_s = time.monotonic() + deadline.remaining_s(timeout_s)
    parts = urlsplit(url)
    origin = (parts.scheme, parts.netloc)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _idle_connection(origin) or _new_connection(origin, ends_s)
    try:
        connection.sock.settimeout(_left_s(ends_s))
        connection.request(method, path, body, dict(headers))
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        raise NoAnswer(type(error).__name__) from error
    return Exchange(origin, connection, ends_s)


def _idle_connection(origin: tuple[str, str]) -> http.client.HTTPConnection | None:
    """The connection that was used last; one with something to read was left by its server."""
    kept = _idle.get(origin, [])
    with suppress(IndexError):  # another thread may take the last one
        while True:
            connection, since_s = kept.pop()
            is_fresh = time.monotonic() - since_s < _IDLE_FOR_S
            if is_fresh and not select.select([connection.sock], [], [], 0)[0]:
                return connection
            connection.close()
    return None


def _new_connection(origin: tuple[str, str], ends_s: float) -> http.client.HTTPConnection:
    scheme, host = origin
    left_s = _left_s(ends_s)
    connection = (
        http.client.HTTPSConnection(host, timeout=left_s, context=_trust())
        if scheme == "https"
        else http.client.HTTPConnection(host, timeout=left_s)
    )
    try:
        connection.connect()
    except OSError as error:
        connection.close()
        raise NoAnswer(type(error).__name__, was_sent=False) from error
    return connection


def _left_s(ends_s: float) -> float:
    return max(_LEAST_S, ends_s - time.monotonic())


@cache
def _trust() -> ssl.SSLContext:
    """The certificates of the system; to read them takes longer than a call."""
    return ssl.create_default_context()
