"""The fault proxy of an HTTP service: tcp_proxy's relay, plus answers of its own in the vendor's form.

HTTP/1.1 without pipelining is strict question and answer, so a client's burst is a request and the relay
needs no parsing; only the mode `error` reads the request to its end (Content-Length or chunked) before it
answers and keeps the connection alive. Calls that never reach the upstream are reported to *on_swallowed*, so
that /dev can show them; an answer that a stand-in has asked to `watch` tells its delivery what becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from local.world.faults import Fault
from local.world.tcp_proxy import Link, TcpProxy
from local.world.vendor_errors import error_answer

if TYPE_CHECKING:
    from local.world.delivery import Delivery

SwallowedHook = Callable[[str, str, Fault], None]
_END_OF_HEAD = b"\r\n\r\n"
_SWALLOWING = ("timeout", "reset", "error")


class HttpProxy(TcpProxy):
    """Relay HTTP/1.1 to *upstream_port* on behalf of *target*; *on_swallowed* gets method, path and fault."""

    kind = "http"

    def __init__(
        self, target: str, listen_port: int, upstream_port: int, on_swallowed: SwallowedHook | None = None
    ) -> None:
        super().__init__(listen_port, upstream_port)
        self.target = target
        self.on_swallowed = on_swallowed

    def make_link(self) -> Link:
        """A connection that can answer by itself."""
        return HttpLink(self)


class HttpLink(Link):
    """One client connection that speaks HTTP."""

    proxy: HttpProxy

    def __init__(self, proxy: HttpProxy) -> None:
        super().__init__(proxy)
        self._refused: bytearray | None = None
        self._status = 0
        self._delivery: Delivery | None = None
        self._ended_by_us = False

    def watch(self, delivery: Delivery) -> None:
        """Tell *delivery* what becomes of the answer that is due."""
        if self.is_over:
            delivery.lost()
        else:
            self._delivery = delivery

    def answered(self, data: bytes) -> None:
        """Hand the answer on, unless a fault swallows it."""
        if self._delivery is not None and (self.is_hanging or self.is_muted):
            self._delivery.lost()
        super().answered(data)

    def relayed(self) -> None:
        """The client's connection has got what the upstream said."""
        if self._delivery is not None and not self._delivery.is_relayed:
            self._delivery.relayed()

    def break_off(self, *, reset: bool) -> None:
        """Close both sides; that is not the client's doing."""
        self._ended_by_us = True
        super().break_off(reset=reset)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone: with an error if it reset the connection."""
        super().connection_lost(exc)
        delivery, self._delivery = self._delivery, None
        if delivery is not None:
            delivery.ended(reset=exc is not None, by_client=not self._ended_by_us)

    def data_received(self, data: bytes) -> None:
        """Forward, or collect the request that is going to be answered with an error."""
        if self._delivery is not None and self._delivery.is_relayed:
            self._delivery = None  # who asks further has read the answer
        if self._refused is None:
            super().data_received(data)
        else:
            self._refused += data
            self._answer_when_complete()

    def passes(self, data: bytes, fault: Fault) -> bool:
        """Let *fault* hit this request and tell whether it still goes to the upstream."""
        if fault.mode in _SWALLOWING and fault.remaining != 0:
            self._report(data, fault)
        if fault.mode != "error":
            return super().passes(data, fault)
        if not fault.spend():
            return True
        self._refused = bytearray(data)
        self._status = fault.status or 503
        self._answer_when_complete()
        return False

    def _answer_when_complete(self) -> None:
        request = self._refused
        if request is None or not is_complete(request):
            return
        self._refused = None
        self.is_idle = True
        head = bytes(request.partition(_END_OF_HEAD)[0])
        self.client.write(error_answer(self.proxy.target, self._status, head))

    def _report(self, data: bytes, fault: Fault) -> None:
        words = data.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        if self.proxy.on_swallowed is not None and len(words) == 3:
            self.proxy.on_swallowed(words[0], words[1], fault)


def is_complete(request: bytes | bytearray) -> bool:
    """Whether *request* is a whole HTTP/1.1 request (RFC 9112, 6)."""
    head, end, body = request.partition(_END_OF_HEAD)
    if not end:
        return False
    if header(head, b"transfer-encoding").lower().endswith(b"chunked"):
        return body.endswith(b"0\r\n\r\n")
    length = header(head, b"content-length")
    return len(body) >= (int(length) if length.isdigit() else 0)


def header(head: bytes | bytearray, name: bytes) -> bytes:
    """The value of the header *name* (lower case) in *head*, empty if it is absent."""
    for line in bytes(head).split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return b""
