"""
A call to an address that staff wrote down: only to the public internet, and to the very address that was
looked at.

The name is resolved once; one address of it that is not public refuses them all, and the connection goes to
the one that was seen, so a name that answers differently the next time gains nothing. TLS is verified for
the URL's host. Redirects are not followed, and of the answer only the status is kept. Source: IANA's
special-purpose registries (RFC 6890, RFC 9637); OWASP, "Server Side Request Forgery Prevention".
"""

import http.client
import re
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Event, Timer
from urllib.parse import urlsplit

from chalicelib.gateways.http import NoAnswer
from chalicelib.platform import deadline
from chalicelib.platform.settings import settings

TIMEOUT_S = 5.0  # resolving, connecting, sending and the answer, in all
_CHECK_S = 2.0
_URL_CHARACTERS = re.compile(r"[!-~]{1,2000}")
_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")
_LIKE_A_NUMBER = re.compile(r"(.*\.)?(0[xX][0-9A-Fa-f]*|[0-9]+)\.?")  # 2130706433, 0177.0.0.1, 0x7f.1
_ANSWER_BYTES = 16 * 1024
_PORTS = (443, *range(1024, 65536))  # below are other services' own
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NOT_FOR_CALLS = (
    IPv6Network("2001::/23"),  # protocol assignments, Teredo with them
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),  # 6to4 carries an IPv4 address
    IPv6Network("3fff::/20"),
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
)
_LOCAL_NETWORKS = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("fc00::/7"),
)
Address = IPv4Address | IPv6Address


class TargetRefused(Exception):
    """We call nobody there; the text says what to do, and repeats nothing of the URL."""


@dataclass(frozen=True)
class Target:
    """Where a URL leads."""

    is_tls: bool
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """The host as HTTP wants it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_tls else 80) else f"{host}:{self.port}"


def check(url: str) -> None:
    """
    See that *url* may be called; a name that nobody knows at present may, since each call looks again.

    Raises:
        TargetRefused: its form, or an address behind it.
    """
    target = target_of(url)
    with suppress(NoAnswer):
        _address_of(target, time.monotonic() + _CHECK_S)


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """
    POST *body* (JSON) to *url* and return the status of the answer, whatever it is.

    Raises:
        NoAnswer: refused, reset, silent, not to be called, or its certificate is not for this host.
    """
    ends_s = time.monotonic() + deadline.remaining_s(TIMEOUT_S)
    try:
        target = target_of(url)
        address = _address_of(target, ends_s)
        connection = socket.create_connection((str(address), target.port), timeout=_left_s(ends_s))
    except TargetRefused as error:
        raise NoAnswer(f"not called: {error}", was_sent=False) from None
    except OSError as error:
        raise NoAnswer(type(error).__name__, was_sent=False) from error
    # A timeout of a socket counts from byte to byte; this ends a receiver that drips.
    over = Event()
    handle = connection.dup()  # TLS takes the first one over
    alarm = Timer(_left_s(ends_s), _cut, [handle, over])
    alarm.daemon = True
    alarm.start()
    try:
        return _exchange(connection, target, body, headers, over)
    finally:
        alarm.cancel()
        handle.close()
        connection.close()


def target_of(url: str) -> Target:
    """
    Read *url*.

    Raises:
        TargetRefused: not https, or something about it that no receiver needs.
    """
    is_local = settings().webhook_allow_local
    if not _URL_CHARACTERS.fullmatch(url) or "\\" in url:
        raise TargetRefused("Write the address in at most 2,000 plain characters without spaces.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise TargetRefused("This is not an address of the web.") from None
    if parts.scheme != "https" and not (is_local and parts.scheme == "http"):
        raise TargetRefused("The address must begin with https://.")
    if "@" in parts.netloc or parts.fragment:
        raise TargetRefused("Leave out name, password and fragment.")
    if not _is_host(host):
        raise TargetRefused("Give the host by its name, or by an address in its usual writing.")
    is_tls = parts.scheme == "https"
    port = port if port is not None else 443 if is_tls else 80
    if not (is_local and port) and port not in _PORTS:
        raise TargetRefused("Use port 443, or one from 1024 on.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(is_tls, host.rstrip("."), port, path)


def is_callable(address: Address, *, is_local_allowed: bool) -> bool:
    """Whether *address* is on the public internet, or, where that is allowed, in this machine or network."""
    if is_local_allowed and (address.is_loopback or _is_in(address, _LOCAL_NETWORKS)):
        return True
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False  # among them those that carry an IPv4 address: mapped, compatible, NAT64
    special = address.is_multicast or address.is_reserved or _is_in(address, _NOT_FOR_CALLS)
    return address.is_global and not special


def _is_in(address: Address, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(address in network for network in networks if network.version == address.version)


def _is_host(host: str) -> bool:
    with suppress(ValueError):
        return "%" not in host and bool(ip_address(host))
    return bool(_NAME.fullmatch(host)) and not _LIKE_A_NUMBER.fullmatch(host)


@cache
def _resolvers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=16, thread_name_prefix="resolver")


def _address_of(target: Target, ends_s: float) -> Address:
    """
    The address to call, IPv4 first.

    Raises:
        TargetRefused: one of them is not to be called.
        NoAnswer: the name is not known, or the resolver is silent.
    """
    look = _resolvers().submit(socket.getaddrinfo, target.host, target.port, type=socket.SOCK_STREAM)
    try:
        found = look.result(timeout=_left_s(ends_s))
    except TimeoutError as error:
        raise NoAnswer("its name was not resolved in time", was_sent=False) from error
    except (OSError, UnicodeError) as error:
        raise NoAnswer("its name is not known", was_sent=False) from error
    addresses = [ip_address(str(place[4][0]).partition("%")[0]) for place in found]
    is_local = settings().webhook_allow_local
    if not all(is_callable(address, is_local_allowed=is_local) for address in addresses):
        raise TargetRefused("This host is not on the public internet.")
    return min(addresses, key=lambda address: address.version)


def _exchange(
    connection: socket.socket, target: Target, body: bytes, headers: dict[str, str], over: Event
) -> int:
    try:
        stream = _secured(connection, target)
    except OSError as error:
        raise NoAnswer(f"TLS: {type(error).__name__}", was_sent=False) from error
    speaker = http.client.HTTPConnection(target.host, target.port)
    speaker.sock = stream
    own = {
        "Host": target.host_header,
        "Content-Type": "application/json",
        "User-Agent": "Plumbline-Webhooks/1.0",
        "Connection": "close",
    }
    try:
        speaker.request("POST", target.path, body, {**own, **headers})
        answer = speaker.getresponse()
        if over.is_set():  # what was cut off reads like an answer that ended
            raise NoAnswer("cut off")
        status = answer.status
        with suppress(OSError, http.client.HTTPException):
            answer.read(_ANSWER_BYTES)  # so that it may end in peace; nothing of it is looked at
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(type(error).__name__) from error
    else:
        return status
    finally:
        speaker.close()


def _secured(connection: socket.socket, target: Target) -> socket.socket:
    if not target.is_tls:
        return connection
    return _trust().wrap_socket(connection, server_hostname=target.host)


@cache
def _trust() -> ssl.SSLContext:
    """The certificates of the system; to read them takes longer than a call."""
    return ssl.create_default_context()


def _left_s(ends_s: float) -> float:
    return max(0.05, ends_s - time.monotonic())


def _cut(connection: socket.socket, over: Event) -> None:
    over.set()
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
