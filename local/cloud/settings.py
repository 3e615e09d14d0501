"""
The cloud's own environment, read once at start: PORT, CLOUD_DATA_DIR, WORLD_URL, SITE_DIR, APP_DIR,
ARTEFACT_DIR, SQS_ENDPOINT_URL and so on.

A missing variable ends the process with its name.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class CloudSettings:
    """
    What the cloud has to know; *container_environment* is handed on to the product.

    With an *artefact_dir* (the zip unpacked, see `launch`) the functions run from there, and *app_dir* only
    says what they are.
    """

    port: int
    data_dir: Path
    log_dir: Path
    world_url: str
    site_dir: Path
    app_dir: Path
    sqs_endpoint_url: str
    api_containers: int
    container_environment: Mapping[str, str]
    artefact_dir: Path | None = None

    @property
    def region(self) -> str:
        """The region that events and ARNs name."""
        return self.container_environment.get("AWS_REGION", "us-east-1")

    @property
    def own_origins(self) -> frozenset[str]:
        """Whose pages may read what the gateway itself answers: the site's, and those of ALLOWED_ORIGINS."""
        others = self.container_environment.get("ALLOWED_ORIGINS", "").split(",")
        own = self.container_environment.get("SITE_URL", "").rstrip("/")
        return frozenset({own, *(other.strip() for other in others)} - {""})

    @property
    def clock_file(self) -> Path:
        """Where the product's clock offset is kept: whole seconds as text, absent means none."""
        return self.data_dir / "clock-offset"


def read_settings() -> CloudSettings:
    """
    The settings in this process' environment.

    Raises:
        KeyError: a variable is missing.
    """
    data_dir = Path(os.environ["CLOUD_DATA_DIR"])
    settings = CloudSettings(
        port=int(os.environ["PORT"]),
        data_dir=data_dir,
        log_dir=Path(os.environ.get("LOG_DIR") or data_dir / "logs"),
        world_url=os.environ["WORLD_URL"],
        site_dir=Path(os.environ["SITE_DIR"]),
        app_dir=Path(os.environ.get("APP_DIR") or PROJECT),
        sqs_endpoint_url=os.environ["SQS_ENDPOINT_URL"],
        api_containers=int(os.environ.get("API_CONTAINERS") or 4),
        container_environment=json.loads(os.environ["CONTAINER_ENVIRONMENT"]),
        artefact_dir=Path(os.environ["ARTEFACT_DIR"]) if os.environ.get("ARTEFACT_DIR") else None,
    )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    settings.log_dir.mkdir(parents=True, exist_ok=True)
    return settings
