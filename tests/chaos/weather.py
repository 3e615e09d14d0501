"""
How each fault of the matrix is made: by the fault proxies of `make run`, by signals to real processes, and by
what the real servers themselves can be told (a failover, a full memory, a limit of connections).

A `Weather` blows from its own thread until it is told that it is over. It mends what it broke by itself; what
the proxies do is mended by whoever ends it.
"""

import os
import random
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg

from local.stack.ministack import FUNCTION_TIMEOUTS_S, call_sqs, queue_name, queue_url
from tests.journey.conftest import Site

Span = tuple[float, float]
Act = Callable[[Site], None]


class Weather(Protocol):
    """A fault that lasts, in one shape or another, until it is over."""

    def blow(self, site: Site, chosen: random.Random, over: threading.Event) -> None:
        """Break and mend until *over*; *chosen* decides about instants."""


@dataclass(frozen=True)
class Steady:
    """One fault of a proxy, from the beginning to the end."""

    target: str
    mode: str
    more: dict[str, Any] = field(default_factory=dict)

    def blow(self, site: Site, chosen: random.Random, over: threading.Event) -> None:  # noqa: ARG002
        """See Weather."""
        site.fault(self.target, self.mode, **self.more)
        over.wait()


@dataclass(frozen=True)
class Flickering:
    """
    A fault of a proxy that comes and goes at random instants, so that it also hits what is under way, and
    calls that come after others have gone through.
    """

    target: str
    mode: str
    lasts_s: Span
    rests_s: Span

    def blow(self, site: Site, chosen: random.Random, over: threading.Event) -> None:
        """See Weather."""
        while not over.is_set():
            site.fault(self.target, self.mode)
            over.wait(chosen.uniform(*self.lasts_s))
            site.mend()
            over.wait(chosen.uniform(*self.rests_s))


@dataclass(frozen=True)
class Killed:
    """The processes of a part are killed (-9), all of them at once; the supervisor starts it again."""

    part: str
    every_s: Span

    def blow(self, site: Site, chosen: random.Random, over: threading.Event) -> None:
        """See Weather."""
        kill_part(site, self.part)
        while not over.wait(chosen.uniform(*self.every_s)):
            kill_part(site, self.part)


@dataclass(frozen=True)
class Repeated:
    """Something that happens in an instant, again and again."""

    act: Act
    every_s: Span

    def blow(self, site: Site, chosen: random.Random, over: threading.Event) -> None:
        """See Weather."""
        self.act(site)
        while not over.wait(chosen.uniform(*self.every_s)):
            self.act(site)


@dataclass(frozen=True)
class InTurns:
    """A state of a server that is brought about and taken back again and again; taken back in the end."""

    begin: Act
    end: Act
    lasts_s: Span
    rests_s: Span

    def blow(self, site: Site, chosen: random.Random, over: threading.Event) -> None:
        """See Weather."""
        while not over.is_set():
            self.begin(site)
            try:
                over.wait(chosen.uniform(*self.lasts_s))
            finally:
                self.end(site)
            over.wait(chosen.uniform(*self.rests_s))


def kill_part(site: Site, part: str) -> None:
    """Kill -9 every process of *part*: each part leads a process group of its own."""
    with suppress(KeyError, ProcessLookupError, PermissionError):
        os.killpg(site.stack.pid(part), signal.SIGKILL)


def flush_valkey(site: Site) -> None:
    """Valkey forgets everything."""
    _tell_valkey(site, "FLUSHALL")


def demote_valkey(site: Site) -> None:
    """Failover, first half: what was the primary is a replica, and answers READONLY to writes."""
    _tell_valkey(site, "REPLICAOF 127.0.0.1 1")


def promote_valkey(site: Site) -> None:
    """Failover, second half: the successor is a primary, with nothing in it."""
    _tell_valkey(site, "REPLICAOF NO ONE")
    _tell_valkey(site, "FLUSHALL")


def fill_valkey(site: Site) -> None:
    """Its memory is full: what may go goes, and then writes are answered OOM."""
    _tell_valkey(site, "CONFIG SET maxmemory 1")


def empty_valkey(site: Site) -> None:
    """It has the memory again that the stack gives it."""
    _tell_valkey(site, "CONFIG SET maxmemory 256mb")


def demote_postgres(site: Site) -> None:
    """Failover, first half: every connection ends, and the server may only be read from then on."""
    _tell_postgres(site, "ALTER DATABASE plumbline SET default_transaction_read_only = on", _CUT)


def promote_postgres(site: Site) -> None:
    """Failover, second half: connections end once more, and the server takes writes again."""
    _tell_postgres(site, "ALTER DATABASE plumbline RESET default_transaction_read_only", _CUT)


def close_postgres(site: Site) -> None:
    """There is room for no connection any more (SQLSTATE 53300), and the open ones end."""
    _tell_postgres(site, "ALTER ROLE plumbline CONNECTION LIMIT 0", _CUT)


def open_postgres(site: Site) -> None:
    """There is room again."""
    _tell_postgres(site, "ALTER ROLE plumbline CONNECTION LIMIT -1")


def purge_queues(site: Site) -> None:
    """SQS loses every message that it holds."""
    port = site.stack.ports["ministack"]
    for queue in FUNCTION_TIMEOUTS_S:
        call_sqs(port, "PurgeQueue", {"QueueUrl": queue_url(port, queue_name(queue))})


_CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'plumbline'"


def _tell_postgres(site: Site, *statements: str) -> None:
    with psycopg.connect(site.stack.superuser_url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _tell_valkey(site: Site, command: str) -> None:
    """One inline command; Valkey may just have been restarted, so it is given a moment."""
    ends_at = time.monotonic() + 5
    while True:
        try:
            with socket.create_connection(("127.0.0.1", site.stack.ports["valkey"]), timeout=2) as connection:
                connection.sendall(command.encode() + b"\r\n")
                answer = connection.recv(200)
                assert answer.startswith(b"+OK"), answer
                return
        except OSError:
            if time.monotonic() > ends_at:
                raise
            time.sleep(0.1)
