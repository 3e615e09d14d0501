"""Starts the world as a process of its own on free ports: what tests of the stand-ins need.

It is stopped, or killed, by its own process id. A world that does not come up within ten seconds raises
TimeoutError.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROOT = Path(__file__).parents[2]
_START_TIMEOUT_S = 10.0


class WorldProcess:
    """One world: *upstreams* maps a target to (kind, port); port 0 stands for the world's own."""

    def __init__(
        self,
        data_dir: Path,
        upstreams: Mapping[str, tuple[str, int]],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.port, *listen = free_ports(1 + len(upstreams))
        self.listen = dict(zip(upstreams, listen, strict=True))
        self.url = f"http://127.0.0.1:{self.port}"
        proxies = {
            target: {"listen": self.listen[target], "upstream": port or self.port, "kind": kind}
            for target, (kind, port) in upstreams.items()
        }
        self._environment = {
            **os.environ,
            "WORLD_PORT": str(self.port),
            "WORLD_DATA_DIR": str(data_dir),
            "FAULT_PROXIES": json.dumps(proxies),
            **(environment or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """
        Start it and wait until it is healthy.

        Raises:
            TimeoutError: it ended at once, or did not answer in time.
        """
        command = [sys.executable, "-m", "local.world"]
        self._process = subprocess.Popen(command, cwd=_ROOT, env=self._environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not self._is_healthy():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise TimeoutError("the world did not start")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it as Ctrl-C does and wait for it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=10)
            self._process = None

    def kill(self) -> None:
        """End it as kill -9 does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None

    def proxy_url(self, target: str) -> str:
        """Where the product would find *target*."""
        return f"http://127.0.0.1:{self.listen[target]}"

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Call one of the world's own addresses; the status and the parsed JSON (None: no body)."""
        data = None if body is None else json.dumps(body).encode()
        headers = {} if data is None else {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310  # our own
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        return status, json.loads(text) if text else None

    def _is_healthy(self) -> bool:
        try:
            return self.call("GET", "/dev/world/health")[0] == 200
        except OSError:
            return False


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on at the moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [int(sock.getsockname()[1]) for sock in sockets]
    finally:
        for sock in sockets:
            sock.close()
