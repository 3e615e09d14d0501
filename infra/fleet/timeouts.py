"""
Time limits: every one that the product knows, and when the function it runs in must have ended.

They are found in the modules themselves: whatever is called TIMEOUT, BUDGET, WAIT or WITHIN and counts
seconds. Each must end before the shortest thing that it can run in, which is a request's own budget, unless
`LONGER` names where alone it runs; migrations have a function of their own. A request ends before its
function, and that before API Gateway gives up.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import chalicelib
from chalicelib.platform.http.edge import CALL_BUDGET_S
from infra.fleet.connections import function_timeouts_s
from infra.stages import BORROW_TIMEOUT_S

GATEWAY_LIMIT_S = 29
_LIMIT = re.compile(r"_?(\w+_)?(TIMEOUT|BUDGET|WAIT|WITHIN)(_\w+)?_S")
_REQUEST, _MIGRATE = "a request", "migrate"
# Longer than a request: the function that it runs in, or none where it is one.
LONGER = {
    "platform.http.edge.CALL_BUDGET_S": "api_handler",
    "sheets.service.CALL_BUDGET_S": "sync_worker",
    "rankings.service._BUDGET_S": "rankings",  # for staff, a request's own deadline ends it
    "jobs.ledger.FUNCTION_TIMEOUT_S.email": "email_worker",
    "jobs.ledger.FUNCTION_TIMEOUT_S.sync": "sync_worker",
    "jobs.ledger.FUNCTION_TIMEOUT_S.notification": "notification_worker",
    "jobs.ledger.FUNCTION_TIMEOUT_S.webhook": "webhook_worker",
}


@dataclass(frozen=True)
class Limit:
    """A time limit of the product, where it runs, and what that has."""

    name: str
    limit_s: float
    where: str
    within_s: float

    @property
    def holds(self) -> bool:
        """A function's own timeout is the ledger's copy of it; everything else ends earlier."""
        is_copy = ".FUNCTION_TIMEOUT_S." in self.name
        return self.limit_s == self.within_s if is_copy else self.limit_s < self.within_s


def limits() -> list[Limit]:
    """Every one, the longest first."""
    functions = function_timeouts_s()
    found = []
    for name, limit_s in _constants():
        where = LONGER.get(name, _MIGRATE if name.startswith("platform.migrations.") else _REQUEST)
        found.append(Limit(name, limit_s, where, functions.get(where, CALL_BUDGET_S)))
    return sorted(found, key=lambda each: (-each.limit_s, each.name))


def faults() -> list[str]:
    """What would outlive the place that it runs in."""
    api_s = function_timeouts_s()["api_handler"]
    found = [
        f"{each.name}: {each.limit_s:g} s in {each.where}, which has {each.within_s:g} s"
        for each in limits()
        if not each.holds
    ]
    if not CALL_BUDGET_S < api_s < GATEWAY_LIMIT_S <= BORROW_TIMEOUT_S:
        found.append(
            f"a request {CALL_BUDGET_S:g} s, its function {api_s} s, API Gateway {GATEWAY_LIMIT_S} s"
        )
    return found


def _constants() -> Iterator[tuple[str, float]]:
    for module in _modules():
        prefix = module.__name__.removeprefix("chalicelib.")
        for name, value in vars(module).items():
            if _LIMIT.fullmatch(name) and _is_made_in(module, name):
                yield from _values(f"{prefix}.{name}", value)


def _values(name: str, value: Any) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _values(f"{name}.{key}", each)
    else:
        yield name, float(value)


def _modules() -> Iterator[ModuleType]:
    for each in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
        if not each.name.endswith("__main__"):
            yield importlib.import_module(each.name)


def _is_made_in(module: ModuleType, name: str) -> bool:
    """Whether *module* makes it, and has not imported it."""
    code = module.__loader__.get_source(module.__name__)  # type: ignore[union-attr]
    return re.search(rf"^(\w+, )*{name}\b.*=", code or "", re.MULTILINE) is not None
