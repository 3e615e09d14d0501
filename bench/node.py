"""
The peers on Node (bench/peers/node): hono, ioredis, BullMQ and pg, with what package-lock.json pins.

They run as plain processes, not under a Lambda runtime client: the lead route is an HTTP server that is asked
over one kept-alive connection, so its figures lack what the runtime client costs the others.
"""

import contextlib
import http.client
import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "peers" / "node"
_NODE = ["sh", "local/bootstrap/node.sh"]
_INSTALLED = _FOLDER / "node_modules" / ".package-lock.json"


def install() -> None:
    """Install what package-lock.json pins, unless it stands there already, and find Node."""
    program()
    if _INSTALLED.exists() and _INSTALLED.stat().st_mtime >= (_FOLDER / "package-lock.json").stat().st_mtime:
        return
    options = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run([*_NODE, "npm", "--prefix", str(_FOLDER), "ci", *options], check=True)


@cache
def program() -> str:
    """The path of Node itself, so that no shell is measured."""
    found = subprocess.run([*_NODE, "node", "-p", "process.execPath"], check=True, capture_output=True)
    return found.stdout.decode().strip()


@contextlib.contextmanager
def running(script: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The process of *script*; what it prints and reads are lines."""
    process = subprocess.Popen(
        [program(), str(_FOLDER / script)],
        env={**os.environ, **environment, "NODE_ENV": "production"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def line_of(process: subprocess.Popen[str]) -> str:
    """
    The next line that the process prints.

    Raises:
        RuntimeError: it has ended.
    """
    line = process.stdout.readline().strip() if process.stdout else ""
    if not line:
        raise RuntimeError(f"Node ended: {process.args!r}")
    return line


@dataclass(frozen=True)
class Request:
    """What goes over HTTP for an event of API Gateway."""

    method: str
    path: str
    body: str | None
    headers: dict[str, str]

    @classmethod
    def of(cls, event: bytes) -> "Request":
        """The request that API Gateway made *event* of."""
        found = json.loads(event)
        address = found["requestContext"]["identity"]["sourceIp"]
        headers = {**found["headers"], "x-forwarded-for": address}
        return cls(found["httpMethod"], found["path"], found["body"], headers)


class LeadServer:
    """The lead route; start and stop it with `serving`."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def ask(self, request: Request, status: int) -> float:
        """
        Milliseconds of one request.

        Raises:
            RuntimeError: it was answered with another status.
        """
        body = request.body.encode() if request.body is not None else None
        started = time.perf_counter()
        self._connection.request(request.method, request.path, body, request.headers)
        answer = self._connection.getresponse()
        said = answer.read()
        took_ms = (time.perf_counter() - started) * 1000
        if answer.status != status:
            raise RuntimeError(f"Node answered {answer.status}: {said[:500]!r}")
        return took_ms


@contextlib.contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[LeadServer]:
    """The lead route of a process of its own."""
    with running("lead.js", environment) as process:
        yield LeadServer(int(line_of(process)))


def ask_worker(process: subprocess.Popen[str], **question: Any) -> float:
    """Seconds in which worker.js did the jobs of *question*."""
    if process.stdin is None:
        raise RuntimeError("Node has no standard input")
    process.stdin.write(json.dumps(question) + "\n")
    process.stdin.flush()
    return float(line_of(process))
