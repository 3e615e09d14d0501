"""
Connections: what all containers could ask for at once, against what the proxy may have of the server.

A container holds one of the server's connections for the length of a statement or a transaction only, since
nothing pins. Workers and schedules, which may all be in one at the same instant, must fit beside what the
API needs on average at the most requests that API Gateway lets through (Little's law); what comes beyond
that waits, for less than a request's own time.
"""

import json
import math

from infra.fleet.assumed import DATABASE_S_A_REQUEST
from infra.package.target import PROJECT
from infra.stages import CONTAINER_CONNECTIONS, Stage

LIMIT = 50  # R4.1: the fleet's
_CONFIG = PROJECT / ".chalice" / "config.json"


def function_timeouts_s() -> dict[str, int]:
    """When Lambda ends each function, as `.chalice/config.json` has it."""
    functions = json.loads(_CONFIG.read_text(encoding="utf-8"))["lambda_functions"]
    return {name: each["lambda_timeout"] for name, each in functions.items()}


def containers(stage: Stage) -> dict[str, int]:
    """The most containers of each function that reach the database through the proxy."""
    workers = {f"{queue}_worker": most for queue, most in stage.worker_concurrency.items()}
    others = set(function_timeouts_s()) - set(workers) - {"api_handler", "migrate"}
    schedules = dict.fromkeys(sorted(others), 1)
    return {"api_handler": stage.api_concurrency, **workers, **schedules}


def demand(stage: Stage) -> dict[str, int]:
    """How many of the server's connections each function needs at the same instant."""
    api = math.ceil(stage.requests_per_second * DATABASE_S_A_REQUEST)
    found = {name: count * CONTAINER_CONNECTIONS for name, count in containers(stage).items()}
    return found | {"api_handler": min(found["api_handler"], api)}


def faults(stage: Stage) -> list[str]:
    """What does not fit."""
    needed = sum(demand(stage).values())
    found = []
    if stage.database_connections > LIMIT:
        found.append(f"{stage.name}: {stage.database_connections} connections are more than {LIMIT}")
    if needed > stage.database_connections:
        found.append(f"{stage.name}: {needed} connections are needed of {stage.database_connections}")
    return found
