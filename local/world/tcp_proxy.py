"""A byte proxy on 127.0.0.1 that counts round trips and misbehaves on demand.

It stands in front of the database and of Valkey in `make run` (http_proxy adds HTTP on top), and tests use it
as a library to count round trips on the wire: `with counting_proxy(port) as proxy: ...; proxy.round_trips`. A
round trip is the client speaking first, or speaking again after the server has answered; that burst is also
what a fault's `count` counts. When the upstream cannot be reached the client's connection is reset.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.world.faults import Fault

HOST = "127.0.0.1"
_LINGER_ZERO = struct.pack("ii", 1, 0)


class TcpProxy:
    """Relay *listen_port* (0: any free one) to *upstream_port*, counting `round_trips` and `connections`."""

    kind = "tcp"

    def __init__(self, listen_port: int, upstream_port: int) -> None:
        self.listen_port = listen_port
        self.upstream_port = upstream_port
        self.round_trips = 0
        self.connections = 0
        self.fault: Fault | None = None
        self.links: set[Link] = set()
        self.links_by_port: dict[int, Link] = {}  # by the port that the upstream sees a connection come from
        self._guard: socket.socket | None = None
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """
        Listen.

        Raises:
            OSError: the port is taken.
        """
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, self.listen_port))
            probe.listen()
            self.listen_port = int(probe.getsockname()[1])
        self._guard = self._bind()
        await self._listen()

    async def close(self) -> None:
        """Stop listening and break every connection."""
        self._unlisten()
        if self._guard is not None:
            self._guard.close()
            self._guard = None
        for link in tuple(self.links):
            link.break_off(reset=False)

    @property
    def is_up(self) -> bool:
        """Whether it listens, or does not because a fault tells it so."""
        return self._server is not None or (self.fault is not None and self.fault.mode == "refuse")

    async def begin_fault(self, fault: Fault) -> None:
        """Let *fault* hit calls from now on; `refuse` and `reset` also break what is open."""
        if fault.mode == "flush":
            await self._flush_redis()
            return
        self.fault = fault
        if fault.mode == "refuse" and fault.remaining is None:
            self._unlisten()
        if fault.mode in ("refuse", "reset"):
            for link in tuple(self.links):
                link.break_off(reset=fault.mode == "reset")
            await _until_closed()
        if fault.mode == "timeout" and fault.remaining is None:
            for link in self.links:
                link.hang_if_waiting()

    async def end_fault(self) -> None:
        """Work again at once: listen, close what hangs, deliver what was held back."""
        self.fault = None
        for link in tuple(self.links):
            link.recover()
        await _until_closed()
        if self._server is None and self._guard is not None:
            await self._listen()

    def make_link(self) -> Link:
        """A fresh connection's protocol; http_proxy makes its own kind."""
        return Link(self)

    def _bind(self) -> socket.socket:
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind((HOST, self.listen_port))
        return bound

    async def _listen(self) -> None:
        # The guard keeps the port ours while `refuse` has the listener closed: bound without listening, it
        # refuses connections as a dead server does, and no outgoing connection is given the port as its own.
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self.make_link, sock=self._bind(), backlog=1024)

    def _unlisten(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _flush_redis(self) -> None:
        reader, writer = await asyncio.open_connection(HOST, self.upstream_port)
        writer.write(b"*1\r\n$8\r\nFLUSHALL\r\n")
        await asyncio.wait_for(reader.readline(), timeout=10)
        writer.close()


class Link(asyncio.Protocol):
    """One client connection and its twin to the upstream; the protocol of the client's side."""

    def __init__(self, proxy: TcpProxy) -> None:
        self.proxy = proxy
        self.client: asyncio.Transport
        self.upstream: asyncio.Transport | None = None
        self.is_idle = True  # the server has answered, or nobody has spoken yet
        self.is_hanging = False  # never answers again; what the client sends is swallowed
        self.is_muted = False  # what the client sends is done, the answers are swallowed
        self.is_doomed = False  # what the client sends is done, and the first of the answer is a reset
        self.delay_s = 0.0
        self._held: list[bytes] | None = None
        self._flush_timer: asyncio.TimerHandle | None = None
        self._early: list[bytes] = []
        self.is_over = False  # one side is gone
        self._dial: asyncio.Task[None] | None = None
        self._cannot_dial = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Dial the upstream while the client still prepares its first bytes."""
        self.client = cast("asyncio.Transport", transport)
        _no_delay(self.client)
        self.proxy.connections += 1
        self.proxy.links.add(self)
        fault = self.proxy.fault
        if fault is not None and fault.mode == "refuse" and fault.spend():
            self.break_off(reset=True)
            return
        self._dial = asyncio.get_running_loop().create_task(self._connect())

    def data_received(self, data: bytes) -> None:
        """Forward what the client says; a first burst after an answer is one round trip and one call."""
        if self.is_hanging:
            return
        if self.is_idle:
            self.is_idle = False
            self.proxy.round_trips += 1
            fault = self.proxy.fault
            if fault is not None and not self.passes(data, fault):
                return
        if self.upstream is not None:
            self.upstream.write(data)
        elif self._cannot_dial:
            self.break_off(reset=True)
        else:
            self._early.append(data)
            self.client.pause_reading()

    def passes(self, data: bytes, fault: Fault) -> bool:  # noqa: ARG002  # http_proxy reads the request in it
        """Let *fault* hit this call and tell whether its bytes still go to the upstream."""
        if fault.mode == "refuse" or not fault.spend():
            return True
        if fault.mode == "reset":
            self.break_off(reset=True)
        elif fault.mode == "timeout":
            self.is_hanging = True
        elif fault.mode == "slow":
            self.delay_s = fault.delay_s
            return True
        elif fault.mode in ("commit-then-timeout", "commit-then-reset"):
            self.is_muted, self.is_doomed = fault.mode.endswith("timeout"), fault.mode.endswith("reset")
            return True
        return False

    def answered(self, data: bytes) -> None:
        """Hand what the upstream said to the client, late or never if a fault says so."""
        if self.is_hanging or self.is_muted:
            return
        if self.is_doomed:
            self.break_off(reset=True)
            return
        self.is_idle = True
        if self._held is not None:
            self._held.append(data)
        elif self.delay_s:
            self._held = [data]
            self._flush_timer = asyncio.get_running_loop().call_later(self.delay_s, self._flush)
        else:
            self.client.write(data)
            self.relayed()

    def relayed(self) -> None:
        """The client's connection has got what the upstream said; http_proxy tells whoever watches."""

    def upstream_lost(self, *, reset: bool) -> None:
        """Close the client's side as the upstream closed, unless a fault keeps it hanging."""
        self.upstream = None
        self.is_over = True
        if self.is_hanging or self.is_muted or self._held is not None:
            return
        self.break_off(reset=reset)

    def break_off(self, *, reset: bool) -> None:
        """Close both sides; with *reset* the client gets a RST (SO_LINGER 0), otherwise a FIN."""
        if reset:
            _abort(self.client)
        else:
            self.client.close()
        if self.upstream is not None:
            self.upstream.abort()

    def hang_if_waiting(self) -> None:
        """Never deliver the answer that the client waits for at this moment."""
        if not self.is_idle:
            self.is_hanging = True

    def recover(self) -> None:
        """The fault is over: a connection that it silenced is closed, answers it held back are delivered."""
        if self.is_hanging or self.is_muted or (self.is_over and self._held is None):
            self.break_off(reset=False)
        elif self._held is not None:
            self._flush()
        self.delay_s = 0.0

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """The client is gone: what it had said still reaches the upstream."""
        self.proxy.links.discard(self)
        self.is_over = True
        if self._flush_timer is not None:
            self._flush_timer.cancel()
        if self.upstream is not None:
            self.upstream.close()

    def pause_writing(self) -> None:
        """The client reads slowly: so do we."""
        if self.upstream is not None:
            self.upstream.pause_reading()

    def resume_writing(self) -> None:
        """The client has caught up."""
        if self.upstream is not None:
            self.upstream.resume_reading()

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            upstream, _ = await loop.create_connection(
                lambda: _Upstream(self), HOST, self.proxy.upstream_port
            )
        except OSError:
            self._cannot_dial = True
            fault = self.proxy.fault
            if self._early or fault is None or fault.mode != "timeout":
                self.break_off(reset=True)
            return
        for data in self._early:
            upstream.write(data)
        self._early.clear()
        if self.is_over:
            upstream.close()
            return
        self.upstream = upstream
        self.client.resume_reading()

    def _flush(self) -> None:
        if self._flush_timer is not None:
            self._flush_timer.cancel()
        held, self._held, self.delay_s = self._held or [], None, 0.0
        self.client.writelines(held)
        if held:
            self.relayed()
        if self.is_over:
            self.client.close()


class _Upstream(asyncio.Protocol):
    """The upstream's side of a link."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        _no_delay(cast("asyncio.Transport", transport))
        self._port = int(transport.get_extra_info("sockname")[1])
        self._link.proxy.links_by_port[self._port] = self._link

    def data_received(self, data: bytes) -> None:
        self._link.answered(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._link.proxy.links_by_port.pop(self._port, None)
        self._link.upstream_lost(reset=exc is not None)

    def pause_writing(self) -> None:
        self._link.client.pause_reading()

    def resume_writing(self) -> None:
        self._link.client.resume_reading()


@contextlib.contextmanager
def counting_proxy(upstream_port: int, listen_port: int = 0) -> Iterator[TcpProxy]:
    """A TcpProxy that runs on a thread of its own, for tests that are not asynchronous themselves."""
    proxy = TcpProxy(listen_port, upstream_port)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="counting-proxy", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(proxy.start(), loop).result(timeout=5)
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(proxy.close(), loop).result(timeout=5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)
        loop.close()


async def _until_closed() -> None:
    """Let the loop close the sockets that were told to, so that whoever set the fault finds it in force."""
    for _ in range(3):
        await asyncio.sleep(0)


def _no_delay(transport: asyncio.Transport) -> None:
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _abort(transport: asyncio.Transport) -> None:
    sock = transport.get_extra_info("socket")
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    transport.abort()
