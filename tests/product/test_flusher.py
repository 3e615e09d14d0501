"""What no request takes along comes by itself: by a thread where the process goes on, and when it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local.stack import Stack
from tests.product.conftest import Api, Faults

_SCRIPT = """
import sys
from tests.product.conftest import Api
reply = Api().call("GET", "/health")
print("STATUS", reply.status, flush=True)
while sys.stdin.readline():
    page = Api().call("GET", "/metrics").body
    print("SEEN", *[line for line in page.splitlines() if 'path="/health",status="200"' in line], flush=True)
"""
_HEALTH = 'http_requests_total{method="GET",path="/health",status="200"}'


@contextmanager
def _process() -> Iterator[subprocess.Popen[str]]:
    """A process of its own that has answered one request, which runs no script; it waits for a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SCRIPT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ.copy(),
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        assert any(line == "STATUS 200\n" for line in process.stdout)
        yield process
        process.kill()


def _is_counted(api: Api, times: int) -> bool:
    return f"{_HEALTH} {times}" in api.call("GET", "/metrics").body.splitlines()


def _seen_by(process: subprocess.Popen[str]) -> str:
    """What the other process shows of the requests, when it is asked."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("?\n")
    process.stdin.flush()
    return next(line for line in process.stdout if line.startswith("SEEN")).removeprefix("SEEN ").rstrip()


def _until_counted(api: Api, times: int) -> bool:
    ends_at = time.monotonic() + 30
    while not _is_counted(api, times):
        if time.monotonic() > ends_at:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.proves("P24")
def test_idle_processes_bring_their_last_requests_and_each_shows_all_of_them(parts: Stack, api: Api) -> None:
    """P24: nothing waits for a next request that may never come, and whoever is asked knows of the others."""
    del parts
    with _process() as one, _process() as other:
        assert _until_counted(api, 2)
        assert _seen_by(one) == _seen_by(other) == f"{_HEALTH} 2"


@pytest.mark.proves("P24")
@pytest.mark.parametrize("how", ["sigterm", "exit"])
def test_a_process_that_ends_in_order_leaves_nothing_behind(parts: Stack, api: Api, how: str) -> None:
    """P24: also what was counted an instant before its end is brought."""
    del parts
    with _process() as process:
        if how == "sigterm":
            process.send_signal(signal.SIGTERM)
        else:
            assert process.stdin is not None
            process.stdin.close()
        assert process.wait(timeout=30) == 0
        assert _is_counted(api, 1)


def test_a_process_ends_in_time_though_valkey_is_silent(parts: Stack, api: Api, faults: Faults) -> None:
    del parts, api
    with _process() as process:
        faults.set("redis", "timeout")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
