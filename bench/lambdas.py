"""
Lambda functions to be measured: ours as it is deployed, and its peers, each in a folder of its own under
AWS's runtime client, as `local.cloud` runs the artefact.

A folder holds `task` (code and libraries, with bytecode, read-only) and `runtime` (the client).
"""

import asyncio
import contextlib
import json
import platform
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from infra.package.build import build_once
from infra.package.unpack import add_runtime_client, unpack
from local.cloud.containers import Function
from local.cloud.describe import FunctionSpec
from local.cloud.faults import ContainerFaults
from local.cloud.runtime_api import Outcome
from local.cloud.settings import CloudSettings
from local.stack import Stack
from local.stack.environment import PROXIED

PEERS = Path(__file__).parent / "peers"
_PINS = Path(__file__).parents[1] / "requirements-bench.txt"
_UV = Path(sys.prefix).parent / "bin" / "uv"  # the bench has an environment of its own inside .venv
# What each peer is made of. Whoever has no line in requirements-bench.txt is pinned in the product's files.
_LIBRARIES = {
    "floor": ("redis", "psycopg[binary]"),
    "eager": (),
    "plain": ("redis", "psycopg[binary]", "pydantic", "boto3", "requests", "limits"),
    "fastapi": ("redis", "psycopg[binary]", "boto3", "requests", "limits", "fastapi", "mangum"),
}


def straight(stack: Stack) -> dict[str, str]:
    """The product's environment without the fault proxies, which cost a hop each."""
    found = {}
    for name, proxied in stack.environment.items():
        found[name] = proxied
        for target, (_, part) in PROXIED.items():
            ports = f":{stack.ports[f'{target}-proxy']}", f":{stack.ports[part]}"
            found[name] = found[name].replace(*ports)
    return found


def make_ours(folder: Path) -> Path:
    """The deployed zip, unpacked."""
    unpack(build_once(platform.machine()), folder)
    add_runtime_client(folder)
    return folder


def make_peer(name: str, folder: Path, ours: Path) -> Path:
    """A peer of `bench.peers`, with its libraries; Chalice's runtime is the one in our own zip."""
    task = folder / "task"
    task.mkdir(parents=True)
    if name == "eager":
        shutil.copytree(ours / "task", task, dirs_exist_ok=True, ignore=shutil.ignore_patterns("chalicelib"))
        for path in [task, *task.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        (task / "app.pyc").unlink(missing_ok=True)
    else:
        pinned = ["--constraint", str(_PINS), "--constraint", "requirements.txt"]
        install = [str(_UV), "pip", "install", "--quiet", "--python", sys.executable, "--target", str(task)]
        subprocess.run([*install, *pinned, *_LIBRARIES[name]], check=True)
        if name != "fastapi":
            shutil.copytree(ours / "task" / "chalice", task / "chalice")
        shutil.copy(PEERS / "conventional.py", task)
    shutil.copy(PEERS / f"{name}_app.py", task / "app.py")
    compile_all = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*compile_all, str(task)], check=True)
    add_runtime_client(folder)
    for path in [*task.rglob("*"), task]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return folder


def event(method: str, path: str, body: Any, *, address: str, headers: Mapping[str, str]) -> bytes:
    """What API Gateway hands to a function."""
    sent = {"Host": "localhost", "content-type": "application/json", **headers}
    document = {
        "httpMethod": method,
        "path": path,
        "resource": path,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
        "requestContext": {
            "httpMethod": method,
            "resourcePath": path,
            "path": f"/api{path}",
            "stage": "api",
            "identity": {"sourceIp": address},
            "requestId": str(uuid.uuid4()),
        },
    }
    return json.dumps(document).encode()


def settings_of(folder: Path, environment: Mapping[str, str], scratch: Path) -> CloudSettings:
    """What a function needs to know to run from *folder*."""
    return CloudSettings(
        port=0,
        data_dir=scratch,
        log_dir=scratch,
        world_url="",
        site_dir=scratch,
        app_dir=folder / "task",
        sqs_endpoint_url="",
        api_containers=1,
        container_environment=environment,
        artefact_dir=folder,
    )


@contextlib.asynccontextmanager
async def running(
    name: str, handler: str, settings: CloudSettings, *, concurrency: int = 1, warm: bool = True
) -> AsyncIterator[Function]:
    """The function, with so many containers."""
    spec = FunctionSpec(name, handler, 28, 1024)
    function = Function(
        spec, settings, concurrency=concurrency, warm=warm, faults=ContainerFaults(), kind="api"
    )
    await function.start()
    try:
        yield function
    finally:
        await function.stop()


async def timed(function: Function, sent: bytes) -> tuple[float, Outcome]:
    """Milliseconds of one invocation, and how it ended."""
    started = time.perf_counter()
    outcome = await function.invoke(sent)
    return (time.perf_counter() - started) * 1000, outcome


def status_of(outcome: Outcome) -> int:
    """The HTTP status of an answer; 0 where there is none."""
    answer = json.loads(outcome.payload)
    return int(answer.get("statusCode", 0)) if isinstance(answer, dict) else 0


def run(work: Any) -> Any:
    """Run a coroutine to its end."""
    return asyncio.run(work)
