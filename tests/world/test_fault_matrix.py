"""Every mode of every target on the network: until it is deleted, for a count of calls, for a time.

What a fault looks like is judged from a plain socket; whether the work was done, by the upstream's record.
"""

from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from local.world.faults import modes_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.world.process import WorldProcess

KINDS = {
    "postgres": "tcp",
    "redis": "tcp",
    "sqs": "http",
    "s3": "http",
    "email": "http",
    "sms": "http",
    "sheets": "http",
    "turnstile": "http",
}
MATRIX = [
    (target, mode) for target, kind in KINDS.items() for mode in modes_of(target, kind) if mode != "flush"
]
OURS = ("postgres", "redis", "sqs", "s3", "email", "sms")  # targets whose upstream is a test's own
SILENT_FOR_S, DELAY_S = 0.12, 0.15
LINE = b"hello\n"
REQUEST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
SYMPTOMS = {
    "reset": "reset",
    "timeout": "silent",
    "slow": "late",
    "commit-then-timeout": "silent",
    "commit-then-reset": "reset",
    "error": "error",
}
DOES_THE_WORK = ("slow", "commit-then-timeout", "commit-then-reset")


def call(world: WorldProcess, target: str) -> str:
    """Ask *target* once on a connection of its own; what its client sees in one word."""
    try:
        with socket.create_connection(("127.0.0.1", world.listen[target]), timeout=5) as sock:
            return ask(sock, target)
    except ConnectionRefusedError:
        return "refused"
    except ConnectionResetError:  # so early that connecting still saw it
        return "reset"


def ask(sock: socket.socket, target: str) -> str:
    start = time.monotonic()
    sock.settimeout(SILENT_FOR_S + DELAY_S)
    try:
        sock.sendall(LINE if KINDS[target] == "tcp" else REQUEST)
        answer = sock.recv(65536)
    except TimeoutError:
        return "silent"
    except (ConnectionResetError, BrokenPipeError):
        return "reset"
    if not answer:
        return "closed"
    if answer.startswith(b"HTTP/1.1 503"):
        return "error"
    return "late" if time.monotonic() - start >= DELAY_S - 0.01 else "answered"


def options(mode: str) -> dict[str, Any]:
    return {"delaySeconds": DELAY_S} if mode == "slow" else {}


def is_broken(sock: socket.socket) -> bool:
    sock.settimeout(1)
    with contextlib.suppress(ConnectionResetError):
        while sock.recv(65536):  # the end of its last answer
            pass
    return True


@pytest.fixture
def work(line_server: Any, http_upstream: Any) -> Callable[[], int]:
    """How many calls have reached an upstream of ours."""
    return lambda: len(line_server.seen) + len(http_upstream.seen)


@pytest.mark.parametrize(("target", "mode"), MATRIX)
def test_a_fault_without_a_limit_hits_every_call_until_it_is_deleted(
    world: WorldProcess, set_fault: Callable[..., Any], work: Callable[[], int], target: str, mode: str
) -> None:
    set_fault(target, mode, **options(mode))
    expected = SYMPTOMS.get(mode, "refused")
    assert [call(world, target), call(world, target)] == [expected, expected]
    if target in OURS:
        assert work() == (2 if mode in DOES_THE_WORK else 0)
    assert [item["mode"] for item in world.call("GET", "/dev/faults")[1]["items"]] == [mode]
    world.call("DELETE", "/dev/faults")
    assert call(world, target) == "answered"


@pytest.mark.parametrize(("target", "mode"), MATRIX)
def test_a_fault_with_a_count_hits_so_many_calls(
    world: WorldProcess, set_fault: Callable[..., Any], work: Callable[[], int], target: str, mode: str
) -> None:
    assert set_fault(target, mode, count=2, **options(mode))["remaining"] == 2
    expected = SYMPTOMS.get(mode, "reset")  # whoever counts refusals has to listen
    assert [call(world, target) for _ in range(3)] == [expected, expected, "answered"]
    if target in OURS:
        assert work() == (3 if mode in DOES_THE_WORK else 1)
    assert world.call("GET", "/dev/faults")[1] == {"items": []}


@pytest.mark.parametrize(("target", "mode"), [one for one in MATRIX if one[0] in ("postgres", "email")])
def test_a_fault_with_seconds_ends_by_itself(
    world: WorldProcess, set_fault: Callable[..., Any], target: str, mode: str
) -> None:
    set_fault(target, mode, seconds=0.5, **options(mode))
    assert call(world, target) == SYMPTOMS.get(mode, "refused")
    deadline = time.monotonic() + 3
    while world.call("GET", "/dev/faults")[1]["items"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert call(world, target) == "answered"


@pytest.mark.parametrize("limits", [{}, {"count": 1}, {"seconds": 60}])
@pytest.mark.parametrize(("target", "mode"), [one for one in MATRIX if one[1] in ("refuse", "reset")])
def test_refuse_and_reset_break_open_connections(
    world: WorldProcess, set_fault: Callable[..., Any], target: str, mode: str, limits: dict[str, Any]
) -> None:
    with socket.create_connection(("127.0.0.1", world.listen[target]), timeout=5) as sock:
        assert ask(sock, target) == "answered"
        set_fault(target, mode, **limits)
        assert is_broken(sock)


@pytest.mark.parametrize("target", KINDS)
def test_a_fault_of_one_target_leaves_the_others_alone(
    world: WorldProcess, set_fault: Callable[..., Any], target: str
) -> None:
    set_fault(target, "refuse")
    assert {other for other in KINDS if call(world, other) == "answered"} == set(KINDS) - {target}


def test_a_count_and_seconds_together_end_with_the_first(
    world: WorldProcess, set_fault: Callable[..., Any]
) -> None:
    set_fault("sqs", "error", count=1, seconds=60)
    assert [call(world, "sqs"), call(world, "sqs")] == ["error", "answered"]
    set_fault("sqs", "error", count=100, seconds=0.2)
    assert call(world, "sqs") == "error"
    time.sleep(0.3)
    assert call(world, "sqs") == "answered"
