"""
The two parts that are ours: the world (stand-ins, fault proxies) and the cloud (gateway, Lambda, pollers,
schedules).
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from local.stack.children import ChildSpec
from local.stack.environment import fault_proxies
from local.stack.http import answers_ok, get_json

_CLOUD_STOP_TIMEOUT_S = 5.0
_CLOUD_READY_TIMEOUT_S = 60.0


def world_spec(
    data_dir: Path,
    ports: Mapping[str, int],
    secrets: Mapping[str, str],
    project: Path,
    *,
    email_from: str,
    sheets_quota_per_minute: int | None,
) -> ChildSpec:
    """How to run the stand-ins: SES lets *email_from* send, Google's quota holds unless another is given."""
    folder = data_dir / "world"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = sheets_quota_per_minute
    quota = {} if wanted is None else {"WORLD_SHEETS_QUOTA_PER_MINUTE": str(wanted)}
    return ChildSpec(
        name="world",
        argv=[sys.executable, "-m", "local.world"],
        is_ready=lambda: answers_ok(f"http://127.0.0.1:{ports['world']}/dev/world/health"),
        cwd=project,
        environment={
            "WORLD_PORT": str(ports["world"]),
            "WORLD_DATA_DIR": str(folder),
            "FAULT_PROXIES": json.dumps(fault_proxies(ports)),
            "WORLD_AWS_PORT": str(ports["ministack"]),
            "WORLD_SES_IDENTITIES": email_from,
            "TURNSTILE_SECRET_KEY": secrets["turnstile_secret_key"],
            **quota,
        },
    )


def google_credentials(world_port: int) -> str:
    """The demo service account's key, as JSON text on one line."""
    return json.dumps(get_json(f"http://127.0.0.1:{world_port}/dev/world/service-account"))


def cloud_spec(
    data_dir: Path,
    ports: Mapping[str, int],
    environment: Mapping[str, str],
    project: Path,
    *,
    app_dir: Path,
    site_dir: Path,
    api_containers: int,
    artefact_dir: Path | None,
) -> ChildSpec:
    """How to run AWS's part; it answers once the API's containers are warm."""
    folder = data_dir / "cloud"
    folder.mkdir(parents=True, exist_ok=True)
    return ChildSpec(
        name="cloud",
        argv=[sys.executable, "-m", "local.cloud"],
        is_ready=lambda: answers_ok(f"http://127.0.0.1:{ports['site']}/dev/cloud/health"),
        cwd=project,
        environment={
            "PORT": str(ports["site"]),
            "CLOUD_DATA_DIR": str(folder),
            "LOG_DIR": str(data_dir / "logs"),
            "WORLD_URL": f"http://127.0.0.1:{ports['world']}",
            "SITE_DIR": str(site_dir),
            "APP_DIR": str(app_dir),
            "ARTEFACT_DIR": str(artefact_dir or ""),
            "SQS_ENDPOINT_URL": f"http://127.0.0.1:{ports['ministack']}",
            "API_CONTAINERS": str(api_containers),
            "CONTAINER_ENVIRONMENT": json.dumps(dict(environment)),
        },
        stop_timeout_s=_CLOUD_STOP_TIMEOUT_S,
        ready_timeout_s=_CLOUD_READY_TIMEOUT_S,
    )
