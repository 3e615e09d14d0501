"""
What the app declares, read from Chalice's own registry in a process of its own: `python -m
local.cloud.describe` prints it as JSON.

So the gateway never imports the product, and an app that cannot be imported is one clear failure at start.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_API_TIMEOUT_S = 30
_DEFAULT_TIMEOUT_S = 60
_DEFAULT_MEMORY_MB = 128
_API_FUNCTION = "api_handler"  # Chalice's name of it in config.json


@dataclass(frozen=True)
class FunctionSpec:
    """One Lambda function: its *name* and *handler* as Chalice deploys them."""

    name: str
    handler: str
    timeout_s: float
    memory_mb: int


@dataclass(frozen=True)
class RouteSpec:
    """One resource of the API; *preflight* holds the headers of Chalice's own preflight answer."""

    pattern: str
    methods: tuple[str, ...]
    preflight: Mapping[str, str]


@dataclass(frozen=True)
class QueueSpec:
    """One event source mapping."""

    queue: str
    function: FunctionSpec
    batch_size: int
    window_s: float


@dataclass(frozen=True)
class ScheduleSpec:
    """One EventBridge rule; its *name* is the handler's with dashes."""

    name: str
    function: FunctionSpec
    expression: str


@dataclass(frozen=True)
class AppDescription:
    """Everything that the app declares."""

    api: FunctionSpec
    routes: tuple[RouteSpec, ...]
    binary_types: tuple[str, ...]
    queues: tuple[QueueSpec, ...]
    schedules: tuple[ScheduleSpec, ...]


async def describe_app(app_dir: Path, project: Path, environment: Mapping[str, str]) -> AppDescription:
    """
    What the app in *app_dir* declares, asked from a process with the product's *environment*.

    Raises:
        RuntimeError: the app cannot be imported; the message is its traceback.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "local.cloud.describe",
        env={**environment, "APP_DIR": str(app_dir)},
        cwd=project,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"The app in {app_dir} cannot be imported:\n{errors.decode(errors='replace')}")
    return parse(json.loads(output.splitlines()[-1]), read_chalice_config(app_dir))


def read_chalice_config(app_dir: Path, stage: str = "local") -> dict[str, Any]:
    """Stage *stage* of `.chalice/config.json`, with the top level's values where the stage has none."""
    path = app_dir / ".chalice" / "config.json"
    config: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    chosen = config.get("stages", {}).get(stage, {})
    return {**{name: value for name, value in config.items() if name != "stages"}, **chosen}


def parse(declared: Mapping[str, Any], config: Mapping[str, Any]) -> AppDescription:
    """Join what the app declares with the timeouts and memory of its stage."""

    def function(name: str, handler: str, default_timeout_s: float = _DEFAULT_TIMEOUT_S) -> FunctionSpec:
        own = config.get("lambda_functions", {}).get(name, {})
        return FunctionSpec(
            name=name,
            handler=handler,
            timeout_s=own.get("lambda_timeout", config.get("lambda_timeout", default_timeout_s)),
            memory_mb=own.get("lambda_memory_size", config.get("lambda_memory_size", _DEFAULT_MEMORY_MB)),
        )

    api = function(_API_FUNCTION, "app.app", _API_TIMEOUT_S)
    return AppDescription(
        api=FunctionSpec("api", api.handler, api.timeout_s, api.memory_mb),
        routes=tuple(
            RouteSpec(item["pattern"], tuple(item["methods"]), item["preflight"])
            for item in declared["routes"]
        ),
        binary_types=tuple(declared["binaryTypes"]),
        queues=tuple(
            QueueSpec(
                item["queue"],
                function(item["name"], item["handler"]),
                item["batchSize"],
                item["windowSeconds"],
            )
            for item in declared["queues"]
        ),
        schedules=tuple(
            ScheduleSpec(
                item["name"].replace("_", "-"), function(item["name"], item["handler"]), item["expression"]
            )
            for item in declared["schedules"]
        ),
    )


def declare(app: Any) -> dict[str, Any]:
    """The registry of the Chalice *app* as plain values."""
    routes = []
    for pattern, by_method in app.routes.items():
        cors = next((entry.cors for entry in by_method.values() if entry.cors), None)
        preflight = dict(cors.get_access_control_headers()) if cors else {}
        routes.append({"pattern": pattern, "methods": sorted(by_method), "preflight": preflight})
    queues, schedules = [], []
    for source in app.event_sources:
        kind = type(source).__name__
        if kind == "SQSEventConfig":
            queues.append(
                {
                    "name": source.name,
                    "handler": source.handler_string,
                    "queue": source.queue or source.queue_arn.rsplit(":", 1)[-1],
                    "batchSize": source.batch_size,
                    "windowSeconds": source.maximum_batching_window_in_seconds,
                }
            )
        elif kind == "ScheduledEventConfig":
            expression = source.schedule_expression
            text = expression if isinstance(expression, str) else expression.to_string()
            schedules.append({"name": source.name, "handler": source.handler_string, "expression": text})
    return {
        "routes": routes,
        "binaryTypes": list(app.api.binary_types),
        "queues": queues,
        "schedules": schedules,
    }


def main() -> None:
    """Print what the app in APP_DIR declares."""
    sys.path.insert(0, os.environ["APP_DIR"])
    app = __import__("app").app
    sys.stdout.write("\n" + json.dumps(declare(app)) + "\n")


if __name__ == "__main__":
    main()
