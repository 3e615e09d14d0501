"""The environment of the world: read once at start, every problem named at once.

WORLD_PORT, WORLD_DATA_DIR, FAULT_PROXIES (JSON: target -> {listen, upstream, kind}), WORLD_AWS_PORT (the
emulator behind SES and SNS; without it there are none), WORLD_SES_IDENTITIES (verified addresses and domains,
by commas), and for load tests WORLD_SHEETS_QUOTA_PER_MINUTE, which takes the place of Google's 60 (per user)
and 300 (per project).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from local.world.faults import TARGETS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """One fault proxy: where it listens, where it leads, `tcp` or `http`."""

    listen_port: int
    upstream_port: int
    kind: str


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """Everything the world is told from outside."""

    port: int
    data_dir: Path
    proxies: Mapping[str, ProxySettings] = field(default_factory=dict)
    quota_per_minute: int | None = None
    aws_port: int | None = None
    ses_identities: tuple[str, ...] = ()

    @property
    def token_uri(self) -> str:
        """Where the product gets its access tokens: through the proxy of `sheets`, if there is one."""
        proxy = self.proxies.get("sheets")
        return f"http://127.0.0.1:{proxy.listen_port if proxy else self.port}/google/token"


def read_settings(environment: Mapping[str, str] | None = None) -> WorldSettings:
    """
    Read the settings from *environment* (default: the process's).

    Raises:
        ValueError: names every variable that is missing or wrong.
    """
    env = os.environ if environment is None else environment
    problems: list[str] = []
    port = env.get("WORLD_PORT", "")
    if not port.isdigit():
        problems.append("WORLD_PORT must be a port number.")
    if not env.get("WORLD_DATA_DIR"):
        problems.append("WORLD_DATA_DIR must name a folder.")
    quota = env.get("WORLD_SHEETS_QUOTA_PER_MINUTE", "")
    if quota and not quota.isdigit():
        problems.append("WORLD_SHEETS_QUOTA_PER_MINUTE must be a whole number.")
    aws_port = env.get("WORLD_AWS_PORT", "")
    if aws_port and not aws_port.isdigit():
        problems.append("WORLD_AWS_PORT must be a port number.")
    identities = env.get("WORLD_SES_IDENTITIES", "").lower().split(",")
    proxies: dict[str, ProxySettings] = {}
    try:
        proxies = _read_proxies(env.get("FAULT_PROXIES") or "{}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problems.append(f"FAULT_PROXIES must be JSON like {{target: {{listen, upstream, kind}}}}: {error!r}.")
    if problems:
        raise ValueError(" ".join(problems))
    return WorldSettings(
        port=int(port),
        data_dir=Path(env["WORLD_DATA_DIR"]),
        proxies=proxies,
        quota_per_minute=int(quota) if quota else None,
        aws_port=int(aws_port) if aws_port else None,
        ses_identities=tuple(name.strip() for name in identities if name.strip()),
    )


def _read_proxies(text: str) -> dict[str, ProxySettings]:
    proxies = {}
    for target, entry in json.loads(text).items():
        if target not in TARGETS or entry["kind"] not in ("tcp", "http"):
            raise ValueError(f"unknown target or kind: {target}, {entry['kind']}")
        proxies[target] = ProxySettings(int(entry["listen"]), int(entry["upstream"]), entry["kind"])
    return proxies
