"""
Free TCP ports of the loopback, chosen once per clone and remembered, so that restarts keep their addresses.

They lie below the range from which the kernel takes outgoing ports, so that a passing connection of another
program cannot sit on one while its server restarts. A remembered port that somebody else took meanwhile is
chosen anew.
"""

import json
import random
import socket
from collections.abc import Iterable
from pathlib import Path

from local.stack.errors import StackError
from local.stack.files import write_atomically

_LOWEST, _HIGHEST = 20_000, 32_000
_ATTEMPTS = 500


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on *port* of *host* now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def has_ipv6_loopback() -> bool:
    """Whether this machine has `::1`."""
    return socket.has_ipv6 and is_free(0, "::1")


def choose_ports(remembered: Path, names: Iterable[str]) -> dict[str, int]:
    """
    One free port for each of *names*, the one of the last time where it is still free; written to
    *remembered*.

    Raises:
        StackError: no free port was found.
    """
    before = _read(remembered)
    chosen: dict[str, int] = {}
    for name in names:
        port = before.get(name)
        if port is None or port in chosen.values() or not is_free(port):
            port = _find_free(set(chosen.values()) | set(before.values()))
        chosen[name] = port
    write_atomically(remembered, json.dumps(chosen, indent=2) + "\n")
    return chosen


def _read(remembered: Path) -> dict[str, int]:
    try:
        values = json.loads(remembered.read_text())
    except (OSError, ValueError):
        return {}
    if not isinstance(values, dict):
        return {}
    return {name: port for name, port in values.items() if isinstance(port, int)}


def _find_free(avoid: set[int]) -> int:
    for _ in range(_ATTEMPTS):
        port = random.randint(_LOWEST, _HIGHEST)  # noqa: S311  two copies must not pick the same ones in the same order
        if port not in avoid and is_free(port):
            return port
    raise StackError(
        f"No free port between {_LOWEST} and {_HIGHEST} on 127.0.0.1: end some servers and start again."
    )
