"""AWS on this machine for the tests of a deployment: the emulator of the stack, with more of its services."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import requests

from local.stack.ministack import REGION, ministack_spec
from local.stack.ports import choose_ports

_SERVICES = "sqs,sns,s3,cloudformation,lambda,iam,secretsmanager,ssm,sts,logs,cloudfront"
_STARTED_WITHIN_S = 60.0


@dataclass(frozen=True)
class Emulator:
    """Where it listens."""

    url: str

    def client(self, service: str) -> Any:
        """A client of *service*."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )


@contextmanager
def running(folder: Path) -> Iterator[Emulator]:
    """Run it with its state in *folder*."""
    port = choose_ports(folder / "ports.json", ["ministack"])["ministack"]
    spec = ministack_spec(folder, port)
    environment = {**os.environ, **spec.environment, "SERVICES": _SERVICES, "PERSIST_STATE": "0"}
    with (folder / "emulator.log").open("wb") as log:
        process = subprocess.Popen(spec.argv, cwd=spec.cwd, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process, folder)
        yield Emulator(url)
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    ends_at = time.monotonic() + _STARTED_WITHIN_S
    while time.monotonic() < ends_at and process.poll() is None:
        try:
            if requests.get(f"{url}/_ministack/health", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.2)
    raise RuntimeError((folder / "emulator.log").read_text(errors="replace"))
