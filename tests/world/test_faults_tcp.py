"""Every fault mode of a TCP target, seen from plain sockets through a real proxy to a real server."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.world.process import WorldProcess

SHORT_S = 0.3


@contextlib.contextmanager
def connected(world: WorldProcess, target: str = "postgres") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", world.listen[target]), timeout=5) as sock:
        yield sock


def ask(sock: socket.socket, line: bytes = b"hello\n", timeout_s: float = 5) -> bytes:
    sock.settimeout(timeout_s)
    sock.sendall(line)
    answer = b""
    while not answer.endswith(b"\n"):
        more = sock.recv(65536)
        if not more:
            return answer
        answer += more
    return answer


def is_silent(sock: socket.socket) -> bool:
    try:
        ask(sock, timeout_s=SHORT_S)
    except TimeoutError:
        return True
    return False


def test_without_a_fault_bytes_pass_both_ways(world: WorldProcess) -> None:
    with connected(world) as sock:
        assert ask(sock) == b"+hello\n"
        big = b"x" * 2_000_000 + b"\n"
        assert ask(sock, big) == b"+" + big


def test_refuse_is_a_refused_connection_and_breaks_open_ones(
    world: WorldProcess, set_fault: Callable[..., Any]
) -> None:
    with connected(world) as sock:
        ask(sock)
        set_fault("postgres", "refuse")
        assert sock.recv(10) == b""
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError), connected(world):
                pass
    assert world.call("GET", "/dev/world/health")[0] == 200
    world.call("DELETE", "/dev/faults")
    with connected(world) as sock:
        assert ask(sock) == b"+hello\n"


def test_reset_is_a_rst_for_open_and_for_new_connections(
    world: WorldProcess, set_fault: Callable[..., Any]
) -> None:
    with connected(world) as sock:
        ask(sock)
        set_fault("postgres", "reset", count=1)
        with pytest.raises(ConnectionResetError):
            sock.recv(10)
    with connected(world) as sock, pytest.raises(ConnectionResetError):
        ask(sock)
    with connected(world) as sock:
        assert ask(sock) == b"+hello\n"


def test_timeout_swallows_also_on_open_connections_until_it_is_deleted(
    world: WorldProcess, set_fault: Callable[..., Any], line_server: Any
) -> None:
    with connected(world) as old:
        ask(old)
        set_fault("postgres", "timeout")
        with connected(world) as new:
            assert is_silent(old)
            assert is_silent(new)
            assert len(line_server.seen) == 1
            world.call("DELETE", "/dev/faults")
            assert (old.recv(10), new.recv(10)) == (b"", b"")
    with connected(world) as sock:
        assert ask(sock) == b"+hello\n"


def test_commit_then_timeout_does_the_work_and_never_answers(
    world: WorldProcess, set_fault: Callable[..., Any], line_server: Any
) -> None:
    set_fault("postgres", "commit-then-timeout", count=1)
    with connected(world) as victim, connected(world) as other:
        assert is_silent(victim)
        assert line_server.seen == [b"hello\n"]
        assert ask(other) == b"+hello\n"
        assert world.call("GET", "/dev/faults")[1] == {"items": []}
        assert is_silent(victim)
        world.call("DELETE", "/dev/faults")
        assert victim.recv(10) == b""


def test_slow_delays_every_answer(world: WorldProcess, set_fault: Callable[..., Any]) -> None:
    set_fault("postgres", "slow", delaySeconds=0.15)
    with connected(world) as sock:
        for _ in range(2):
            start = time.monotonic()
            assert ask(sock) == b"+hello\n"
            assert 0.14 < time.monotonic() - start < 1
        set_fault("postgres", "slow", delaySeconds=30)
        sock.sendall(b"late\n")
        time.sleep(0.05)
        world.call("DELETE", "/dev/faults")
        assert sock.recv(10) == b"+late\n"
        assert ask(sock) == b"+hello\n"


def test_a_fault_with_seconds_ends_by_itself(world: WorldProcess, set_fault: Callable[..., Any]) -> None:
    item = set_fault("postgres", "timeout", seconds=0.4)
    assert item["until"].endswith("Z")
    with connected(world) as sock:
        start = time.monotonic()
        sock.sendall(b"hello\n")
        assert sock.recv(10) == b""
        assert time.monotonic() - start < 2
    with connected(world) as sock:
        assert ask(sock) == b"+hello\n"


def test_targets_add_up_and_a_second_fault_replaces_the_first(
    world: WorldProcess, set_fault: Callable[..., Any]
) -> None:
    set_fault("postgres", "refuse")
    set_fault("redis", "timeout")
    set_fault("postgres", "slow", delaySeconds=0.01)
    items = {item["target"]: item["mode"] for item in world.call("GET", "/dev/faults")[1]["items"]}
    assert items == {"postgres": "slow", "redis": "timeout"}
    with connected(world) as sock:
        assert ask(sock) == b"+hello\n"
    with connected(world, "redis") as sock:
        assert is_silent(sock)


def test_flush_is_sent_to_redis_at_once_and_not_kept(
    world: WorldProcess, set_fault: Callable[..., Any], line_server: Any
) -> None:
    assert set_fault("redis", "flush") == {"target": "redis", "mode": "flush"}
    deadline = time.monotonic() + 2
    while b"FLUSHALL\r\n" not in line_server.seen:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert world.call("GET", "/dev/faults")[1] == {"items": []}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"target": "worker", "mode": "crash"}, "/target"),
        ({"target": "moon", "mode": "refuse"}, "/target"),
        ({"target": "postgres", "mode": "error"}, "/mode"),
        ({"target": "postgres", "mode": "flush"}, "/mode"),
        ({"target": "postgres"}, "/mode"),
        ({"target": "sheets", "mode": "error", "status": 200}, "/status"),
        ({"target": "sheets", "mode": "timeout", "status": 500}, "/status"),
        ({"target": "sheets", "mode": "timeout", "count": 0}, "/count"),
        ({"target": "sheets", "mode": "timeout", "count": True}, "/count"),
        ({"target": "sheets", "mode": "timeout", "seconds": -1}, "/seconds"),
        ({"target": "sheets", "mode": "slow", "delaySeconds": "1"}, "/delaySeconds"),
        ({"target": "sheets", "mode": "timeout", "colour": 1}, "/colour"),
        ([], ""),
    ],
)
def test_a_wrong_fault_is_422_with_a_sentence_for_the_field(
    world: WorldProcess, body: Any, pointer: str
) -> None:
    status, problem = world.call("POST", "/dev/faults", body)
    assert (status, problem["status"], problem["code"]) == (422, 422, "VALIDATION_ERROR")
    assert problem["errors"][0]["pointer"] == pointer
    assert problem["errors"][0]["detail"].endswith(".")
